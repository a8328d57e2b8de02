use server_store::{
    Store,
    records::{VoiceAgentRecord, VoiceReports},
};

use super::{at, write};

fn agent(name: &str, seen: i64) -> VoiceAgentRecord {
    VoiceAgentRecord {
        name: name.into(),
        stt: Some("deepgram".into()),
        tts: None,
        llm: Some("openai".into()),
        tts_voice: Some("alloy".into()),
        ready: true,
        seen_at: at(seen),
    }
}

pub async fn agents_are_known_as_they_last_described_themselves(store: &dyn Store) {
    let changed = VoiceAgentRecord { ready: false, stt: None, ..agent("one", 9) };
    write(store, async |tx| {
        for agent in [agent("one", 1), agent("two", 5), changed.clone()] {
            tx.put_voice_agent(&agent).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(store.read().await.unwrap().voice_agents().await.unwrap(), [changed.clone(), agent("two", 5)]);
    assert_eq!(write(store, async |tx| tx.forget_voice_agents(at(6)).await).await.unwrap(), 1);
    assert_eq!(store.read().await.unwrap().voice_agents().await.unwrap(), [changed]);
}

pub async fn reports_are_counted(store: &dyn Store) {
    assert_eq!(store.read().await.unwrap().voice_reports().await.unwrap(), None);
    for (seconds, utterances) in [(1, 2), (5, 3), (6, 0)] {
        write(store, async |tx| tx.count_voice_report(at(seconds), utterances).await).await.unwrap();
    }
    let reports = store.read().await.unwrap().voice_reports().await.unwrap();
    assert_eq!(reports, Some(VoiceReports { last_at: at(6), utterances: 5 }));
}
