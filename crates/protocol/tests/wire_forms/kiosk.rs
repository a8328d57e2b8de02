//! What kiosks and the server say to each other.

use std::collections::BTreeMap;

use protocol::{
    ApiError, ErrorCode, device, event, handoff, ids, kiosk_health, kiosk_profile, kiosk_session, session, shop, speech, sync,
};
use serde_json::{Value, json};

use crate::samples::{a_shop, at, entry, featured, id, line, options, profile_at_kiosk, store, wire};

fn kiosk_session() -> kiosk_session::KioskSession {
    kiosk_session::KioskSession {
        kiosk_session_id: ids::KioskSessionId(id(3)),
        session_id: ids::SessionId(id(2)),
        assurance: session::Assurance::Password,
        customer: Some(kiosk_session::KioskCustomer {
            first_name: "Asha".into(),
            loyalty_tier: "Silver".into(),
            loyalty_points: 1211,
        }),
        profile: Some(profile_at_kiosk()),
        chat: vec![entry()],
        cart: vec![line()],
        currency: "INR".into(),
        version: 3,
        cursor: ids::Cursor(17),
        absolute_seconds_left: 900,
    }
}

#[test]
fn devices() {
    let jwk = device::Jwk { kty: "EC".into(), crv: "P-256".into(), x: "x".into(), y: "y".into() };
    insta::assert_json_snapshot!([
        wire(&device::ProofHeader { typ: "dpop+jwt".into(), alg: "ES256".into(), jwk }),
        wire(&device::ProofClaims {
            jti: "j".into(),
            htm: "POST".into(),
            htu: "https://a/b".into(),
            iat: 1,
            nonce: Some("n".into()),
            ath: Some("a".into())
        }),
        wire(&device::EnrolmentRequest { role: device::DeviceRole::Staff }),
        wire(&device::EnrolmentResponse { code: "BCDF-GHJK".into(), expires_in: 900, interval: 2 }),
        wire(&device::DeviceResponse {
            device_id: ids::DeviceId(id(4)),
            role: device::DeviceRole::Kiosk,
            label: "By the fitting rooms".into(),
            store: store(),
            shop: a_shop(),
            phone_origin: "https://shop.example".into(),
            featured: vec![featured()],
            staff_pin: Some(Box::new(device::StaffPin { salt: "c2FsdA".into(), rounds: 100_000, hash: "aGFzaA".into() })),
        }),
    ]);
}

#[test]
fn handoffs() {
    let sealed = handoff::Sealed { enc: "e".into(), ciphertext: "c".into() };
    let ends = [
        handoff::HandoffEnd::Cancelled,
        handoff::HandoffEnd::KioskLeft,
        handoff::HandoffEnd::Expired,
        handoff::HandoffEnd::SecondPhone,
        handoff::HandoffEnd::WrongDigits,
        handoff::HandoffEnd::Blocked,
        handoff::HandoffEnd::Replaced,
    ];
    insta::assert_json_snapshot!([
        wire(&handoff::OpenHandoffRequest { ephemeral_key: "k".into(), locale: shop::Locale::Hi }),
        wire(&handoff::OpenHandoffResponse {
            handoff_id: ids::HandoffId(id(5)),
            expires_in: 120,
            slot_seconds: 15,
            codes: vec!["A".repeat(26)],
            typed_code: "BCDFGHJK".into(),
        }),
        wire(&handoff::MatchRequest { digits: "47".into() }),
        wire(&handoff::IssuedSession { kiosk_session_id: ids::KioskSessionId(id(3)), token: sealed, session: kiosk_session() }),
        wire(&handoff::GuestRequest { ephemeral_key: "k".into(), locale: shop::Locale::En }),
        Value::Array(ends.iter().map(wire).collect()),
    ]);
}

#[test]
fn kiosk_sessions_and_events() {
    let event = |body| wire(&event::StreamEvent { cursor: ids::Cursor(18), at: at(), body });
    let session_id = ids::SessionId(id(2));
    let handoff_id = ids::HandoffId(id(5));
    insta::assert_json_snapshot!([
        wire(&kiosk_session()),
        event(event::EventBody::Opened),
        event(event::EventBody::HandoffClaimed { handoff_id }),
        event(event::EventBody::HandoffOver { handoff_id, reason: handoff::HandoffEnd::SecondPhone }),
        event(event::EventBody::KioskSessionEnded {
            kiosk_session_id: ids::KioskSessionId(id(3)),
            reason: kiosk_session::EndReason::Phone
        }),
        event(event::EventBody::ChatAppended { session_id, entry: entry(), op: Some(ids::OpKey(id(7))), version: 4 }),
        event(event::EventBody::CartChanged { session_id, cart: vec![line()], op: None, version: 5 }),
        event(event::EventBody::ProfileChanged { session_id, op: Some(ids::OpKey(id(7))) }),
        event(event::EventBody::DeviceChanged),
        event(event::EventBody::Touched),
        event(event::EventBody::DeviceRemoved),
        event(event::EventBody::CatalogueChanged),
    ]);
}

#[test]
fn an_event_of_a_newer_server_is_tolerated() {
    let event: event::StreamEvent =
        serde_json::from_value(json!({"cursor": 1, "at": at(), "body": {"kind": "from_the_future"}})).unwrap();
    assert_eq!(event.body, event::EventBody::Unknown);
}

#[test]
fn the_health_of_a_kiosk() {
    insta::assert_json_snapshot!([wire(&kiosk_health::KioskHealth {
        at: at(),
        version: "0.1.0".into(),
        server: "https://shop.example".into(),
        key_store: Some("Secret Service (login keyring)".into()),
        stream: kiosk_health::StreamHealth { state: kiosk_health::StreamState::Up, since: at(), last_event_at: Some(at()) },
        outbox: kiosk_health::OutboxHealth {
            readable: true,
            waiting: 3,
            oldest: Some(at()),
            in_memory: 1,
            unreadable: 1,
            attempts: 2,
            failing_with: Some(ErrorCode::ServerUnreachable),
            next_try_at: Some(at()),
            held_up: vec![kiosk_health::HeldUp { attempts: 4, code: ErrorCode::InternalError, next_try_at: at() }],
            wedged: vec![kiosk_health::WedgedChange { key: ids::OpKey(id(7)), made_at: at(), code: ErrorCode::ProductNotFound }],
        },
        catalogue: kiosk_health::CatalogueHealth {
            readable: true,
            complete: false,
            products: 500,
            copied: 480,
            total: 50_000,
            as_of: Some(at()),
            failing_with: Some(ErrorCode::ServerUnreachable),
        },
        set_aside: vec![kiosk_health::SetAside { file: "/var/lib/vitrine/outbox.db.damaged-1770890400000".into(), at: at() }],
        problems: vec![kiosk_health::SeenProblem {
            part: kiosk_health::Part::Disk,
            code: ErrorCode::DataFolderNotWritable,
            times: 2,
            at: at(),
        }],
    })]);
}

#[test]
fn changes_of_a_kiosk() {
    let op = |body| wire(&sync::Op { key: ids::OpKey(id(7)), kiosk_session_id: ids::KioskSessionId(id(3)), made_at: at(), body });
    insta::assert_json_snapshot!([
        wire(&sync::PushRequest::default()),
        wire(&sync::PushRequest { ops: vec![], holding: Some(ids::KioskSessionId(id(3))) }),
        op(sync::OpBody::BeginGuest { session_id: ids::SessionId(id(4)), token_hash: "c2hhMjU2".into() }),
        op(sync::OpBody::Chat { message: "hello".into(), answered_here: false }),
        op(sync::OpBody::Chat { message: "hello".into(), answered_here: true }),
        op(sync::OpBody::Answer { message: "Hello.".into(), metadata: None, answers: Some(ids::OpKey(id(8))) }),
        op(sync::OpBody::Answer {
            message: "Hello.".into(),
            metadata: json!({"intent": "support"}).as_object().cloned(),
            answers: None,
        }),
        op(sync::OpBody::AddToCart { sku: "SKU-1001".into(), quantity: 1, options: options() }),
        op(sync::OpBody::SetQuantity { sku: "SKU-1001".into(), quantity: 0, options: BTreeMap::new() }),
        op(sync::OpBody::ChangeProfile {
            base_version: 5,
            field: kiosk_profile::ProfileField::ShoeSize,
            seen: Some("42".into()),
            value: Some("43".into()),
        }),
        op(sync::OpBody::ChangeProfile { base_version: 5, field: kiosk_profile::ProfileField::Fit, seen: None, value: None }),
        op(sync::OpBody::End { reason: kiosk_session::EndReason::Idle }),
        wire(&sync::PushResponse {
            applied: vec![ids::OpKey(id(7))],
            refused: vec![sync::Refusal::new(ids::OpKey(id(8)), ApiError::new(ErrorCode::ProductNotFound, "Product not found"))],
            later: vec![sync::Refusal::new(
                ids::OpKey(id(9)),
                ApiError::new(ErrorCode::ServiceUnavailable, "The service is not available right now. Please try again.")
            )],
        }),
        wire(&sync::Refusal {
            profile: Some(profile_at_kiosk()),
            ..sync::Refusal::new(ids::OpKey(id(9)), ApiError::new(ErrorCode::VersionConflict, "Choose again."))
        }),
        wire(&speech::SpeechRequest { input: "hello".into(), locale: shop::Locale::Ar }),
    ]);
}
