//! A customer, a session and changes for tests.

use std::{collections::BTreeMap, path::Path, time::Duration};

use kiosk_store::Key;
use protocol::{
    Clock, Timestamp,
    ids::{Cursor, EntryId, KioskSessionId, OpKey, SessionId},
    kiosk_profile::KioskProfile,
    kiosk_session::{KioskCustomer, KioskSession},
    session::{Assurance, CartLine, Channel, ChatEntry, Sender},
    sync::{Op, OpBody},
};
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use uuid::Uuid;

/// What must be readable nowhere.
pub const MARKER: &str = "Asha Verma wants a saffron kurta";

pub fn at() -> Timestamp {
    Timestamp::from_unix_millis(1_770_890_400_000)
}

pub fn op(number: u128, body: OpBody) -> Op {
    Op { key: OpKey(Uuid::from_u128(number)), kiosk_session_id: session().kiosk_session_id, made_at: at(), body }
}

pub fn chat(message: &str) -> OpBody {
    OpBody::Chat { message: message.into(), answered_here: false }
}

pub fn entry(id: u128, message: &str) -> ChatEntry {
    ChatEntry {
        id: EntryId(Uuid::from_u128(id)),
        sender: Sender::User,
        message: message.into(),
        timestamp: at(),
        channel: Channel::Kiosk,
        metadata: None,
    }
}

pub fn line(sku: &str, quantity: u32) -> CartLine {
    CartLine {
        sku: sku.into(),
        name: MARKER.into(),
        quantity,
        price: 10.0,
        price_minor: 1_000,
        currency: "INR".into(),
        image_url: "/images/a.svg".into(),
        options: BTreeMap::new(),
        price_changed: false,
    }
}

pub fn session() -> KioskSession {
    KioskSession {
        kiosk_session_id: KioskSessionId(Uuid::from_u128(100)),
        session_id: SessionId(Uuid::from_u128(200)),
        assurance: Assurance::Qr,
        customer: Some(KioskCustomer { first_name: MARKER.into(), loyalty_tier: "Gold".into(), loyalty_points: 7 }),
        profile: Some(KioskProfile { version: 1, fit: Some(MARKER.into()), ..KioskProfile::default() }),
        chat: vec![entry(300, MARKER)],
        cart: vec![line("SKU-1", 2)],
        currency: "INR".into(),
        version: 1,
        cursor: Cursor(5),
        absolute_seconds_left: 900,
    }
}

/// A clock that stands at [`at`].
#[derive(Debug)]
pub struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        at()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

async fn connect(file: &Path, key: &Key) -> SqliteConnection {
    let hex = key.as_bytes().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let options = SqliteConnectOptions::new().filename(file).pragma("key", format!("\"x'{hex}'\""));
    SqliteConnection::connect_with(&options).await.unwrap()
}

/// Makes every change in the outbox one that only a newer program understands.
pub async fn spoil_bodies(file: &Path, key: &Key) {
    let mut connection = connect(file, key).await;
    let body = r#"{"kind":"from_the_future"}"#;
    sqlx::query("UPDATE outbox SET body = ?").bind(body).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// Marks the file as migrated further than this program knows.
pub async fn pretend_newer(file: &Path, key: &Key) {
    let mut connection = connect(file, key).await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', TRUE, x'00', 0)",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
}
