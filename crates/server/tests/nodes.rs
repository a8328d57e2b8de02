//! Several servers on one Postgres behave as one: real programs, a real database, a real bus.
#![expect(clippy::unwrap_used, reason = "a story that cannot be told has failed")]

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use protocol::{
    ErrorCode,
    ambient::{SystemEntropy, uuid_v7},
    device::DeviceRole,
    event::EventBody,
    ids::{DeviceId, EntryId, SessionId},
    kiosk_session::EndReason,
    routes,
    session::{Channel, ChatEntry, Sender},
    shop::{Locale, Shop, Store as ShopStore, Theme},
};
use reqwest::Method;
use serde_json::{Value, json};
use server_store::{
    Store as _,
    postgres::PostgresStore,
    records::{AwaitedAnswer, DeviceRecord},
};
use tempfile::TempDir;
use testkit::{
    answer::{Answer, client},
    kiosk::FakeKiosk,
    nats::Nats,
    phone::FakePhone,
    postgres::Postgres,
    program::{Program, free_port},
    server::listening,
    wait,
};

/// A machine that does other things meanwhile may take so long.
const SOON: Duration = Duration::from_secs(30);
/// What a revocation may take to reach every node.
const AT_ONCE: Duration = Duration::from_secs(1);
const PASSWORD: &str = "walking by the river";

/// Two servers on one database, known to the world under the address of the first.
struct Nodes {
    one: Node,
    two: Node,
    database: String,
    folder: TempDir,
}

struct Node {
    origin: String,
    data: PathBuf,
    program: Program,
}

impl Nodes {
    fn start(bus: Option<&Nats>) -> Self {
        let postgres = Postgres::shared();
        let database = postgres.create(None).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ports = [free_port().unwrap(), free_port().unwrap()];
        let public = format!("http://127.0.0.1:{}", ports[0]);
        let start = |name: &str, port: u16| {
            let data = folder.path().join(name);
            let mut command = command(&data, &postgres.address(&database));
            command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--public-url", &public]);
            if let Some(bus) = bus {
                command.env("VITRINE_BUS_URL", bus.address());
            }
            let (program, origin) = listening(command).unwrap();
            Node { origin, data, program }
        };
        let one = start("one", ports[0]);
        copy_key(&folder.path().join("one"), &folder.path().join("two"));
        let two = start("two", ports[1]);
        Self { one, two, database, folder }
    }

    /// The database behind the nodes' backs, with a shop in it.
    async fn store(&self) -> PostgresStore {
        let store = PostgresStore::open(&Postgres::shared().socket_address(&self.database), SOON).await.unwrap();
        let mut tx = store.write().await.unwrap();
        let place = ShopStore {
            store_id: "S01".into(),
            name: "Main Street".into(),
            city: "Springfield".into(),
            address: String::new(),
            opening_hours: String::new(),
        };
        tx.put_store(&place).await.unwrap();
        tx.put_shop(&Shop {
            name: "Example".into(),
            country: "US".into(),
            currency: "USD".into(),
            time_zone: "America/Chicago".into(),
            languages: vec![Locale::En],
            theme: Theme::default(),
            featured: Vec::new(),
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
        store
    }

    /// A kiosk that an operator let in, before the first node.
    async fn kiosk(&self) -> FakeKiosk {
        let kiosk = FakeKiosk::new(&self.one.origin).unwrap();
        let store = self.store().await;
        let mut tx = store.write().await.unwrap();
        tx.put_device(&DeviceRecord {
            id: DeviceId(new_id()),
            key_thumbprint: server::proof::thumbprint(kiosk.key().jwk()),
            role: DeviceRole::Kiosk,
            store_id: "S01".into(),
            label: "By the door".into(),
            enrolled_at: now(),
            start_by_phone: false,
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        kiosk
    }
}

impl Node {
    async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Answer {
        let mut request = client().unwrap().post(format!("{}{path}", self.origin)).json(body);
        if let Some(token) = token {
            request = request.header(routes::HEADER_SESSION_TOKEN, token);
        }
        Answer::of(request).await.unwrap()
    }

    /// A token of a fresh account.
    async fn sign_up(&self, phone: &str) -> String {
        let body = json!({"name": "Ravi Sample", "phone_number": phone, "password": PASSWORD});
        let answer: Value = self.post(routes::AUTH_SIGNUP, None, &body).await.json().unwrap();
        answer["session_token"].as_str().unwrap().to_owned()
    }

    async fn say(&self, token: &str, message: &str) {
        let body = json!({"action": "chat_message", "payload": {"message": message}});
        let answer = self.post(routes::SESSION_UPDATE, Some(token), &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    async fn restore(&self, token: &str) -> Answer {
        let request = client().unwrap().get(format!("{}{}", self.origin, routes::SESSION_RESTORE));
        Answer::of(request.header(routes::HEADER_SESSION_TOKEN, token)).await.unwrap()
    }
}

fn command(data: &Path, database: &str) -> Command {
    let mut command = testkit::server::command(data).unwrap();
    command.env("VITRINE_DATABASE_URL", database);
    command
}

/// What an operator does before a second node is started.
fn copy_key(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    std::fs::copy(from.join("server.key"), to.join("server.key")).unwrap();
}

fn new_id() -> uuid::Uuid {
    uuid_v7(&protocol::ambient::SystemClock::new(), &SystemEntropy)
}

fn now() -> protocol::Timestamp {
    protocol::Clock::now(&protocol::ambient::SystemClock::new())
}

fn message(body: EventBody) -> Option<String> {
    match body {
        EventBody::ChatAppended { entry, .. } => Some(entry.message),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_over_two_nodes() {
    let bus = Nats::start().unwrap();
    let nodes = Nodes::start(Some(&bus));
    let kiosk = nodes.kiosk().await;
    let mut events = kiosk.events(None).await.unwrap();

    // Opened on one node, claimed on the other, matched on the first.
    let handoff = kiosk.open_handoff().await.unwrap();
    let phone = FakePhone::new(&nodes.two.origin).unwrap();
    phone.sign_up("Ravi Sample", "+12025550150", PASSWORD).await.unwrap();
    let visit = phone.visit(&handoff.shown.codes[0]).await.unwrap();
    let (claim, digits) = phone.claim(&visit.ticket).await.unwrap();
    let claimed =
        |body| matches!(body, EventBody::HandoffClaimed { handoff_id } if handoff_id == handoff.shown.handoff_id).then_some(());
    events.next_of(SOON, claimed).await.unwrap();
    let held = kiosk.enter_digits(&handoff, &digits).await.unwrap();

    // What is written on either node reaches the kiosk, and is in its session on either.
    let login = json!({"phone_number": "+12025550150", "password": PASSWORD});
    let login: Value = nodes.two.post(routes::AUTH_LOGIN, None, &login).await.json().unwrap();
    let token = login["session_token"].as_str().unwrap();
    nodes.two.say(token, "from the other node").await;
    assert_eq!(events.next_of(SOON, message).await.unwrap(), "from the other node");
    nodes.one.say(token, "from this node").await;
    assert_eq!(events.next_of(SOON, message).await.unwrap(), "from this node");
    let stranger = FakeKiosk::new(&nodes.two.origin).unwrap();
    let refused = stranger.snapshot(&held.token).await.unwrap();
    assert_eq!(refused.code(), Some(ErrorCode::KioskNotEnrolled), "another key opens nothing there either");

    // Ended by the phone on one node: the kiosk on the other lets go.
    phone.end(claim).await.unwrap();
    let ended = |body| match body {
        EventBody::KioskSessionEnded { reason, .. } => Some(reason),
        _ => None,
    };
    assert_eq!(events.next_of(SOON, ended).await.unwrap(), EndReason::Phone);
    assert_eq!(kiosk.snapshot(&held.token).await.unwrap().code(), Some(ErrorCode::SessionExpired));
}

/// Somebody's session is ended on one node, and refused on the other within a second.
async fn is_revoked_everywhere(nodes: &Nodes, phone: &str) {
    let token = nodes.one.sign_up(phone).await;
    // In the other node's memory, if it has one.
    assert_eq!(nodes.two.restore(&token).await.status, 200);
    assert_eq!(nodes.one.post(routes::SESSION_END, Some(&token), &json!({})).await.status, 200);
    let ended = Instant::now();
    wait::until("the session is refused", AT_ONCE, async || {
        let answer = nodes.two.restore(&token).await;
        Ok((answer.status == 404 && answer.code() == Some(ErrorCode::SessionExpired)).then_some(()))
    })
    .await
    .unwrap();
    assert!(ended.elapsed() <= AT_ONCE + Duration::from_millis(200), "{:?}", ended.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_revoked_on_one_node_is_refused_on_the_other_within_a_second() {
    let nodes = Nodes::start(None);
    for round in 0..3 {
        is_revoked_everywhere(&nodes, &format!("+1202555015{round}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_that_goes_away_and_comes_back_loses_nothing() {
    let mut bus = Nats::start().unwrap();
    let mut nodes = Nodes::start(Some(&bus));
    let there = |line: &str| line.contains("the bus of the nodes is there").then_some(());
    nodes.one.program.line(SOON, there).unwrap();
    nodes.two.program.line(SOON, there).unwrap();

    let kiosk = nodes.kiosk().await;
    let mut events = kiosk.events(None).await.unwrap();
    let token = nodes.two.sign_up("+12025550150").await;
    let phone = FakePhone::new(&nodes.two.origin).unwrap();
    phone.sign_in("+12025550150", PASSWORD).await.unwrap();
    let handoff = kiosk.open_handoff().await.unwrap();
    let visit = phone.visit(&handoff.shown.codes[0]).await.unwrap();
    let (_, digits) = phone.claim(&visit.ticket).await.unwrap();
    kiosk.enter_digits(&handoff, &digits).await.unwrap();

    let (mut sent, mut seen) = (0, Vec::new());
    for (number, phase) in ["with the bus", "without it", "with it again"].into_iter().enumerate() {
        match phase {
            "without it" => {
                bus.go_down();
                let away = |line: &str| line.contains("the bus of the nodes is away").then_some(());
                nodes.two.program.line(SOON, away).unwrap();
            }
            "with it again" => bus.go_up().unwrap(),
            _ => {}
        }
        for _ in 0..8 {
            nodes.two.say(&token, &format!("{sent} {phase}")).await;
            sent += 1;
        }
        while seen.len() < sent {
            seen.push(events.next_of(SOON, message).await.unwrap());
        }
        is_revoked_everywhere(&nodes, &format!("+1202555016{number}")).await;
    }
    let numbers: Vec<usize> = seen.iter().map(|text| text.split(' ').next().unwrap().parse().unwrap()).collect();
    assert_eq!(numbers, (0..sent).collect::<Vec<_>>(), "each once, in order");

    // It speaks again.
    let listener = async_nats::connect(bus.address()).await.unwrap();
    let mut heard = listener.subscribe("vitrine.>").await.unwrap();
    listener.flush().await.unwrap();
    wait::until("a node tells the others", SOON, async || {
        nodes.two.say(&token, "is anybody there?").await;
        let next = tokio::time::timeout(Duration::from_millis(500), futures_util::StreamExt::next(&mut heard)).await;
        Ok(next.is_ok().then_some(()))
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_is_good_on_one_node_only() {
    let nodes = Nodes::start(None);
    let mut kiosk = nodes.kiosk().await;
    kiosk.device().await.unwrap();
    let proof = kiosk.key().sign(&kiosk.claims(&Method::GET, routes::DEVICE_SELF, None)).unwrap();
    let used = kiosk.call_with(&proof, Method::GET, routes::DEVICE_SELF, None, None).await.unwrap();
    assert_eq!(used.status, 200, "{}", used.body);
    // The thief stands before the other node, which has the same public address.
    kiosk.go_to(&nodes.two.origin);
    let replayed = kiosk.call_with(&proof, Method::GET, routes::DEVICE_SELF, None, None).await.unwrap();
    assert_eq!(replayed.code(), Some(ErrorCode::InvalidProof));
    assert!(replayed.body.contains("was used before"), "{}", replayed.body);
    // The nonce of one node is good on the other, so that an honest kiosk needs no second try.
    let fresh = kiosk.key().sign(&kiosk.claims(&Method::GET, routes::DEVICE_SELF, None)).unwrap();
    assert_eq!(kiosk.call_with(&fresh, Method::GET, routes::DEVICE_SELF, None, None).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_are_counted_together() {
    let nodes = Nodes::start(None);
    nodes.one.sign_up("+12025550150").await;
    let wrong = json!({"phone_number": "+12025550150", "password": "swimming in the river"});
    for node in [&nodes.one, &nodes.two, &nodes.one] {
        assert_eq!(node.post(routes::AUTH_LOGIN, None, &wrong).await.status, 401);
    }
    for node in [&nodes.two, &nodes.one] {
        assert_eq!(node.post(routes::AUTH_LOGIN, None, &wrong).await.code(), Some(ErrorCode::RateLimited));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_a_stopped_node_left_is_answered_once_by_another() {
    let nodes = Nodes::start(None);
    let token = nodes.one.sign_up("+12025550150").await;
    let restored: Value = nodes.one.restore(&token).await.json().unwrap();
    let session: SessionId = serde_json::from_value(restored["session"]["session_id"].clone()).unwrap();
    let store = nodes.store().await;
    let asked = now().minus(Duration::from_mins(1));
    let entry = ChatEntry {
        id: EntryId(new_id()),
        sender: Sender::User,
        message: "white shoes?".into(),
        timestamp: asked,
        channel: Channel::Kiosk,
        metadata: None,
    };
    let mut tx = store.write().await.unwrap();
    tx.append_chat_entry(session, &entry).await.unwrap();
    tx.await_answer(&AwaitedAnswer { entry_id: entry.id, session_id: session, store_id: None, at: asked }).await.unwrap();
    tx.commit().await.unwrap();
    let answers = async || {
        let restored: Value = nodes.two.restore(&token).await.json().unwrap();
        let chat = restored["session"]["data"]["chat_context"].as_array().unwrap().clone();
        chat.into_iter().filter(|entry| entry["sender"] == "agent").count()
    };
    wait::until("somebody answers", SOON, async || Ok((answers().await > 0).then_some(()))).await.unwrap();
    assert_eq!(answers().await, 1);
    assert_eq!(store.read().await.unwrap().awaited_answers().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_another_key_does_not_start() {
    let nodes = Nodes::start(None);
    let address = Postgres::shared().address(&nodes.database);
    let serve = |name: &str| {
        let mut command = command(&nodes.folder.path().join(name), &address);
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        Program::run(command, SOON).unwrap()
    };
    let without = serve("three");
    assert!(
        !without.status.success() && without.said.contains("server.key") && without.said.contains("adopt-key"),
        "{}",
        without.said
    );
    assert!(!nodes.folder.path().join("three/server.key").exists(), "it makes no key of its own");
    std::fs::write(nodes.folder.path().join("three/server.key"), [7; 32]).unwrap();
    let other = serve("three");
    assert!(!other.status.success() && other.said.contains("copy server.key"), "{}", other.said);
    assert!(!other.said.contains(Postgres::shared().password()), "{}", other.said);

    // The key was lost: this one is everybody's from now on.
    let mut adopt = command(&nodes.folder.path().join("three"), &address);
    adopt.arg("adopt-key");
    let adopted = Program::run(adopt, SOON).unwrap();
    assert!(adopted.status.success(), "{}", adopted.said);
    let mut devices = command(&nodes.folder.path().join("three"), &address);
    devices.arg("devices");
    assert!(Program::run(devices, SOON).unwrap().status.success());
    let mut old = command(&nodes.one.data, &address);
    old.arg("devices");
    assert!(!Program::run(old, SOON).unwrap().status.success());
}
