use protocol::{ErrorCode, event::EventBody, handoff::HandoffEnd};
use server_store::records::HandoffStatus;

use crate::shop::{SOON, Shop, assert_refused, failed, over, visit, wrong};

#[tokio::test]
async fn wrong_digits_end_it_on_both_screens_and_right_ones_come_too_late() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let mut events = kiosk.events(None).await.unwrap();
    let (handoff, claim, digits) = shop.claimed(&kiosk, &phone).await;
    let id = handoff.shown.handoff_id;
    assert_refused(&kiosk.try_digits(id, &wrong(&digits)).await.unwrap(), ErrorCode::WrongDigits);
    assert_eq!(over(&mut events).await, (id, HandoffEnd::WrongDigits));
    assert_eq!(failed(&phone, claim).await, HandoffEnd::WrongDigits);
    assert_refused(&kiosk.try_digits(id, &digits).await.unwrap(), ErrorCode::HandoffOver);
    assert_eq!(shop.status(id).await, HandoffStatus::Aborted);
}

#[tokio::test]
async fn three_wrong_numbers_make_a_person_wait_ten_minutes() {
    let shop = Shop::open().await;
    let (kiosk, phone, other) = (shop.kiosk().await, shop.customer().await, shop.customer().await);
    let mut ends = Vec::new();
    for _ in 0..3 {
        let (handoff, claim, digits) = shop.claimed(&kiosk, &phone).await;
        assert_refused(&kiosk.try_digits(handoff.shown.handoff_id, &wrong(&digits)).await.unwrap(), ErrorCode::WrongDigits);
        ends.push(failed(&phone, claim).await);
        shop.pass(20);
    }
    assert_eq!(ends, [HandoffEnd::WrongDigits, HandoffEnd::WrongDigits, HandoffEnd::Blocked], "the phone is told why");
    let blocked = async || {
        let handoff = kiosk.open_handoff().await.unwrap();
        let ticket = visit(&phone, &handoff).await.ticket;
        phone.try_claim(&ticket).await.unwrap()
    };
    let answer = blocked().await;
    assert_refused(&answer, ErrorCode::RateLimited);
    assert_eq!(answer.header("retry-after"), Some("580"));
    shop.claimed(&kiosk, &other).await;
    shop.pass(579);
    assert_refused(&blocked().await, ErrorCode::RateLimited);
    shop.pass(1);
    assert_eq!(blocked().await.status, 200);
}

#[tokio::test]
async fn the_kiosk_is_never_told_the_digits() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let mut events = kiosk.events(None).await.unwrap();
    let (handoff, _, _) = shop.claimed(&kiosk, &phone).await;
    let claimed = events.next_of(SOON, |body| matches!(body, EventBody::HandoffClaimed { .. }).then_some(body)).await.unwrap();
    assert_eq!(claimed, EventBody::HandoffClaimed { handoff_id: handoff.shown.handoff_id });
}

#[tokio::test]
async fn what_is_no_number_costs_no_try() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let (handoff, _, digits) = shop.claimed(&kiosk, &phone).await;
    for typed in ["", "1", "123", "ab", "१२"] {
        assert_refused(&kiosk.try_digits(handoff.shown.handoff_id, typed).await.unwrap(), ErrorCode::ValidationError);
    }
    kiosk.enter_digits(&handoff, &digits).await.unwrap();
}

#[tokio::test]
async fn digits_before_a_claim_open_nothing() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    let handoff = kiosk.open_handoff().await.unwrap();
    for digits in 10..30 {
        assert_refused(&kiosk.try_digits(handoff.shown.handoff_id, &digits.to_string()).await.unwrap(), ErrorCode::Conflict);
    }
    assert_eq!(shop.status(handoff.shown.handoff_id).await, HandoffStatus::Open);
}
