use protocol::{
    ids::{EntryId, SessionId},
    session::{Channel, ChatEntry, Sender},
};
use server_store::{Store, records::AwaitedAnswer};

use super::{at, id, session_of, write};

pub async fn a_message_waits_until_it_is_settled(store: &dyn Store) {
    let session = SessionId(id(1));
    let awaited = |number: u128, seconds: i64| AwaitedAnswer {
        entry_id: EntryId(id(number)),
        session_id: session,
        store_id: Some("S01".into()),
        at: at(seconds),
    };
    write(store, async |tx| {
        tx.insert_session(&session_of(1, "901")).await?;
        for (number, seconds) in [(11, 5), (12, 3)] {
            let entry = ChatEntry {
                id: EntryId(id(number)),
                sender: Sender::User,
                message: "white shoes?".into(),
                timestamp: at(seconds),
                channel: Channel::Kiosk,
                metadata: None,
            };
            tx.append_chat_entry(session, &entry).await?;
            tx.await_answer(&awaited(number, seconds)).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(store.read().await.unwrap().awaited_answers().await.unwrap(), [awaited(12, 3), awaited(11, 5)]);
    let settle = async |session, number| write(store, async |tx| tx.settle_answer(session, EntryId(id(number))).await).await;
    assert!(!settle(SessionId(id(2)), 12).await.unwrap(), "it is not of that session");
    assert!(settle(session, 12).await.unwrap());
    assert!(!settle(session, 12).await.unwrap());
    assert_eq!(store.read().await.unwrap().awaited_answers().await.unwrap(), [awaited(11, 5)]);
}
