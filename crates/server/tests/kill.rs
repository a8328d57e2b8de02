//! The server is killed in the middle of a thousand updates. What it acknowledged is there afterwards, once; what it did not is
//! sent again, and is there once as well.
#![expect(clippy::unwrap_used, reason = "a story that cannot be told has failed")]

use std::{
    collections::BTreeMap,
    os::unix::process::ExitStatusExt as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, future::try_join_all, stream};
use protocol::{
    ambient::{Entropy as _, SystemClock, SystemEntropy, uuid_v7},
    event::EventBody,
    ids::{Cursor, EntryId, KioskSessionId, OpKey, SessionId},
    routes,
    session::{Sender, StartResponse},
    sync::{Op, OpBody, PushRequest},
};
use reqwest::Method;
use serde_json::{Value, json};
use server_store::{Store, postgres::PostgresStore, records::Topic, sqlite::SqliteStore};
use tempfile::TempDir;
use testkit::{
    answer::{Answer, client},
    dice::SeededEntropy,
    kiosk::FakeKiosk,
    limits,
    postgres::Postgres,
    program::Program,
    server::{command, demo_shop, listening},
};
use tokio::sync::Notify;

/// Fixes the moments of the kills and the order of the updates.
const SEED: &str = "VITRINE_SEED";
const ROUNDS: usize = 3;
const SESSIONS: usize = 40;
const MESSAGES: usize = 700;
const CART_CHANGES: usize = 200;
const KIOSKS: usize = 4;
/// Each says something and puts something into the cart.
const PUSHES: usize = 100;
const UPDATES: usize = MESSAGES + CART_CHANGES + PUSHES;
/// What is repeated is repeated so many at a time.
const AT_A_TIME: usize = 64;
/// A machine that does other things meanwhile may take so long.
const SOON: Duration = Duration::from_mins(1);
/// Entries of one conversation at most.
const ALL: u32 = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_loses_and_doubles_nothing_in_sqlite() {
    tell(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_loses_and_doubles_nothing_in_postgres() {
    tell(Some(Postgres::shared().create(None).unwrap())).await;
}

async fn tell(database: Option<String>) {
    let seed = std::env::var(SEED).map_or_else(|_| u64::from_be_bytes(SystemEntropy.bytes()), |seed| seed.parse().unwrap());
    let told = story(database, &SeededEntropy::new(seed)).await;
    told.with_context(|| format!("run it again with {SEED}={seed}")).unwrap();
}

async fn story(database: Option<String>, dice: &SeededEntropy) -> Result<()> {
    limits::open_files(4_096)?;
    let shop = Shop::open(database)?;
    let (mut program, mut origin) = shop.serve()?;
    let mut kiosks = shop.kiosks(&origin).await?;
    let mut unanswered = 0;
    for round in 0..ROUNDS {
        for kiosk in &mut kiosks {
            kiosk.go_to(&origin);
        }
        let places = Arc::new(Places::begin(&origin, kiosks).await?);
        let updates = updates(round, dice);
        let most = u16::try_from(UPDATES * 9 / 10)?;
        let kill_after = usize::from(u16::from_be_bytes(dice.bytes()) % (most - 50) + 50);
        let acknowledged = places.send_until_killed(&updates, &mut program, kill_after).await?;
        unanswered += acknowledged.iter().filter(|acknowledged| !**acknowledged).count();

        (program, origin) = shop.serve()?;
        let found = places.found(&*shop.store().await?).await?;
        for (update, acknowledged) in updates.iter().zip(&acknowledged) {
            let times = found.times(update)?;
            ensure!(
                times == 1 || (times == 0 && !acknowledged),
                "{update:?}, acknowledged: {acknowledged}, is there {times} times"
            );
        }

        // A client does not know which answers were lost on the way, and some repeat what was answered.
        let mut places = Arc::into_inner(places).context("somebody still sends")?;
        places.go_to(&origin);
        places.send_again(&updates).await?;
        let store = shop.store().await?;
        let found = places.found(&*store).await?;
        for (update, acknowledged) in updates.iter().zip(&acknowledged) {
            let times = found.times(update)?;
            let nobody_repeats_it = !update.is_repeatable() && !acknowledged;
            ensure!(times == 1 || (times == 0 && nobody_repeats_it), "{update:?} is there {times} times at last");
        }
        found.check(&places)?;
        store.close().await;
        kiosks = places.kiosks;
    }
    ensure!(unanswered > 0, "every update was acknowledged before the server was killed");
    Ok(())
}

/// A shop's data, which outlives its server.
struct Shop {
    /// In Postgres; none: the file in the folder.
    database: Option<String>,
    folder: TempDir,
}

impl Shop {
    fn open(database: Option<String>) -> Result<Self> {
        let shop = Self { database, folder: tempfile::tempdir()? };
        shop.run(&["import", &demo_shop().to_string_lossy()])?;
        Ok(shop)
    }

    fn command(&self) -> Result<std::process::Command> {
        let mut command = command(&self.folder.path().join("data"))?;
        if let Some(database) = &self.database {
            command.env("VITRINE_DATABASE_URL", Postgres::shared().address(database));
        }
        Ok(command)
    }

    fn run(&self, arguments: &[&str]) -> Result<()> {
        let mut command = self.command()?;
        command.args(arguments);
        let ended = Program::run(command, SOON)?;
        ensure!(ended.status.success(), "{}", ended.said);
        Ok(())
    }

    fn serve(&self) -> Result<(Program, String)> {
        let mut command = self.command()?;
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        listening(command)
    }

    /// The records, behind the server's back.
    async fn store(&self) -> Result<Arc<dyn Store>> {
        Ok(match &self.database {
            Some(database) => Arc::new(PostgresStore::open(&Postgres::shared().socket_address(database), SOON).await?),
            None => Arc::new(SqliteStore::open(&self.folder.path().join("data/vitrine.db")).await?),
        })
    }

    async fn kiosks(&self, origin: &str) -> Result<Vec<FakeKiosk>> {
        let mut kiosks = Vec::new();
        for number in 0..KIOSKS {
            let kiosk = FakeKiosk::new(origin)?;
            let asked = kiosk.ask_enrolment().await?;
            self.run(&["enrol", &asked.code, "--store", "S01", "--label", &format!("Place {number}")])?;
            kiosks.push(kiosk);
        }
        Ok(kiosks)
    }
}

/// Whom the updates of a round come from.
struct Places {
    origin: String,
    http: reqwest::Client,
    /// Token and id of each session of a web guest.
    sessions: Vec<(String, SessionId)>,
    kiosks: Vec<FakeKiosk>,
    /// What each kiosk holds.
    holds: Vec<(KioskSessionId, SessionId)>,
}

/// An update that can be told from every other by what it leaves behind.
#[derive(Clone, Debug)]
enum Update {
    /// Of a web guest's session, under a key or without one.
    Session { place: usize, key: Option<String>, mark: Mark },
    /// Of the session that a kiosk holds.
    Push { kiosk: usize, ops: [(OpKey, Mark); 2] },
}

impl Update {
    /// Whether it may be sent again by a client that does not know what became of it.
    fn is_repeatable(&self) -> bool {
        !matches!(self, Self::Session { key: None, .. })
    }
}

/// The updates of a round, in an order that the dice decide.
fn updates(round: usize, dice: &SeededEntropy) -> Vec<Update> {
    let mark = |number: usize| {
        if number < MESSAGES {
            Mark::Message(format!("message {round}.{number}"))
        } else {
            Mark::Line(format!("{round}.{number}"))
        }
    };
    let of_session = |number: usize| Update::Session {
        place: number % SESSIONS,
        // Two of three messages are sent as by clients that know nothing of keys.
        key: (number >= MESSAGES || number.is_multiple_of(3)).then(|| format!("key {round}.{number}")),
        mark: mark(number),
    };
    let of_kiosk = |number| {
        let said = Mark::Message(format!("white shoes? {round}.{number}"));
        let ops = [said, Mark::Line(format!("{round}.{number} at the kiosk"))];
        Update::Push { kiosk: number % KIOSKS, ops: ops.map(|mark| (OpKey(new_id()), mark)) }
    };
    let mut updates: Vec<Update> = (0..MESSAGES + CART_CHANGES).map(of_session).chain((0..PUSHES).map(of_kiosk)).collect();
    updates.sort_by_cached_key(|_| dice.bytes::<8>());
    updates
}

/// What an update leaves behind.
#[derive(Clone, Debug)]
enum Mark {
    Message(String),
    /// The option of a line of the cart that no other line has.
    Line(String),
}

impl Places {
    async fn begin(origin: &str, kiosks: Vec<FakeKiosk>) -> Result<Self> {
        let http = client()?;
        let mut sessions = Vec::new();
        for number in 0..SESSIONS {
            let body = json!({"phone": format!("+1202555{number:04}"), "channel": "web"});
            let request = http.post(format!("{origin}{}", routes::SESSION_START)).json(&body);
            let begun: StartResponse = Answer::of(request).await?.json()?;
            sessions.push((begun.session_token, begun.session.session_id));
        }
        let mut holds = Vec::new();
        for kiosk in &kiosks {
            let held = kiosk.start_guest().await?.session;
            holds.push((held.kiosk_session_id, held.session_id));
        }
        Ok(Self { origin: origin.to_owned(), http, sessions, kiosks, holds })
    }

    fn go_to(&mut self, origin: &str) {
        origin.clone_into(&mut self.origin);
        for kiosk in &mut self.kiosks {
            kiosk.go_to(origin);
        }
    }

    /// Sends all at once, and kills the server once so many were answered for good; answers which were acknowledged.
    ///
    /// A busy server refuses some that may not be repeated, so it need not acknowledge so many.
    async fn send_until_killed(
        self: &Arc<Self>,
        updates: &[Update],
        program: &mut Program,
        kill_after: usize,
    ) -> Result<Vec<bool>> {
        let count = Arc::new((AtomicUsize::new(0), Notify::new()));
        let sends: Vec<_> = updates
            .iter()
            .map(|update| {
                let (places, update, count) = (self.clone(), update.clone(), count.clone());
                tokio::spawn(async move {
                    let acknowledged = places.send_patiently(&update).await?;
                    if count.0.fetch_add(1, Ordering::AcqRel) + 1 == kill_after {
                        count.1.notify_one();
                    }
                    Ok(acknowledged)
                })
            })
            .collect();
        let enough = tokio::time::timeout(SOON, count.1.notified()).await;
        enough.with_context(|| {
            let answered = count.0.load(Ordering::Acquire);
            format!("{answered} of {kill_after} updates were answered in time; the server said\n{}", program.said())
        })?;
        program.kill();
        let status = program.ended(SOON)?;
        ensure!(status.signal() == Some(9), "the server was not killed but ended with {status}");
        try_join_all(sends).await?.into_iter().collect()
    }

    /// Sends all of them again that may be, as often as it takes.
    async fn send_again(&self, updates: &[Update]) -> Result<()> {
        let sends = updates.iter().filter(|update| update.is_repeatable()).map(|update| self.send_patiently(update));
        let sent: Vec<bool> = stream::iter(sends).buffered(AT_A_TIME).try_collect().await?;
        ensure!(sent.iter().all(|acknowledged| *acknowledged), "a server that nobody killed lost connections");
        Ok(())
    }

    /// Sends an update, again whenever the server asks for that; answers whether it was acknowledged before the connection broke.
    async fn send_patiently(&self, update: &Update) -> Result<bool> {
        loop {
            // No answer came, however far the request did.
            let Ok(answer) = self.send(update).await else { return Ok(false) };
            let wait = if answer.status == 503 {
                answer.header("retry-after").context("it is said when to come again")?.parse()?
            } else {
                let told = answer.json::<Value>()?;
                let Update::Push { ops, .. } = update else { return Ok(true) };
                // Some of a push can wait while the rest is applied.
                match &told["later"][0] {
                    Value::Null => {
                        ensure!(told["applied"] == json!(ops.clone().map(|(key, _)| key)), "{told}");
                        return Ok(true);
                    }
                    // What found no time left may come again at once.
                    later => later["error"]["retry_after"].as_u64().unwrap_or_default(),
                }
            };
            if !update.is_repeatable() {
                return Ok(false);
            }
            tokio::time::sleep(Duration::from_secs(wait)).await;
        }
    }

    /// Sends an update.
    async fn send(&self, update: &Update) -> Result<Answer> {
        match update {
            Update::Session { place, key, mark } => {
                let body = match mark {
                    Mark::Message(message) => json!({"action": "chat_message", "payload": {"message": message}}),
                    Mark::Line(line) => {
                        let item = json!({"sku": SKU, "quantity": 1, "options": options(line)});
                        json!({"action": "add_to_cart", "payload": {"item": item}})
                    }
                };
                let request = self.http.post(format!("{}{}", self.origin, routes::SESSION_UPDATE)).json(&body);
                let request = request.header(routes::HEADER_SESSION_TOKEN, &self.sessions[*place].0);
                Answer::of(match key {
                    Some(key) => request.header("idempotency-key", key),
                    None => request,
                })
                .await
            }
            Update::Push { kiosk, ops } => {
                let op = |(key, mark): &(OpKey, Mark)| Op {
                    key: *key,
                    kiosk_session_id: self.holds[*kiosk].0,
                    made_at: protocol::Clock::now(&SystemClock::new()),
                    body: match mark {
                        Mark::Message(message) => OpBody::Chat { message: message.clone(), answered_here: false },
                        Mark::Line(line) => OpBody::AddToCart { sku: SKU.into(), quantity: 1, options: options(line) },
                    },
                };
                let body = serde_json::to_value(PushRequest { ops: ops.iter().map(op).collect(), holding: None })?;
                self.kiosks[*kiosk].call(Method::POST, routes::SYNC_PUSH, None, Some(&body)).await
            }
        }
    }

    fn all(&self) -> impl Iterator<Item = SessionId> {
        self.sessions.iter().map(|(_, id)| *id).chain(self.holds.iter().map(|(_, id)| *id))
    }

    /// What the database holds of all sessions.
    async fn found(&self, store: &dyn Store) -> Result<Found> {
        let mut found = Found::default();
        let mut tx = store.read().await?;
        for id in self.all() {
            let session = tx.session(id).await?.context("the session is there")?;
            let entries = tx.chat_entries(id, ALL).await?;
            let mut told = Vec::new();
            for event in tx.events_after(&[Topic::Session(id)], Cursor(0), ALL).await? {
                if let EventBody::ChatAppended { entry, .. } = event.body {
                    told.push(entry.id);
                }
            }
            let lines =
                session.state.cart.iter().map(|line| (line.options.get("mark").cloned().unwrap_or_default(), line.quantity));
            found.sessions.insert(
                id,
                Contents {
                    version: session.version,
                    said: entries.iter().map(|entry| (entry.sender, entry.message.clone())).collect(),
                    entries: entries.iter().map(|entry| entry.id).collect(),
                    told,
                    lines: lines.collect(),
                },
            );
        }
        found.places = self.sessions.iter().map(|(_, id)| *id).collect();
        found.holds = self.holds.iter().map(|(_, id)| *id).collect();
        Ok(found)
    }
}

/// What the database holds of the sessions of a round.
#[derive(Debug, Default)]
struct Found {
    sessions: BTreeMap<SessionId, Contents>,
    places: Vec<SessionId>,
    holds: Vec<SessionId>,
}

#[derive(Debug)]
struct Contents {
    version: i64,
    said: Vec<(Sender, String)>,
    entries: Vec<EntryId>,
    /// Entries that the event log tells of.
    told: Vec<EntryId>,
    lines: Vec<(String, u32)>,
}

impl Found {
    /// How often an update is there. One of two parts that differ is none.
    fn times(&self, update: &Update) -> Result<usize> {
        match update {
            Update::Session { place, mark, .. } => Ok(self.sessions[&self.places[*place]].times(mark)),
            // Each change of a push is applied by itself; the push is there when its last one is.
            Update::Push { kiosk, ops: [(_, first), (_, last)] } => {
                let contents = &self.sessions[&self.holds[*kiosk]];
                let (first, last) = (contents.times(first), contents.times(last));
                ensure!(first <= 1 && last <= first, "changes of one push are there {first} and {last} times");
                Ok(last)
            }
        }
    }

    /// What must hold besides: the log tells of each entry once, a version counts each change once, and no message at a kiosk is
    /// answered twice.
    fn check(&self, places: &Places) -> Result<()> {
        for (id, contents) in &self.sessions {
            ensure!(contents.told == contents.entries, "the log does not tell the conversation of {id}: {contents:?}");
        }
        for (_, id) in &places.sessions {
            let contents = &self.sessions[id];
            let changes = contents.said.len() + contents.lines.len();
            ensure!(contents.version == 1 + i64::try_from(changes)?, "{changes} changes made version {}", contents.version);
        }
        for (_, id) in &places.holds {
            let by = |sender: Sender| self.sessions[id].said.iter().filter(|(other, _)| *other == sender).count();
            ensure!(by(Sender::Agent) <= by(Sender::User), "{} answers to {} messages", by(Sender::Agent), by(Sender::User));
        }
        Ok(())
    }
}

impl Contents {
    fn times(&self, mark: &Mark) -> usize {
        match mark {
            Mark::Message(message) => self.said.iter().filter(|(_, said)| said == message).count(),
            Mark::Line(line) => {
                self.lines.iter().filter(|(other, _)| other == line).map(|(_, quantity)| *quantity as usize).sum()
            }
        }
    }
}

/// A product of the demo shop.
const SKU: &str = "SKU-1001";

fn options(line: &str) -> BTreeMap<String, String> {
    BTreeMap::from([("mark".to_owned(), line.to_owned())])
}

fn new_id() -> uuid::Uuid {
    uuid_v7(&SystemClock::new(), &SystemEntropy)
}
