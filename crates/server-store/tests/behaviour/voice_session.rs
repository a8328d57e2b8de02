use protocol::{
    account::{Language, Voice},
    ids::{UtteranceId, VoiceSessionId},
    voice_session::{Speaker, VoiceEnd},
};
use serde_json::json;
use server_store::{
    Store,
    records::{Page, UtteranceRecord, VoiceSessionRecord},
};

use super::{account::plain, at, id, write};

fn session(number: u128, account: Option<u128>) -> VoiceSessionRecord {
    VoiceSessionRecord {
        id: VoiceSessionId(id(number)),
        account_id: account.map(|number| plain(number).id),
        starter_hash: Some(vec![7; 32]),
        media_room: Some(format!("v-{number}")),
        identity: Some("asha-4k2p9q".into()),
        room: "quickstart".into(),
        system_prompt: "You are a friendly shop assistant.".into(),
        voice: None,
        language: None,
        topics: Vec::new(),
        started_at: at(i64::try_from(number).unwrap()),
        ended_at: None,
        end_reason: None,
        last_seq: 0,
        last_sent_seq: 0,
        metadata: None,
    }
}

fn utterance(session: u128, seq: i64) -> UtteranceRecord {
    let number = session * 100 + u128::try_from(seq).unwrap();
    UtteranceRecord {
        id: UtteranceId(id(number)),
        session: VoiceSessionId(id(session)),
        seq,
        sent_seq: None,
        sent_id: None,
        role: Speaker::User,
        text: format!("words {seq}"),
        event: None,
        created_at: at(seq),
    }
}

async fn with_sessions(store: &dyn Store, sessions: &[VoiceSessionRecord]) {
    write(store, async |tx| {
        tx.insert_account(&plain(1)).await?;
        tx.insert_account(&plain(2)).await?;
        for session in sessions {
            tx.put_voice_session(session).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

async fn say(store: &dyn Store, utterance: UtteranceRecord) -> bool {
    write(store, async |tx| tx.append_utterance(&utterance).await).await.unwrap()
}

const ALL: Page = Page { limit: 100, offset: 0 };

pub async fn a_spoken_conversation_comes_back_as_it_was_kept(store: &dyn Store) {
    with_sessions(store, &[session(1, None)]).await;
    let ended = VoiceSessionRecord {
        account_id: Some(plain(1).id),
        starter_hash: None,
        identity: None,
        voice: Some(Voice::Nova),
        language: Some(Language::Hi),
        topics: vec!["travel".into(), "food".into()],
        ended_at: Some(at(90)),
        end_reason: Some(VoiceEnd::Finished),
        last_seq: 12,
        last_sent_seq: 7,
        metadata: json!({"mood": "fine"}).as_object().cloned(),
        ..session(1, None)
    };
    write(store, async |tx| tx.put_voice_session(&VoiceSessionRecord { started_at: at(50), ..ended.clone() }).await)
        .await
        .unwrap();
    let found = store.read().await.unwrap().voice_session(ended.id).await.unwrap().unwrap();
    assert_eq!((&found.session, found.utterances), (&ended, 0), "everything was replaced but the beginning");
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.voice_session_in("v-1").await.unwrap().unwrap().session, ended);
    assert_eq!(tx.voice_session_in("v-2").await.unwrap(), None);
    drop(tx);
    let twin = VoiceSessionRecord { media_room: Some("v-1".into()), ..session(2, None) };
    let refused = write(store, async |tx| tx.put_voice_session(&twin).await).await;
    assert!(matches!(refused, Err(server_store::StoreError::Duplicate)), "a room has one conversation: {refused:?}");
    assert_eq!(store.read().await.unwrap().voice_session(VoiceSessionId(id(2))).await.unwrap(), None);
}

pub async fn what_is_said_twice_under_one_number_or_id_is_kept_once(store: &dyn Store) {
    with_sessions(store, &[session(1, Some(1)), session(2, Some(1))]).await;
    let named = |seq, name: &str| UtteranceRecord { sent_id: Some(name.into()), ..utterance(1, seq) };
    assert!(say(store, utterance(1, 2)).await);
    assert!(say(store, named(1, "u-1")).await);
    assert!(!say(store, UtteranceRecord { id: UtteranceId(id(9)), ..utterance(1, 2) }).await);
    assert!(!say(store, UtteranceRecord { id: UtteranceId(id(9)), ..named(3, "u-1") }).await);
    assert!(say(store, UtteranceRecord { session: VoiceSessionId(id(2)), id: UtteranceId(id(9)), ..named(1, "u-1") }).await);
    let numbered = |seq, sent_seq| UtteranceRecord { sent_seq: Some(sent_seq), ..utterance(2, seq) };
    assert!(say(store, numbered(5, 9)).await);
    assert!(!say(store, numbered(6, 9)).await);
    assert!(say(store, numbered(7, 8)).await);
    let late: Vec<_> = store.read().await.unwrap().utterances_of(VoiceSessionId(id(2))).await.unwrap();
    assert_eq!(late.iter().map(|one| one.seq).collect::<Vec<_>>(), [1, 7, 5], "what came late stands where its sender put it");
    let mut tx = store.read().await.unwrap();
    let said = tx.utterances_of(VoiceSessionId(id(1))).await.unwrap();
    assert_eq!(said, [named(1, "u-1"), utterance(1, 2)], "in the order of their numbers");
    assert_eq!(tx.utterances_after(VoiceSessionId(id(1)), 1).await.unwrap(), [utterance(1, 2)]);
    assert_eq!(tx.utterances_after(VoiceSessionId(id(1)), 2).await.unwrap(), []);
    assert!(tx.has_utterance(VoiceSessionId(id(1)), "u-1").await.unwrap());
    assert!(!tx.has_utterance(VoiceSessionId(id(1)), "u-2").await.unwrap());
    assert!(!tx.has_utterance(VoiceSessionId(id(7)), "u-1").await.unwrap());
}

pub async fn a_history_lists_ones_own_in_pages_newest_first(store: &dyn Store) {
    with_sessions(
        store,
        &[
            session(1, Some(1)),
            session(2, Some(1)),
            session(3, Some(1)),
            session(4, Some(2)),
            session(5, None),
            session(6, Some(1)),
        ],
    )
    .await;
    for number in [1, 2, 3, 4, 5] {
        say(store, utterance(number, 1)).await;
    }
    say(store, utterance(2, 2)).await;
    let mut tx = store.read().await.unwrap();
    let page = async |tx: &mut dyn server_store::ReadTx, limit, offset| {
        let (count, found) = tx.voice_sessions_of(plain(1).id, Page { limit, offset }).await.unwrap();
        (count, found.into_iter().map(|one| (one.session.id.0.as_u128(), one.utterances)).collect::<Vec<_>>())
    };
    assert_eq!(page(&mut *tx, 2, 0).await, (3, vec![(3, 1), (2, 2)]), "one in which nothing was said is not listed");
    assert_eq!(page(&mut *tx, 2, 2).await, (3, vec![(1, 1)]));
    assert_eq!(page(&mut *tx, 2, u64::MAX).await, (3, vec![]));
    let everybody: Vec<_> = tx.voice_sessions(ALL).await.unwrap().into_iter().map(|one| one.session.id.0.as_u128()).collect();
    assert_eq!(everybody, [4, 3, 2, 1], "anonymous ones are never listed");
    let said: Vec<_> = tx.utterances(ALL).await.unwrap().into_iter().map(|one| one.id.0.as_u128()).collect();
    assert_eq!(said, [401, 301, 202, 201, 101]);
}

pub async fn anonymous_conversations_are_forgotten(store: &dyn Store) {
    with_sessions(store, &[session(1, Some(1)), session(2, None), session(3, None), session(4, None)]).await;
    for number in [1, 2, 3] {
        say(store, utterance(number, 1)).await;
    }
    write(store, async |tx| tx.forget_utterances(VoiceSessionId(id(3))).await).await.unwrap();
    assert_eq!(store.read().await.unwrap().utterances_of(VoiceSessionId(id(3))).await.unwrap(), []);
    let forgotten = write(store, async |tx| tx.forget_anonymous_voice_sessions(at(3)).await).await.unwrap();
    assert_eq!(forgotten, [VoiceSessionId(id(2))]);
    assert!(store.read().await.unwrap().voice_session(VoiceSessionId(id(3))).await.unwrap().is_some());
    let mut tx = store.read().await.unwrap();
    for (number, left) in [(1, 1), (2, 0), (3, 0)] {
        assert_eq!(tx.utterances_of(VoiceSessionId(id(number))).await.unwrap().len(), left, "{number}");
    }
    assert!(tx.voice_session(VoiceSessionId(id(4))).await.unwrap().is_some());
}
