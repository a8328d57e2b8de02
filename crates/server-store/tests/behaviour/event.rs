use protocol::{
    event::{EventBody, StreamEvent},
    ids::{Cursor, DeviceId, KioskSessionId, SessionId},
    kiosk_session::EndReason,
};
use server_store::{
    Store,
    records::{LogEntry, Topic},
};

use super::{at, id, write};

fn body(number: u128) -> EventBody {
    EventBody::KioskSessionEnded { kiosk_session_id: KioskSessionId(id(number)), reason: EndReason::Done }
}

async fn append(store: &dyn Store, topic: Topic, number: u128, seconds: i64) -> Cursor {
    write(store, async |tx| tx.append_event(topic, &body(number), at(seconds)).await).await.unwrap()
}

async fn after(store: &dyn Store, topics: &[Topic], cursor: Cursor) -> Vec<StreamEvent> {
    store.read().await.unwrap().events_after(topics, cursor, 100).await.unwrap()
}

const DEVICE: Topic = Topic::Device(DeviceId(uuid::Uuid::from_u128(1)));
const SESSION: Topic = Topic::Session(SessionId(uuid::Uuid::from_u128(1)));

pub async fn events_come_in_the_order_of_their_commits(store: &dyn Store) {
    assert_eq!(store.read().await.unwrap().newest_cursor().await.unwrap(), Cursor(0));
    let one = append(store, DEVICE, 1, 9).await;
    let two = append(store, DEVICE, 2, 1).await;
    assert!(one < two);
    let events = after(store, &[DEVICE], Cursor(0)).await;
    assert_eq!(
        events,
        [StreamEvent { cursor: one, at: at(9), body: body(1) }, StreamEvent { cursor: two, at: at(1), body: body(2) }]
    );
    assert_eq!(after(store, &[DEVICE], one).await.len(), 1);
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.newest_cursor().await.unwrap(), two);
    assert_eq!(tx.events_after(&[DEVICE], Cursor(0), 1).await.unwrap()[0].cursor, one);
}

pub async fn a_reader_follows_its_topics_only(store: &dyn Store) {
    append(store, DEVICE, 1, 1).await;
    append(store, SESSION, 2, 1).await;
    append(store, Topic::Device(DeviceId(id(9))), 3, 1).await;
    assert_eq!(after(store, &[DEVICE], Cursor(0)).await.len(), 1, "a device and a session of equal ids are two topics");
    assert_eq!(after(store, &[DEVICE, SESSION], Cursor(0)).await.len(), 2);
    assert_eq!(after(store, &[], Cursor(0)).await.len(), 0);
}

pub async fn what_was_forgotten_is_known_to_be_missing(store: &dyn Store) {
    let old = append(store, DEVICE, 1, 1).await;
    let new = append(store, DEVICE, 2, 5).await;
    assert_eq!(write(store, async |tx| tx.forget_events(at(1)).await).await.unwrap(), 0);
    assert_eq!(store.read().await.unwrap().forgotten_cursor().await.unwrap(), Cursor(0));
    assert_eq!(write(store, async |tx| tx.forget_events(at(5)).await).await.unwrap(), 1);
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.forgotten_cursor().await.unwrap(), old);
    assert_eq!(tx.newest_cursor().await.unwrap(), new);
}

pub async fn a_cursor_is_never_given_twice(store: &dyn Store) {
    let last = append(store, DEVICE, 1, 1).await;
    write(store, async |tx| tx.forget_events(at(100)).await).await.unwrap();
    assert_eq!(store.read().await.unwrap().newest_cursor().await.unwrap(), last, "an empty log still knows where it was");
    assert!(append(store, DEVICE, 2, 2).await > last);
}

pub async fn the_whole_log_is_read_in_one_order(store: &dyn Store) {
    let claim = Topic::Claim(protocol::ids::ClaimId(id(7)));
    let mut cursors = Vec::new();
    for (number, topic) in [DEVICE, SESSION, claim, Topic::Shop].into_iter().enumerate() {
        cursors.push(append(store, topic, number as u128, 1).await);
    }
    let touched = write(store, async |tx| tx.append_event(SESSION, &EventBody::Touched, at(2)).await).await.unwrap();
    let mut tx = store.read().await.unwrap();
    let log = tx.log_after(Cursor(0), 100).await.unwrap();
    let read: Vec<_> = log.iter().map(|entry| (entry.cursor, entry.topic)).collect();
    let written = [DEVICE, SESSION, claim, Topic::Shop].map(Some);
    assert_eq!(read[..4], cursors.iter().copied().zip(written).collect::<Vec<_>>());
    let told: EventBody = serde_json::from_str(log[0].body.as_deref().unwrap()).unwrap();
    assert_eq!((told, log[0].at), (body(0), at(1)));
    assert_eq!(log[4], LogEntry { cursor: touched, at: at(2), topic: Some(SESSION), body: None }, "a touch says nothing");
    assert_eq!(tx.log_after(cursors[0], 2).await.unwrap(), log[1..3]);
    assert_eq!(tx.newest_cursor().await.unwrap(), touched);
    assert_eq!(tx.events_after(&[SESSION], Cursor(0), 100).await.unwrap().len(), 1, "and is sent to nobody");
}
