//! What the screens show, and what is done on them.

use protocol::{ErrorCode, handoff, intent, kiosk_profile, kiosk_session, look_up, session, shop, view};
use serde_json::Value;

use crate::samples::{at, card, featured, options, wire};

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
