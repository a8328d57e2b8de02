use std::time::Duration;

use protocol::{
    handoff::HandoffEnd,
    ids::{AccountId, ClaimId, DeviceId, HandoffId, KioskSessionId},
    shop::Locale,
};
use server_store::{
    Store, StoreError,
    records::{ClaimRecord, CodeRecord, HandoffRecord, HandoffStatus, VisitRecord},
};

use super::{at, id, write};

fn record(number: u128, device: u128) -> HandoffRecord {
    HandoffRecord {
        id: HandoffId(id(number)),
        device_id: DeviceId(id(device)),
        locale: Locale::Hi,
        ephemeral_key: vec![9; 32],
        status: HandoffStatus::Open,
        opened_at: at(0),
        expires_at: at(120),
        claim: None,
        kiosk_session_id: None,
        reason: None,
        over_at: None,
    }
}

fn code(hash: u8) -> CodeRecord {
    CodeRecord { hash: vec![hash; 32], typed: hash.is_multiple_of(2), accepted_from: at(15), accepted_until: at(35) }
}

fn claim(number: u128, seconds: i64) -> ClaimRecord {
    ClaimRecord { id: ClaimId(id(number)), account_id: AccountId(id(7)), browser_hash: vec![3; 32], at: at(seconds) }
}

fn visit(ticket: u8, handoff: u128) -> VisitRecord {
    VisitRecord {
        ticket_hash: vec![ticket; 32],
        handoff_id: HandoffId(id(handoff)),
        browser_hash: vec![ticket; 32],
        made_at: at(0),
        expires_at: at(60),
    }
}

async fn opened(store: &dyn Store, number: u128, device: u128) -> HandoffRecord {
    let handoff = record(number, device);
    let codes = [code(u8::try_from(number * 2).unwrap()), code(u8::try_from(number * 2 + 1).unwrap())];
    write(store, async |tx| tx.insert_handoff(&handoff, &codes).await).await.unwrap();
    handoff
}

async fn closed(store: &dyn Store, handoff: &HandoffRecord, from: HandoffStatus, reason: HandoffEnd, seconds: i64) -> bool {
    write(store, async |tx| tx.close_handoff(handoff.id, from, HandoffStatus::Aborted, reason, at(seconds)).await).await.unwrap()
}

pub async fn a_handoff_is_found_by_its_codes(store: &dyn Store) {
    let handoff = opened(store, 1, 1).await;
    let mut tx = store.read().await.unwrap();
    for hash in [2, 3] {
        assert_eq!(tx.handoff_by_code(&[hash; 32]).await.unwrap(), Some((handoff.clone(), code(hash))));
    }
    assert_eq!(tx.handoff_by_code(&[4; 32]).await.unwrap(), None);
    assert_eq!(tx.handoff(handoff.id).await.unwrap(), Some(handoff));
}

pub async fn a_device_has_one_live_handoff(store: &dyn Store) {
    let first = opened(store, 1, 1).await;
    let refused = write(store, async |tx| tx.insert_handoff(&record(2, 1), &[]).await).await;
    assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
    assert_eq!(store.read().await.unwrap().live_handoff_of(first.device_id).await.unwrap().as_ref(), Some(&first));
    assert!(closed(store, &first, HandoffStatus::Open, HandoffEnd::Replaced, 1).await);
    assert_eq!(store.read().await.unwrap().live_handoff_of(first.device_id).await.unwrap(), None);
    opened(store, 2, 1).await;
}

pub async fn the_first_claim_wins(store: &dyn Store) {
    let handoff = opened(store, 1, 1).await;
    assert!(write(store, async |tx| tx.claim_handoff(handoff.id, &claim(1, 10)).await).await.unwrap());
    assert!(!write(store, async |tx| tx.claim_handoff(handoff.id, &claim(2, 10)).await).await.unwrap());
    let mut tx = store.read().await.unwrap();
    let claimed = tx.handoff_by_claim(ClaimId(id(1))).await.unwrap().unwrap();
    assert_eq!((claimed.status, claimed.claim), (HandoffStatus::Claimed, Some(claim(1, 10))));
    assert_eq!(tx.handoff_by_claim(ClaimId(id(2))).await.unwrap(), None);
    assert_eq!(tx.latest_claim_of(AccountId(id(7)), &[3; 32]).await.unwrap().unwrap().id, handoff.id);
    assert_eq!(tx.latest_claim_of(AccountId(id(7)), &[4; 32]).await.unwrap(), None);
}

pub async fn one_of_many_claims_at_once_wins(store: &dyn Store) {
    let handoff = opened(store, 1, 1).await;
    let claims = async |number: u128| {
        write(store, async |tx| {
            let open = tx.handoff(handoff.id).await?.is_some_and(|handoff| handoff.status == HandoffStatus::Open);
            tokio::task::yield_now().await;
            let won = tx.claim_handoff(handoff.id, &claim(number, 10)).await?;
            assert_eq!(won, open, "what a writer has read does not change under it");
            Ok(won)
        })
        .await
        .unwrap()
    };
    let (one, two, three) = tokio::join!(claims(1), claims(2), claims(3));
    assert_eq!([one, two, three].into_iter().filter(|won| *won).count(), 1);
}

pub async fn an_expired_handoff_is_neither_claimed_nor_issued(store: &dyn Store) {
    let handoff = opened(store, 1, 1).await;
    assert!(!write(store, async |tx| tx.claim_handoff(handoff.id, &claim(1, 120)).await).await.unwrap());
    assert!(write(store, async |tx| tx.claim_handoff(handoff.id, &claim(1, 119)).await).await.unwrap());
    let issue = async |seconds| {
        write(store, async |tx| tx.issue_handoff(handoff.id, KioskSessionId(id(5)), at(seconds)).await).await.unwrap()
    };
    assert!(!issue(120).await);
    assert!(issue(119).await);
    assert!(!issue(119).await, "once");
}

pub async fn each_step_needs_the_one_before(store: &dyn Store) {
    let handoff = opened(store, 1, 1).await;
    assert!(!write(store, async |tx| tx.issue_handoff(handoff.id, KioskSessionId(id(5)), at(1)).await).await.unwrap());
    assert!(!write(store, async |tx| tx.end_handoff(handoff.id).await).await.unwrap());
    assert!(!closed(store, &handoff, HandoffStatus::Claimed, HandoffEnd::WrongDigits, 1).await);
    assert!(write(store, async |tx| tx.claim_handoff(handoff.id, &claim(1, 1)).await).await.unwrap());
    assert!(!closed(store, &handoff, HandoffStatus::Open, HandoffEnd::Expired, 2).await);
    assert!(write(store, async |tx| tx.issue_handoff(handoff.id, KioskSessionId(id(5)), at(3)).await).await.unwrap());
    assert!(!closed(store, &handoff, HandoffStatus::Claimed, HandoffEnd::WrongDigits, 4).await);
    assert!(write(store, async |tx| tx.end_handoff(handoff.id).await).await.unwrap());
    let ended = store.read().await.unwrap().handoff(handoff.id).await.unwrap().unwrap();
    assert_eq!((ended.status, ended.kiosk_session_id, ended.reason), (HandoffStatus::Ended, Some(KioskSessionId(id(5))), None));
}

pub async fn expired_handoffs_are_listed_at_their_time(store: &dyn Store) {
    assert_eq!(store.read().await.unwrap().next_handoff_expiry().await.unwrap(), None);
    let handoff = opened(store, 1, 1).await;
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.next_handoff_expiry().await.unwrap(), Some(at(120)));
    assert_eq!(tx.expired_handoffs(at(119)).await.unwrap(), []);
    assert_eq!(tx.expired_handoffs(at(120)).await.unwrap(), [handoff]);
}

pub async fn ends_are_counted_by_person_and_reason(store: &dyn Store) {
    for (number, reason) in [(1, HandoffEnd::WrongDigits), (2, HandoffEnd::WrongDigits), (3, HandoffEnd::SecondPhone)] {
        let handoff = opened(store, number, 1).await;
        let seconds = i64::try_from(number).unwrap();
        write(store, async |tx| tx.claim_handoff(handoff.id, &claim(number, seconds)).await).await.unwrap();
        assert!(closed(store, &handoff, HandoffStatus::Claimed, reason, seconds).await);
    }
    let mut tx = store.read().await.unwrap();
    let mut wrong =
        async |account: u128, since| tx.handoffs_over(AccountId(id(account)), HandoffEnd::WrongDigits, at(since)).await.unwrap();
    assert_eq!(wrong(7, 0).await, [at(1), at(2)]);
    assert_eq!(wrong(7, 2).await, [at(2)]);
    assert_eq!(wrong(8, 0).await, []);
}

pub async fn a_visit_is_prolonged_only_while_it_holds(store: &dyn Store) {
    opened(store, 1, 1).await;
    for ticket in [1, 2] {
        write(store, async |tx| tx.insert_visit(&visit(ticket, 1)).await).await.unwrap();
    }
    let extend = async |now, until| {
        write(store, async |tx| tx.extend_visits(&[1; 32], at(now), at(until), Duration::from_secs(90)).await).await.unwrap();
        store.read().await.unwrap().visit(&[1; 32]).await.unwrap().unwrap().expires_at
    };
    assert_eq!(extend(10, 70).await, at(70));
    assert_eq!(extend(20, 30).await, at(70), "never shortened");
    assert_eq!(extend(50, 110).await, at(90), "not beyond the longest");
    assert_eq!(extend(90, 95).await, at(90), "over");
    assert_eq!(store.read().await.unwrap().visit(&[2; 32]).await.unwrap(), Some(visit(2, 1)), "another browser's");
    assert_eq!(store.read().await.unwrap().visit(&[3; 32]).await.unwrap(), None);
}

pub async fn visits_are_carried_to_the_devices_next_handoff(store: &dyn Store) {
    let replaced = opened(store, 1, 1).await;
    let elsewhere = opened(store, 2, 2).await;
    for (ticket, handoff) in [(1, 1), (2, 2)] {
        write(store, async |tx| tx.insert_visit(&visit(ticket, handoff)).await).await.unwrap();
    }
    for handoff in [&replaced, &elsewhere] {
        closed(store, handoff, HandoffStatus::Open, HandoffEnd::Replaced, 1).await;
    }
    let next = opened(store, 3, 1).await;
    let carry = async |now| write(store, async |tx| tx.carry_visits(next.device_id, next.id, at(now)).await).await.unwrap();
    let leads_to = async |ticket: u8| store.read().await.unwrap().visit(&[ticket; 32]).await.unwrap().unwrap().handoff_id;
    carry(60).await;
    assert_eq!(leads_to(1).await, replaced.id, "it had expired");
    carry(59).await;
    assert_eq!(leads_to(1).await, next.id);
    assert_eq!(leads_to(2).await, elsewhere.id);
}

pub async fn what_is_over_is_forgotten_with_its_codes(store: &dyn Store) {
    let (over, held) = (opened(store, 1, 1).await, opened(store, 2, 2).await);
    closed(store, &over, HandoffStatus::Open, HandoffEnd::Expired, 1).await;
    write(store, async |tx| tx.claim_handoff(held.id, &claim(1, 1)).await).await.unwrap();
    write(store, async |tx| tx.issue_handoff(held.id, KioskSessionId(id(5)), at(1)).await).await.unwrap();
    write(store, async |tx| tx.insert_visit(&visit(1, 1)).await).await.unwrap();
    assert_eq!(write(store, async |tx| tx.forget_handoffs(at(2)).await).await.unwrap(), 1);
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.handoff_by_code(&[2; 32]).await.unwrap(), None);
    assert_eq!(tx.visit(&[1; 32]).await.unwrap(), None);
    assert!(tx.handoff(held.id).await.unwrap().is_some(), "its hold lives");
}
