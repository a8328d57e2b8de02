use protocol::{
    ErrorCode,
    handoff::{CODES_AHEAD, HandoffEnd},
    phone::ClaimState,
    routes,
};
use server_store::records::HandoffStatus;
use testkit::answer::Answer;

use crate::shop::{PASSWORD, SOON, Shop, assert_refused, over, visit};

/// An answer without what differs in every answer.
fn what_is_told(answer: &Answer) -> (u16, String, Vec<String>) {
    let mut names: Vec<String> = answer
        .headers
        .keys()
        .map(ToString::to_string)
        .filter(|name| !["date", "x-request-id"].contains(&name.as_str()))
        .collect();
    names.sort();
    (answer.status, answer.body.clone(), names)
}

#[tokio::test]
async fn a_replayed_code_is_refused() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let (handoff, _, digits) = shop.claimed(&kiosk, &phone).await;
    kiosk.enter_digits(&handoff, &digits).await.unwrap();
    // Still within the code's own time, by whoever and by the phone that used it.
    assert_refused(&shop.phone().try_visit(&handoff.shown.codes[0]).await.unwrap(), ErrorCode::NotFound);
    assert_refused(&phone.try_visit(&handoff.shown.codes[0]).await.unwrap(), ErrorCode::NotFound);
    assert_eq!(
        shop.status(handoff.shown.handoff_id).await,
        HandoffStatus::Issued,
        "and nothing happens to the customer at the kiosk"
    );
}

#[tokio::test]
async fn a_code_is_accepted_for_twenty_seconds_from_its_slot_and_at_no_other_time() {
    let shop = Shop::open().await;
    let handoff = shop.kiosk().await.open_handoff().await.unwrap();
    let codes = &handoff.shown.codes;
    assert_eq!(codes.len(), CODES_AHEAD);
    let accepted = async || {
        let mut accepted = Vec::new();
        for (slot, code) in codes.iter().enumerate() {
            if shop.phone().try_visit(code).await.unwrap().status == 200 {
                accepted.push(slot);
            }
        }
        // Refusals count as unknown codes, which is not what is looked at here.
        accepted
    };
    assert_eq!(accepted().await, [0]);
    shop.pass_millis(14_999);
    assert_eq!(accepted().await, [0]);
    shop.pass_millis(1);
    assert_eq!(accepted().await, [0, 1]);
    shop.pass_millis(4_999);
    assert_eq!(accepted().await, [0, 1]);
    shop.pass_millis(1);
    assert_eq!(accepted().await, [1], "an expired code");
}

#[tokio::test]
async fn a_handoff_is_over_after_two_minutes() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let handoff = kiosk.open_handoff().await.unwrap();
    let mut events = kiosk.events(None).await.unwrap();
    shop.pass(119);
    let visit = phone.visit(&handoff.shown.codes[7]).await.unwrap();
    shop.pass(1);
    for code in [&handoff.shown.codes[7], &handoff.shown.typed_code] {
        assert_refused(&phone.try_visit(code).await.unwrap(), ErrorCode::NotFound);
    }
    assert_refused(&phone.try_claim(&visit.ticket).await.unwrap(), ErrorCode::HandoffOver);
    shop.sweep().await;
    assert_eq!(over(&mut events).await, (handoff.shown.handoff_id, HandoffEnd::Expired));
}

#[tokio::test]
async fn a_claim_whose_time_is_over_cannot_be_matched() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let (handoff, claim, digits) = shop.claimed(&kiosk, &phone).await;
    shop.pass(120);
    assert_refused(&kiosk.try_digits(handoff.shown.handoff_id, &digits).await.unwrap(), ErrorCode::HandoffOver);
    let state = phone.claim_state(claim, SOON, Some).await.unwrap();
    assert_eq!(state, ClaimState::Failed { reason: HandoffEnd::Expired });
}

#[tokio::test]
async fn unknown_used_early_and_expired_codes_get_the_same_answer() {
    let shop = Shop::open().await;
    let (kiosk, other, phone) = (shop.kiosk().await, shop.kiosk().await, shop.customer().await);
    let (used, _, digits) = shop.claimed(&kiosk, &phone).await;
    kiosk.enter_digits(&used, &digits).await.unwrap();
    let expired = other.open_handoff().await.unwrap();
    shop.pass(20);
    let early = &expired.shown.codes[5];
    let asked = shop.phone();
    let unknown = what_is_told(&asked.try_visit("ABCDEFGHIJKLMNOPQRSTUVWXYZ").await.unwrap());
    assert_eq!(unknown.0, 404);
    for code in [&used.shown.codes[0], &used.shown.typed_code, &expired.shown.codes[0], early, "BCDF-GHJK", "no code at all", ""]
    {
        assert_eq!(what_is_told(&asked.try_visit(code).await.unwrap()), unknown, "{code}");
    }
}

#[tokio::test]
async fn a_link_preview_burns_no_code() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let handoff = kiosk.open_handoff().await.unwrap();
    let code = &handoff.shown.codes[0];
    let before = shop.state.read().await.unwrap().newest_cursor().await.unwrap();
    let preview = shop.phone();
    for path in [
        format!("{}/{code}", routes::PHONE_PAGE),
        routes::PHONE_TYPED_PAGE.to_owned(),
        format!("{}?code={code}", routes::PHONE_VISITS),
    ] {
        let answer = preview.open(&path).await.unwrap();
        assert!(answer.header("set-cookie").is_none(), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
    }
    assert_eq!(shop.status(handoff.shown.handoff_id).await, HandoffStatus::Open);
    assert_eq!(shop.state.read().await.unwrap().newest_cursor().await.unwrap(), before);
    let visit = phone.visit(code).await.unwrap();
    let (_, digits) = phone.claim(&visit.ticket).await.unwrap();
    kiosk.enter_digits(&handoff, &digits).await.unwrap();
}

#[tokio::test]
async fn a_fresh_handoff_takes_the_place_of_the_last() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let mut events = kiosk.events(None).await.unwrap();
    let (first, claim, digits) = shop.claimed(&kiosk, &phone).await;
    let second = kiosk.open_handoff().await.unwrap();
    assert_eq!(over(&mut events).await, (first.shown.handoff_id, HandoffEnd::Replaced));
    assert_refused(&kiosk.try_digits(first.shown.handoff_id, &digits).await.unwrap(), ErrorCode::HandoffOver);
    assert_eq!(crate::shop::failed(&phone, claim).await, HandoffEnd::Replaced);
    assert_refused(&phone.try_visit(&first.shown.typed_code).await.unwrap(), ErrorCode::NotFound);
    visit(&phone, &second).await;
}

#[tokio::test]
async fn guessing_codes_ends_after_thirty_a_minute() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    let phone = shop.phone();
    for number in 0..30 {
        let guess = format!("ABCDEFGHIJKLMNOPQRSTUVWX{}{}", char::from(b'A' + number % 26), char::from(b'A' + number / 26));
        assert_refused(&phone.try_visit(&guess).await.unwrap(), ErrorCode::NotFound);
    }
    let handoff = kiosk.open_handoff().await.unwrap();
    // Not even a right one is told from here on.
    let answer = shop.phone().try_visit(&handoff.shown.codes[0]).await.unwrap();
    assert_refused(&answer, ErrorCode::RateLimited);
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    shop.pass(60);
    assert_eq!(phone.try_visit(&handoff.shown.codes[4]).await.unwrap().status, 200);
}

#[tokio::test]
async fn codes_that_are_right_count_as_no_guesses() {
    let shop = Shop::open().await;
    let handoff = shop.kiosk().await.open_handoff().await.unwrap();
    for _ in 0..40 {
        assert_eq!(shop.phone().try_visit(&handoff.shown.codes[0]).await.unwrap().status, 200);
        assert_eq!(shop.phone().try_visit(&handoff.shown.typed_code).await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_typed_code_can_be_guessed_five_times_by_each_person() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    let (guesser, other) = (shop.customer().await, shop.customer().await);
    let handoff = kiosk.open_handoff().await.unwrap();
    for letter in ["B", "C", "D", "F", "G"] {
        assert_refused(&guesser.try_visit(&letter.repeat(8)).await.unwrap(), ErrorCode::NotFound);
    }
    assert_refused(&guesser.try_visit(&handoff.shown.typed_code).await.unwrap(), ErrorCode::RateLimited);
    // A QR cannot be guessed, and somebody else did not guess.
    assert_eq!(guesser.try_visit(&handoff.shown.codes[0]).await.unwrap().status, 200);
    assert_eq!(other.try_visit(&handoff.shown.typed_code).await.unwrap().status, 200);
    // A phone on which nobody is signed in is counted with all others at its address.
    for letter in ["B", "C", "D", "F", "G"] {
        assert_refused(&shop.phone().try_visit(&letter.repeat(8)).await.unwrap(), ErrorCode::NotFound);
    }
    assert_refused(&shop.phone().try_visit(&handoff.shown.typed_code).await.unwrap(), ErrorCode::RateLimited);
    shop.pass(120);
    let fresh = kiosk.open_handoff().await.unwrap();
    assert_eq!(guesser.try_visit(&fresh.shown.typed_code).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_typed_code_leads_to_the_same_session() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    let handoff = kiosk.open_handoff().await.unwrap();
    let visit = phone.visit(&handoff.shown.typed_code.to_lowercase().replace('-', " ")).await.unwrap();
    assert_eq!(
        (visit.shop_name.as_str(), visit.store_name.as_str(), visit.kiosk_label.as_str()),
        ("Meridian", "High Street", "By the fitting rooms")
    );
    let (_, digits) = phone.claim(&visit.ticket).await.unwrap();
    let held = kiosk.enter_digits(&handoff, &digits).await.unwrap();
    assert_eq!(held.session.customer.unwrap().first_name, "Asha");
}

#[tokio::test]
async fn a_ticket_lives_a_minute_and_signing_in_gives_another() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    let number = shop.new_number();
    shop.phone().sign_up("Asha Rao", &number, PASSWORD).await.unwrap();
    let (slow, quick) = (shop.phone(), shop.phone());
    let handoff = kiosk.open_handoff().await.unwrap();
    let (slow_visit, quick_visit) = (visit(&slow, &handoff).await, visit(&quick, &handoff).await);
    assert_eq!(slow_visit.expires_in, 60);
    shop.pass(59);
    quick.sign_in(&number, PASSWORD).await.unwrap();
    shop.pass(1);
    slow.sign_in(&number, PASSWORD).await.unwrap();
    assert_refused(&slow.try_claim(&slow_visit.ticket).await.unwrap(), ErrorCode::NotFound);
    shop.pass(58);
    quick.claim(&quick_visit.ticket).await.unwrap();
}

#[tokio::test]
async fn signing_in_again_and_again_keeps_a_ticket_for_two_minutes_at_most() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.phone());
    let number = shop.new_number();
    phone.sign_up("Asha Rao", &number, PASSWORD).await.unwrap();
    let handoff = kiosk.open_handoff().await.unwrap();
    let ticket = visit(&phone, &handoff).await.ticket;
    for _ in 0..3 {
        shop.pass(40);
        kiosk.open_handoff().await.unwrap();
        phone.sign_in(&number, PASSWORD).await.unwrap();
    }
    assert_refused(&phone.try_claim(&ticket).await.unwrap(), ErrorCode::NotFound);
}

#[tokio::test]
async fn a_scan_in_the_last_seconds_goes_on_with_the_kiosks_next_handoff() {
    let shop = Shop::open().await;
    let (kiosk, phone) = (shop.kiosk().await, shop.customer().await);
    for expires_first in [false, true] {
        let last = kiosk.open_handoff().await.unwrap();
        shop.pass(119);
        let ticket = phone.visit(&last.shown.codes[7]).await.unwrap().ticket;
        if expires_first {
            shop.pass(1);
            shop.sweep().await;
        }
        let next = kiosk.open_handoff().await.unwrap();
        shop.pass(50);
        let (_, digits) = phone.claim(&ticket).await.unwrap();
        assert_refused(&kiosk.try_digits(last.shown.handoff_id, &digits).await.unwrap(), ErrorCode::HandoffOver);
        kiosk.enter_digits(&next, &digits).await.unwrap();
        shop.pass(60);
    }
}

#[tokio::test]
async fn a_ticket_follows_neither_another_kiosk_nor_one_that_gave_up_nor_a_claim() {
    let shop = Shop::open().await;
    let (kiosk, other, phone, second) = (shop.kiosk().await, shop.kiosk().await, shop.customer().await, shop.customer().await);
    let given_up = kiosk.open_handoff().await.unwrap();
    let ticket = visit(&phone, &given_up).await.ticket;
    other.open_handoff().await.unwrap();
    kiosk.leave(given_up.shown.handoff_id).await.unwrap();
    kiosk.open_handoff().await.unwrap();
    assert_refused(&phone.try_claim(&ticket).await.unwrap(), ErrorCode::HandoffOver);

    let taken = kiosk.open_handoff().await.unwrap();
    let (one, two) = (visit(&phone, &taken).await.ticket, visit(&second, &taken).await.ticket);
    phone.claim(&one).await.unwrap();
    kiosk.open_handoff().await.unwrap();
    assert_refused(&second.try_claim(&two).await.unwrap(), ErrorCode::HandoffOver);
}

#[tokio::test]
async fn a_kiosk_opens_ten_handoffs_a_minute() {
    let shop = Shop::open().await;
    let kiosk = shop.kiosk().await;
    for _ in 0..10 {
        kiosk.open_handoff().await.unwrap();
    }
    assert!(kiosk.open_handoff().await.unwrap_err().to_string().contains("rate_limited"));
    shop.pass(60);
    kiosk.open_handoff().await.unwrap();
}
