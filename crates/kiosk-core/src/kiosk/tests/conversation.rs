use std::collections::BTreeMap;

use super::*;

fn speaking(table: &mut Table, speaking: bool) {
    table.send(Message::Voice(VoiceState { available: true, speaking }));
}

fn add(sku: &str) -> Intent {
    Intent::AddToCart { sku: sku.into(), options: BTreeMap::new() }
}

fn quantity(sku: &str, quantity: u32) -> Intent {
    Intent::SetQuantity { sku: sku.into(), options: BTreeMap::new(), quantity }
}

#[test]
fn a_message_is_on_the_screen_before_any_network() {
    let mut table = Table::conversation();
    table.lost();
    let key = table.write("  a red kurta ");
    assert_eq!(table.texts().last().unwrap(), &("a red kurta".to_owned(), Delivery::Waiting));
    assert_eq!(table.recorded()[0].body, OpBody::Chat { message: "a red kurta".into(), answered_here: false });
    assert!(!table.talk().thinking, "nobody has heard it yet");
    table.send(Message::Settled { applied: vec![key], refused: vec![] });
    assert_eq!(table.texts().last().unwrap().1, Delivery::Sent);
    assert!(table.talk().thinking);
    table.appended(10, Sender::User, "a red kurta", Some(key));
    table.appended(11, Sender::Agent, "here is one", None);
    assert_eq!(table.texts().len(), 3);
    assert!(!table.talk().thinking);
    assert_eq!(table.spoken(), ["here is one"]);
}

#[test]
fn events_that_are_told_twice_count_once() {
    let mut table = Table::conversation();
    table.appended(10, Sender::Agent, "once", None);
    table.event_at(
        table.cursor,
        EventBody::ChatAppended { session_id: session_id(), entry: entry(10, Sender::Agent, "once"), op: None, version: 1 },
    );
    table.event_at(0, EventBody::CartChanged { session_id: session_id(), cart: vec![], op: None, version: 1 });
    assert_eq!(table.texts().len(), 2);
    assert_eq!(table.spoken().len(), 1);
    assert_eq!(table.cart(), [("SKU-1".to_owned(), 2)]);
}

#[test]
fn events_of_other_sessions_stay_out() {
    let mut table = Table::conversation();
    let other = SessionId(Uuid::from_u128(999));
    table.event(EventBody::ChatAppended {
        session_id: other,
        entry: entry(10, Sender::Agent, "not yours"),
        op: None,
        version: 1,
    });
    table.event(EventBody::CartChanged { session_id: other, cart: vec![], op: None, version: 1 });
    table
        .event(EventBody::KioskSessionEnded { kiosk_session_id: KioskSessionId(Uuid::from_u128(998)), reason: EndReason::Phone });
    assert_eq!((table.texts().len(), table.cart().len()), (1, 1));
}

#[test]
fn an_answer_that_never_comes_is_not_awaited_for_ever() {
    let mut table = Table::conversation();
    let key = table.write("hello?");
    table.send(Message::Settled { applied: vec![key], refused: vec![] });
    assert!(table.talk().thinking);
    table.wait(30.0);
    assert!(!table.talk().thinking);
}

#[test]
fn what_another_channel_writes_appears_and_is_not_spoken() {
    let mut table = Table::conversation();
    let whatsapp = ChatEntry { channel: Channel::Whatsapp, ..entry(10, Sender::Agent, "on the phone") };
    table.event(EventBody::ChatAppended { session_id: session_id(), entry: whatsapp, op: None, version: 1 });
    assert_eq!(table.talk().entries.last().unwrap().channel, Channel::Whatsapp);
    assert_eq!(table.spoken().len(), 0);
}

#[test]
fn a_piece_is_in_the_cart_at_once_and_only_once() {
    let mut table = Table::conversation();
    table.intend(add("SKU-9"));
    assert_eq!(table.cart(), [("SKU-1".to_owned(), 2), ("SKU-9".to_owned(), 1)]);
    assert_eq!(table.view().notice, Some(Notice::AddedToCart));
    assert_eq!((table.talk().cart.quantity, table.talk().cart.total_minor), (3, 2 * 1_000 + 1_250));
    let key = table.recorded()[0].key;
    table.send(Message::Settled { applied: vec![key], refused: vec![] });
    table.event(EventBody::CartChanged {
        session_id: session_id(),
        cart: vec![line("SKU-1", 2), line("SKU-9", 1)],
        op: Some(key),
        version: 2,
    });
    assert_eq!(table.cart(), [("SKU-1".to_owned(), 2), ("SKU-9".to_owned(), 1)]);
}

#[test]
fn a_refused_change_goes_back_and_says_why() {
    let mut table = Table::conversation();
    table.intend(quantity("SKU-1", 0));
    assert_eq!(table.cart(), []);
    let key = table.recorded()[0].key;
    let refusal = Refusal::new(key, ApiError::new(ErrorCode::InsufficientStock, "no"));
    table.send(Message::Settled { applied: vec![], refused: vec![refusal] });
    assert_eq!(table.cart(), [("SKU-1".to_owned(), 2)]);
    assert_eq!(table.view().notice, Some(Notice::Refused { code: ErrorCode::InsufficientStock }));
}

#[test]
fn what_nobody_has_shown_cannot_be_bought() {
    let mut table = Table::conversation();
    table.intend(add("SKU-404"));
    table.intend(quantity("SKU-404", 3));
    assert_eq!(table.recorded().len(), 0);
    assert_eq!(table.view().notice, Some(Notice::Refused { code: ErrorCode::ProductNotFound }));
}

#[test]
fn a_full_disk_loses_the_message_openly() {
    let mut table = Table::conversation();
    let key = table.write("lost");
    table.kiosk.not_recorded(key, ErrorCode::DataFolderNotWritable, table.now);
    assert_eq!(table.texts().len(), 1);
    assert_eq!(table.view().notice, Some(Notice::Refused { code: ErrorCode::DataFolderNotWritable }));
}

#[test]
fn a_touch_silences_the_voice_before_anything_else() {
    let mut table = Table::conversation();
    speaking(&mut table, true);
    for intent in [Intent::Touched, Intent::SendMessage { text: "stop".into() }, Intent::SetLocale { locale: Locale::Hi }] {
        table.done.clear();
        table.intend(intent);
        assert!(matches!(table.done[0], Effect::Silence));
    }
}

#[test]
fn speech_that_comes_after_a_touch_is_not_played() {
    let mut table = Table::conversation();
    table.appended(10, Sender::Agent, "a long answer", None);
    let utterance = table.kiosk.voice.utterance;
    table.intend(Intent::Touched);
    table.answer(Answer::Speech(utterance, Ok(Box::pin(futures_util::stream::empty()))));
    assert_eq!(table.count(|effect| matches!(effect, Effect::Play(_))), 0);

    table.appended(11, Sender::Agent, "another", None);
    let utterance = table.kiosk.voice.utterance;
    table.answer(Answer::Speech(utterance, Ok(Box::pin(futures_util::stream::empty()))));
    assert_eq!(table.count(|effect| matches!(effect, Effect::Play(_))), 1);
}

#[test]
fn an_entry_is_said_again_and_a_muted_voice_says_nothing() {
    let mut table = Table::conversation();
    let key = table.talk().entries[0].key.clone();
    table.intend(Intent::SpeakEntry { key: key.clone() });
    assert_eq!(table.spoken(), ["as we said"]);
    table.intend(Intent::SetMuted { muted: true });
    table.intend(Intent::SpeakEntry { key });
    table.appended(10, Sender::Agent, "quiet", None);
    assert_eq!(table.spoken().len(), 1);
}

#[test]
fn without_a_sound_device_nothing_is_asked_for() {
    let mut table = Table::conversation();
    table.send(Message::Voice(VoiceState::default()));
    table.appended(10, Sender::Agent, "read me", None);
    assert_eq!(table.spoken().len(), 0);
    assert_eq!(table.texts().len(), 2);
}

#[test]
fn silence_is_forty_seconds_a_countdown_of_twenty_and_goodbye() {
    let mut table = Table::conversation();
    table.wait(39.9);
    assert_eq!(table.view().overlay, None);
    table.wait(0.1);
    assert_eq!(table.view().overlay, Some(Overlay::IdleWarning { seconds_left: 20 }));
    table.wait(19.5);
    assert_eq!(table.view().overlay, Some(Overlay::IdleWarning { seconds_left: 1 }));
    table.intend(Intent::Touched);
    assert_eq!(table.view().overlay, None);
    table.wait(60.0);
    assert_eq!(table.view().screen, Screen::Goodbye { reason: EndReason::Idle, guest: false });
    assert_eq!(table.recorded()[0].body, OpBody::End { reason: EndReason::Idle });
}

#[test]
fn a_voice_that_speaks_is_no_silence() {
    let mut table = Table::conversation();
    speaking(&mut table, true);
    table.wait(100.0);
    assert_eq!(table.view().overlay, None);
    speaking(&mut table, false);
    table.wait(39.0);
    assert_eq!(table.view().overlay, None);
    table.wait(1.0);
    assert!(table.view().overlay.is_some());
}

#[test]
fn more_time_lasts_for_this_customer_only() {
    let mut table = Table::conversation();
    table.intend(Intent::MoreTime);
    table.wait(299.0);
    assert_eq!(table.view().overlay, None);
    table.wait(21.0);
    assert_eq!(table.screen(), "goodbye");
}

#[test]
fn reading_for_long_tells_the_server_that_somebody_is_there() {
    let mut table = Table::conversation();
    for _ in 0..10 {
        table.wait(30.0);
        table.intend(Intent::Touched);
    }
    assert_eq!(table.count(|effect| matches!(effect, Effect::FetchSession(..))), 2);
    table.wait(39.0);
    assert_eq!(table.count(|effect| matches!(effect, Effect::FetchSession(..))), 2, "without a touch there is nothing to tell");
}

#[test]
fn a_conversation_ends_when_its_time_is_over() {
    let mut table = Table::conversation();
    for _ in 0..31 {
        table.wait(29.0);
        table.intend(Intent::Touched);
    }
    table.wait(1.0);
    assert_eq!(table.view().screen, Screen::Goodbye { reason: EndReason::TimeOver, guest: false });
}

#[test]
fn done_ends_wipes_and_leads_to_a_fresh_code() {
    let mut table = Table::conversation();
    table.intend(Intent::SetLocale { locale: Locale::Hi });
    table.intend(Intent::SetMuted { muted: true });
    table.done.clear();
    table.intend(Intent::Done);
    let order: Vec<_> = table.done.iter().filter(|effect| matches!(effect, Effect::Record(..) | Effect::Wipe)).collect();
    assert!(matches!(order[..], [Effect::Record(..), Effect::Wipe]), "the end is in the outbox before anything is erased");
    assert_eq!(table.view().screen, Screen::Goodbye { reason: EndReason::Done, guest: false });
    assert_eq!(table.view().locale, Locale::Hi, "goodbye is said in the customer's language");
    table.wait(3.0);
    table.open_handoff(2);
    table.wait(1.0);
    assert!(matches!(table.view().screen, Screen::Attract(attract) if attract.code.is_some()), "the code is there at once");
    assert_eq!((table.view().locale, table.view().frame.voice.muted), (Locale::En, false));
}

#[test]
fn a_touch_skips_goodbye_but_a_double_tap_does_not() {
    let mut table = Table::conversation();
    table.intend(Intent::Done);
    table.wait(0.2);
    table.intend(Intent::Touched);
    assert_eq!(table.screen(), "goodbye");
    table.wait(0.5);
    table.intend(Intent::Touched);
    assert_eq!(table.screen(), "attract");
    table.wait(2.0);
    assert_eq!(table.handoff_requests().len(), 1);
}

#[test]
fn the_server_hears_of_the_goodbye_before_the_next_code_is_fetched() {
    let mut table = Table::conversation();
    table.intend(Intent::Done);
    let goodbye = table.recorded().pop().unwrap().key;
    table.wait(0.7);
    table.intend(Intent::Touched);
    table.wait(0.3);
    assert_eq!((table.screen(), table.handoff_requests().len()), ("attract", 0));
    table.send(Message::Settled { applied: vec![goodbye], refused: vec![] });
    assert_eq!(table.handoff_requests().len(), 1);
}

#[test]
fn the_phone_ends_the_session_on_the_screen() {
    let mut table = Table::conversation();
    table.event(EventBody::KioskSessionEnded { kiosk_session_id: hold_id(), reason: EndReason::Phone });
    assert_eq!(table.view().screen, Screen::Goodbye { reason: EndReason::Phone, guest: false });
    assert_eq!(table.count(|effect| matches!(effect, Effect::Wipe)), 1);
    assert_eq!(table.recorded().len(), 0, "the server knows");
}

#[test]
fn a_conversation_goes_on_without_the_server() {
    let mut table = Table::conversation();
    table.lost();
    assert!(!table.view().frame.online);
    table.write("still here?");
    table.intend(add("SKU-9"));
    assert_eq!((table.texts().len(), table.cart().len()), (2, 2));
    table.intend(Intent::Done);
    assert!(matches!(table.recorded().last().unwrap().body, OpBody::End { .. }), "the end waits for the server too");
    table.wait(5.0);
    assert_eq!(table.screen(), "attract");
}

#[test]
fn missed_events_are_made_up_for_by_a_snapshot() {
    let mut table = Table::conversation();
    let mine = table.write("written before");
    table.send(Message::Stream(Stream::Missed));
    table.done.clear();
    table.send(Message::Stream(Stream::Up));
    assert_eq!(table.count(|effect| matches!(effect, Effect::FetchSession(hold, _) if *hold == hold_id())), 1);
    let mut snapshot = session(true);
    snapshot.chat.push(entry(mine.0.as_u128(), Sender::User, "written before"));
    snapshot.chat.push(entry(21, Sender::Agent, "answered meanwhile"));
    snapshot.cart = vec![line("SKU-7", 1)];
    snapshot.cursor = Cursor(50);
    table.answer(Answer::Snapshot(hold_id(), Ok(snapshot)));
    table.send(Message::Settled { applied: vec![mine], refused: vec![] });
    let texts: Vec<_> = table.texts().into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, ["as we said", "written before", "answered meanwhile"]);
    assert_eq!(table.cart(), [("SKU-7".to_owned(), 1)]);
    assert!(!table.talk().thinking);
}

#[test]
fn a_hold_that_the_server_let_go_is_over() {
    let mut table = Table::conversation();
    table.answer(Answer::Snapshot(hold_id(), Err(refused(ErrorCode::SessionExpired))));
    assert_eq!(table.screen(), "goodbye");
}

#[test]
fn the_program_ends_and_so_does_the_conversation() {
    let mut table = Table::conversation();
    table.kiosk.shut_down(table.now);
    table.done.extend(table.kiosk.effects());
    assert_eq!(table.recorded()[0].body, OpBody::End { reason: EndReason::Restart });
    assert_eq!(table.count(|effect| matches!(effect, Effect::Wipe)), 1);
}

#[test]
fn nothing_of_a_customer_is_left_in_the_view_or_the_next_conversation() {
    let mut table = Table::conversation();
    table.write("a secret wish");
    table.intend(Intent::Done);
    let shown = serde_json::to_string(&table.view()).unwrap();
    assert!(!shown.contains("Asha") && !shown.contains("secret wish"));
    table.wait(5.0);
    table.open_handoff(2);
    table.intend(Intent::ContinueAsGuest);
    let mut issued = table.issued(None);
    issued.session.kiosk_session_id = KioskSessionId(Uuid::from_u128(101));
    issued.kiosk_session_id = issued.session.kiosk_session_id;
    issued.session.chat.clear();
    issued.session.cart.clear();
    table.answer(Answer::Guest(Ok(issued)));
    assert_eq!((table.texts().len(), table.cart().len()), (0, 0));
}

#[test]
fn what_the_server_does_not_say_the_machine_says() {
    let mut table = Table::conversation();
    table.appended(10, Sender::Agent, "here is one", None);
    let utterance = table.kiosk.voice.utterance;
    table.answer(Answer::Speech(utterance, Err(unreachable())));
    assert_eq!((table.rendered(), table.kiosk.voice.fetching), (vec!["here is one".to_owned()], true));
    table.intend(Intent::Touched);
    assert!(!table.kiosk.voice.fetching, "a touch silenced it");
    table.answer(Answer::Rendered(utterance, Some(Box::pin(futures_util::stream::empty()))));
    assert_eq!(table.count(|effect| matches!(effect, Effect::Play(_))), 0, "and it stays silent");
}

#[test]
fn without_a_server_the_machine_is_asked_at_once() {
    let mut table = Table::conversation();
    table.lost();
    table.intend(Intent::SpeakEntry { key: EntryId(Uuid::from_u128(1)).to_string() });
    assert_eq!((table.rendered(), table.spoken()), (vec!["as we said".to_owned()], vec![]));
    let utterance = table.kiosk.voice.utterance;
    table.answer(Answer::Rendered(utterance, Some(Box::pin(futures_util::stream::empty()))));
    assert_eq!(table.count(|effect| matches!(effect, Effect::Play(_))), 1);
    assert!(!table.view().frame.online, "that it spoke says nothing about the server");
}
