use protocol::{
    ids::{ClaimId, DeviceId, HandoffId, KioskSessionId, SessionId},
    kiosk_session::EndReason,
    session::Assurance,
};
use server_store::{Store, StoreError, records::KioskSessionRecord};

use super::{at, id, write};

fn record(number: u8, device: u128) -> KioskSessionRecord {
    KioskSessionRecord {
        id: KioskSessionId(id(number.into())),
        token_hash: vec![number; 32],
        device_id: DeviceId(id(device)),
        session_id: SessionId(id(1)),
        handoff_id: Some(HandoffId(id(number.into()))),
        claim_id: Some(ClaimId(id(number.into()))),
        assurance: Assurance::Password,
        started_at: at(0),
        absolute_at: at(900),
        expires_at: at(420),
        end: None,
    }
}

async fn begun(store: &dyn Store, number: u8, device: u128) -> KioskSessionRecord {
    let hold = record(number, device);
    write(store, async |tx| tx.insert_kiosk_session(&hold).await).await.unwrap();
    hold
}

async fn ended(store: &dyn Store, hold: &KioskSessionRecord, reason: EndReason, seconds: i64) -> bool {
    write(store, async |tx| tx.end_kiosk_session(hold.id, reason, at(seconds)).await).await.unwrap()
}

pub async fn a_hold_is_found_by_token_device_and_session(store: &dyn Store) {
    let (hold, other) = (begun(store, 1, 1).await, begun(store, 2, 2).await);
    let guest = KioskSessionRecord { handoff_id: None, claim_id: None, assurance: Assurance::Guest, ..record(3, 3) };
    write(store, async |tx| tx.insert_kiosk_session(&guest).await).await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.kiosk_session(guest.id).await.unwrap(), Some(guest.clone()));
    assert_eq!(tx.kiosk_session_by_token(&[1; 32]).await.unwrap(), Some(hold.clone()));
    assert_eq!(tx.kiosk_session_by_token(&[9; 32]).await.unwrap(), None);
    assert_eq!(tx.kiosk_session_of(hold.device_id).await.unwrap(), Some(hold.clone()));
    assert_eq!(tx.kiosk_sessions_on(hold.session_id).await.unwrap(), [hold, other, guest]);
}

pub async fn a_device_and_a_handoff_have_one_hold(store: &dyn Store) {
    let hold = begun(store, 1, 1).await;
    let same_device = record(2, 1);
    let same_handoff = KioskSessionRecord { handoff_id: hold.handoff_id, ..record(3, 3) };
    for double in [same_device.clone(), same_handoff.clone()] {
        let refused = write(store, async |tx| tx.insert_kiosk_session(&double).await).await;
        assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
    }
    let over = KioskSessionRecord { end: Some((at(0), EndReason::NextCustomer)), ..record(4, 1) };
    write(store, async |tx| tx.insert_kiosk_session(&over).await).await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.kiosk_session(over.id).await.unwrap(), Some(over.clone()), "one that is over disturbs nobody");
    assert_eq!(tx.kiosk_session_of(hold.device_id).await.unwrap(), Some(hold.clone()));
    drop(tx);
    assert!(ended(store, &hold, EndReason::Done, 1).await);
    write(store, async |tx| tx.insert_kiosk_session(&same_device).await).await.unwrap();
    let refused = write(store, async |tx| tx.insert_kiosk_session(&same_handoff).await).await;
    assert!(matches!(refused, Err(StoreError::Duplicate)), "a handoff leads to one hold for ever: {refused:?}");
}

pub async fn a_hold_ends_once(store: &dyn Store) {
    let hold = begun(store, 1, 1).await;
    assert!(ended(store, &hold, EndReason::Phone, 5).await);
    assert!(!ended(store, &hold, EndReason::Done, 6).await);
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.kiosk_session(hold.id).await.unwrap().unwrap().end, Some((at(5), EndReason::Phone)));
    assert_eq!(tx.kiosk_session_of(hold.device_id).await.unwrap(), None);
    assert_eq!(tx.kiosk_sessions_on(hold.session_id).await.unwrap(), []);
    drop(tx);
    let refused = write(store, async |tx| tx.extend_kiosk_session(hold.id, at(10)).await).await;
    assert!(matches!(refused, Err(StoreError::Missing)), "{refused:?}");
    assert_eq!(write(store, async |tx| tx.forget_kiosk_sessions(at(5)).await).await.unwrap(), 0);
    assert_eq!(write(store, async |tx| tx.forget_kiosk_sessions(at(6)).await).await.unwrap(), 1);
}

pub async fn use_prolongs_a_hold_up_to_its_absolute_limit(store: &dyn Store) {
    let hold = begun(store, 1, 1).await;
    let extend = async |seconds| {
        write(store, async |tx| tx.extend_kiosk_session(hold.id, at(seconds)).await).await.unwrap();
        let hold = store.read().await.unwrap().kiosk_session(hold.id).await.unwrap().unwrap();
        (hold.expires_at, hold.overdue())
    };
    assert_eq!(extend(500).await, (at(500), EndReason::Idle));
    assert_eq!(extend(1_000).await, (at(900), EndReason::TimeOver));
}

pub async fn overdue_holds_are_listed_at_their_time(store: &dyn Store) {
    assert_eq!(store.read().await.unwrap().next_kiosk_session_expiry().await.unwrap(), None);
    let hold = begun(store, 1, 1).await;
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.next_kiosk_session_expiry().await.unwrap(), Some(at(420)));
    assert_eq!(tx.overdue_kiosk_sessions(at(419)).await.unwrap(), []);
    assert_eq!(tx.overdue_kiosk_sessions(at(420)).await.unwrap(), std::slice::from_ref(&hold));
    drop(tx);
    ended(store, &hold, EndReason::Idle, 420).await;
    assert_eq!(store.read().await.unwrap().overdue_kiosk_sessions(at(999)).await.unwrap(), []);
}
