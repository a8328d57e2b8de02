//! Enrolment as an operator does it: a command beside a running server, on the same data folder.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{path::Path, time::Duration};

use protocol::{
    ErrorCode,
    event::EventBody,
    ids::DeviceId,
    routes,
    shop::{Locale, Shop, Store, Theme},
};
use reqwest::Method;
use server::{AppState, Config};
use testkit::{
    kiosk::FakeKiosk,
    program::{Ended, Program},
    server::{command, listening},
};

const SOON: Duration = Duration::from_secs(30);

/// What a command of the operator says; it runs beside the test, which serves meanwhile.
async fn run(data: &Path, arguments: &[&str]) -> Ended {
    let mut command = command(data).unwrap();
    command.args(arguments);
    tokio::task::spawn_blocking(move || Program::run(command, SOON).unwrap()).await.unwrap()
}

async fn import(data: &Path) {
    let state = AppState::open(Config::at(data)).await.unwrap();
    let mut tx = state.write().await.unwrap();
    let shop = Shop {
        name: "Meridian".into(),
        country: "IN".into(),
        currency: "INR".into(),
        time_zone: "Asia/Kolkata".into(),
        languages: vec![Locale::En],
        theme: Theme::default(),
        featured: Vec::new(),
    };
    tx.put_shop(&shop).await.unwrap();
    for (id, city) in [("S01", "Pune"), ("S02", "Delhi")] {
        let store = Store {
            store_id: id.into(),
            name: format!("Store {id}"),
            city: city.into(),
            address: "1".into(),
            opening_hours: "10-20".into(),
        };
        tx.put_store(&store).await.unwrap();
    }
    tx.commit().await.unwrap();
    state.store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kiosk_is_let_in_listed_and_removed_while_the_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    import(folder.path()).await;
    let mut serve = command(folder.path()).unwrap();
    serve.args(["serve", "--listen", "127.0.0.1:0"]);
    let (_serving, origin) = listening(serve).unwrap();
    let kiosk = FakeKiosk::new(&origin).unwrap();
    let asked = kiosk.ask_enrolment().await.unwrap();

    let wrong_store = run(folder.path(), &["enrol", &asked.code, "--store", "S09", "--label", "Door"]).await;
    assert!(!wrong_store.status.success());
    for part in ["S09", "S01 (Store S01, Pune)", "S02 (Store S02, Delhi)"] {
        assert!(wrong_store.said.contains(part), "{part} is not in: {}", wrong_store.said);
    }
    let unknown = run(folder.path(), &["enrol", "BCDF-GHJK", "--store", "S01", "--label", "Door"]).await;
    assert!(!unknown.status.success() && unknown.said.contains("no kiosk shows the code BCDF-GHJK"), "{}", unknown.said);

    let done = run(folder.path(), &["enrol", &asked.code, "--store", "S01", "--label", "By the fitting rooms"]).await;
    assert!(done.status.success(), "{}", done.said);
    let device = kiosk.device().await.unwrap();
    assert_eq!((device.label.as_str(), device.store.city.as_str()), ("By the fitting rooms", "Pune"));
    assert_eq!(device.phone_origin, origin);
    let listed = run(folder.path(), &["devices"]).await;
    assert!(listed.said.contains(&format!("{}  S01  By the fitting rooms", device.device_id)), "{}", listed.said);

    let held = kiosk.start_guest().await.unwrap();
    let mut events = kiosk.events(None).await.unwrap();
    let id = device.device_id.to_string();
    let removed = run(folder.path(), &["enrol", "--remove", &id]).await;
    assert!(removed.status.success(), "{}", removed.said);
    events.next_of(SOON, |body| matches!(body, EventBody::KioskSessionEnded { .. }).then_some(())).await.unwrap();
    events.next_of(SOON, |body| (body == EventBody::DeviceRemoved).then_some(())).await.unwrap();
    assert_eq!(kiosk.snapshot(&held.token).await.unwrap().code(), Some(ErrorCode::KioskNotEnrolled));
    assert_eq!(kiosk.call(Method::POST, routes::HANDOFFS, None, None).await.unwrap().code(), Some(ErrorCode::KioskNotEnrolled));
}

#[tokio::test]
async fn what_is_missing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let no_store = run(folder.path(), &["enrol", "BCDF-GHJK", "--label", "Door"]).await;
    assert!(!no_store.status.success() && no_store.said.contains("--store"), "{}", no_store.said);
    let no_shop = run(folder.path(), &["enrol", "BCDF-GHJK", "--store", "S01", "--label", "Door"]).await;
    assert!(!no_shop.status.success() && no_shop.said.contains("vitrine-server import"), "{}", no_shop.said);
    let absent = DeviceId(uuid::Uuid::from_u128(7)).to_string();
    let no_device = run(folder.path(), &["enrol", "--remove", &absent]).await;
    assert!(!no_device.status.success() && no_device.said.contains("vitrine-server devices"), "{}", no_device.said);
    let none = run(folder.path(), &["devices"]).await;
    assert!(none.status.success() && none.said.contains("no device is enrolled"), "{}", none.said);
}
