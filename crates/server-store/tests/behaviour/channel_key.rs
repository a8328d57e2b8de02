use protocol::{ids::ChannelKeyId, session::Channel};
use server_store::{
    Store, StoreError,
    records::{ChannelKeyRecord, Scope},
};

use super::{at, id, write};

fn record(number: u128, name: &str) -> ChannelKeyRecord {
    ChannelKeyRecord {
        id: ChannelKeyId(id(number)),
        name: name.into(),
        key_hash: vec![u8::try_from(number).unwrap(); 32],
        channel: Some(Channel::Whatsapp),
        scopes: vec![Scope::Resume, Scope::Agent],
        created_at: at(0),
    }
}

pub async fn a_key_is_found_by_its_hash_until_it_is_removed(store: &dyn Store) {
    let service = ChannelKeyRecord { channel: None, scopes: vec![Scope::Stock], ..record(2, "stock desk") };
    write(store, async |tx| {
        tx.insert_channel_key(&record(1, "whatsapp")).await?;
        tx.insert_channel_key(&service).await
    })
    .await
    .unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.channel_key(&[1; 32]).await.unwrap(), Some(record(1, "whatsapp")));
    assert_eq!(tx.channel_key(&[3; 32]).await.unwrap(), None);
    assert_eq!(tx.channel_keys().await.unwrap(), [service, record(1, "whatsapp")], "by name");
    drop(tx);
    assert!(write(store, async |tx| tx.remove_channel_key("whatsapp").await).await.unwrap());
    assert!(!write(store, async |tx| tx.remove_channel_key("whatsapp").await).await.unwrap());
    assert_eq!(store.read().await.unwrap().channel_key(&[1; 32]).await.unwrap(), None);
}

pub async fn a_name_belongs_to_one_key(store: &dyn Store) {
    write(store, async |tx| tx.insert_channel_key(&record(1, "whatsapp")).await).await.unwrap();
    let refused = write(store, async |tx| tx.insert_channel_key(&record(2, "whatsapp")).await).await;
    assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
}
