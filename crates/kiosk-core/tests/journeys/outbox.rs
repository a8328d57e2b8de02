//! What waits in the outbox reaches the server, whatever one change, one conversation or the disk does.

use std::{sync::Arc, time::Duration};

use kiosk_store::{MemoryStore, Store as _};
use protocol::{
    ErrorCode, Timestamp,
    ids::{KioskSessionId, OpKey},
    intent::Intent,
    kiosk_session::EndReason,
    sync::{MAX_BYTES, Op, OpBody, PushRequest},
    view::Screen,
};

use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    answers::is_chat,
    server::{FakeServer, Script},
    table::Table,
};

fn op(number: u128, conversation: u128, message: &str) -> Op {
    Op {
        key: OpKey(Uuid::from_u128(number)),
        kiosk_session_id: KioskSessionId(Uuid::from_u128(conversation)),
        made_at: Timestamp::from_unix_millis(0),
        body: OpBody::Chat { message: message.into(), answered_here: false },
    }
}

/// A kiosk that finds these changes in its outbox when it starts, and a server that is told how to behave before that.
async fn kiosk(ops: &[Op], behave: impl FnOnce(&mut Script)) -> Table {
    let store = Arc::new(MemoryStore::default());
    for op in ops {
        store.record(op, None).await.unwrap();
    }
    let server = Arc::new(FakeServer::default());
    server.script(|script| {
        script.enrolled = true;
        behave(script);
    });
    Table::start_on(server, store, Arc::default())
}

fn applied(table: &Table) -> Vec<String> {
    let text = |op: &Op| match &op.body {
        OpBody::Chat { message, .. } => message.clone(),
        other => format!("{other:?}"),
    };
    table.server.script(|script| script.applied.iter().map(text).collect())
}

#[tokio::test(start_paused = true)]
async fn a_conversation_that_the_server_cannot_take_holds_up_no_other_and_keeps_its_order() {
    let ops = [op(1, 1, "stuck"), op(2, 1, "after it"), op(3, 2, "other"), op(4, 2, "and more")];
    let table = kiosk(&ops, |script| script.later = Some("stuck".into())).await;
    table.eventually(|| applied(&table).len() == 2).await;
    assert_eq!(applied(&table), ["other", "and more"]);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(applied(&table).len(), 2);
    let health = table.kiosk.health().await.outbox;
    assert_eq!(health.held_up.iter().map(|held| held.code).collect::<Vec<_>>(), [ErrorCode::InternalError]);
    assert!(health.held_up[0].attempts > 1);

    table.server.script(|script| script.later = None);
    let healed = Instant::now();
    table.eventually(|| applied(&table).len() == 4).await;
    assert!(healed.elapsed() < Duration::from_secs(5), "{:?}", healed.elapsed());
    assert_eq!(applied(&table)[2..], ["stuck", "after it"]);
    assert_eq!(table.kiosk.health().await.outbox.held_up, []);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_the_server_stumbles_over_blocks_its_own_conversation_only() {
    let mut ops: Vec<Op> = (0..60).map(|number| op(number, 100 + number / 2, &format!("{number}"))).collect();
    ops[20].body = OpBody::Chat { message: "stumble".into(), answered_here: false };
    let table = kiosk(&ops, |script| script.stumbles = Some("stumble".into())).await;
    table.eventually(|| applied(&table).len() == 58).await;
    let mut pairs = applied(&table);
    pairs.sort_by_key(|text| text.parse::<u32>().unwrap());
    assert!(!pairs.contains(&"21".to_owned()), "what comes after it in its conversation waits");
    assert_eq!(table.store.pending(10, &[]).await.unwrap().len(), 2, "nothing is given up");

    table.server.script(|script| script.stumbles = None);
    table.eventually(|| applied(&table).len() == 60).await;
    assert_eq!(applied(&table)[58..], ["stumble", "21"]);
}

#[tokio::test(start_paused = true)]
async fn long_messages_in_a_script_of_three_bytes_are_pushed_in_portions() {
    let long = "\u{928}".repeat(4_000);
    let ops: Vec<Op> = (0..100).map(|number| op(number, 1, &long)).collect();
    assert!(serde_json::to_vec(&PushRequest { ops: ops.clone(), holding: None }).unwrap().len() > 4 * MAX_BYTES);
    let table = kiosk(&ops, |_| {}).await;
    table.eventually(|| applied(&table).len() == 100).await;
    assert_eq!(table.server.script(|script| script.applied.clone()), ops);
    assert!(table.server.script(|script| script.pushes.len()) < 10);
    assert_eq!(table.store.stats().await.unwrap().wedged, []);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_time_gets_it() {
    let mut table = Table::start();
    table.sign_in().await;
    table.server.script(|script| script.busy = Some(20));
    table.write("one");
    table.eventually(|| table.server.script(|script| script.pushes.len() == 1)).await;
    for text in ["two", "three"] {
        tokio::time::sleep(Duration::from_secs(3)).await;
        table.write(text);
    }
    table.intend(Intent::Retry);
    table.eventually(|| table.server.script(|script| script.pushes.len() == 2)).await;
    let between = table.server.script(|script| script.pushed_at[1] - script.pushed_at[0]);
    assert!(between >= Duration::from_secs(20) && between < Duration::from_secs(23), "{between:?}");
}

#[tokio::test(start_paused = true)]
async fn something_new_need_not_wait_for_a_try_that_nobody_asked_to_delay() {
    let mut table = Table::start();
    table.sign_in().await;
    table.server.go_offline();
    for _ in 0..5 {
        table.write("again");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(table.kiosk.health().await.outbox.attempts >= 5);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_the_server_falls_over_blocks_its_own_conversation_only() {
    let ops = [op(1, 1, "fall"), op(2, 1, "after it"), op(3, 2, "other"), op(4, 3, "another")];
    let table = kiosk(&ops, |script| script.falls = Some("fall".into())).await;
    table.eventually(|| applied(&table).len() == 2).await;
    assert_eq!(applied(&table), ["other", "another"]);
    table.server.script(|script| script.falls = None);
    table.eventually(|| applied(&table).len() == 4).await;
    assert_eq!(applied(&table)[2..], ["fall", "after it"]);
}

#[tokio::test(start_paused = true)]
async fn who_leaves_is_let_go_although_the_disk_is_full() {
    let mut table = Table::start();
    table.sign_in().await;
    table.server.go_offline();
    table.write("kept");
    table.until(|view| !view.frame.online).await;
    table.store.set_failing(true);
    table.intend(Intent::Done);
    table.until(|view| matches!(view.screen, Screen::Goodbye { .. })).await;
    assert_eq!(table.store.cached().await.unwrap(), None, "the customer is erased all the same");
    table.eventually(|| table.server.script(|script| script.streams.len() == 1)).await;
    assert_eq!(table.kiosk.health().await.outbox.in_memory, 1);

    table.server.go_online();
    let is_end = |op: &Op| matches!(op.body, OpBody::End { reason: EndReason::Done });
    table.eventually(|| table.server.script(|script| script.applied.last().is_some_and(is_end))).await;
    assert!(table.server.script(|script| is_chat(&script.applied[0], "kept")), "after what was said before");
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert_eq!(table.kiosk.health().await.outbox.in_memory, 0);
    let (pushes, applied) = table.server.script(|script| (script.pushes.len(), script.applied.len()));
    assert!(applied == 2 && pushes < 100, "{applied} applied in {pushes} pushes");
}

#[tokio::test(start_paused = true)]
async fn an_end_that_the_disk_refused_is_kept_once_it_can_be() {
    let mut table = Table::start();
    table.sign_in().await;
    table.server.go_offline();
    table.store.fail_next(1);
    table.intend(Intent::Done);
    table.until(|view| matches!(view.screen, Screen::Goodbye { .. })).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let kept = table.store.after_power_cut().pending(10, &[]).await.unwrap();
    assert!(matches!(kept[..], [Op { body: OpBody::End { reason: EndReason::Done }, .. }]), "{kept:?}");
    assert_eq!(table.kiosk.health().await.outbox.in_memory, 0);
}
