//! A customer's profile at the kiosk: seen, changed, and changed somewhere else at the same time.

use std::time::Duration;

use kiosk_store::Store as _;
use protocol::{
    event::EventBody,
    intent::Intent,
    kiosk_profile::{KioskProfile, ProfileField},
    sync::OpBody,
    view::{Dispute, Notice, ProfileFieldView, Screen, View},
};

use crate::{answers::session_id, table::Table, talk};

const SHOES: ProfileField = ProfileField::ShoeSize;

/// A customer whose shoe size is known.
async fn signed_in() -> Table {
    let mut table = Table::start();
    let known = KioskProfile { version: 3, shoe_size: Some("41".into()), ..KioskProfile::default() };
    table.server.script(|script| script.profile = Some(known));
    table.sign_in().await;
    table
}

fn shoes(view: &View) -> Option<&ProfileFieldView> {
    talk(view)?.profile.as_ref()?.iter().find(|shown| shown.field == SHOES)
}

fn shows(view: &View, size: &str, waiting: bool) -> bool {
    let settled = |shown: &ProfileFieldView| shown.value.as_deref() == Some(size) && shown.waiting == waiting;
    shoes(view).is_some_and(|shown| settled(shown) && shown.dispute.is_none())
}

fn disputes(view: &View, elsewhere: &str, here: &str) -> bool {
    let dispute = Some(Dispute { here: Some(here.into()) });
    shoes(view).is_some_and(|shown| shown.value.as_deref() == Some(elsewhere) && shown.dispute == dispute)
}

fn choose(table: &Table, size: &str) {
    table.intend(Intent::ChangeProfile { field: SHOES, value: Some(size.into()) });
}

fn kept(table: &Table) -> Option<String> {
    table.server.script(|script| script.profile.clone().and_then(|profile| profile.shoe_size))
}

/// Goes offline, chooses 42 here while somebody else sets 43, and comes back.
async fn dispute() -> Table {
    let mut table = signed_in().await;
    table.server.go_offline();
    choose(&table, "42");
    table.until(|view| shows(view, "42", true) && !view.frame.online).await;
    table.server.go_online();
    table.server.sets_shoe_size("43");
    table.until(|view| disputes(view, "43", "42")).await;
    table
}

#[tokio::test(start_paused = true)]
async fn a_choice_is_on_the_screen_at_once_and_in_the_profile_soon() {
    let mut table = signed_in().await;
    let view = table.until(|view| shows(view, "41", false)).await;
    let others = talk(&view).unwrap().profile.as_ref().unwrap().iter().filter(|shown| shown.field != SHOES);
    assert!(others.clone().count() == 2 && others.into_iter().all(|shown| shown.value.is_none()));
    choose(&table, "42");
    table.until(|view| shows(view, "42", false)).await;
    assert_eq!(kept(&table).as_deref(), Some("42"));
    assert_eq!(table.store.cached().await.unwrap().unwrap().profile.unwrap().shoe_size.as_deref(), Some("42"));

    let key = table.server.script(|script| script.applied.last().unwrap().key);
    let before = table.server.script(|script| script.snapshots);
    table.server.happens(EventBody::ProfileChanged { session_id: session_id(), op: Some(key) });
    choose(&table, "42");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(table.server.script(|script| (script.snapshots, script.applied.len())), (before, 1), "its own change is no news");
}

#[tokio::test(start_paused = true)]
async fn a_choice_made_without_the_server_waits_and_is_delivered() {
    let mut table = signed_in().await;
    table.server.go_offline();
    choose(&table, "42");
    choose(&table, "43");
    table.until(|view| shows(view, "43", true) && !view.frame.online).await;
    assert_eq!(kept(&table).as_deref(), Some("41"));
    table.server.go_online();
    table.until(|view| shows(view, "43", false) && view.frame.online).await;
    assert_eq!(kept(&table).as_deref(), Some("43"));
    assert_eq!(table.store.pending(10, &[]).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn what_is_changed_elsewhere_appears() {
    let mut table = signed_in().await;
    table.server.sets_shoe_size("39");
    table.until(|view| shows(view, "39", false)).await;
    assert_eq!(table.store.cached().await.unwrap().unwrap().profile.unwrap().shoe_size.as_deref(), Some("39"));
}

#[tokio::test(start_paused = true)]
async fn of_two_values_the_customer_takes_the_one_chosen_here() {
    let mut table = dispute().await;
    table.until(|view| view.notice == Some(Notice::ProfileConflict)).await;
    assert_eq!(kept(&table).as_deref(), Some("43"), "nothing is lost before the customer has chosen");
    table.intend(Intent::SettleProfile { field: SHOES, here: true });
    table.until(|view| shows(view, "42", false)).await;
    assert_eq!(kept(&table).as_deref(), Some("42"));
}

#[tokio::test(start_paused = true)]
async fn of_two_values_the_customer_takes_the_one_set_elsewhere() {
    let mut table = dispute().await;
    table.intend(Intent::SettleProfile { field: SHOES, here: false });
    table.until(|view| shows(view, "43", false)).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(kept(&table).as_deref(), Some("43"));
    assert!(table.server.script(|script| script.applied.is_empty()), "nothing was changed by it");
    table.intend(Intent::SettleProfile { field: SHOES, here: true });
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(kept(&table).as_deref(), Some("43"), "there is nothing to choose any more");
}

#[tokio::test(start_paused = true)]
async fn a_dispute_is_nothing_for_staff_and_goes_with_the_customer() {
    let mut table = dispute().await;
    assert_eq!(table.kiosk.health().await.outbox.wedged, []);
    assert_eq!(table.store.stats().await.unwrap().wedged, []);
    table.intend(Intent::Done);
    table.until(|view| matches!(view.screen, Screen::Goodbye { .. })).await;
    assert_eq!(table.store.cached().await.unwrap(), None);
    table.attract().await;
    assert_eq!(kept(&table).as_deref(), Some("43"));
}

#[tokio::test(start_paused = true)]
async fn who_has_left_chooses_no_more_and_staff_need_not_either() {
    let mut table = signed_in().await;
    table.server.go_offline();
    choose(&table, "42");
    table.intend(Intent::Done);
    table.until(|view| matches!(view.screen, Screen::Attract(_))).await;
    table.server.go_online();
    table.server.sets_shoe_size("43");
    table.attract().await;
    table
        .eventually(|| table.server.script(|script| script.applied.iter().any(|op| matches!(op.body, OpBody::End { .. }))))
        .await;
    assert_eq!(kept(&table).as_deref(), Some("43"));
    assert_eq!(table.store.pending(10, &[]).await.unwrap(), []);
    assert_eq!(table.store.stats().await.unwrap().wedged, []);
}

#[tokio::test(start_paused = true)]
async fn a_guest_has_no_profile() {
    let mut table = Table::start();
    table.attract().await;
    table.intend(Intent::ContinueAsGuest);
    let view = table.until(|view| talk(view).is_some()).await;
    assert_eq!(talk(&view).unwrap().profile, None);
    choose(&table, "42");
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(table.server.script(|script| script.applied.is_empty()));
}
