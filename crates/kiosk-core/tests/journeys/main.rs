//! Whole ways of a customer through the event loop, in time under control.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test stops where it fails")]

mod answers;
mod away;
mod look_up;
mod outbox;
mod profile;
mod seal;
mod server;
mod table;

use std::{sync::Arc, time::Duration};

use kiosk_core::KeyStoreError;
use kiosk_store::Store as _;
use protocol::{
    ErrorCode,
    event::EventBody,
    ids::Cursor,
    intent::Intent,
    kiosk_health::{Part, StreamState},
    kiosk_session::EndReason,
    session::Sender,
    sync::OpBody,
    view::{ConversationView, Delivery, Notice, Overlay, PinAnswer, Screen, View, Who},
};

use crate::{
    answers::{entry, handoff_id, hold_id, is_chat, key_of, session_id},
    server::FakeServer,
    table::{FakeKeys, Table},
};

fn talk(view: &View) -> Option<&ConversationView> {
    match &view.screen {
        Screen::Conversation(conversation) => Some(conversation),
        _ => None,
    }
}

/// The last entry's text and delivery.
fn last(view: &View) -> Option<(&str, Delivery)> {
    talk(view)?.entries.last().map(|entry| (entry.text.as_str(), entry.delivery))
}

fn is_attract(view: &View) -> bool {
    matches!(view.screen, Screen::Attract(_))
}

#[tokio::test(start_paused = true)]
async fn from_the_code_to_goodbye() {
    let mut table = Table::start();
    table.server.script(|script| script.history = vec![entry(Sender::Agent, "as we said")]);
    let view = table.sign_in().await;
    assert!(matches!(&talk(&view).unwrap().who, Who::Customer { first_name, .. } if first_name == "Asha"));
    table.eventually(|| table.speaker.spoken.lock().unwrap().iter().any(|said| said.contains("Asha"))).await;

    table.write("a red kurta");
    table.until(|view| last(view) == Some(("a red kurta", Delivery::Sent))).await;
    let key = table.server.script(|script| key_of(&script.applied, "a red kurta"));
    table.server.happens(EventBody::ChatAppended {
        session_id: session_id(),
        entry: entry(Sender::User, "a red kurta"),
        op: Some(key),
        version: 2,
    });
    table.server.says("here is one");
    let view = table.until(|view| last(view) == Some(("here is one", Delivery::Sent))).await;
    assert_eq!(talk(&view).unwrap().entries.len(), 3);

    table.intend(Intent::Done);
    table.until(|view| view.screen == Screen::Goodbye { reason: EndReason::Done, guest: false }).await;
    assert_eq!(table.store.cached().await.unwrap(), None);
    table.attract().await;
    let ended = |server: &FakeServer| {
        server.script(|script| script.applied.iter().any(|op| matches!(op.body, OpBody::End { reason: EndReason::Done })))
    };
    table.eventually(|| ended(&table.server)).await;
}

#[tokio::test(start_paused = true)]
async fn each_view_has_a_number_of_its_own_and_says_something_new() {
    let mut table = Table::start();
    let mut views = table.kiosk.views();
    let watcher = tokio::spawn(async move {
        let mut seen = Vec::new();
        while views.changed().await.is_ok() {
            seen.push(Arc::clone(&views.borrow_and_update()));
        }
        seen
    });
    table.sign_in().await;
    for _ in 0..3 {
        table.intend(Intent::Touched);
    }
    table.kiosk.shutdown().await;
    let Table { kiosk, .. } = table;
    drop(kiosk);
    let seen = watcher.await.unwrap();
    assert!(seen.windows(2).all(|pair| pair[1].number > pair[0].number));
    let same = |a: &View, b: &View| View { number: 0, ..a.clone() } == View { number: 0, ..b.clone() };
    assert!(seen.windows(2).all(|pair| pair[1].number > pair[0].number + 1 || !same(&pair[0], &pair[1])));
}

#[tokio::test(start_paused = true)]
async fn messages_survive_a_lost_server_and_arrive_in_order() {
    let mut table = Table::start();
    table.sign_in().await;
    table.server.go_offline();
    for text in ["one", "two", "three"] {
        table.write(text);
    }
    let view = table.until(|view| last(view) == Some(("three", Delivery::Waiting))).await;
    assert_eq!(talk(&view).unwrap().entries.len(), 3);
    table.until(|view| !view.frame.online).await;
    assert_eq!(table.store.pending(10, &[]).await.unwrap().len(), 3);

    table.server.go_online();
    table
        .until(|view| {
            view.frame.online && talk(view).is_some_and(|talk| talk.entries.iter().all(|entry| entry.delivery == Delivery::Sent))
        })
        .await;
    let order = table.server.script(|script| script.applied.clone());
    assert!(["one", "two", "three"].iter().zip(&order).all(|(text, op)| is_chat(op, text)));
    assert_eq!(table.store.pending(10, &[]).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_does_not_send_twice() {
    let mut table = Table::start();
    table.sign_in().await;
    table.server.script(|script| script.lose_next_answer = true);
    table.write("once");
    table.until(|view| last(view) == Some(("once", Delivery::Sent))).await;
    let (pushes, applied) = table.server.script(|script| (script.pushes.clone(), script.applied.clone()));
    assert_eq!(pushes.len(), 2);
    assert_eq!(pushes[0], pushes[1], "the same change under the same key");
    assert_eq!(applied.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_bad_change_does_not_block_the_others() {
    let mut table = Table::start();
    table.sign_in().await;
    table.server.script(|script| script.poison = Some("poison".into()));
    table.server.go_offline();
    for text in ["before", "poison", "after"] {
        table.write(text);
    }
    table.until(|view| last(view) == Some(("after", Delivery::Waiting))).await;
    table.server.go_online();
    let view = table.until(|view| last(view) == Some(("after", Delivery::Sent))).await;
    let deliveries: Vec<_> = talk(&view).unwrap().entries.iter().map(|entry| entry.delivery).collect();
    assert_eq!(deliveries, [Delivery::Sent, Delivery::Refused, Delivery::Sent]);
    let stats = table.store.stats().await.unwrap();
    assert_eq!((stats.waiting, stats.wedged.len()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_without_a_server_reaches_it_later() {
    let mut table = Table::start();
    table.sign_in().await;
    table.server.go_offline();
    table.write("waits");
    table.intend(Intent::Done);
    table.until(is_attract).await;
    assert_eq!(table.store.cached().await.unwrap(), None);
    assert!(table.server.script(|script| script.applied.is_empty()));
    table.server.go_online();
    table.attract().await;
    table.eventually(|| table.server.script(|script| script.applied.len() == 2)).await;
    assert!(matches!(table.server.script(|script| script.applied[1].body.clone()), OpBody::End { reason: EndReason::Done }));
}

#[tokio::test(start_paused = true)]
async fn a_stream_resumes_where_it_broke_off() {
    let mut table = Table::start();
    table.sign_in().await;
    let before = table.server.script(|script| script.streams.clone());
    assert_eq!(before, [None], "a kiosk that knows nothing begins with now");
    table.server.says("one");
    table.until(|view| last(view) == Some(("one", Delivery::Sent))).await;
    table.server.break_stream();
    table.eventually(|| table.server.script(|script| script.streams.len() == 2)).await;
    assert_eq!(table.server.script(|script| script.streams[1]), Some(Cursor(2)));
    assert!(table.views.borrow().frame.online, "a broken stream that is resumed at once is no lost server");
}

#[tokio::test(start_paused = true)]
async fn events_that_the_log_forgot_come_by_snapshot() {
    let mut table = Table::start();
    table.sign_in().await;
    table.server.script(|script| {
        script.log_too_short = true;
        script.history = vec![entry(Sender::Agent, "while you were away")];
    });
    table.server.break_stream();
    table.until(|view| last(view) == Some(("while you were away", Delivery::Sent))).await;
    assert_eq!(table.server.script(|script| script.streams.clone()), [None, Some(Cursor(1)), None]);
}

#[tokio::test(start_paused = true)]
async fn a_touch_stops_the_voice_at_once() {
    let mut table = Table::start();
    table.sign_in().await;
    table.until(|view| view.frame.voice.speaking).await;
    let before = *table.speaker.stops.lock().unwrap();
    table.intend(Intent::Touched);
    assert!(*table.speaker.stops.lock().unwrap() > before, "before the loop has even heard of it");
    table.until(|view| !view.frame.voice.speaking).await;
}

#[tokio::test(start_paused = true)]
async fn wrong_digits_give_a_fresh_code() {
    let mut table = Table::start();
    table.attract().await;
    table.server.happens(EventBody::HandoffClaimed { handoff_id: handoff_id(1) });
    table.until(|view| matches!(view.screen, Screen::Matching { .. })).await;
    table.intend(Intent::PressDigit { digit: 1 });
    table.intend(Intent::PressDigit { digit: 1 });
    table.until(|view| is_attract(view) && matches!(view.notice, Some(Notice::HandoffOver { .. }))).await;
    table.attract().await;
    assert_eq!(table.server.script(|script| script.handoffs), 2);
}

#[tokio::test(start_paused = true)]
async fn a_kiosk_is_enrolled_while_it_shows_its_code() {
    let mut table = Table::start_on(Arc::default(), Arc::default(), Arc::default());
    table.until(|view| matches!(&view.screen, Screen::Enrolling { code: Some(code), .. } if code == "BCDF-GHJK")).await;
    table.server.script(|script| script.enrolled = true);
    table.attract().await;
}

#[tokio::test(start_paused = true)]
async fn a_locked_key_store_is_overcome_when_somebody_unlocks_it() {
    let server = Arc::new(FakeServer::default());
    server.script(|script| script.enrolled = true);
    let keys = Arc::new(FakeKeys::default());
    *keys.trouble.lock().unwrap() = Some(KeyStoreError::Locked);
    let mut table = Table::start_on(server, Arc::default(), keys);
    let view = table.until(|view| matches!(view.screen, Screen::Connecting { .. })).await;
    assert!(
        matches!(&view.screen, Screen::Connecting { problem: ErrorCode::KeyStoreLocked, about, .. } if about == "a test's keys")
    );
    assert!(table.keys.secrets.lock().unwrap().is_empty(), "there is no other place for keys");
    *table.keys.trouble.lock().unwrap() = None;
    table.attract().await;
    let names: Vec<String> = table.keys.secrets.lock().unwrap().keys().cloned().collect();
    assert!(names.len() == 2 && names.contains(&"device-key".to_owned()) && names.contains(&"outbox".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_crash_during_a_conversation_ends_its_hold_at_the_next_start() {
    let mut first = Table::start();
    first.sign_in().await;
    first.server.go_offline();
    first.write("kept");
    first.until(|view| last(view) == Some(("kept", Delivery::Waiting))).await;
    let store = Arc::new(first.store.after_power_cut());
    let (server, keys) = (Arc::clone(&first.server), Arc::clone(&first.keys));
    assert_eq!(store.unfinished_hold().await.unwrap(), Some(hold_id()));
    drop(first);

    server.go_online();
    let mut second = Table::start_on(server, store, keys);
    second.attract().await;
    let is_end = |op: &protocol::sync::Op| op.body == OpBody::End { reason: EndReason::Restart };
    let ended = || second.server.script(|script| script.applied.iter().any(is_end));
    second.eventually(ended).await;
    let applied = second.server.script(|script| script.applied.clone());
    assert!(is_chat(&applied[0], "kept"));
    assert!(applied[1..].iter().all(is_end));
    assert_eq!(second.store.unfinished_hold().await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn shutting_down_ends_the_conversation_everywhere() {
    let mut table = Table::start();
    table.sign_in().await;
    table.kiosk.shutdown().await;
    assert_eq!(table.store.cached().await.unwrap(), None);
    assert!(table.server.script(|script| script.applied.iter().any(|op| op.body == OpBody::End { reason: EndReason::Restart })));
    assert_eq!(table.kiosk.intend(Intent::Touched).unwrap_err().code, ErrorCode::ServiceUnavailable);
}

#[tokio::test(start_paused = true)]
async fn an_idle_kiosk_writes_nothing() {
    let mut table = Table::start();
    table.attract().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = table.store.writes();
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert_eq!(table.store.writes(), before);
    assert!(table.server.script(|script| script.handoffs) >= 29, "codes went on all the time");
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_does_not_stop_the_kiosk() {
    let mut table = Table::start();
    table.sign_in().await;
    table.store.set_failing(true);
    table.write("not kept");
    let view = table.until(|view| matches!(view.notice, Some(Notice::Refused { code: ErrorCode::DataFolderNotWritable }))).await;
    assert_eq!(last(&view), None, "what is not kept is not shown as if it were");
    table.store.set_failing(false);
    table.write("kept");
    table.until(|view| last(view) == Some(("kept", Delivery::Sent))).await;
}

#[tokio::test(start_paused = true)]
async fn staff_see_how_the_kiosk_is_doing() {
    let mut table = Table::start();
    table.sign_in().await;
    table.server.script(|script| script.poison = Some("poison".into()));
    table.write("poison");
    table.until(|view| last(view) == Some(("poison", Delivery::Refused))).await;
    let health = table.kiosk.health().await;
    assert_eq!((health.stream.state, health.key_store.as_deref()), (StreamState::Up, Some("a test's keys")));
    assert!(health.stream.last_event_at.is_some());
    assert_eq!(health.outbox.wedged.iter().map(|wedged| wedged.code).collect::<Vec<_>>(), [ErrorCode::ValidationError]);
    assert_eq!((health.outbox.waiting, health.outbox.attempts), (0, 0));

    table.server.go_offline();
    table.write("waits");
    table.until(|view| !view.frame.online).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let health = table.kiosk.health().await;
    assert!(matches!(health.stream.state, StreamState::Down | StreamState::Connecting));
    assert_eq!((health.outbox.waiting, health.outbox.failing_with), (1, Some(ErrorCode::ServerUnreachable)));
    assert!(health.outbox.attempts > 1 && health.outbox.next_try_at.is_some() && health.outbox.oldest.is_some());
    let seen = health.problems.iter().map(|seen| (seen.part, seen.code)).collect::<Vec<_>>();
    assert!(seen.contains(&(Part::Push, ErrorCode::ServerUnreachable)), "{seen:?}");
    assert!(seen.contains(&(Part::Stream, ErrorCode::ServerUnreachable)), "{seen:?}");

    table.server.go_online();
    table.until(|view| last(view) == Some(("waits", Delivery::Sent))).await;
    let health = table.kiosk.health().await;
    assert_eq!((health.outbox.attempts, health.outbox.failing_with, health.outbox.next_try_at), (0, None, None));
}

#[tokio::test(start_paused = true)]
async fn a_push_that_fails_writes_nothing() {
    let mut table = Table::start();
    table.sign_in().await;
    table.server.go_offline();
    table.write("waits");
    table.until(|view| !view.frame.online).await;
    let before = table.store.writes();
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert!(table.kiosk.health().await.outbox.attempts > 5);
    assert_eq!(table.store.writes(), before);
}

fn type_pin(table: &Table, pin: &str) {
    for digit in pin.bytes() {
        table.intend(Intent::PressPin { digit: digit - b'0' });
    }
    table.intend(Intent::EnterPin);
}

#[tokio::test(start_paused = true)]
async fn staff_end_a_visit_and_start_the_program_anew_behind_their_pin_alone() {
    let mut table = Table::start();
    table.sign_in().await;
    for intent in [Intent::EndVisit, Intent::StartAnew] {
        table.intend(intent);
    }
    table.intend(Intent::OpenStaff);
    table.until(|view| matches!(view.overlay, Some(Overlay::StaffPin { typed: 0, answer: None, .. }))).await;
    table.intend(Intent::EndVisit);
    type_pin(&table, "2581");
    let view = table.until(|view| matches!(view.overlay, Some(Overlay::StaffPin { answer: Some(PinAnswer::Wrong), .. }))).await;
    assert!(talk(&view).is_some(), "the visit goes on");

    type_pin(&table, "2580");
    let view = table.until(|view| matches!(view.overlay, Some(Overlay::StaffDesk { health: Some(_), visit: true, .. }))).await;
    let Some(Overlay::StaffDesk { health: Some(health), .. }) = &view.overlay else { panic!("{:?}", view.overlay) };
    assert!(health.key_store.is_some() && health.outbox.readable);
    table.intend(Intent::EndVisit);
    table.until(|view| view.screen == Screen::Goodbye { reason: EndReason::Staff, guest: false }).await;
    let ended = |server: &FakeServer| {
        server.script(|script| script.applied.iter().any(|op| matches!(op.body, OpBody::End { reason: EndReason::Staff })))
    };
    table.eventually(|| ended(&table.server)).await;

    table.attract().await;
    table.intend(Intent::OpenStaff);
    type_pin(&table, "2580");
    table.until(|view| matches!(view.overlay, Some(Overlay::StaffDesk { visit: false, .. }))).await;
    table.intend(Intent::StartAnew);
    tokio::time::timeout(Duration::from_secs(1), table.kiosk.wants_to_start_anew()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_catalogue_is_asked_for_at_the_start_and_soon_after_it_changed() {
    let mut table = Table::start();
    table.attract().await;
    let asked = |table: &Table| table.server.script(|script| script.asked_for_changes);
    // At the start, and once more when the stream stands: whatever was told in between was told to nobody.
    table.eventually(|| asked(&table) == 2).await;
    table.server.happens(EventBody::CatalogueChanged);
    let told = tokio::time::Instant::now();
    table.eventually(|| asked(&table) == 3).await;
    assert!(told.elapsed() < Duration::from_secs(11));
    let health = table.kiosk.health().await.catalogue;
    assert!(health.readable && health.complete && health.failing_with.is_none() && health.as_of.is_some());
}
