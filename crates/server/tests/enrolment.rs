//! Enrolment as an operator does it: a command beside a running server, on the same data folder.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use protocol::{
    ErrorCode,
    event::EventBody,
    ids::DeviceId,
    routes,
    shop::{Locale, Shop, Store, Theme},
};
use reqwest::Method;
use server::{AppState, Config};
use testkit::kiosk::FakeKiosk;

const SOON: Duration = Duration::from_secs(30);

struct Server {
    child: Child,
    origin: String,
}

impl Server {
    fn start(data: &Path) -> Self {
        let mut child = command(data)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let origin = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Self { child, origin }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vitrine-server"));
    for name in ["CONFIG", "LISTEN", "PUBLIC_URL", "COUNTRY", "PASSWORD_LENGTH", "PROXIES", "LOG"] {
        command.env_remove(format!("VITRINE_{name}"));
    }
    command.env("VITRINE_DATA", data).stdin(Stdio::null());
    command
}

async fn run(data: &Path, arguments: &[&str]) -> Output {
    let mut command = command(data);
    command.args(arguments);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
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
    let server = Server::start(folder.path());
    let kiosk = FakeKiosk::new(&server.origin).unwrap();
    let asked = kiosk.ask_enrolment().await.unwrap();

    let wrong_store = run(folder.path(), &["enrol", &asked.code, "--store", "S09", "--label", "Door"]).await;
    assert!(!wrong_store.status.success());
    for part in ["S09", "S01 (Store S01, Pune)", "S02 (Store S02, Delhi)"] {
        assert!(said(&wrong_store).contains(part), "{part} is not in: {}", said(&wrong_store));
    }
    let unknown = run(folder.path(), &["enrol", "BCDF-GHJK", "--store", "S01", "--label", "Door"]).await;
    assert!(!unknown.status.success() && said(&unknown).contains("no kiosk shows the code BCDF-GHJK"), "{}", said(&unknown));

    let done = run(folder.path(), &["enrol", &asked.code, "--store", "S01", "--label", "By the fitting rooms"]).await;
    assert!(done.status.success(), "{}", said(&done));
    let device = kiosk.device().await.unwrap();
    assert_eq!((device.label.as_str(), device.store.city.as_str()), ("By the fitting rooms", "Pune"));
    assert_eq!(device.phone_origin, server.origin);
    let listed = run(folder.path(), &["devices"]).await;
    assert!(said(&listed).contains(&format!("{}  S01  By the fitting rooms", device.device_id)), "{}", said(&listed));

    let held = kiosk.start_guest().await.unwrap();
    let mut events = kiosk.events(None).await.unwrap();
    let id = device.device_id.to_string();
    let removed = run(folder.path(), &["enrol", "--remove", &id]).await;
    assert!(removed.status.success(), "{}", said(&removed));
    events.next_of(SOON, |body| matches!(body, EventBody::KioskSessionEnded { .. }).then_some(())).await.unwrap();
    events.next_of(SOON, |body| (body == EventBody::DeviceRemoved).then_some(())).await.unwrap();
    assert_eq!(kiosk.snapshot(&held.token).await.unwrap().code(), Some(ErrorCode::KioskNotEnrolled));
    assert_eq!(kiosk.call(Method::POST, routes::HANDOFFS, None, None).await.unwrap().code(), Some(ErrorCode::KioskNotEnrolled));
}

#[tokio::test]
async fn what_is_missing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let no_store = run(folder.path(), &["enrol", "BCDF-GHJK", "--label", "Door"]).await;
    assert!(!no_store.status.success() && said(&no_store).contains("--store"), "{}", said(&no_store));
    let no_shop = run(folder.path(), &["enrol", "BCDF-GHJK", "--store", "S01", "--label", "Door"]).await;
    assert!(!no_shop.status.success() && said(&no_shop).contains("vitrine-server import"), "{}", said(&no_shop));
    let absent = DeviceId(uuid::Uuid::from_u128(7)).to_string();
    let no_device = run(folder.path(), &["enrol", "--remove", &absent]).await;
    assert!(!no_device.status.success() && said(&no_device).contains("vitrine-server devices"), "{}", said(&no_device));
    let none = run(folder.path(), &["devices"]).await;
    assert!(none.status.success() && said(&none).contains("no device is enrolled"), "{}", said(&none));
}
