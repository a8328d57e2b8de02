//! Sessions, accounts and the people behind them.

use std::collections::BTreeMap;

use protocol::{account, auth, handoff, ids, kiosk_session, memory, phone, profile, session, shop, staff};
use serde_json::{Value, json};

use crate::samples::{at, customer, entry, id, line, wire};

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

fn preferences() -> account::Preferences {
    account::Preferences {
        preferred_voice: account::Voice::Nova,
        preferred_language: account::Language::Es,
        favorite_topics: vec!["travel".into()],
        system_prompt_override: String::new(),
    }
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
