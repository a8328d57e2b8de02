//! What the server of these tests answers, and what it is asked.

use kiosk_core::server::ServerError;
use protocol::{
    ApiError, ErrorCode, Timestamp,
    ambient::{SystemClock, SystemEntropy},
    device::{DeviceResponse, DeviceRole, StaffPin},
    ids::{Cursor, DeviceId, EntryId, HandoffId, KioskSessionId, OpKey, SessionId},
    kiosk_session::{KioskCustomer, KioskSession},
    session::{Assurance, Channel, ChatEntry, Sender},
    shop::{Locale, Shop, Store, Theme},
    sync::{Op, OpBody},
};
use uuid::Uuid;

use crate::server::Script;

pub fn handoff_id(number: u128) -> HandoffId {
    HandoffId(Uuid::from_u128(number))
}

pub fn hold_id() -> KioskSessionId {
    KioskSessionId(Uuid::from_u128(100))
}

pub fn session_id() -> SessionId {
    SessionId(Uuid::from_u128(200))
}

/// An entry with an id of its own.
pub fn entry(sender: Sender, message: &str) -> ChatEntry {
    let id = EntryId(protocol::ambient::uuid_v7(&SystemClock::new(), &SystemEntropy));
    ChatEntry {
        id,
        sender,
        message: message.into(),
        timestamp: Timestamp::from_unix_millis(0),
        channel: Channel::Kiosk,
        metadata: None,
    }
}

pub fn is_chat(op: &Op, text: &str) -> bool {
    matches!(&op.body, OpBody::Chat { message, .. } if message == text)
}

pub fn key_of(ops: &[Op], text: &str) -> OpKey {
    ops.iter().find(|op| is_chat(op, text)).unwrap().key
}

pub fn snapshot(script: &Script, customer: bool) -> KioskSession {
    KioskSession {
        kiosk_session_id: hold_id(),
        session_id: session_id(),
        assurance: Assurance::Qr,
        customer: customer.then(|| KioskCustomer { first_name: "Asha".into(), loyalty_tier: "Gold".into(), loyalty_points: 7 }),
        profile: script.profile.clone().filter(|_| customer),
        chat: script.history.clone(),
        cart: vec![],
        currency: "INR".into(),
        version: 1,
        cursor: Cursor(script.cursor),
        absolute_seconds_left: 900,
    }
}

/// The session that a guest began with a token of that hash while the server was away, as its changes have made it.
pub fn begun_away(script: &Script, hash: &str) -> Option<KioskSession> {
    let begins = |op: &Op| match &op.body {
        OpBody::BeginGuest { session_id, token_hash } if token_hash == hash => Some((op.kiosk_session_id, *session_id)),
        _ => None,
    };
    let (hold, session) = script.applied.iter().find_map(begins)?;
    let said = |op: &Op| {
        let (sender, message, metadata) = match &op.body {
            OpBody::Chat { message, .. } => (Sender::User, message, None),
            OpBody::Answer { message, metadata, .. } => (Sender::Agent, message, metadata.clone()),
            _ => return None,
        };
        Some(ChatEntry { id: EntryId(op.key.0), timestamp: op.made_at, metadata, ..entry(sender, message) })
    };
    let chat = script.applied.iter().filter(|op| op.kiosk_session_id == hold).filter_map(said).collect();
    Some(KioskSession {
        kiosk_session_id: hold,
        session_id: session,
        assurance: Assurance::Guest,
        chat,
        ..snapshot(script, false)
    })
}

pub fn device() -> DeviceResponse {
    DeviceResponse {
        device_id: DeviceId(Uuid::from_u128(5)),
        role: DeviceRole::Kiosk,
        label: "By the door".into(),
        store: Store {
            store_id: "S01".into(),
            name: "Old Town".into(),
            city: "Pune".into(),
            address: "1 High Street".into(),
            opening_hours: String::new(),
        },
        shop: Shop {
            name: "Saffron".into(),
            country: "IN".into(),
            currency: "INR".into(),
            time_zone: "Asia/Kolkata".into(),
            languages: vec![Locale::En, Locale::Hi],
            theme: Theme::default(),
            featured: vec![],
        },
        phone_origin: "https://shop.example".into(),
        featured: vec![],
        staff_pin: Some(Box::new(staff_pin())),
    }
}

pub fn refused(code: ErrorCode) -> ServerError {
    ServerError::Refused(ApiError::new(code, "no"))
}

/// The PIN 2580.
fn staff_pin() -> StaffPin {
    StaffPin { salt: "MDEyMzQ1Njc4OWFiY2RlZg".into(), rounds: 1_000, hash: "FW5_B4dM4mDft_2Bxip8C66spqFO_eexP1brA4dwbqc".into() }
}
