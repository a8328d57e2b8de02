use protocol::{
    ErrorCode, event::EventBody, handoff::HandoffEnd, ids::StoreId, kiosk_session::EndReason, phone::ClaimState, routes,
};
use reqwest::Method;
use server::device::operations::{EnrolError, accept, remove};
use server_store::records::HandoffStatus;
use testkit::answer::{Answer, client};

use crate::shop::{SOON, Shop, assert_refused, over};

#[tokio::test]
async fn an_unenrolled_kiosk_opens_nothing() {
    let shop = Shop::open().await;
    let stranger = shop.strange_kiosk();
    let body = serde_json::json!({"ephemeral_key": "AAAA", "input": "hello", "ops": []});
    for (method, path) in [
        (Method::GET, routes::DEVICE_SELF),
        (Method::POST, routes::HANDOFFS),
        (Method::POST, routes::KIOSK_GUEST),
        (Method::GET, routes::KIOSK_SESSION),
        (Method::GET, routes::EVENTS),
        (Method::POST, routes::SPEECH),
        (Method::POST, routes::SYNC_PUSH),
    ] {
        let body = (method == Method::POST).then_some(&body);
        assert_refused(&stranger.call(method, path, None, body).await.unwrap(), ErrorCode::KioskNotEnrolled);
    }
    // Asking for a code makes nobody a kiosk.
    stranger.ask_enrolment().await.unwrap();
    assert_refused(&stranger.call(Method::GET, routes::DEVICE_SELF, None, None).await.unwrap(), ErrorCode::KioskNotEnrolled);
}

#[tokio::test]
async fn a_removed_kiosk_loses_everything_at_once() {
    let shop = Shop::open().await;
    let kiosk = shop.strange_kiosk();
    let device = shop.enrol(&kiosk).await;
    let phone = shop.customer().await;
    let (held, claim) = shop.signed_in(&kiosk, &phone).await;
    let mut events = kiosk.events(None).await.unwrap();
    remove(&shop.state, device.id).await.unwrap();
    let ended = |body| match body {
        EventBody::KioskSessionEnded { reason, .. } => Some(reason),
        _ => None,
    };
    assert_eq!(events.next_of(SOON, ended).await.unwrap(), EndReason::Unenrolled);
    events.next_of(SOON, |body| (body == EventBody::DeviceRemoved).then_some(())).await.unwrap();
    let told = phone.claim_state(claim, SOON, Some).await.unwrap();
    assert_eq!(told, ClaimState::Ended { reason: EndReason::Unenrolled });
    assert_refused(&kiosk.snapshot(&held.token).await.unwrap(), ErrorCode::KioskNotEnrolled);
    assert!(matches!(remove(&shop.state, device.id).await, Err(EnrolError::UnknownDevice(_))));
}

#[tokio::test]
async fn a_removal_ends_an_open_handoff() {
    let shop = Shop::open().await;
    let kiosk = shop.strange_kiosk();
    let device = shop.enrol(&kiosk).await;
    let handoff = kiosk.open_handoff().await.unwrap();
    let mut events = kiosk.events(None).await.unwrap();
    remove(&shop.state, device.id).await.unwrap();
    assert_eq!(over(&mut events).await, (handoff.shown.handoff_id, HandoffEnd::KioskLeft));
    assert_refused(&shop.phone().try_visit(&handoff.shown.codes[0]).await.unwrap(), ErrorCode::NotFound);
}

#[tokio::test]
async fn another_kiosks_key_opens_nothing_of_this_one() {
    let shop = Shop::open().await;
    let (kiosk, other, phone) = (shop.kiosk().await, shop.kiosk().await, shop.customer().await);
    let (handoff, _, digits) = shop.claimed(&kiosk, &phone).await;
    let id = handoff.shown.handoff_id;
    assert_refused(&other.try_digits(id, &digits).await.unwrap(), ErrorCode::NotFound);
    assert_refused(&other.leave(id).await.unwrap(), ErrorCode::NotFound);
    assert_eq!(shop.status(id).await, HandoffStatus::Claimed);
    let held = kiosk.enter_digits(&handoff, &digits).await.unwrap();
    assert_refused(&other.snapshot(&held.token).await.unwrap(), ErrorCode::SessionNotFound);
    assert_eq!(kiosk.snapshot(&held.token).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_stolen_token_is_worth_nothing_without_the_kiosks_key() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let (held, _) = shop.signed_in(&kiosk, &phone).await;
    let address = format!("{}{}", shop.origin, routes::KIOSK_SESSION);
    let bare = client().unwrap().get(&address).header(routes::HEADER_SESSION_TOKEN, &held.token);
    assert_refused(&Answer::of(bare).await.unwrap(), ErrorCode::InvalidProof);
    assert_refused(&shop.strange_kiosk().snapshot(&held.token).await.unwrap(), ErrorCode::KioskNotEnrolled);
    // Nor is it a token of the documented API.
    let restore = format!("{}{}", shop.origin, routes::SESSION_RESTORE);
    let shared = client().unwrap().get(&restore).header(routes::HEADER_SESSION_TOKEN, &held.token);
    assert_eq!(Answer::of(shared).await.unwrap().status, 404);
}

#[tokio::test]
async fn an_enrolment_code_works_once_and_for_fifteen_minutes() {
    let shop = Shop::open().await;
    let store = StoreId::from("S01");
    let (late, kiosk) = (shop.strange_kiosk(), shop.strange_kiosk());
    let late_code = late.ask_enrolment().await.unwrap();
    assert_eq!(late_code.expires_in, 900);
    shop.pass(900);
    assert!(matches!(accept(&shop.state, &late_code.code, &store, "Door").await, Err(EnrolError::UnknownCode(_))));

    let first = kiosk.ask_enrolment().await.unwrap();
    let second = kiosk.ask_enrolment().await.unwrap();
    assert!(
        matches!(accept(&shop.state, &first.code, &store, "Door").await, Err(EnrolError::UnknownCode(_))),
        "one live code per key"
    );
    accept(&shop.state, &second.code.to_lowercase(), &store, "Door").await.unwrap();
    assert!(matches!(accept(&shop.state, &second.code, &store, "Door").await, Err(EnrolError::UnknownCode(_))));
    let device = kiosk.device().await.unwrap();
    assert_eq!(
        (device.label.as_str(), device.store.name.as_str(), device.phone_origin.as_str()),
        ("Door", "High Street", shop.origin.as_str())
    );
}

#[tokio::test]
async fn five_wrong_enrolment_codes_make_the_operator_wait() {
    let shop = Shop::open().await;
    let store = StoreId::from("S01");
    for letter in ["B", "C", "D", "F", "G"] {
        assert!(matches!(accept(&shop.state, &letter.repeat(8), &store, "Door").await, Err(EnrolError::UnknownCode(_))));
    }
    let asked = shop.strange_kiosk().ask_enrolment().await.unwrap();
    assert!(matches!(accept(&shop.state, &asked.code, &store, "Door").await, Err(EnrolError::TooMany(900))));
    shop.pass(901);
    let asked = shop.strange_kiosk().ask_enrolment().await.unwrap();
    accept(&shop.state, &asked.code, &store, "Door").await.unwrap();
}

#[tokio::test]
async fn an_operator_is_told_what_to_change() {
    let shop = Shop::open().await;
    let asked = shop.strange_kiosk().ask_enrolment().await.unwrap();
    let told = async |code: &str, store: &str, label: &str| {
        accept(&shop.state, code, &StoreId::from(store), label).await.unwrap_err().to_string()
    };
    assert!(told(&asked.code, "S99", "Door").await.contains("S01 (High Street, Pune)"));
    assert!(told("no code", "S01", "Door").await.contains("eight letters"));
    assert!(told(&asked.code, "S01", " ").await.contains("label"));
    assert!(told("BBBB-BBBB", "S01", "Door").await.contains("BBBB-BBBB"));
    accept(&shop.state, &asked.code, &StoreId::from("S01"), "Door").await.unwrap();
}

#[tokio::test]
async fn another_process_that_removes_a_kiosk_is_noticed() {
    let shop = Shop::open().await;
    let kiosk = shop.strange_kiosk();
    let device = shop.enrol(&kiosk).await;
    let mut events = kiosk.events(None).await.unwrap();
    // A second state on the same folder shares nothing with the first but the files, like another process.
    let elsewhere = server::AppState::open(shop.state.config.clone()).await.unwrap();
    remove(&elsewhere, device.id).await.unwrap();
    elsewhere.store.close().await;
    events.next_of(SOON, |body| (body == EventBody::DeviceRemoved).then_some(())).await.unwrap();
}
