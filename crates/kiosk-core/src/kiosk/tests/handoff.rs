use super::*;

fn path(table: &Table) -> Option<String> {
    match table.view().screen {
        Screen::Attract(attract) => attract.code.map(|code| code.path),
        other => panic!("no attract screen but {other:?}"),
    }
}

#[test]
fn codes_follow_one_another_without_a_gap() {
    let mut table = Table::attract();
    let mut shown = vec![path(&table).unwrap()];
    for second in 1..400 {
        table.wait(1.0);
        if table.kiosk.handoffs.is_opening() {
            assert!(path(&table).is_some(), "the old code stays at second {second}");
            table.open_handoff(u128::try_from(second).unwrap());
        }
        shown.push(path(&table).expect("there is always a code"));
    }
    shown.dedup();
    assert_eq!(table.handoff_requests().len(), 3);
    assert_eq!(shown.len(), 1 + 399 / 15);
}

#[test]
fn every_handoff_has_a_key_of_its_own() {
    let mut table = Table::attract();
    for number in 2..6 {
        table.wait(120.0);
        table.open_handoff(number);
    }
    let mut keys: Vec<_> = table.handoff_requests().into_iter().map(|request| request.ephemeral_key).collect();
    assert_eq!(keys.len(), 4);
    keys.dedup();
    assert_eq!(keys.len(), 4);
}

#[test]
fn an_idle_kiosk_wakes_for_codes_only() {
    let mut table = Table::attract();
    let mut wakes = 0;
    while table.now < Duration::from_secs(110) {
        let next = table.kiosk.deadline(table.now).unwrap();
        table.wait(next.saturating_sub(table.now).as_secs_f64());
        wakes += 1;
    }
    assert_eq!(wakes, 8);
    assert_eq!(table.count(|effect| !matches!(effect, Effect::OpenHandoff(_))), 0);
}

#[test]
fn a_lost_server_takes_the_code_away_and_a_found_one_brings_it_back() {
    let mut table = Table::attract();
    table.lost();
    assert_eq!(path(&table), None);
    assert!(!table.view().frame.online);
    table.wait(10.0);
    table.send(Message::Stream(Stream::Up));
    assert!(path(&table).is_some(), "the handoff still lives");
    table.lost();
    table.wait(300.0);
    table.send(Message::Stream(Stream::Up));
    table.open_handoff(2);
    assert!(path(&table).is_some());
}

#[test]
fn a_claim_opens_the_number_pad_and_right_digits_the_conversation() {
    let mut table = Table::matching();
    assert_eq!(table.view().screen, Screen::Matching { typed: 0, checking: false });
    table.press(4);
    table.press(3);
    assert_eq!(table.view().screen, Screen::Matching { typed: 2, checking: true });
    let digits: Vec<_> = table
        .done
        .iter()
        .filter_map(|effect| if let Effect::Match(_, digits) = effect { Some(digits.as_str()) } else { None })
        .collect();
    assert_eq!(digits, ["43"]);
    let issued = table.issued(Some(1));
    table.answer(Answer::Match(handoff_id(1), Ok(issued)));
    assert_eq!(table.talk().who, Who::Customer { first_name: "Asha".into(), loyalty_tier: "Gold".into(), loyalty_points: 7 });
    assert_eq!(table.count(|effect| matches!(effect, Effect::Hold(_))), 1);
    assert!(table.spoken()[0].contains("Asha"));
    assert_eq!(table.kiosk.handoffs.deadline(table.now), None, "no codes while somebody is there");
}

#[test]
fn digits_can_be_taken_back_until_the_second_one() {
    let mut table = Table::matching();
    table.press(4);
    assert_eq!(table.view().screen, Screen::Matching { typed: 1, checking: false });
    table.intend(Intent::EraseDigit);
    table.intend(Intent::EraseDigit);
    assert_eq!(table.view().screen, Screen::Matching { typed: 0, checking: false });
    table.press(1);
    table.press(2);
    table.press(3);
    assert_eq!(table.count(|effect| matches!(effect, Effect::Match(..))), 1, "there is one try");
}

#[test]
fn wrong_digits_lead_to_a_fresh_code_and_say_so() {
    let mut table = Table::matching();
    table.press(1);
    table.press(1);
    table.answer(Answer::Match(handoff_id(1), Err(refused(ErrorCode::WrongDigits))));
    assert_eq!(table.screen(), "attract");
    assert_eq!(table.view().notice, Some(Notice::HandoffOver { reason: HandoffEnd::WrongDigits }));
    table.open_handoff(2);
    table.event(EventBody::HandoffOver { handoff_id: handoff_id(1), reason: HandoffEnd::WrongDigits });
    assert!(path(&table).is_some(), "news of the old handoff does not touch the new one");
    table.wait(6.0);
    assert_eq!(table.view().notice, None);
}

#[test]
fn every_end_of_a_claimed_handoff_leads_to_a_fresh_code() {
    for reason in [HandoffEnd::Cancelled, HandoffEnd::SecondPhone, HandoffEnd::Expired, HandoffEnd::Blocked, HandoffEnd::Replaced]
    {
        let mut table = Table::matching();
        table.event(EventBody::HandoffOver { handoff_id: handoff_id(1), reason });
        assert_eq!(table.view().notice, Some(Notice::HandoffOver { reason }));
        table.open_handoff(2);
        assert!(path(&table).is_some());
    }
}

#[test]
fn cancelling_gives_the_handoff_up() {
    let mut table = Table::matching();
    table.intend(Intent::CancelMatch);
    assert_eq!(table.screen(), "attract");
    assert_eq!(table.count(|effect| matches!(effect, Effect::CancelHandoff(id) if *id == handoff_id(1))), 1);
    assert_eq!(table.view().notice, None);
}

#[test]
fn a_number_pad_that_nobody_touches_goes_away() {
    let mut table = Table::matching();
    table.wait(50.0);
    table.intend(Intent::Touched);
    table.wait(59.0);
    assert_eq!(table.screen(), "matching");
    table.wait(1.0);
    assert_eq!(table.screen(), "attract");
    assert_eq!(table.count(|effect| matches!(effect, Effect::CancelHandoff(_))), 1);
}

#[test]
fn a_handoff_whose_end_nobody_told_is_over_anyway() {
    let mut table = Table::matching();
    for _ in 0..4 {
        table.wait(31.0);
        table.intend(Intent::Touched);
    }
    table.wait(2.0);
    assert_eq!(table.view().notice, Some(Notice::HandoffOver { reason: HandoffEnd::Expired }));
}

#[test]
fn claims_of_other_handoffs_and_repeated_news_change_nothing() {
    let mut table = Table::attract();
    table.event(EventBody::HandoffClaimed { handoff_id: handoff_id(77) });
    assert_eq!(table.screen(), "attract");
    let mut table = Table::conversation();
    table.event(EventBody::HandoffClaimed { handoff_id: handoff_id(1) });
    table.event(EventBody::HandoffOver { handoff_id: handoff_id(1), reason: HandoffEnd::Replaced });
    assert_eq!(table.screen(), "conversation");
}

#[test]
fn a_session_sealed_to_another_key_is_given_back() {
    let mut table = Table::matching();
    table.press(4);
    table.press(2);
    let mut issued = table.issued(Some(1));
    issued.token = seal(crate::seal::EphemeralKey::random(&SystemEntropy).public(), &handoff_id(1).to_string(), "x");
    table.answer(Answer::Match(handoff_id(1), Ok(issued)));
    assert_eq!(table.screen(), "attract");
    assert_eq!(table.recorded()[0].body, OpBody::End { reason: EndReason::Done });
}

#[test]
fn a_session_that_comes_after_the_customer_left_is_given_back() {
    let mut table = Table::matching();
    table.press(4);
    table.press(2);
    let issued = table.issued(Some(1));
    table.intend(Intent::CancelMatch);
    table.answer(Answer::Match(handoff_id(1), Ok(issued)));
    assert_eq!(table.screen(), "attract");
    assert_eq!(
        (table.recorded()[0].kiosk_session_id, &table.recorded()[0].body),
        (hold_id(), &OpBody::End { reason: EndReason::Done })
    );
}

#[test]
fn a_session_that_the_phone_ended_before_it_came_is_not_shown() {
    let mut table = Table::matching();
    table.press(4);
    table.press(2);
    let issued = table.issued(Some(1));
    table.event(EventBody::KioskSessionEnded { kiosk_session_id: hold_id(), reason: EndReason::Phone });
    table.answer(Answer::Match(handoff_id(1), Ok(issued)));
    assert_eq!(table.screen(), "attract");
}

#[test]
fn digits_that_could_not_be_checked_say_why() {
    let mut table = Table::matching();
    table.press(4);
    table.press(2);
    table.answer(Answer::Match(handoff_id(1), Err(unreachable())));
    assert_eq!(table.view().notice, Some(Notice::Refused { code: ErrorCode::ServerUnreachable }));
    assert_eq!(table.screen(), "attract");
    assert!(!table.view().frame.online);
}

#[test]
fn a_guest_comes_in_without_a_code_left_behind() {
    let mut table = Table::attract();
    table.intend(Intent::ContinueAsGuest);
    table.intend(Intent::ContinueAsGuest);
    assert_eq!(table.count(|effect| matches!(effect, Effect::StartGuest(_))), 1);
    assert_eq!(table.count(|effect| matches!(effect, Effect::CancelHandoff(_))), 1);
    let issued = table.issued(None);
    table.answer(Answer::Guest(Ok(issued)));
    assert_eq!(table.talk().who, Who::Guest);
    assert!(table.spoken()[0].contains("Saffron"));
}

#[test]
fn a_guest_waits_for_a_handoff_request_on_its_way() {
    let mut table = Table::attract();
    table.wait(120.0);
    assert!(table.kiosk.handoffs.is_opening());
    table.intend(Intent::ContinueAsGuest);
    assert_eq!(table.count(|effect| matches!(effect, Effect::StartGuest(_))), 0);
    table.open_handoff(2);
    assert_eq!(table.count(|effect| matches!(effect, Effect::StartGuest(_))), 1);
    assert_eq!(table.count(|effect| matches!(effect, Effect::CancelHandoff(id) if *id == handoff_id(2))), 1);
}

#[test]
fn a_guest_whom_the_server_does_not_want_is_told_so() {
    let mut table = Table::attract();
    table.intend(Intent::ContinueAsGuest);
    table.answer(Answer::Guest(Err(refused(ErrorCode::RateLimited))));
    assert_eq!(table.view().notice, Some(Notice::Refused { code: ErrorCode::RateLimited }));
    table.open_handoff(2);
    assert!(path(&table).is_some());
}

#[test]
fn a_chosen_language_reaches_the_phone_and_returns_after_a_minute() {
    let mut table = Table::attract();
    table.intend(Intent::SetLocale { locale: Locale::Hi });
    table.intend(Intent::SetMuted { muted: true });
    table.wait(1.0);
    assert_eq!(table.handoff_requests()[0].locale, Locale::Hi);
    table.open_handoff(2);
    table.wait(58.0);
    assert_eq!((table.view().locale, table.view().frame.voice.muted), (Locale::Hi, true));
    table.wait(1.0);
    assert_eq!((table.view().locale, table.view().frame.voice.muted), (Locale::En, false));
    assert_eq!(table.handoff_requests()[1].locale, Locale::En);
}

#[test]
fn touches_without_meaning_here_change_nothing() {
    let mut table = Table::attract();
    let before = table.view();
    for intent in [
        Intent::Touched,
        Intent::MoreTime,
        Intent::PressDigit { digit: 1 },
        Intent::EraseDigit,
        Intent::CancelMatch,
        Intent::SendMessage { text: "hello".into() },
        Intent::AddToCart { sku: "SKU-1".into(), options: std::collections::BTreeMap::new() },
        Intent::SetQuantity { sku: "SKU-1".into(), options: std::collections::BTreeMap::new(), quantity: 1 },
        Intent::Done,
        Intent::SpeakEntry { key: "x".into() },
    ] {
        table.intend(intent);
    }
    assert_eq!(table.view(), before);
    assert_eq!(table.count(|effect| !matches!(effect, Effect::Silence)), 0);
}

#[test]
fn a_handoff_that_is_over_before_its_answer_comes_is_replaced() {
    let mut table = Table::attract();
    let over = |number| EventBody::HandoffOver { handoff_id: handoff_id(number), reason: HandoffEnd::KioskLeft };
    let asked = |table: &Table| table.count(|effect| matches!(effect, Effect::OpenHandoff(_)));
    table.event(over(1));
    table.wait(0.1);
    table.event(over(2));
    table.open_handoff(2);
    table.wait(0.1);
    assert_eq!(asked(&table), 2, "a code that opens nothing is not shown");
    table.open_handoff(3);
    table.wait(0.1);
    assert_eq!(asked(&table), 2);
    let Screen::Attract(attract) = table.view().screen else { panic!("{:?}", table.view().screen) };
    assert!(attract.code.is_some());
}

#[test]
fn a_guest_whose_hold_ended_before_it_came_leaves_a_kiosk_with_a_code() {
    let mut table = Table::attract();
    table.intend(Intent::ContinueAsGuest);
    let issued = table.issued(None);
    table.event(EventBody::KioskSessionEnded { kiosk_session_id: issued.kiosk_session_id, reason: EndReason::NextCustomer });
    table.answer(Answer::Guest(Ok(issued)));
    table.wait(0.1);
    assert_eq!((table.screen(), table.count(|effect| matches!(effect, Effect::OpenHandoff(_)))), ("attract", 1));
    table.open_handoff(2);
    table.intend(Intent::ContinueAsGuest);
    assert_eq!(table.count(|effect| matches!(effect, Effect::StartGuest(_))), 2, "the next one is let in");
}

#[test]
fn a_code_fetched_ahead_that_is_over_during_goodbye_is_replaced() {
    let mut table = Table::conversation();
    table.event(EventBody::KioskSessionEnded { kiosk_session_id: hold_id(), reason: EndReason::Phone });
    table.wait(3.0);
    table.open_handoff(2);
    table.event(EventBody::HandoffOver { handoff_id: handoff_id(2), reason: HandoffEnd::KioskLeft });
    table.wait(0.1);
    assert_eq!((table.screen(), table.handoff_requests().len()), ("goodbye", 2));
    table.open_handoff(3);
    table.intend(Intent::Touched);
    let Screen::Attract(attract) = table.view().screen else { panic!("{:?}", table.view().screen) };
    assert!(attract.code.is_some());
}
