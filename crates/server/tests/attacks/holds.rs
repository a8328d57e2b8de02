use protocol::{
    ErrorCode,
    event::EventBody,
    kiosk_session::{ABSOLUTE_SECONDS, EndReason, KioskSession, SERVER_IDLE_SECONDS},
    phone::ClaimState,
};
use server::session::operations::end_session;
use server_store::records::SessionStatus;
use testkit::{kiosk::KioskEvents, phone::FakePhone};

use crate::shop::{SOON, Shop, assert_refused};

async fn ended(events: &mut KioskEvents) -> EndReason {
    let read = |body| match body {
        EventBody::KioskSessionEnded { reason, .. } => Some(reason),
        _ => None,
    };
    events.next_of(SOON, read).await.unwrap()
}

async fn told(phone: &FakePhone, claim: protocol::ids::ClaimId) -> EndReason {
    let read = |state| match state {
        ClaimState::Ended { reason } => Some(reason),
        _ => None,
    };
    phone.claim_state(claim, SOON, read).await.unwrap()
}

#[tokio::test]
async fn the_phone_ends_the_session_on_the_kiosk() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let mut events = kiosk.events(None).await.unwrap();
    let (held, claim) = shop.signed_in(&kiosk, &phone).await;
    assert_eq!(phone.claim_state(claim, SOON, Some).await.unwrap(), ClaimState::Live);
    phone.end(claim).await.unwrap();
    assert_eq!(ended(&mut events).await, EndReason::Phone);
    assert_eq!(told(&phone, claim).await, EndReason::Phone);
    assert_refused(&kiosk.snapshot(&held.token).await.unwrap(), ErrorCode::SessionExpired);
    let session = shop.state.read().await.unwrap().session(held.session.session_id).await.unwrap().unwrap();
    assert_eq!(session.status, SessionStatus::Active, "the customer's own session goes on");
}

#[tokio::test]
async fn a_hold_is_over_after_a_quarter_of_an_hour_however_busy() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let mut events = kiosk.events(None).await.unwrap();
    let (held, claim) = shop.signed_in(&kiosk, &phone).await;
    for minute in 1..15 {
        shop.pass(60);
        let shown: KioskSession = kiosk.snapshot(&held.token).await.unwrap().json().unwrap();
        assert_eq!(shown.absolute_seconds_left, ABSOLUTE_SECONDS - minute * 60);
        shop.sweep().await;
    }
    shop.pass(60);
    assert_refused(&kiosk.snapshot(&held.token).await.unwrap(), ErrorCode::SessionExpired);
    shop.sweep().await;
    assert_eq!(ended(&mut events).await, EndReason::TimeOver);
    assert_eq!(told(&phone, claim).await, EndReason::TimeOver);
}

#[tokio::test]
async fn an_unused_hold_is_over_at_the_idle_limit() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let mut events = kiosk.events(None).await.unwrap();
    let (held, claim) = shop.signed_in(&kiosk, &phone).await;
    let idle = u64::from(SERVER_IDLE_SECONDS);
    shop.pass(idle - 1);
    assert_eq!(kiosk.snapshot(&held.token).await.unwrap().status, 200, "which counts as use");
    shop.pass(idle - 1);
    shop.sweep().await;
    assert_eq!(phone.claim_state(claim, SOON, Some).await.unwrap(), ClaimState::Live);
    shop.pass(1);
    assert_refused(&kiosk.snapshot(&held.token).await.unwrap(), ErrorCode::SessionExpired);
    shop.sweep().await;
    assert_eq!(ended(&mut events).await, EndReason::Idle);
    assert_eq!(told(&phone, claim).await, EndReason::Idle);
}

#[tokio::test]
async fn a_guests_session_ends_with_its_hold() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    let held = kiosk.start_guest().await.unwrap();
    assert_eq!(held.session.customer, None);
    let again = kiosk.start_guest().await.unwrap();
    assert_ne!(again.session.session_id, held.session.session_id);
    assert_refused(&kiosk.snapshot(&held.token).await.unwrap(), ErrorCode::SessionExpired);
    let mut reader = shop.state.read().await.unwrap();
    assert_eq!(reader.session(held.session.session_id).await.unwrap().unwrap().status, SessionStatus::LoggedOut);
    assert_eq!(reader.session(again.session.session_id).await.unwrap().unwrap().status, SessionStatus::Active);
}

#[tokio::test]
async fn a_kiosk_that_starts_anew_holds_nothing() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let mut events = kiosk.events(None).await.unwrap();
    let (held, claim) = shop.signed_in(&kiosk, &phone).await;
    kiosk.open_handoff().await.unwrap();
    assert_eq!(ended(&mut events).await, EndReason::Restart);
    assert_eq!(told(&phone, claim).await, EndReason::Restart);
    assert_refused(&kiosk.snapshot(&held.token).await.unwrap(), ErrorCode::SessionExpired);
}

#[tokio::test]
async fn the_next_customer_ends_the_last_ones_hold() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let (held, claim) = shop.signed_in(&kiosk, &phone).await;
    kiosk.start_guest().await.unwrap();
    assert_eq!(told(&phone, claim).await, EndReason::NextCustomer);
    assert_refused(&kiosk.snapshot(&held.token).await.unwrap(), ErrorCode::SessionExpired);
}

#[tokio::test]
async fn a_session_ended_elsewhere_leaves_the_kiosk() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let mut events = kiosk.events(None).await.unwrap();
    let (held, claim) = shop.signed_in(&kiosk, &phone).await;
    let mut tx = shop.state.write().await.unwrap();
    let mut session = tx.session(held.session.session_id).await.unwrap().unwrap();
    end_session(&mut tx, &mut session).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(ended(&mut events).await, EndReason::SessionEnded);
    assert_eq!(told(&phone, claim).await, EndReason::SessionEnded);
}

#[tokio::test]
async fn no_token_of_ours_opens_nothing() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    assert_refused(&kiosk.snapshot("guessed").await.unwrap(), ErrorCode::SessionNotFound);
}
