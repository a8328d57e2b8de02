//! Every serialised type as it stands on the wire. A change here is a change for clients, kiosks and stored data.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;

use protocol::{
    ApiError, ErrorCode, Timestamp, account, auth, catalogue, chat, checkout, customer, device, error, event, handoff, health,
    ids, intent, kiosk_health, kiosk_profile, kiosk_session, look_up, loyalty, media, memory, order, phone, profile, session,
    shop, speech, staff, stock, sync, transcript, view, voice_agent, voice_session, voice_start,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use uuid::Uuid;

/// The wire form of `value`, after checking that it reads back as the same wire form.
fn wire<T: Serialize + DeserializeOwned>(value: &T) -> Value {
    let sent = serde_json::to_value(value).unwrap();
    let read: T = serde_json::from_value(sent.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), sent, "what is written must be readable");
    sent
}

fn at() -> Timestamp {
    Timestamp::parse("2026-02-12T10:00:00.123456Z").unwrap()
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn options() -> BTreeMap<String, String> {
    BTreeMap::from([("size".into(), "M".into())])
}

fn card() -> catalogue::ProductCard {
    catalogue::ProductCard {
        kind: catalogue::CardKind::Product,
        sku: "SKU-1001".into(),
        name: "Field Jacket".into(),
        price: 5490.0,
        price_minor: 549_000,
        currency: "INR".into(),
        image: "/images/SKU-1001.svg".into(),
        image_url: "/images/SKU-1001.svg".into(),
        description: "Warm.".into(),
        personalized_reason: Some("2 left in this store".into()),
        gift_message: None,
        gift_suitability: None,
        brand: Some("Samplewear".into()),
        color: Some("pine".into()),
        color_hex: Some("#2f4a43".into()),
        sizes: vec!["M".into()],
        in_this_store: Some(2),
    }
}

fn entry() -> session::ChatEntry {
    session::ChatEntry {
        id: ids::EntryId(id(1)),
        sender: session::Sender::User,
        message: "white shoes?".into(),
        timestamp: at(),
        channel: session::Channel::Web,
        metadata: json!({"intent": "recommendation"}).as_object().cloned(),
    }
}

fn line() -> session::CartLine {
    session::CartLine {
        sku: "SKU-1001".into(),
        name: "Field Jacket".into(),
        quantity: 2,
        price: 5490.0,
        price_minor: 549_000,
        currency: "INR".into(),
        image_url: "/images/SKU-1001.svg".into(),
        options: options(),
        price_changed: true,
    }
}

fn customer() -> customer::Customer {
    customer::Customer {
        customer_id: "901".into(),
        name: "Asha Example".into(),
        age: Some(29),
        gender: "Female".into(),
        phone_number: "+12025550101".into(),
        city: "Springfield".into(),
        building_name: String::new(),
        address_landmark: String::new(),
        loyalty_tier: "Silver".into(),
        loyalty_points: 1211,
        device_preference: "mobile".into(),
        total_spend: 12_080.08,
        items_purchased: 2,
        average_rating: 4.6,
        days_since_last_purchase: 25,
        satisfaction: "Satisfied".into(),
        purchase_history: vec![customer::Purchase {
            order_id: "ORD000901".into(),
            sku: "SKU000901".into(),
            qty: 2,
            amount: 3232.48,
            date: "2025-12-05".into(),
            rating: Some(3.8),
        }],
    }
}

fn session() -> session::Session {
    session::Session {
        session_id: ids::SessionId(id(2)),
        session_token: "0f3c9a6be1d24c7f8a905b61c2d7e8f4".into(),
        phone: "+12025550101".into(),
        telegram_chat_id: None,
        channel: session::Channel::Kiosk,
        user_id: "901".into(),
        customer_id: "901".into(),
        data: session::SessionData {
            cart: vec![line()],
            recent: vec![session::RecentView { product: "SKU-1002".into(), viewed_at: at() }],
            chat_context: vec![entry()],
            last_action: json!({"type": "view_product"}).as_object().cloned(),
            channels: vec![session::Channel::Web, session::Channel::Kiosk],
            conversation_summary: String::new(),
            last_recommended_skus: vec!["SKU-1001".into()],
            shipping_address: Some(BTreeMap::from([("city".into(), "Springfield".into())])),
            customer_profile: None,
        },
        metadata: session::SessionMetadata {
            channels: vec![session::Channel::Web, session::Channel::Kiosk],
            ..Default::default()
        },
        created_at: at(),
        updated_at: at(),
        is_active: true,
        expires_at: at(),
        customer_profile: Some(customer()),
        version: 3,
        guest: false,
        assurance: session::Assurance::Password,
    }
}

fn profile_at_kiosk() -> kiosk_profile::KioskProfile {
    kiosk_profile::KioskProfile { version: 5, clothing_size: Some("M".into()), shoe_size: Some("42".into()), fit: None }
}

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

fn a_shop() -> shop::Shop {
    shop::Shop {
        name: "Maren & Co".into(),
        country: "IN".into(),
        currency: "INR".into(),
        time_zone: "Asia/Kolkata".into(),
        languages: vec![shop::Locale::En, shop::Locale::Hi, shop::Locale::Es, shop::Locale::Ar],
        theme: shop::Theme::default(),
        featured: vec!["SKU-1001".into()],
    }
}

fn store() -> shop::Store {
    shop::Store {
        store_id: "S01".into(),
        name: "Linking Road".into(),
        city: "Mumbai".into(),
        address: "1 Sample Street".into(),
        opening_hours: "10:00-21:30".into(),
    }
}

fn featured() -> catalogue::FeaturedProduct {
    catalogue::FeaturedProduct {
        sku: "SKU-1001".into(),
        name: "Field Jacket".into(),
        image: "/images/SKU-1001.svg".into(),
        color_hex: Some("#2f4a43".into()),
    }
}

#[test]
fn errors() {
    let mut error = ApiError::new(ErrorCode::ValidationError, "Check the marked fields.");
    error.errors.push(error::FieldError { field: "age".into(), code: ErrorCode::ValidationError, message: "0 to 150".into() });
    error.retry_after = Some(7);
    insta::assert_json_snapshot!([wire(&error), wire(&ApiError::new(ErrorCode::SessionNotFound, "Session not found"))]);
    insta::assert_json_snapshot!(
        "error_codes",
        ErrorCode::ALL
            .iter()
            .map(|code| (serde_json::to_value(code).unwrap().as_str().unwrap().to_owned(), code.status()))
            .collect::<Vec<_>>()
    );
}

#[test]
fn sessions() {
    insta::assert_json_snapshot!([
        wire(&session()),
        wire(&session::StartRequest {
            phone: Some("+12025550101".into()),
            customer_id: Some("901".into()),
            ..Default::default()
        }),
        wire(&session::StartResponse { success: true, session_token: "t".into(), session: session() }),
        wire(&session::RestoreResponse { session_token: "t".into(), session: session() }),
        wire(&session::UpdateRequest { action: "clear_cart".into(), payload: serde_json::Map::new(), if_version: Some(3) }),
        wire(&session::UpdateResponse { session: session() }),
        wire(&session::EndRequest { scope: session::EndScope::Channel }),
        wire(&session::EndResponse {
            message: "Session ended successfully".into(),
            session_id: ids::SessionId(id(2)),
            phone: "+12025550101".into()
        }),
    ]);
}

#[test]
fn ids_in_bodies_may_be_numbers() {
    let request: session::StartRequest =
        serde_json::from_value(json!({"phone": "1", "customer_id": 901, "user_id": null})).unwrap();
    assert_eq!((request.customer_id.as_deref(), request.user_id), (Some("901"), None));
}

#[test]
fn passwords() {
    let signup = auth::SignupRequest {
        name: "Asha Example".into(),
        phone_number: "2025550101".into(),
        password: "secret".into(),
        age: Some(29),
        gender: None,
        city: None,
        building_name: None,
        address_landmark: None,
        channel: None,
    };
    let login = auth::LoginRequest { phone_number: "2025550101".into(), password: "secret".into(), channel: Some("web".into()) };
    assert!(!format!("{signup:?}{login:?}").contains("secret"));
    insta::assert_json_snapshot!([
        wire(&signup),
        wire(&login),
        wire(&auth::AuthResponse {
            success: true,
            message: "Login successful".into(),
            session_token: "t".into(),
            session: session(),
            customer: customer()
        }),
        wire(&auth::LogoutResponse {
            success: true,
            message: "Logged out successfully".into(),
            session_id: ids::SessionId(id(2))
        }),
    ]);
}

#[test]
fn an_age_may_be_a_text_of_digits_but_no_fraction() {
    let read = |age: Value| {
        serde_json::from_value::<auth::SignupRequest>(json!({"name": "A", "phone_number": "1", "password": "p", "age": age}))
    };
    assert_eq!(read(json!("29")).unwrap().age, Some(29));
    assert!(read(json!(29.5)).is_err());
    assert!(read(json!(151)).is_err());
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
fn phones() {
    insta::assert_json_snapshot!([
        wire(&phone::VisitRequest { code: "A".repeat(26) }),
        wire(&phone::Visit {
            ticket: "t".into(),
            expires_in: 60,
            shop_name: "Maren & Co".into(),
            theme: shop::Theme::default(),
            country: "IN".into(),
            store_name: "Linking Road".into(),
            store_city: "Mumbai".into(),
            kiosk_label: "By the fitting rooms".into(),
            locale: shop::Locale::Es,
        }),
        wire(&phone::PhoneMe {
            first_name: Some("Asha".into()),
            csrf_token: "c".into(),
            live_claim: Some(ids::ClaimId(id(6))),
            shop_name: "Maren & Co".into(),
            theme: shop::Theme::default(),
            providers: vec![phone::SignInProvider { id: "clerk".into(), name: "Clerk".into() }],
            password_reset: true,
        }),
        wire(&phone::ProviderStart { link: true }),
        wire(&phone::ProviderAddress { address: "https://id.example/authorize?state=s".into() }),
        wire(&phone::PhoneSignIn { phone_number: "1".into(), password: "p".into() }),
        wire(&phone::PhoneSignUp { name: "Asha".into(), phone_number: "1".into(), password: "p".into() }),
        wire(&phone::ClaimRequest { ticket: "t".into() }),
        wire(&phone::Claim {
            claim_id: ids::ClaimId(id(6)),
            store_name: "Linking Road".into(),
            kiosk_label: "By the fitting rooms".into(),
            state: phone::ClaimState::Digits { digits: "47".into(), expires_in: 100 },
        }),
        wire(&phone::ClaimState::Live),
        wire(&phone::ClaimState::Ended { reason: kiosk_session::EndReason::Phone }),
        wire(&phone::ClaimState::Failed { reason: handoff::HandoffEnd::WrongDigits }),
    ]);
}

#[test]
fn what_a_phone_sends_is_not_printed_by_accident() {
    let shown = format!(
        "{:?}{:?}{:?}{:?}",
        phone::VisitRequest { code: "SECRET".into() },
        phone::PhoneSignIn { phone_number: "SECRET".into(), password: "SECRET".into() },
        phone::PhoneSignUp { name: "SECRET".into(), phone_number: "SECRET".into(), password: "SECRET".into() },
        phone::ClaimState::Digits { digits: "SECRET".into(), expires_in: 1 },
    );
    assert!(!shown.contains("SECRET"));
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
        op(sync::OpBody::Answer { message: "Hello.".into(), metadata: None }),
        op(sync::OpBody::Answer { message: "Hello.".into(), metadata: json!({"intent": "support"}).as_object().cloned() }),
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

#[test]
fn the_catalogue() {
    insta::assert_json_snapshot!([
        wire(&product()),
        wire(&card()),
        wire(&featured()),
        wire(&a_shop()),
        wire(&store()),
        wire(&customer()),
        wire(&catalogue::CataloguePage {
            revision: "8f14e45fceea167a.1204".into(),
            complete: true,
            as_of: at(),
            total: 50_000,
            products: vec![product()],
            removed: vec!["SKU-1002".into()],
            stock: vec![catalogue::ProductStock { sku: "SKU-1001".into(), in_this_store: Some(3), everywhere: 12 }],
        }),
    ]);
}

fn product() -> catalogue::Product {
    catalogue::Product {
        sku: "SKU-1001".into(),
        name: "Field Jacket".into(),
        description: "Warm.".into(),
        price: 5490.0,
        price_minor: 549_000,
        currency: "INR".into(),
        rating: Some(4.4),
        stock: 12,
        category: "Outerwear".into(),
        subcategory: None,
        brand: None,
        gender: None,
        color: None,
        image_url: "/images/SKU-1001.svg".into(),
        attributes: options(),
    }
}

#[test]
fn sizes_are_read_from_each_notation() {
    let sizes = |text: &str| {
        let attributes = [("sizes".to_owned(), text.to_owned())].into();
        catalogue::Product { attributes, ..product() }.sizes()
    };
    for text in ["S|M", "S, M", "S;M;", r#"["S", "M"]"#] {
        assert_eq!(sizes(text), ["S", "M"], "{text}");
    }
    assert_eq!(sizes(""), Vec::<String>::new());
}

#[test]
fn answers_about_the_server_and_its_lists() {
    insta::assert_json_snapshot!([
        wire(&health::Health { status: "healthy".into(), ready: true, samples: false }),
        wire(&health::Ready { status: "ready".into() }),
        wire(&auth::AuthHealth::default()),
        wire(&catalogue::ProductPage { total: 1, limit: 20, offset: 0, products: vec![json!({"sku": "SKU-1"})] }),
        wire(&catalogue::StoreList { total: 1, stores: vec![store()] }),
    ]);
}

#[test]
fn views() {
    let frame = view::Frame {
        shop_name: "Maren & Co".into(),
        theme: shop::Theme::default(),
        languages: vec![shop::Locale::En],
        store_name: Some("Linking Road".into()),
        opening_hours: Some("10:00-21:30".into()),
        online: true,
        voice: view::VoiceView { available: true, muted: false, speaking: true },
    };
    let screens = [
        view::Screen::Starting,
        view::Screen::Connecting {
            problem: ErrorCode::ServerUnreachable,
            about: "http://127.0.0.1:7070".into(),
            retry_in: Some(4),
        },
        view::Screen::Enrolling { code: Some("BCDF-GHJK".into()), server: "http://127.0.0.1:7070".into() },
        view::Screen::Attract(view::AttractView {
            code: Some(view::CodeView {
                path: "M0 0h1v1h-1z".into(),
                size: 29,
                typed: "BCDF-GHJK".into(),
                address: "shop.example/k".into(),
            }),
            featured: vec![featured()],
        }),
        view::Screen::Matching { typed: 1, checking: false },
        view::Screen::Conversation(view::ConversationView {
            who: view::Who::Customer { first_name: "Asha".into(), loyalty_tier: "Silver".into(), loyalty_points: 1211 },
            entries: vec![view::EntryView {
                key: "1".into(),
                sender: session::Sender::Agent,
                text: "Two ideas".into(),
                channel: session::Channel::Whatsapp,
                at: at(),
                delivery: view::Delivery::Waiting,
                cards: vec![card()],
                stock_as_of: Some(at()),
            }],
            cart: view::CartView {
                lines: vec![view::CartLineView {
                    sku: "SKU-1001".into(),
                    name: "Field Jacket".into(),
                    image: "/images/SKU-1001.svg".into(),
                    options: options(),
                    quantity: 2,
                    price_minor: 549_000,
                    price_changed: false,
                }],
                quantity: 2,
                total_minor: 1_098_000,
                currency: "INR".into(),
            },
            profile: Some(vec![view::ProfileFieldView {
                field: kiosk_profile::ProfileField::ShoeSize,
                value: Some("43".into()),
                waiting: false,
                dispute: Some(view::Dispute { here: Some("42".into()) }),
            }]),
            thinking: true,
        }),
        view::Screen::Goodbye { reason: kiosk_session::EndReason::Done, guest: false },
    ];
    let wires: Vec<Value> = screens
        .into_iter()
        .map(|screen| {
            wire(&view::View {
                number: 1,
                locale: shop::Locale::En,
                frame: frame.clone(),
                screen,
                overlay: Some(view::Overlay::IdleWarning { seconds_left: 20 }),
                notice: Some(view::Notice::HandoffOver { reason: handoff::HandoffEnd::WrongDigits }),
            })
        })
        .collect();
    insta::assert_json_snapshot!(wires);
    insta::assert_json_snapshot!(
        "notices",
        [
            wire(&view::Notice::Refused { code: ErrorCode::ProductNotFound }),
            wire(&view::Notice::AddedToCart),
            wire(&view::Notice::ProfileConflict)
        ]
    );
}

#[test]
fn intents() {
    insta::assert_json_snapshot!([
        wire(&intent::Intent::Touched),
        wire(&intent::Intent::MoreTime),
        wire(&intent::Intent::ContinueAsGuest),
        wire(&intent::Intent::PressDigit { digit: 7 }),
        wire(&intent::Intent::EraseDigit),
        wire(&intent::Intent::CancelMatch),
        wire(&intent::Intent::SendMessage { text: "hello".into() }),
        wire(&intent::Intent::AddToCart { sku: "SKU-1001".into(), options: options() }),
        wire(&intent::Intent::SetQuantity { sku: "SKU-1001".into(), options: options(), quantity: 0 }),
        wire(&intent::Intent::ChangeProfile { field: kiosk_profile::ProfileField::ShoeSize, value: Some("42".into()) }),
        wire(&intent::Intent::ChangeProfile { field: kiosk_profile::ProfileField::ClothingSize, value: None }),
        wire(&intent::Intent::SettleProfile { field: kiosk_profile::ProfileField::Fit, here: true }),
        wire(&intent::Intent::Done),
        wire(&intent::Intent::SetLocale { locale: shop::Locale::Ar }),
        wire(&intent::Intent::SetMuted { muted: true }),
        wire(&intent::Intent::SpeakEntry { key: "1".into() }),
        wire(&intent::Intent::Retry),
        wire(&intent::Intent::OpenStaff),
        wire(&intent::Intent::PressPin { digit: 7 }),
        wire(&intent::Intent::ErasePin),
        wire(&intent::Intent::EnterPin),
        wire(&intent::Intent::CloseStaff),
        wire(&intent::Intent::LookUp { text: "kurta".into() }),
        wire(&intent::Intent::LeaveLookUp),
        wire(&intent::Intent::EndVisit),
        wire(&intent::Intent::StartAnew),
    ]);
}

#[test]
fn the_staffs_screen() {
    let pin = |answer| view::Overlay::StaffPin { typed: 2, checking: false, answer };
    insta::assert_json_snapshot!([
        wire(&pin(None)),
        wire(&pin(Some(view::PinAnswer::Wrong))),
        wire(&pin(Some(view::PinAnswer::Locked { seconds_left: 30 }))),
        wire(&pin(Some(view::PinAnswer::Unset))),
        wire(&view::Overlay::StaffDesk { health: None, visit: true, look_up: None }),
    ]);
}

#[test]
fn what_staff_look_up() {
    let desk = |answer| {
        let look_up = Some(look_up::LookUp { text: "anarkali".into(), answer });
        wire(&view::Overlay::StaffDesk { health: None, visit: false, look_up })
    };
    let found = look_up::FoundProduct {
        sku: "SKU-1001".into(),
        name: "Anarkali".into(),
        image: "/images/SKU-1001.svg".into(),
        price_minor: 549_000,
        currency: "INR".into(),
        color: Some("Saffron".into()),
        color_hex: Some("#f4c430".into()),
        sizes: vec!["S".into(), "M".into()],
        in_this_store: Some(3),
        everywhere: 12,
        as_of: at(),
    };
    insta::assert_json_snapshot!([
        desk(None),
        desk(Some(look_up::LookUpAnswer::NotCopied)),
        desk(Some(look_up::LookUpAnswer::Unreadable)),
        desk(Some(look_up::LookUpAnswer::Found { products: vec![found], more: true, complete: false })),
    ]);
}

#[test]
fn memory() {
    let (session_id, customer_id) = (ids::SessionId(id(2)), ids::CustomerId::from("901"));
    insta::assert_json_snapshot!([
        wire(&memory::SessionContext {
            session_id,
            customer_id: customer_id.clone(),
            phone: "+12025550101".into(),
            channel: session::Channel::Whatsapp,
            chat_context: vec![entry()],
            conversation_summary: "Looks for shoes.".into(),
            last_recommended_skus: vec!["SKU-1001".into()],
            cart: vec![line()],
            created_at: at(),
            updated_at: at(),
        }),
        wire(&memory::SessionSummary {
            session_id,
            customer_id: customer_id.clone(),
            summary: "Looks for shoes.".into(),
            total_messages: 4,
            last_updated: at(),
        }),
        wire(&memory::SummaryRequest { summary: "Looks for shoes.".into() }),
        wire(&memory::SummaryResponse { success: true, session_id, summary: "Looks for shoes.".into() }),
        wire(&memory::SessionRecommendations {
            session_id,
            customer_id: customer_id.clone(),
            last_recommended_skus: vec!["SKU-1001".into()],
            total_recommendations: 1,
        }),
        wire(&memory::SessionCart {
            session_id,
            customer_id,
            cart: vec![line()],
            cart_size: 1,
            total_quantity: 2,
            subtotal: 10_980.0,
            subtotal_minor: 1_098_000,
            currency: "INR".into(),
        }),
    ]);
}

#[test]
fn logins_without_a_password() {
    let login = session::LoginByPhoneRequest {
        phone_number: "2025550101".into(),
        name: "Asha Example".into(),
        customer_id: Some("901".into()),
        age: Some(29),
        gender: None,
        city: None,
        channel: Some("whatsapp".into()),
    };
    let init = auth::QrInitRequest { phone_number: Some("2025550101".into()) };
    let token = auth::QrInitResponse {
        success: true,
        qr_token: "f00d".into(),
        customer_id: "901".into(),
        message: "QR token generated successfully".into(),
        expires_in: 60,
        expires_at: at(),
    };
    let verify = auth::QrVerifyRequest { qr_token: "f00d".into(), channel: None, phone_number: None };
    let shown = format!("{login:?}{init:?}{token:?}{verify:?}");
    assert!(!shown.contains("2025550101") && !shown.contains("f00d"), "{shown}");
    insta::assert_json_snapshot!([
        wire(&login),
        wire(&session::LoginByPhoneResponse {
            success: true,
            session_token: "t".into(),
            session: session(),
            customer: customer()
        }),
        wire(&init),
        wire(&token),
        wire(&verify),
    ]);
}

#[test]
fn stock() {
    insta::assert_json_snapshot!([
        wire(&stock::StockPage {
            total: 110,
            limit: 20,
            offset: 0,
            inventory: vec![stock::StockLevels {
                sku: "SKU-1001".into(),
                online_stock: 6,
                store_stock: BTreeMap::from([("S01".into(), 4)]),
                total_stock: 10,
            }],
        }),
        wire(&stock::HoldRequest { sku: "SKU-1001".into(), quantity: 2, location: Some("store:S01".into()), ttl: Some(60) }),
        wire(&stock::HoldResponse {
            hold_id: "hold-7".into(),
            sku: "SKU-1001".into(),
            quantity: 2,
            location: "online".into(),
            remaining_stock: 4,
            expires_at: at(),
            status: "active".into(),
        }),
        wire(&stock::ReleaseRequest { hold_id: "hold-7".into() }),
        wire(&stock::ReleaseResponse { hold_id: "hold-7".into(), status: "released".into(), restored_stock: 6 }),
        wire(&stock::SaleRequest { sku: "SKU-1001".into(), quantity: 2, location: None }),
        wire(&stock::SaleResponse {
            sku: "SKU-1001".into(),
            quantity_sold: 2,
            location: "online".into(),
            remaining_stock: 4,
            status: "sold".into(),
        }),
    ]);
}

#[test]
fn orders_and_payments() {
    let line = order::OrderLine {
        sku: "SKU-1001".into(),
        qty: 2,
        unit_price: 5490.0,
        unit_price_minor: 549_000,
        line_total: 10_980.0,
        line_total_minor: 1_098_000,
        currency: "INR".into(),
        name: Some("Field Jacket".into()),
        image: Some("/images/SKU-1001.svg".into()),
        brand: None,
        category: Some("Outerwear".into()),
        color: Some("pine".into()),
    };
    let order = order::Order {
        order_id: "ORD000901".into(),
        customer_id: "901".into(),
        items: vec![line],
        total_amount: 10_980.0,
        total_amount_minor: 1_098_000,
        currency: "INR".into(),
        status: "delivered".into(),
        created_at: at(),
        shipping_address: Some(BTreeMap::from([("city".into(), "Pune".into())])),
    };
    let payment = order::Payment {
        payment_id: "PAY1".into(),
        order_id: "ORD000901".into(),
        customer_id: "901".into(),
        amount: 10_980.0,
        amount_minor: 1_098_000,
        currency: "INR".into(),
        method: "card".into(),
        status: "completed".into(),
        created_at: at(),
        transaction_id: Some("tx_77".into()),
    };
    insta::assert_json_snapshot!([
        wire(&order::OrderPage { total: 1, limit: 20, offset: 0, orders: vec![order] }),
        wire(&order::CustomerPage { total: 1, limit: 20, offset: 0, customers: vec![customer()] }),
        wire(&order::PaymentPage { total: 1, limit: 20, offset: 0, payments: vec![payment] }),
    ]);
}

#[test]
fn checkout_and_payment() {
    use checkout::{
        CheckedItem, CheckoutItem, CheckoutRequest, CheckoutResponse, CheckoutStatus, CheckoutSteps, HoldsStep, InventoryStep,
        PaymentChoice, PaymentMethod, PaymentOutcome, PaymentStep, PlainStep, PostPaymentRequest, PostPaymentResponse,
        StepStatus,
    };
    let sku = || ids::Sku::from("SKU-1001");
    let steps = CheckoutSteps {
        verify_inventory: InventoryStep {
            status: StepStatus::Completed,
            items: vec![CheckedItem { sku: sku(), quantity: 2, available: true }],
        },
        holds: HoldsStep {
            status: StepStatus::Completed,
            hold_ids: vec!["hold-00000000-0000-0000-0000-000000000001".into()],
            expires_at: Some(at()),
        },
        payment: PaymentStep {
            status: StepStatus::Pending,
            payment_id: Some("pay-00000000-0000-0000-0000-000000000002".into()),
            method: PaymentMethod::CashOnDelivery,
        },
        orders_csv: PlainStep { status: StepStatus::Skipped },
        fulfillment: PlainStep { status: StepStatus::Failed },
    };
    insta::assert_json_snapshot!([
        wire(&CheckoutRequest {
            customer_id: Some("901".into()),
            items: vec![CheckoutItem { sku: sku(), quantity: 2 }],
            payment_method: PaymentChoice { kind: PaymentMethod::Upi },
            shipping_address: None,
            session_token: None,
        }),
        wire(&CheckoutResponse {
            status: CheckoutStatus::Completed,
            order_id: Some("ORD-20260212100000-901".into()),
            steps,
            message: "Order placed successfully".into(),
            total_amount: 10_980.0,
            total_amount_minor: 1_098_000,
            currency: "INR".into(),
        }),
        wire(&PostPaymentRequest {
            order_id: "ORD-20260212100000-901".into(),
            customer_id: Some("901".into()),
            session_token: None,
            amount_paid: 10_980.0,
            payment_id: "pay-00000000-0000-0000-0000-000000000002".into(),
            transaction_id: Some("tx_77".into()),
            status: Some(PaymentOutcome::Failed),
        }),
        wire(&PostPaymentResponse {
            status: "success".into(),
            order_id: "ORD-20260212100000-901".into(),
            message: "Payment received; the order goes on.".into(),
            processing_started: true,
            agents_triggered: vec!["inventory".into(), "post_purchase".into()],
            payment_status: PaymentOutcome::Completed,
        }),
        wire(&[CheckoutStatus::Completed, CheckoutStatus::Failed]),
    ]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one value of each type")]
fn loyalty() {
    let user_id = || ids::CustomerId::from("901");
    let promotion = loyalty::ApplicablePromotion {
        name: "Weekend".into(),
        discount: 25,
        condition: "Sat, Sun, from ₹1,500".into(),
        savings: 500.0,
        savings_minor: 50_000,
        currency: "INR".into(),
    };
    insta::assert_json_snapshot!([
        wire(&loyalty::PointsResponse { user_id: user_id(), points: 1_211 }),
        wire(&loyalty::TierResponse {
            user_id: user_id(),
            points: 1_211,
            tier: "Silver".into(),
            benefits: serde_json::Map::new(),
            next_tier: Some("Gold".into()),
            points_to_next_tier: 789,
            source: "supabase".into(),
        }),
        wire(&loyalty::AddPointsRequest { user_id: user_id(), points: 5, reason: None, order_id: Some("ORD1".into()) }),
        wire(&loyalty::AddPointsResponse {
            success: true,
            user_id: user_id(),
            points_added: 5,
            new_balance: 1_216,
            reason: "purchase".into(),
            timestamp: at(),
        }),
        wire(&loyalty::EarnResponse {
            success: true,
            user_id: user_id(),
            amount_spent: 50.0,
            amount_spent_minor: 5_000,
            currency: "INR".into(),
            points_earned: 5,
            bonus_points: 0,
            total_points: 5,
            new_balance: 1_216,
            tier_before: "Silver".into(),
            tier_after: "Silver".into(),
            message: "You earned 5 points.".into(),
            timestamp: at(),
        }),
        wire(&loyalty::CouponResponse {
            valid: true,
            coupon_code: "SAVE15".into(),
            discount_percent: 15,
            min_purchase: 750.0,
            min_purchase_minor: 75_000,
            currency: "INR".into(),
            message: "15 % off from ₹750".into(),
        }),
        wire(&loyalty::ApplyRequest {
            user_id: user_id(),
            cart_total: 1_000.0,
            applied_coupon: Some("SAVE15".into()),
            loyalty_points_used: Some(100),
        }),
        wire(&loyalty::ApplyResponse {
            success: true,
            original_total: 1_000.0,
            original_total_minor: 100_000,
            discount_from_coupon: 150.0,
            discount_from_coupon_minor: 15_000,
            discount_from_points: 100.0,
            discount_from_points_minor: 10_000,
            final_total: 750.0,
            final_total_minor: 75_000,
            currency: "INR".into(),
            coupon_applied: Some("SAVE15".into()),
            points_used: 100,
            points_remaining: 1_111,
            message: "You save ₹250.".into(),
        }),
        wire(&loyalty::CheckPromotionsRequest { user_id: user_id(), cart_total: 2_000.0, category: None }),
        wire(&loyalty::CheckPromotionsResponse {
            applicable_promotions: vec![promotion.clone()],
            best_promotion: Some(promotion),
            total_savings: 500.0,
            total_savings_minor: 50_000,
            currency: "INR".into(),
            message: "Weekend saves ₹500.".into(),
        }),
        wire(&loyalty::ActivePromotions {
            promotions: vec![loyalty::ActivePromotion {
                name: "Weekend".into(),
                discount: 25,
                min_purchase: 1_500.0,
                min_purchase_minor: 150_000,
                currency: "INR".into(),
                category: None,
                condition: "Sat, Sun, from ₹1,500".into(),
                description: "Two days for the whole family".into(),
            }],
            active_count: 1,
            timestamp: at(),
        }),
        wire(&loyalty::CalculatePointsRequest { user_id: user_id(), purchase_amount: 50.0, items_count: 1 }),
        wire(&loyalty::CalculatePointsResponse {
            points_earned: 5,
            tier_bonus: 0,
            special_bonus: 0,
            total_points: 5,
            message: "This purchase gives 5 points.".into(),
        }),
        wire(&loyalty::CalculateDiscountsRequest { user_id: user_id(), cart_total: 2_000.0 }),
        wire(&loyalty::CalculateDiscountsResponse {
            success: true,
            original_total: 2_000.0,
            original_total_minor: 200_000,
            tier_discount_percent: 2,
            tier_discount_amount: 40.0,
            tier_discount_amount_minor: 4_000,
            best_coupon: Some("NEW50".into()),
            coupon_discount_amount: 1_000.0,
            coupon_discount_amount_minor: 100_000,
            best_promotion: None,
            promotion_discount_amount: 0.0,
            promotion_discount_amount_minor: 0,
            total_discount_amount: 1_040.0,
            total_discount_amount_minor: 104_000,
            final_total: 960.0,
            final_total_minor: 96_000,
            currency: "INR".into(),
            message: "You save ₹1,040.".into(),
        }),
    ]);
}

fn reads<T: DeserializeOwned>(sent: Value) -> T {
    serde_json::from_value(sent).unwrap()
}

fn preferences() -> account::Preferences {
    account::Preferences {
        preferred_voice: account::Voice::Nova,
        preferred_language: account::Language::Es,
        favorite_topics: vec!["travel".into()],
        system_prompt_override: String::new(),
    }
}

#[test]
fn accounts() {
    let email = Some("asha@example.com".to_owned());
    insta::assert_json_snapshot!(json!([
        wire(&account::RegisterRequest {
            email: "asha@example.com".into(),
            password: "walking by the river".into(),
            display_name: "Asha Example".into(),
        }),
        wire(&account::EmailLoginRequest { email: "asha@example.com".into(), password: "walking by the river".into() }),
        wire(&account::SignedInUser {
            id: ids::AccountId(id(1)),
            email: email.clone(),
            display_name: "Asha Example".into(),
            created_at: at(),
            csrf_token: "c9f1".into(),
        }),
        wire(&account::UserProfile {
            id: ids::AccountId(id(1)),
            email: email.clone(),
            email_verified: true,
            pending_email: None,
            display_name: "Asha Example".into(),
            roles: vec![staff::Role::Customer, staff::Role::Staff, staff::Role::Manager],
            created_at: at(),
            updated_at: at(),
            preferences: preferences(),
        }),
        wire(&account::StoredPreferences {
            preferred_voice: account::Voice::Alloy,
            preferred_language: account::Language::En,
            favorite_topics: Vec::new(),
            system_prompt_override: String::new(),
            updated_at: at(),
        }),
        wire(&account::ChangePasswordRequest { current_password: "one".into(), new_password: "two".into() }),
        wire(&account::FirstPasswordRequest { new_password: "one".into() }),
        wire(&account::UserChange { display_name: Some("Asha".into()), email: None }),
        wire(&account::ValidSession {
            valid: true,
            user_id: ids::AccountId(id(1)),
            email,
            display_name: "Asha Example".into(),
            preferences: preferences(),
        }),
        wire(&account::Done { message: "Logged out successfully".into() }),
        wire(&account::AccountHealth { status: "healthy".into(), service: "accounts".into() }),
        wire(&account::MailRequest { email: "asha@example.com".into() }),
        wire(&account::PasswordResetRequest { token: "t".into(), new_password: "two".into() }),
        wire(&account::TokenRequest { token: "t".into() }),
    ]));
}

#[test]
fn spoken_conversations() {
    let item = voice_session::HistoryItem {
        id: ids::VoiceSessionId(id(1)),
        room: "quickstart".into(),
        started_at: at(),
        ended_at: Some(at()),
        utterance_count: 24,
        system_prompt: "Be kind.".into(),
    };
    let report: voice_session::IngestRequest = reads(json!({
        "session": {"id": "9d0b", "room": "quickstart", "user_id": null},
        "events": [{"role": "user", "text": "hello", "is_final": true, "final": true, "seq": 1}],
    }));
    assert_eq!(report.events.unwrap()[0].last, Some(true));
    insta::assert_json_snapshot!(json!([
        wire(&voice_session::HistoryPage {
            count: 45,
            next: Some("/api/users/history?limit=20&offset=20".into()),
            previous: None,
            results: vec![item],
        }),
        wire(&voice_session::HistoryEntry {
            id: ids::VoiceSessionId(id(1)),
            room: "quickstart".into(),
            started_at: at(),
            ended_at: None,
            duration_ms: None,
            system_prompt: "Be kind.".into(),
            metadata: serde_json::Map::new(),
            utterances: vec![voice_session::Utterance {
                id: ids::UtteranceId(id(2)),
                session: ids::VoiceSessionId(id(1)),
                seq: 1,
                role: voice_session::Speaker::Agent,
                text: "Hello!".into(),
                event: None,
                is_final: true,
                created_at: at(),
            }],
        }),
        wire(&voice_session::SaveSessionRequest {
            session_id: "9d0b".into(),
            messages: vec![voice_session::SavedMessage { role: "user".into(), text: "hello".into(), timestamp: Some(1.0) }],
            ticket: None,
        }),
        wire(&voice_session::IngestAnswer { created: 2, ended: false }),
    ]));
}

#[test]
fn spoken_conversations_while_they_live() {
    let said = |role, text: Option<&str>, event: Option<&str>, is_final| transcript::TranscriptEvent {
        id: "u-7".into(),
        seq: 12,
        at: at(),
        role,
        text: text.map(Into::into),
        event: event.map(Into::into),
        reason: None,
        code: None,
        is_final,
        last: is_final,
    };
    insta::assert_json_snapshot!(json!([
        wire(&voice_start::VoiceToken {
            token: "jwt".into(),
            room: "v-5b1d".into(),
            identity: "asha-4k2p9q".into(),
            url: "wss://media.example.com".into(),
            ticket: "t_1".into(),
            expires_at: at(),
        }),
        wire(&voice_start::StartVoiceRequest {
            room: "quickstart".into(),
            identity: "asha-4k2p9q".into(),
            system_prompt: Some("Be kind.".into()),
            ticket: None,
        }),
        wire(&voice_start::VoiceStarted {
            session_id: ids::VoiceSessionId(id(1)),
            room: "v-5b1d".into(),
            identity: "asha-4k2p9q".into(),
            ticket: "t_2".into(),
            ws_url: "wss://shop.example/ws/transcript/1".into(),
        }),
        wire(&voice_start::VoiceStopped { stopped: true }),
        wire(&said(voice_session::Speaker::User, Some("A white"), None, false)),
        wire(&said(voice_session::Speaker::Agent, None, Some(transcript::SPEECH_STARTED), true)),
        wire(&transcript::TranscriptEvent {
            reason: Some(voice_session::VoiceEnd::Stopped),
            ..said(voice_session::Speaker::Event, None, Some(transcript::SESSION_ENDED), true)
        }),
        wire(&transcript::TranscriptEvent {
            code: Some(ErrorCode::VoiceUnavailable),
            ..said(voice_session::Speaker::Event, None, Some(transcript::ERROR), true)
        }),
        wire(&voice_agent::VoiceBriefing {
            session_id: ids::VoiceSessionId(id(1)),
            room: Some("v-5b1d".into()),
            identity: Some("asha-4k2p9q".into()),
            label: "quickstart".into(),
            user_id: Some(ids::AccountId(id(2))),
            prompt: "Rules. Be kind.".into(),
            policy: "Rules.".into(),
            persona: "Be kind.".into(),
            voice: account::Voice::Nova,
            language: account::Language::Es,
            topics: vec!["travel".into()],
            started_at: at(),
            ended_at: None,
        }),
        wire(&voice_agent::VoiceAgentReport {
            name: "agent-1".into(),
            stt: Some("deepgram".into()),
            tts: None,
            llm: None,
            tts_voice: None,
            ready: Some(false),
        }),
        wire(&voice_agent::VoiceAgentSeen { until: at() }),
        wire(&voice_agent::Diagnostics {
            livekit: voice_agent::MediaSettings { url: true, api_key: true, api_secret: false },
            providers: voice_agent::Providers { stt: Some("deepgram".into()), ..Default::default() },
            persistence: voice_agent::Persistence { configured: true, last_ingest_ts: Some(at()), event_count: 2 },
        }),
    ]));
}

#[test]
fn staff_and_what_they_are_asked() {
    let object = |value: Value| value.as_object().cloned().unwrap();
    insta::assert_json_snapshot!(json!([
        wire(&staff::EnrolmentStarted { enrollment_id: ids::EnrolmentId(id(1)), status: staff::EnrolmentStatus::Draft }),
        wire(&staff::Enrolment {
            id: ids::EnrolmentId(id(1)),
            account_id: ids::AccountId(id(2)),
            status: staff::EnrolmentStatus::PendingVerification,
            data: object(json!({"full_name": "Ravi Sample"})),
            created_at: at(),
            updated_at: at(),
        }),
        wire(&staff::EnrolmentChange {
            data: object(json!({"full_name": "Ravi Sample"})),
            more: object(json!({"services": ["tailoring"], "location": null})),
        }),
        wire(&staff::NewServiceRequest {
            raw_input: "Do you have it in 44?".into(),
            service_category: Some("sizing".into()),
            requirements: Some(object(json!({"size": "44"}))),
            ..Default::default()
        }),
        wire(&staff::RequestStep { status: staff::StaffStep::OffersReceived, note: Some("Yes, at the desk.".into()) }),
        wire(&staff::RequestStep { status: staff::StaffStep::Booked, note: None }),
        wire(&staff::EnrolmentSubmitted {
            status: staff::EnrolmentStatus::Pending,
            message: "Something is missing.".into(),
            can_auto_verify: false,
        }),
        wire(&staff::Lead {
            id: ids::ServiceRequestId(id(3)),
            raw_input: "Do you have it in 44?".into(),
            service_category: "sizing".into(),
            service_type: "size_request".into(),
            requirements: object(json!({"size": "44"})),
            location: Some(object(json!({"city": "Springfield"}))),
            timing: None,
            budget: None,
            status: staff::RequestStatus::Matching,
            status_history: vec![staff::StatusChange { status: staff::RequestStatus::Matching, timestamp: at(), note: None }],
            created_at: at(),
            viewed_by_current_provider: false,
        }),
    ]));
}

#[test]
fn profiles() {
    let empty = profile::Profile {
        id: ids::ProfileId(id(1)),
        name: None,
        email: None,
        phone: None,
        profile_photo_url: None,
        default_location: profile::Location::default(),
        notification_preferences: profile::Notifications::default(),
        preferences: serde_json::Map::new(),
        created_at: None,
        version: 0,
        guest: true,
    };
    insta::assert_json_snapshot!(json!([
        wire(&empty),
        wire(&profile::LocationAnswer {
            status: "success".into(),
            location: profile::Location { city: Some("Springfield".into()), lat: Some(39.8), ..Default::default() },
        }),
        wire(&profile::GuestRequest { consumer_id: Some(ids::ProfileId(id(3))) }),
        wire(&profile::GuestStarted {
            session_token: "0f3c9a6be1d24c7f8a905b61c2d7e8f4".into(),
            session_id: ids::SessionId(id(1)),
            profile: empty.clone(),
        }),
        wire(&profile::ProfileChange {
            name: Some(Some("Asha Example".into())),
            phone: Some(None),
            default_location: Some(Some(profile::LocationChange {
                city: Some(None),
                lat: Some(Some(39.8)),
                ..Default::default()
            })),
            notification_preferences: Some(Some(profile::NotificationsChange { sms: Some(Some(true)), ..Default::default() })),
            if_version: Some(3),
            ..Default::default()
        }),
        wire(&profile::LinkRequest { guest_token: Some("g".into()) }),
        wire(&profile::LinkAnswer {
            linked: true,
            profile: empty,
            merged_fields: vec!["name".into()],
            kept_fields: vec!["phone".into()],
        }),
        wire(&profile::Dashboard {
            consumer_id: ids::ProfileId(id(1)),
            requests: profile::DashboardRequests {
                open: vec![profile::DashboardItem {
                    id: ids::ServiceRequestId(id(2)),
                    service_type: "size_request".into(),
                    title: "Do you have it in 44?".into(),
                    location: None,
                    budget: None,
                    status: staff::RequestStatus::Matching,
                    offer_count: 0,
                    created_at: at(),
                }],
                ..Default::default()
            },
            counts: profile::DashboardCounts { open: 1, ..Default::default() },
        }),
    ]));
}

#[test]
fn chat_and_media() {
    let object = |value: Value| value.as_object().cloned().unwrap();
    let stored = media::StoredMedia {
        id: ids::MediaId(id(1)),
        url: "/media/k3f.jpg".into(),
        kind: media::MediaKind::Image,
        mime_type: "image/jpeg".into(),
        filename: Some("hem.jpg".into()),
        size_bytes: 1_024,
        created_at: at(),
        session_id: Some(ids::SessionId(id(2))),
        session_token: None,
    };
    let upload = media::MediaUpload {
        kind: media::MediaKind::Video,
        data: "AAAA".into(),
        mime_type: "video/mp4".into(),
        filename: None,
        session_id: None,
    };
    let draft = chat::Draft {
        service_type: "size_request".into(),
        service_category: "sizing".into(),
        description: "Can someone bring me size 44?".into(),
        details: object(json!({"size": "44"})),
        location: chat::DraftLocation { city: Some("Springfield".into()) },
        budget: chat::DraftBudget { min: None, max: Some(40.0) },
        timing: Some("today".into()),
        media: vec![stored.clone()],
        specialist_notes: None,
    };
    let response = chat::ChatResponse {
        session_id: ids::SessionId(id(2)),
        message: "Shall I send this?".into(),
        data: chat::ChatData {
            gathered_info: object(json!({"city": "Springfield"})),
            request_id: Some(ids::ServiceRequestId(id(3))),
            suggestion: Some("My leads".into()),
            categories: vec!["Alterations".into()],
            buttons: vec![chat::Button { label: "Connect now".into(), action: chat::ChatAction::ConnectNow }],
            ui_hint: Some(chat::UiHint::RequestCreated),
            enrollment_updated: true,
            cards: vec![card()],
            cart: Some(vec![line()]),
            media: vec![stored.clone()],
            error_code: Some(ErrorCode::BudgetExceeded),
            ..chat::ChatData::default()
        },
        draft: Some(draft),
        awaiting_approval: true,
        task_id: None,
        session_token: Some("0".repeat(32)),
    };
    let waiting = chat::ChatResponse {
        message: "Processing your message...".into(),
        data: chat::ChatData { task_id: Some("k9".into()), status: Some("processing".into()), ..chat::ChatData::default() },
        draft: None,
        awaiting_approval: false,
        task_id: Some("k9".into()),
        session_token: None,
        ..response.clone()
    };
    let request: chat::ChatRequest = serde_json::from_value(json!({"message": "hello", "role": null})).unwrap();
    assert_eq!((request.role, request.media), (None, None));
    insta::assert_json_snapshot!(json!([
        wire(&chat::ChatRequest {
            message: Some("hello".into()),
            role: Some(chat::ChatRole::Enrollment),
            media: Some(vec![upload]),
            action: Some(chat::ChatAction::ApproveRequest),
            ..chat::ChatRequest::default()
        }),
        wire(&response),
        wire(&waiting),
        wire(&chat::TaskAnswer {
            task_id: "k9".into(),
            status: chat::TaskStatus::Success,
            result: Some(Box::new(waiting)),
            error: None,
        }),
        wire(&chat::TaskAnswer {
            task_id: "k9".into(),
            status: chat::TaskStatus::Failure,
            result: None,
            error: Some(ErrorCode::AssistantUnavailable),
        }),
        wire(&stored),
        wire(&media::MediaDeleted { deleted: true }),
    ]));
}
