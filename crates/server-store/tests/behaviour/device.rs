use protocol::{device::DeviceRole, ids::DeviceId};
use server_store::{
    Store, StoreError,
    records::{DeviceRecord, EnrolmentRecord},
};

use super::{at, id, write};

fn record(number: u128) -> DeviceRecord {
    DeviceRecord {
        id: DeviceId(id(number)),
        key_thumbprint: format!("key {number}"),
        role: DeviceRole::Kiosk,
        store_id: "S01".into(),
        label: format!("Door {number}"),
        enrolled_at: at(0),
        start_by_phone: number == 2,
    }
}

fn waiting(key: &str, code: u8) -> EnrolmentRecord {
    EnrolmentRecord {
        key_thumbprint: key.into(),
        code_hash: vec![code; 32],
        role: DeviceRole::Staff,
        created_at: at(0),
        expires_at: at(900),
    }
}

pub async fn a_device_is_known_by_its_key_until_it_is_removed(store: &dyn Store) {
    for number in [2, 1] {
        write(store, async |tx| tx.put_device(&record(number)).await).await.unwrap();
    }
    let moved = DeviceRecord { label: "A desk".into(), store_id: "S02".into(), ..record(1) };
    write(store, async |tx| tx.put_device(&moved).await).await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.device_by_key("key 1").await.unwrap().as_ref(), Some(&moved));
    assert_eq!(tx.device(moved.id).await.unwrap().as_ref(), Some(&moved));
    assert_eq!(tx.devices().await.unwrap(), [record(2), moved.clone()], "by store and label");
    drop(tx);
    assert!(write(store, async |tx| tx.remove_device(moved.id).await).await.unwrap());
    assert!(!write(store, async |tx| tx.remove_device(moved.id).await).await.unwrap());
    assert_eq!(store.read().await.unwrap().device_by_key("key 1").await.unwrap(), None);
}

pub async fn a_key_belongs_to_one_device(store: &dyn Store) {
    write(store, async |tx| tx.put_device(&record(1)).await).await.unwrap();
    let thief = DeviceRecord { key_thumbprint: "key 1".into(), ..record(2) };
    let refused = write(store, async |tx| tx.put_device(&thief).await).await;
    assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
}

pub async fn each_key_waits_under_one_code(store: &dyn Store) {
    write(store, async |tx| tx.put_enrolment(&waiting("a", 1)).await).await.unwrap();
    write(store, async |tx| tx.put_enrolment(&waiting("a", 2)).await).await.unwrap();
    let refused = write(store, async |tx| tx.put_enrolment(&waiting("b", 2)).await).await;
    assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.enrolment(&[1; 32]).await.unwrap(), None, "the first code is worth nothing any more");
    assert_eq!(tx.enrolment(&[2; 32]).await.unwrap(), Some(waiting("a", 2)));
    drop(tx);
    write(store, async |tx| tx.remove_enrolment("a").await).await.unwrap();
    assert_eq!(store.read().await.unwrap().enrolment(&[2; 32]).await.unwrap(), None);
}

pub async fn wrong_codes_are_counted_until_they_are_forgotten(store: &dyn Store) {
    for seconds in [1, 2, 3] {
        write(store, async |tx| tx.note_wrong_enrolment_code(at(seconds)).await).await.unwrap();
    }
    assert_eq!(store.read().await.unwrap().wrong_enrolment_codes(at(2)).await.unwrap(), [at(2), at(3)]);
    write(store, async |tx| tx.put_enrolment(&waiting("a", 1)).await).await.unwrap();
    assert_eq!(write(store, async |tx| tx.forget_enrolments(at(3)).await).await.unwrap(), 2);
    assert_eq!(write(store, async |tx| tx.forget_enrolments(at(901)).await).await.unwrap(), 2, "a mistake and an expired code");
}
