//! What a kiosk wrote down while the server was away, delivered once it is back.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use kiosk_store::{SqlStore, Store as _};
use protocol::{
    Clock as _, Timestamp,
    ambient::{Entropy as _, SystemClock, SystemEntropy, uuid_v7},
    ids::{KioskSessionId, OpKey, SessionId},
    kiosk_session::EndReason,
    sync::{Op, OpBody},
};
use serde::Serialize;
use serde_json::json;
use testkit::{
    bench::{Cost, Spread, say},
    server::TestServer,
    wait,
};

use crate::{Options, kiosk::Kiosk};

const LIMIT: Duration = Duration::from_mins(10);
/// Changes of one guest: a beginning, questions with their answers, things put into the cart, an end.
const VISIT: usize = 50;
/// Questions of one guest.
const QUESTIONS: usize = 12;

#[derive(Debug, Serialize)]
pub struct Flush {
    pub ops: usize,
    /// Conversations that they are spread over.
    pub conversations: usize,
    /// Until all of them were written down, each on the disk before the next.
    pub written_per_second: Spread,
    /// From the start of the kiosk until nothing waits any more.
    pub seconds: Spread,
    pub per_second: Spread,
    /// Of the kiosk's part.
    pub kiosk_cpu_seconds: Spread,
    /// The same number in one conversation, where each waits for the one before.
    pub in_one_conversation_per_second: Spread,
}

/// One delivery.
struct Run {
    written: Duration,
    took: Duration,
    cpu_seconds: f64,
}

pub async fn measure(folder: &Path, options: &Options) -> Result<Flush> {
    let (mut spread, mut single) = (Vec::new(), Vec::new());
    for run in 0..options.runs {
        say(&format!("delivering {} changes, run {} of {}", options.ops, run + 1, options.runs))?;
        // Turn by turn, so that what else the machine does meets both alike.
        spread.push(deliver(&folder.join(format!("flush-{run}")), &visits(options.ops)).await?);
        single.push(deliver(&folder.join(format!("flush-one-{run}")), &one_visit(options.ops)).await?);
    }
    let ops = f64::from(u32::try_from(options.ops)?);
    let each = |runs: &[Run], read: &dyn Fn(&Run) -> f64| Spread::of(runs.iter().map(read));
    Ok(Flush {
        ops: options.ops,
        conversations: options.ops.div_ceil(VISIT),
        written_per_second: each(&spread, &|run| ops / run.written.as_secs_f64()),
        seconds: each(&spread, &|run| run.took.as_secs_f64()),
        per_second: each(&spread, &|run| ops / run.took.as_secs_f64()),
        kiosk_cpu_seconds: each(&spread, &|run| run.cpu_seconds),
        in_one_conversation_per_second: each(&single, &|run| ops / run.took.as_secs_f64()),
    })
}

async fn deliver(folder: &Path, ops: &[Op]) -> Result<Run> {
    let server = TestServer::start()?;
    let kiosk = Kiosk::enrol(&server, folder).await?;
    let store = SqlStore::open(folder, &kiosk.key()?, &SystemEntropy, Arc::new(SystemClock::new())).await?.store;
    let began = Instant::now();
    for op in ops {
        store.record(op, None).await?;
    }
    let written = began.elapsed();
    ensure!(store.stats().await?.waiting == ops.len() as u64, "not all of it was written down");
    store.close().await;

    let before = Cost::of(std::process::id())?;
    let began = Instant::now();
    let core = kiosk.start()?;
    let delivered = wait::until("all of it to be delivered", LIMIT, async || {
        let outbox = core.health().await.outbox;
        ensure!(outbox.wedged.is_empty(), "the server refused {:?}", outbox.wedged);
        Ok((outbox.readable && outbox.waiting == 0).then(Instant::now))
    });
    let took = delivered.await?.duration_since(began);
    let cpu_seconds = Cost::of(std::process::id())?.since(before).cpu_seconds;
    core.shutdown().await;
    Ok(Run { written, took, cpu_seconds })
}

/// Many guests, one after the other.
fn visits(ops: usize) -> Vec<Op> {
    let mut list: Vec<Op> = (0..ops.div_ceil(VISIT)).flat_map(|_| visit(VISIT)).collect();
    list.truncate(ops);
    list
}

/// One guest who goes on and on.
fn one_visit(ops: usize) -> Vec<Op> {
    visit(ops)
}

fn visit(length: usize) -> Vec<Op> {
    let clock = SystemClock::new();
    let id = || uuid_v7(&clock, &SystemEntropy);
    let hold = KioskSessionId(id());
    let made_at: Timestamp = clock.now();
    let begin = OpBody::BeginGuest {
        session_id: SessionId(id()),
        token_hash: BASE64_URL_SAFE_NO_PAD.encode(SystemEntropy.bytes::<32>()),
    };
    let talk = (0..QUESTIONS).flat_map(|number| {
        let question = format!("Do you have number {number} in blue, and in my size?");
        let answer = "There are three that may suit you. The first is in this store, as far as I know.".to_owned();
        let metadata = json!({"intent": "recommendation", "confidence": 0.9, "method": "rules", "cards": cards()});
        [
            OpBody::Chat { message: question, answered_here: true },
            OpBody::Answer { message: answer, metadata: metadata.as_object().cloned(), answers: None },
        ]
    });
    let cart = (0..).map(|number: u32| OpBody::AddToCart {
        sku: format!("SKU-{}", 1_001 + number % 100).into(),
        quantity: 1,
        options: BTreeMap::from([("size".to_owned(), "M".to_owned())]),
    });
    let end = OpBody::End { reason: EndReason::Done };
    let bodies = [begin].into_iter().chain(talk).chain(cart).take(length.saturating_sub(1)).chain([end]);
    bodies.map(|body| Op { key: OpKey(id()), kiosk_session_id: hold, made_at, body }).collect()
}

/// Three cards as the assistant shows them.
fn cards() -> Vec<serde_json::Value> {
    let card = |number: usize| {
        json!({"type": "product", "sku": format!("SKU-100{number}"), "name": "Quilted Field Jacket", "price": 5_290.0,
            "price_minor": 529_000, "currency": "INR", "image": format!("/images/SKU-100{number}.svg"),
            "image_url": format!("/images/SKU-100{number}.svg"), "description": "A warm quilted jacket for hill stations and early flights.",
            "color": "Pine", "color_hex": "#2f4a43", "sizes": ["S", "M", "L"], "in_this_store": 4})
    };
    (1..=3).map(card).collect()
}
