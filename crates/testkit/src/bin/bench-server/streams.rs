//! Open event streams: as many kiosks, each with a key and a stream of its own, that all hold one session. One message in that
//! session is the event that reaches all of them.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use protocol::{
    Clock as _,
    ambient::{SystemClock, SystemEntropy, uuid_v7},
    device::{DeviceRole, ProofClaims},
    ids::{DeviceId, KioskSessionId, SessionId},
    routes,
    session::Assurance,
};
use serde::Serialize;
use serde_json::json;
use server_store::{
    Store as _,
    records::{DeviceRecord, KioskSessionRecord},
    sqlite::SqliteStore,
};
use testkit::{
    answer::client,
    bench::{Quantiles, say},
    proof::{DeviceKey, fresh_jti},
};
use tokio::{io::AsyncReadExt as _, net::TcpStream, sync::mpsc, task::JoinHandle};

use crate::{
    Options,
    client::{Connection, request},
    shop::Shop,
};

/// Streams that are opened side by side.
const SIDE_BY_SIDE: usize = 64;
const EVENTS: usize = 10;
const LIMIT: Duration = Duration::from_secs(30);
/// Records written at once.
const AT_ONCE: usize = 1_000;
/// A hold lives for so long, more than the measurement takes.
const HOLD: Duration = Duration::from_mins(15);

#[derive(Debug, Serialize)]
pub struct Streams {
    pub count: usize,
    pub opened_in_seconds: f64,
    pub memory_mb_before: f64,
    pub memory_mb_open: f64,
    pub memory_mb_after_events: f64,
    pub kilobytes_each: f64,
    pub events: usize,
    /// From the moment the message is sent to the server until a stream has its event, over all streams and events.
    pub delivery_ms: Quantiles,
    pub deliveries_per_second: f64,
}

/// Lets so many kiosks in, all of which hold `session`, and answers with their keys. The server must be down.
pub async fn enrol(database: &Path, session: SessionId, count: usize) -> Result<Vec<DeviceKey>> {
    let (clock, entropy) = (SystemClock::new(), SystemEntropy);
    let now = clock.now();
    let keys: Vec<DeviceKey> = (0..count).map(|_| DeviceKey::new()).collect::<Result<_>>()?;
    let store = SqliteStore::open(database).await?;
    let mut number = 0;
    for some in keys.chunks(AT_ONCE) {
        let mut tx = store.write().await?;
        for key in some {
            number += 1;
            let device = DeviceRecord {
                id: DeviceId(uuid_v7(&clock, &entropy)),
                key_thumbprint: key.thumbprint(),
                role: DeviceRole::Kiosk,
                store_id: "S01".into(),
                label: format!("Kiosk {number}"),
                enrolled_at: now,
                start_by_phone: false,
            };
            let hold = KioskSessionRecord {
                id: KioskSessionId(uuid_v7(&clock, &entropy)),
                token_hash: uuid_v7(&clock, &entropy).as_bytes().to_vec(),
                device_id: device.id,
                session_id: session,
                handoff_id: None,
                claim_id: None,
                assurance: Assurance::Code,
                started_at: now,
                absolute_at: now.plus(HOLD),
                expires_at: now.plus(HOLD),
                end: None,
            };
            tx.put_device(&device).await?;
            tx.insert_kiosk_session(&hold).await?;
        }
        tx.commit().await?;
    }
    store.close().await;
    Ok(keys)
}

pub async fn measure(shop: &Shop, options: &Options) -> Result<Streams> {
    let port = shop.port()?;
    let memory_mb_before = shop.memory_mb()?;
    say(&format!("opening {} streams", options.streams))?;
    let proofs = proofs(port, shop.kiosks()).await?;
    let (arrived, mut arrivals) = mpsc::unbounded_channel();
    let began = Instant::now();
    let opening = stream::iter(proofs.into_iter().enumerate().map(|(number, proof)| {
        let arrived = arrived.clone();
        async move {
            let head = request("GET", routes::EVENTS, number, &[(routes::HEADER_PROOF, &proof)], None);
            let mut stream = EventStream::open(port, &head).await?;
            anyhow::Ok(tokio::spawn(async move { stream.listen(&arrived).await }))
        }
    }));
    let listeners: Vec<JoinHandle<Result<()>>> = opening.buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
    let opened_in_seconds = began.elapsed().as_secs_f64();
    let memory_mb_open = shop.memory_mb()?;

    let session = shop.sessions().first().context("there is a session")?;
    let mut connection = Connection::open(port).await?;
    let (mut delivered, mut busy) = (Vec::new(), Duration::ZERO);
    for event in 0..EVENTS {
        say(&format!("telling all of them, event {} of {EVENTS}", event + 1))?;
        let body = json!({"action": "chat_message", "payload": {"message": format!("event {event}")}});
        let token = [(routes::HEADER_SESSION_TOKEN, session.token.as_str())];
        let update = request("POST", routes::SESSION_UPDATE, 0, &token, Some(&body));
        let sent = Instant::now();
        connection.json(&update).await?;
        for _ in 0..listeners.len() {
            let next = tokio::time::timeout(LIMIT, arrivals.recv()).await;
            let at: Instant = next.context("an event did not reach every stream")?.context("somebody listens")?;
            delivered.push(u32::try_from((at - sent).as_micros())?);
        }
        busy += sent.elapsed();
    }
    let memory_mb_after_events = shop.memory_mb()?;
    for listener in listeners {
        ensure!(!listener.is_finished(), "a stream ended: {:?}", listener.await?);
        listener.abort();
    }
    let count = f64::from(u32::try_from(options.streams)?);
    Ok(Streams {
        count: options.streams,
        opened_in_seconds,
        memory_mb_before,
        memory_mb_open,
        memory_mb_after_events,
        kilobytes_each: (memory_mb_after_events - memory_mb_before) * 1_024.0 / count,
        events: EVENTS,
        deliveries_per_second: f64::from(u32::try_from(delivered.len())?) / busy.as_secs_f64(),
        delivery_ms: Quantiles::of(delivered),
    })
}

/// A proof of each key, made ahead.
async fn proofs(port: u16, keys: &[DeviceKey]) -> Result<Vec<String>> {
    let nonce = fresh_nonce(port).await?;
    let (clock, entropy) = (SystemClock::new(), SystemEntropy);
    let htu: Arc<str> = format!("http://127.0.0.1:{port}{}", routes::EVENTS).into();
    let sign = |key: &DeviceKey| {
        key.sign(&ProofClaims {
            jti: fresh_jti(&entropy),
            htm: "GET".into(),
            htu: htu.to_string(),
            iat: clock.now().unix_seconds(),
            nonce: Some(nonce.clone()),
            ath: None,
        })
    };
    keys.iter().map(sign).collect()
}

/// What the server gives to whoever calls without one.
async fn fresh_nonce(port: u16) -> Result<String> {
    let answer = client()?.get(format!("http://127.0.0.1:{port}{}", routes::EVENTS)).send().await?;
    let nonce = answer.headers().get(routes::HEADER_PROOF_NONCE).context("the server gives no nonce")?;
    Ok(nonce.to_str()?.to_owned())
}

struct EventStream {
    stream: TcpStream,
    /// What came since the last event.
    text: Vec<u8>,
}

impl EventStream {
    /// Opened once its first event is there.
    async fn open(port: u16, head: &[u8]) -> Result<Self> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        tokio::io::AsyncWriteExt::write_all(&mut stream, head).await?;
        let mut opened = Self { stream, text: Vec::new() };
        opened.until("\"kind\":\"opened\"").await?;
        Ok(opened)
    }

    async fn listen(&mut self, arrived: &mpsc::UnboundedSender<Instant>) -> Result<()> {
        loop {
            self.until("\"kind\":\"chat_appended\"").await?;
            arrived.send(Instant::now())?;
        }
    }

    /// Reads until this is there.
    async fn until(&mut self, wanted: &str) -> Result<()> {
        let mut buffer = [0; 2_048];
        loop {
            let read = self.stream.read(&mut buffer).await?;
            ensure!(read > 0, "the stream ended after {:?}", String::from_utf8_lossy(&self.text));
            let seam = self.text.len().saturating_sub(wanted.len());
            self.text.extend_from_slice(&buffer[..read]);
            if self.text[seam..].windows(wanted.len()).any(|text| text == wanted.as_bytes()) {
                self.text.clear();
                return Ok(());
            }
        }
    }
}
