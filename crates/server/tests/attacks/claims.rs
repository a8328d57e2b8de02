use protocol::{ErrorCode, handoff::HandoffEnd, phone::ClaimRequest, routes};
use server_store::records::HandoffStatus;

use crate::shop::{Shop, assert_refused, failed, over, visit};

#[tokio::test]
async fn a_claim_from_a_second_account_ends_it_on_both_screens() {
    let shop = Shop::open().await;
    let (kiosk, first, second) = (shop.kiosk().await, shop.customer().await, shop.customer().await);
    let handoff = kiosk.open_handoff().await.unwrap();
    let mut events = kiosk.events(None).await.unwrap();
    let (one, two) = (visit(&first, &handoff).await, visit(&second, &handoff).await);
    let (claim, digits) = first.claim(&one.ticket).await.unwrap();
    assert_refused(&second.try_claim(&two.ticket).await.unwrap(), ErrorCode::HandoffOver);
    assert_eq!(over(&mut events).await, (handoff.shown.handoff_id, HandoffEnd::SecondPhone));
    assert_eq!(failed(&first, claim).await, HandoffEnd::SecondPhone);
    assert_refused(&kiosk.try_digits(handoff.shown.handoff_id, &digits).await.unwrap(), ErrorCode::HandoffOver);
}

#[tokio::test]
async fn a_claim_from_another_browser_of_the_same_account_ends_it() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    let (first, second, number) = (shop.phone(), shop.phone(), shop.new_number());
    first.sign_up("Asha Rao", &number, crate::shop::PASSWORD).await.unwrap();
    second.sign_in(&number, crate::shop::PASSWORD).await.unwrap();
    let handoff = kiosk.open_handoff().await.unwrap();
    let (one, two) = (visit(&first, &handoff).await, visit(&second, &handoff).await);
    first.claim(&one.ticket).await.unwrap();
    assert_refused(&second.try_claim(&two.ticket).await.unwrap(), ErrorCode::HandoffOver);
    assert_eq!(shop.status(handoff.shown.handoff_id).await, HandoffStatus::Aborted);
}

#[tokio::test]
async fn a_second_scan_after_the_claim_ends_it_on_both_screens() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let mut events = kiosk.events(None).await.unwrap();
    let (handoff, claim, _) = shop.claimed(&kiosk, &phone).await;
    // The customer's own phone may look again.
    assert_refused(&phone.try_visit(&handoff.shown.codes[0]).await.unwrap(), ErrorCode::NotFound);
    assert_eq!(shop.status(handoff.shown.handoff_id).await, HandoffStatus::Claimed);
    assert_refused(&shop.phone().try_visit(&handoff.shown.codes[0]).await.unwrap(), ErrorCode::NotFound);
    assert_eq!(over(&mut events).await, (handoff.shown.handoff_id, HandoffEnd::SecondPhone));
    assert_eq!(failed(&phone, claim).await, HandoffEnd::SecondPhone);
}

#[tokio::test]
async fn the_same_phone_may_say_continue_twice() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let handoff = kiosk.open_handoff().await.unwrap();
    let ticket = visit(&phone, &handoff).await.ticket;
    let first = phone.claim(&ticket).await.unwrap();
    assert_eq!(phone.claim(&ticket).await.unwrap(), first);
    kiosk.enter_digits(&handoff, &first.1).await.unwrap();
}

#[tokio::test]
async fn a_ticket_is_worth_nothing_in_another_browser() {
    let shop = Shop::open().await;
    let (kiosk, phone, thief) = (shop.kiosk().await, shop.customer().await, shop.customer().await);
    let handoff = kiosk.open_handoff().await.unwrap();
    let ticket = visit(&phone, &handoff).await.ticket;
    assert_refused(&thief.try_claim(&ticket).await.unwrap(), ErrorCode::NotFound);
    assert_eq!(shop.status(handoff.shown.handoff_id).await, HandoffStatus::Open, "and nothing was ended by it");
    phone.claim(&ticket).await.unwrap();
}

#[tokio::test]
async fn a_claim_needs_a_signed_in_person_and_the_pages_own_token() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let handoff = kiosk.open_handoff().await.unwrap();
    let stranger = shop.phone();
    let body = ClaimRequest { ticket: visit(&stranger, &handoff).await.ticket };
    assert_refused(&stranger.post(routes::PHONE_CLAIMS, &body).await.unwrap(), ErrorCode::AuthenticationRequired);
    let body = ClaimRequest { ticket: visit(&phone, &handoff).await.ticket };
    for csrf in [None, Some(""), Some("guessed")] {
        assert_refused(&phone.post_with(csrf, routes::PHONE_CLAIMS, &body).await.unwrap(), ErrorCode::CsrfFailed);
    }
    assert_eq!(shop.status(handoff.shown.handoff_id).await, HandoffStatus::Open);
    phone.claim(&body.ticket).await.unwrap();
}

#[tokio::test]
async fn a_person_claims_five_times_a_minute() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    for _ in 0..5 {
        assert_refused(&phone.try_claim("no ticket of ours").await.unwrap(), ErrorCode::NotFound);
    }
    let handoff = kiosk.open_handoff().await.unwrap();
    let ticket = visit(&phone, &handoff).await.ticket;
    let answer = phone.try_claim(&ticket).await.unwrap();
    assert_refused(&answer, ErrorCode::RateLimited);
    assert!(answer.header("retry-after").is_some());
    let other = shop.customer().await;
    let ticket = visit(&other, &handoff).await.ticket;
    other.claim(&ticket).await.unwrap();
}

#[tokio::test]
async fn nobody_else_sees_or_ends_a_claim() {
    let shop = Shop::open().await;
    let (kiosk, phone, other) = (shop.kiosk().await, shop.customer().await, shop.customer().await);
    let (handoff, claim, digits) = shop.claimed(&kiosk, &phone).await;
    assert_refused(&other.cancel(claim).await.unwrap(), ErrorCode::NotFound);
    assert_refused(&other.end(claim).await.unwrap(), ErrorCode::NotFound);
    let events = routes::with_id(routes::PHONE_CLAIM_EVENTS, claim);
    assert_refused(&other.open(&events).await.unwrap(), ErrorCode::NotFound);
    assert_refused(&shop.phone().open(&events).await.unwrap(), ErrorCode::AuthenticationRequired);
    kiosk.enter_digits(&handoff, &digits).await.unwrap();
}

#[tokio::test]
async fn a_cancelled_claim_cannot_be_matched() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let mut events = kiosk.events(None).await.unwrap();
    let (handoff, claim, digits) = shop.claimed(&kiosk, &phone).await;
    assert_eq!(phone.cancel(claim).await.unwrap().status, 200);
    assert_eq!(over(&mut events).await, (handoff.shown.handoff_id, HandoffEnd::Cancelled));
    assert_refused(&kiosk.try_digits(handoff.shown.handoff_id, &digits).await.unwrap(), ErrorCode::HandoffOver);
}

#[tokio::test]
async fn a_reloaded_page_finds_its_claim_again() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let (handoff, claim, digits) = shop.claimed(&kiosk, &phone).await;
    assert_eq!(phone.me().await.unwrap().live_claim, Some(claim));
    kiosk.enter_digits(&handoff, &digits).await.unwrap();
    assert_eq!(phone.me().await.unwrap().live_claim, Some(claim));
    phone.end(claim).await.unwrap();
    assert_eq!(phone.me().await.unwrap().live_claim, None);
}
