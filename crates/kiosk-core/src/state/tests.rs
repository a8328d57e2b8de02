use std::time::Duration;

use protocol::{
    ErrorCode,
    ambient::SystemEntropy,
    handoff::OpenHandoffResponse,
    ids::{Cursor, HandoffId, KioskSessionId, SessionId},
    kiosk_session::{EndReason, KioskCustomer, KioskSession},
    session::Assurance,
    shop::Locale,
};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::*;
use crate::{handoff::Handoffs, seal::EphemeralKey};

const NOW: Duration = Duration::ZERO;

fn handoff() -> Handoff {
    let mut handoffs = Handoffs::default();
    handoffs.want(NOW);
    handoffs.request(NOW, &SystemEntropy, Locale::En).unwrap();
    let id = HandoffId(Uuid::from_u128(1));
    let response = OpenHandoffResponse {
        handoff_id: id,
        expires_in: 120,
        slot_seconds: 15,
        codes: vec!["A".into()],
        typed_code: "B".into(),
    };
    handoffs.opened(&response, "https://shop.example", NOW).unwrap();
    handoffs.take(id).unwrap()
}

fn connecting() -> Connecting {
    Connecting { problem: ErrorCode::ServerUnreachable, about: String::new(), attempt: Attempt::Device, retry_at: None }
}

fn conversation(customer: bool) -> Box<Conversation> {
    let session = KioskSession {
        kiosk_session_id: KioskSessionId(Uuid::from_u128(2)),
        session_id: SessionId(Uuid::from_u128(3)),
        assurance: Assurance::Qr,
        customer: customer.then(|| KioskCustomer { first_name: "Asha".into(), loyalty_tier: "Gold".into(), loyalty_points: 0 }),
        profile: None,
        chat: vec![],
        cart: vec![],
        currency: "INR".into(),
        version: 1,
        cursor: Cursor(0),
        absolute_seconds_left: 900,
    };
    Box::new(Conversation::new(session, Zeroizing::new("token".into()), NOW))
}

fn goodbye() -> Goodbye {
    Goodbye::new(EndReason::Done, false, NOW)
}

fn matching(digits: &[u8]) -> State {
    let mut matching = Matching::new(handoff(), NOW);
    for digit in digits {
        matching.press(*digit);
    }
    State::Matching(Box::new(matching))
}

/// A guest asked to come in.
fn asked() -> State {
    let mut attract = Attract::default();
    attract.guest = GuestStart::Asked(EphemeralKey::random(&SystemEntropy));
    State::Attract(attract)
}

fn every_state() -> Vec<State> {
    vec![
        State::Starting,
        State::Connecting(connecting()),
        State::Enrolling(Enrolling::new(NOW)),
        State::Attract(Attract::default()),
        asked(),
        matching(&[]),
        matching(&[4, 2]),
        State::Conversation(conversation(true)),
        State::Goodbye(goodbye()),
    ]
}

/// The states from which a transition is possible; where it is not, the state stays as it was.
fn possible_from(transition: impl Fn(&mut State) -> Result<(), Refused>) -> Vec<&'static str> {
    let mut possible = Vec::new();
    for mut state in every_state() {
        let before = state.name();
        match transition(&mut state) {
            Ok(()) => possible.push(before),
            Err(refused) => {
                assert_eq!(state.name(), before, "a refused transition changes nothing");
                assert_eq!(refused.state, before);
            }
        }
    }
    possible.dedup();
    possible
}

#[test]
fn something_stands_in_the_way_only_before_the_first_attract_screen() {
    assert_eq!(possible_from(|state| state.block(connecting())), ["starting", "connecting", "enrolling"]);
}

#[test]
fn enrolment_waits_for_a_conversation_to_end() {
    assert_eq!(
        possible_from(|state| state.enrol(Enrolling::new(NOW))),
        ["starting", "connecting", "attract", "matching", "goodbye"]
    );
}

#[test]
fn a_conversation_never_ends_without_goodbye() {
    assert_eq!(
        possible_from(|state| state.attract(Attract::default())),
        ["starting", "connecting", "enrolling", "matching", "goodbye"]
    );
    assert_eq!(possible_from(|state| state.part(goodbye()).map(drop)), ["conversation"]);
}

#[test]
fn only_a_code_on_the_glass_is_claimed() {
    assert_eq!(possible_from(|state| state.claim(handoff(), NOW)), ["attract"]);
}

#[test]
fn a_customer_comes_by_digits_and_a_guest_by_asking() {
    assert_eq!(possible_from(|state| state.converse(conversation(true))), ["matching"]);
    assert_eq!(possible_from(|state| state.converse(conversation(false))), ["attract"]);
    assert!(matching(&[4]).converse(conversation(true)).is_err(), "one digit is not enough");
    assert!(State::Attract(Attract::default()).converse(conversation(false)).is_err(), "nobody asked");
}
