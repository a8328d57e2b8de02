use std::collections::BTreeMap;

use protocol::{
    event::EventBody,
    ids::{Cursor, EntryId, SessionId, Sku},
    session::{Assurance, Channel, ChatEntry, RecentView, Sender},
};
use serde_json::{Map, json};
use server_store::{
    Store, StoreError,
    records::{CartItem, Dialogue, Fact, FactSource, SessionRecord, SessionState, SessionStatus, Topic},
};

use super::{at, id, session_of, write};

pub fn record(session: SessionId, customer: &str) -> SessionRecord {
    SessionRecord {
        id: session,
        generation: 0,
        token_hash: session.0.as_bytes().repeat(2),
        customer_id: customer.into(),
        phone: "+12025550101".into(),
        telegram_chat_id: None,
        channel: Channel::Web,
        user_id: customer.into(),
        guest: false,
        assurance: Assurance::Password,
        state: SessionState::default(),
        version: 1,
        status: SessionStatus::Active,
        created_at: at(0),
        updated_at: at(0),
        expires_at: at(100),
    }
}

pub fn entry(number: u128, message: &str) -> ChatEntry {
    ChatEntry {
        id: EntryId(id(number)),
        sender: Sender::User,
        message: message.into(),
        timestamp: at(1),
        channel: Channel::Whatsapp,
        metadata: Some(Map::from_iter([("intent".to_owned(), json!("recommendation"))])),
    }
}

pub async fn a_session_comes_back_as_it_was_kept(store: &dyn Store) {
    let mut session = session_of(1, "901");
    session.telegram_chat_id = Some("77".into());
    session.state = SessionState {
        cart: vec![CartItem {
            sku: Sku::from("SKU-1"),
            quantity: 2,
            options: BTreeMap::from([("size".into(), "M".into())]),
            price_minor: 1_999,
        }],
        recent: vec![RecentView { product: Sku::from("SKU-2"), viewed_at: at(3) }],
        last_action: Some(Map::from_iter([("type".to_owned(), json!("view_product"))])),
        channels: vec![Channel::Web, Channel::Kiosk],
        conversation_summary: "Customer is browsing.".into(),
        last_recommended_skus: vec![Sku::from("SKU-1")],
        shipping_address: Some(BTreeMap::from([("city".into(), "Springfield".into())])),
        summarised_at: Some(3),
        dialogue: Some(Box::new(Dialogue {
            draft: None,
            awaiting_approval: true,
            facts: vec![Fact {
                key: "city".into(),
                value: json!("Springfield"),
                source: FactSource::Current,
                confidence: 1.0,
                timestamp: at(2),
            }],
        })),
    };
    write(store, async |tx| tx.insert_session(&session).await).await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.session(session.id).await.unwrap().as_ref(), Some(&session));
    assert_eq!(tx.session_by_token_hash(&session.token_hash).await.unwrap().as_ref(), Some(&session));
    assert_eq!(tx.active_session_of(&session.customer_id).await.unwrap().as_ref(), Some(&session));
    assert_eq!(tx.session_by_token_hash(&[0; 32]).await.unwrap(), None);
    drop(tx);

    session.version = 2;
    session.status = SessionStatus::LoggedOut;
    session.generation = 1;
    write(store, async |tx| tx.update_session(&session).await).await.unwrap();
    write(store, async |tx| tx.extend_session(session.id, at(500)).await).await.unwrap();
    session.expires_at = at(500);
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.session(session.id).await.unwrap(), Some(session.clone()));
    assert_eq!(tx.active_session_of(&session.customer_id).await.unwrap(), None);
}

pub async fn a_customer_has_one_active_session(store: &dyn Store) {
    let mut first = session_of(1, "901");
    write(store, async |tx| tx.insert_session(&first).await).await.unwrap();
    let second = session_of(2, "901");
    let refused = write(store, async |tx| tx.insert_session(&second).await).await;
    assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
    first.status = SessionStatus::Expired;
    write(store, async |tx| tx.update_session(&first).await).await.unwrap();
    write(store, async |tx| tx.insert_session(&second).await).await.unwrap();
}

pub async fn an_update_meets_exactly_one_session(store: &dyn Store) {
    let session = session_of(1, "901");
    let refused = write(store, async |tx| tx.update_session(&session).await).await;
    assert!(matches!(refused, Err(StoreError::Missing)), "{refused:?}");
    let refused = write(store, async |tx| tx.extend_session(session.id, at(9)).await).await;
    assert!(matches!(refused, Err(StoreError::Missing)), "{refused:?}");
}

pub async fn a_conversation_keeps_its_order(store: &dyn Store) {
    let session = session_of(1, "901");
    write(store, async |tx| {
        tx.insert_session(&session).await?;
        tx.insert_session(&session_of(2, "902")).await?;
        // Equal instants and falling ids: what counts is the order of appending.
        for (number, message) in [(30, "one"), (20, "two"), (10, "three")] {
            tx.append_chat_entry(session.id, &entry(number, message)).await?;
        }
        tx.append_chat_entry(SessionId(id(2)), &entry(40, "somebody else's")).await
    })
    .await
    .unwrap();
    let mut tx = store.read().await.unwrap();
    let messages = |entries: Vec<ChatEntry>| entries.into_iter().map(|entry| entry.message).collect::<Vec<_>>();
    assert_eq!(messages(tx.chat_entries(session.id, 200).await.unwrap()), ["one", "two", "three"]);
    assert_eq!(messages(tx.chat_entries(session.id, 2).await.unwrap()), ["two", "three"]);
    assert_eq!(tx.chat_length(session.id).await.unwrap(), 3);
    assert_eq!(tx.chat_entry(EntryId(id(30))).await.unwrap(), Some(entry(30, "one")));
    drop(tx);
    write(store, async |tx| tx.set_chat_metadata(EntryId(id(30)), None).await).await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.chat_entry(EntryId(id(30))).await.unwrap().unwrap().metadata, None);
}

pub async fn an_entry_is_kept_once(store: &dyn Store) {
    let session = session_of(1, "901");
    write(store, async |tx| {
        tx.insert_session(&session).await?;
        tx.append_chat_entry(session.id, &entry(1, "one")).await
    })
    .await
    .unwrap();
    let refused = write(store, async |tx| tx.append_chat_entry(session.id, &entry(1, "again")).await).await;
    assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
}

pub async fn demo_sessions_are_listed_until_they_are_forgotten(store: &dyn Store) {
    let session = session_of(1, "901");
    write(store, async |tx| {
        tx.insert_session(&session).await?;
        tx.insert_session(&session_of(2, "902")).await?;
        tx.mark_demo_session(session.id).await?;
        tx.mark_demo_session(session.id).await
    })
    .await
    .unwrap();
    assert_eq!(store.read().await.unwrap().demo_sessions().await.unwrap(), [session.id]);
    write(store, async |tx| tx.forget_demo_sessions().await).await.unwrap();
    assert_eq!(store.read().await.unwrap().demo_sessions().await.unwrap(), []);
}

pub async fn an_entry_is_kept_with_its_session_and_the_event_that_tells_of_it(store: &dyn Store) {
    let mut session = session_of(1, "901");
    write(store, async |tx| tx.insert_session(&session).await).await.unwrap();
    let body = |entry: &ChatEntry, version| EventBody::ChatAppended {
        session_id: SessionId(id(1)),
        entry: entry.clone(),
        op: None,
        version,
    };

    let first = entry(1, "white shoes?");
    session.version = 2;
    session.channel = Channel::Whatsapp;
    session.state.conversation_summary = "Customer is browsing.".into();
    session.updated_at = at(1);
    session.expires_at = at(200);
    let one = write(store, async |tx| tx.keep_entry(&session, &first, &body(&first, 2), at(1)).await).await.unwrap();
    assert_eq!(store.read().await.unwrap().session(session.id).await.unwrap().as_ref(), Some(&session));

    // Also where what identifies the session changes with it.
    let second = entry(2, "in blue?");
    session.version = 3;
    session.generation = 1;
    session.token_hash = vec![9; 32];
    session.customer_id = "902".into();
    session.phone = String::new();
    session.telegram_chat_id = Some("77".into());
    session.status = SessionStatus::LoggedOut;
    let two = write(store, async |tx| tx.keep_entry(&session, &second, &body(&second, 3), at(2)).await).await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.session(session.id).await.unwrap().as_ref(), Some(&session));
    assert_eq!(tx.chat_entries(session.id, 10).await.unwrap(), [first.clone(), second.clone()]);
    let events = tx.events_after(&[Topic::Session(session.id)], Cursor(0), 10).await.unwrap();
    let told: Vec<_> = events.into_iter().map(|event| (event.cursor, event.body)).collect();
    assert_eq!(told, [(one, body(&first, 2)), (two, body(&second, 3))]);
    drop(tx);

    let again = write(store, async |tx| tx.keep_entry(&session, &second, &body(&second, 4), at(3)).await).await;
    assert!(matches!(again, Err(StoreError::Duplicate)), "{again:?}");
    let nobody = session_of(2, "903");
    let third = entry(3, "anybody?");
    let lost = write(store, async |tx| tx.keep_entry(&nobody, &third, &body(&third, 1), at(3)).await).await;
    assert!(lost.is_err(), "there is no such session: {lost:?}");
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.newest_cursor().await.unwrap(), two, "what was refused leaves no trace");
    assert_eq!(tx.chat_entry(third.id).await.unwrap(), None);
}
