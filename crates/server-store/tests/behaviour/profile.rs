use protocol::{
    ids::{EntryId, SessionId},
    profile::{Location, Notifications},
    session::{Channel, ChatEntry, Sender},
};
use serde_json::{Map, json};
use server_store::{
    Store, StoreError,
    records::{ProfileOwner, ProfileRecord},
};

use super::{account::plain, at, id, session_of, write};

fn record(owner: ProfileOwner) -> ProfileRecord {
    ProfileRecord {
        owner,
        alias: Some("a-browser".into()),
        name: Some("Asha Example".into()),
        email: None,
        phone: Some("+12025550101".into()),
        profile_photo_url: None,
        default_location: Location { city: Some("Springfield".into()), lat: Some(39.8), ..Location::default() },
        notification_preferences: Notifications { sms: true, ..Notifications::default() },
        preferences: Map::new(),
        version: 1,
        created_at: at(0),
        updated_at: at(0),
    }
}

pub async fn a_profile_belongs_to_an_account_or_to_a_guest(store: &dyn Store) {
    let guest = session_of(5, "guest-a");
    let (mine, theirs) = (record(ProfileOwner::Account(plain(1).id)), record(ProfileOwner::Guest(guest.id)));
    write(store, async |tx| {
        tx.insert_account(&plain(1)).await?;
        tx.insert_session(&guest).await?;
        tx.put_profile(&mine).await?;
        tx.put_profile(&theirs).await
    })
    .await
    .unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.profile(mine.owner.profile()).await.unwrap(), Some(mine.clone()));
    assert_eq!(tx.profile(theirs.owner.profile()).await.unwrap(), Some(theirs.clone()));
    drop(tx);
    let changed = ProfileRecord {
        name: None,
        preferences: json!({"shoe_size": "42"}).as_object().cloned().unwrap(),
        version: 2,
        updated_at: at(3),
        ..mine
    };
    write(store, async |tx| {
        tx.put_profile(&changed).await?;
        tx.remove_profile(theirs.owner.profile()).await
    })
    .await
    .unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.profile(changed.owner.profile()).await.unwrap().as_ref(), Some(&changed));
    assert_eq!(tx.profile(theirs.owner.profile()).await.unwrap(), None);
}

pub async fn a_guest_is_linked_once(store: &dyn Store) {
    write(store, async |tx| {
        tx.insert_account(&plain(1)).await?;
        tx.insert_guest_link(&[1; 32], plain(1).id, at(0)).await
    })
    .await
    .unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.guest_link(&[1; 32]).await.unwrap(), Some(plain(1).id));
    assert_eq!(tx.guest_link(&[2; 32]).await.unwrap(), None);
    drop(tx);
    let again = write(store, async |tx| tx.insert_guest_link(&[1; 32], plain(1).id, at(1)).await).await;
    assert!(matches!(again, Err(StoreError::Duplicate)), "{again:?}");
}

pub async fn a_moved_conversation_follows_what_was_there(store: &dyn Store) {
    let (guest, own) = (session_of(1, "guest-a"), session_of(2, "901"));
    let entry = |number: u128| ChatEntry {
        id: EntryId(id(number)),
        sender: Sender::User,
        message: format!("entry {number}"),
        timestamp: at(0),
        channel: Channel::Web,
        metadata: None,
    };
    write(store, async |tx| {
        tx.insert_session(&guest).await?;
        tx.insert_session(&own).await?;
        for (session, number) in [(guest.id, 1), (own.id, 2), (guest.id, 3), (own.id, 4)] {
            tx.append_chat_entry(session, &entry(number)).await?;
        }
        tx.move_chat_entries(guest.id, own.id).await?;
        tx.append_chat_entry(own.id, &entry(5)).await
    })
    .await
    .unwrap();
    let mut tx = store.read().await.unwrap();
    let mut ids = async |session: SessionId| {
        let entries = tx.chat_entries(session, 100).await.unwrap();
        entries.into_iter().map(|entry| entry.id.0.as_u128()).collect::<Vec<_>>()
    };
    assert_eq!(ids(own.id).await, [2, 4, 1, 3, 5]);
    assert_eq!(ids(guest.id).await, [0_u128; 0]);
    drop(tx);
    write(store, async |tx| tx.move_chat_entries(guest.id, own.id).await).await.unwrap();
}
