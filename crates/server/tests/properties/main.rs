//! Requests that nobody thought of: generated from the server's own description, by strangers and by everybody it lets in.
//! None may make the server fail, and none may be answered with a status that the description does not name.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    collections::BTreeMap,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use protocol::routes;
use reqwest::Method;
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use serde_json::{Value, json};
use testkit::{
    answer::client,
    kiosk::FakeKiosk,
    postgres::Postgres,
    program::{Program, free_port},
    proof::DeviceKey,
    server::{command, demo_shop, listening},
    smtp::MailServer,
};

const STARTED: Duration = Duration::from_mins(1);
/// A machine that does other things meanwhile may take so long.
const JUDGED: Duration = Duration::from_mins(30);
/// Requests per operation and phase.
const EXAMPLES: &str = "20";
/// Another number tries other requests.
const SEED: &str = "VITRINE_SEED";
const INGEST_TOKEN: &str = "the token of the voice agent in this test";

struct Server {
    folder: tempfile::TempDir,
    database: Option<String>,
    origin: String,
    program: Option<Program>,
    /// Takes connections and nothing else.
    media: TcpListener,
    mail: MailServer,
}

impl Server {
    async fn start(database: Option<String>) -> Self {
        let port = free_port().unwrap();
        let media = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut server = Self {
            folder: tempfile::tempdir().unwrap(),
            database,
            origin: format!("http://127.0.0.1:{port}"),
            program: None,
            media,
            mail: MailServer::start().await.unwrap(),
        };
        server.run(&["import", demo_shop().to_str().unwrap()]);
        let mut command = server.command();
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--proxies", "127.0.0.1"]);
        server.program = Some(listening(command).unwrap().0);
        server
    }

    fn command(&self) -> Command {
        let mut command = command(&self.folder.path().join("data")).unwrap();
        command.env("VITRINE_INGEST_TOKEN", INGEST_TOKEN);
        command.env("VITRINE_MAIL_HOST", "127.0.0.1").env("VITRINE_MAIL_PORT", self.mail.port().to_string());
        command.env("VITRINE_MAIL_TLS", "none").env("VITRINE_MAIL_FROM", "shop@example.com");
        command.env("VITRINE_MEDIA_URL", format!("ws://{}", self.media.local_addr().unwrap()));
        command.env("VITRINE_MEDIA_KEY", "APIexample").env("VITRINE_MEDIA_SECRET", "an example secret");
        if let Some(address) = &self.database {
            command.env("VITRINE_DATABASE_URL", address);
        }
        command
    }

    /// What a command of the operator prints.
    fn run(&self, arguments: &[&str]) -> String {
        let mut command = self.command();
        command.args(arguments);
        let ended = Program::run(command, STARTED).unwrap();
        assert!(ended.status.success(), "{arguments:?}: {}", ended.said);
        ended.said
    }

    fn channel_key(&self, name: &str, scopes: &[&str]) -> String {
        let mut arguments = vec!["channel", "add", name];
        arguments.extend(scopes.iter().flat_map(|scope| ["--scope", scope]));
        let said = self.run(&arguments);
        said.split_whitespace().find(|word| word.starts_with("vck_")).unwrap_or_else(|| panic!("no key in: {said}")).to_owned()
    }

    async fn account(&self, email: &str) -> Value {
        let password = "walking along the river";
        let answer = client()
            .unwrap()
            .post(format!("{}{}", self.origin, routes::ACCOUNT_REGISTER))
            .json(&json!({"email": email, "password": password, "display_name": "Somebody"}))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 201);
        json!({"email": email, "password": password})
    }

    async fn device(&self) -> String {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let kiosk = FakeKiosk::with_key(&self.origin, DeviceKey::from_pkcs8(document.as_ref()).unwrap()).unwrap();
        let asked = kiosk.ask_enrolment().await.unwrap();
        self.run(&["enrol", &asked.code, "--store", "S01", "--label", "By the door"]);
        let answer = kiosk.call(Method::GET, routes::DEVICE_SELF, None, None).await.unwrap();
        assert_eq!(answer.status, 200);
        BASE64_STANDARD.encode(document.as_ref())
    }

    /// Where the generator tells how often each operation answered with which status.
    fn answered(&self) -> PathBuf {
        self.folder.path().join("answered.json")
    }

    /// People and things of the shop, for the generator.
    async fn people(&self) -> PathBuf {
        let manager = self.account("manager@example.com").await;
        self.run(&["role", "add", "manager@example.com", "manager", "--unverified"]);
        let skus = ["SKU-1001", "SKU-1002"];
        let phones = ["+919820000101", "+919820000102"];
        let amounts = [1.0, 2_499.5];
        let people = json!({
            "origin": self.origin,
            "answered": self.answered(),
            "phones": phones,
            "account": manager,
            "whatsapp": self.channel_key("whatsapp", &["resume", "agent"]),
            "services": self.channel_key("services", &["agent", "stock", "loyalty", "payments", "internal"]),
            "device": self.device().await,
            "ingest": INGEST_TOKEN,
            "known": {
                "sku": skus, "product": skus, "product_id": skus,
                "customer_id": ["101", "102"], "user_id": ["101", "102"],
                "phone": phones, "phone_number": phones,
                "email": [manager["email"]], "password": [manager["password"]],
                "current_password": [manager["password"]], "new_password": ["another long password"],
                "order_id": ["ORD000101"], "applied_coupon": ["SAVE15"], "coupon_code": ["SAVE15"],
                "quantity": [1, 2], "items_count": [1], "points": [5], "loyalty_points_used": [0],
                "cart_total": amounts, "amount_spent": amounts, "purchase_amount": amounts,
                "id": ["me"], "file": ["page.js", "SKU-1001.svg"], "location": ["online", "store:S01"],
                "id": ["me"], "limit": [20], "offset": [0],
            },
        });
        let path = self.folder.path().join("people.json");
        std::fs::write(&path, people.to_string()).unwrap();
        path
    }
}

/// The generator, which `cargo xtask test` installs below the build folder.
fn schemathesis() -> PathBuf {
    let build = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
    let program = build.join("tools/schemathesis/bin/schemathesis");
    assert!(program.is_file(), "{} is not there; `cargo xtask test` installs it", program.display());
    program
}

async fn judge(server: Server) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/properties");
    let people = server.people().await;
    let seed = std::env::var(SEED).unwrap_or_else(|_| "7070".to_owned());
    let mut command = Command::new(schemathesis());
    command
        .current_dir(server.folder.path())
        .arg("--config-file")
        .arg(here.join("schemathesis.toml"))
        .args(["run", &format!("{}{}", server.origin, routes::OPENAPI)])
        .args(["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", &seed])
        .args(["--no-shrink", "--continue-on-failure", "--request-timeout", "20", "--warnings", "off"])
        .env("SCHEMATHESIS_HOOKS", here.join("hooks.py"))
        .env("VITRINE_PROPERTIES", people)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null());
    let ended = tokio::task::spawn_blocking(move || Program::run(command, JUDGED)).await.unwrap().unwrap();
    assert!(ended.status.success(), "seed {seed}:\n{}", ended.said);
    let told = std::fs::read(server.answered()).unwrap();
    let answered: BTreeMap<String, BTreeMap<u16, u32>> = serde_json::from_slice(&told).unwrap();
    let tried: u32 = answered.values().flat_map(BTreeMap::values).sum();
    assert!(tried > 1_000, "{tried} requests were sent");
    let never: Vec<_> = answered.iter().filter(|(_, statuses)| !statuses.keys().any(|status| *status < 300)).collect();
    // Some need what only a person at a kiosk or a mail box has; a generator that reached no more than those would prove little.
    assert!(never.len() * 5 < answered.len() * 2, "these never succeeded: {never:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_generated_request_fails_or_is_answered_otherwise_than_documented_on_sqlite() {
    judge(Server::start(None).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_generated_request_fails_or_is_answered_otherwise_than_documented_on_postgres() {
    let name = Postgres::shared().create(None).unwrap();
    judge(Server::start(Some(Postgres::shared().socket_address(&name))).await).await;
}
