//! Changes of a customer's profile from a kiosk, and of the same profile from elsewhere.

use protocol::{
    event::EventBody,
    ids::{Cursor, OpKey},
    kiosk_profile::KioskProfile,
    routes,
    session::Assurance,
};
use serde_json::{Value, json};
use server_store::records::{KioskSessionRecord, Topic};

use crate::{
    account::tests::Browser,
    kiosk_session::operations::show,
    testing::{TestKiosk, TestServer, on_each_database},
};

const PROFILE: &str = "/consumers/me/profile";

/// A customer at a kiosk and, with another hand, on the web.
struct Floor {
    server: TestServer,
    kiosk: TestKiosk,
    hold: KioskSessionRecord,
    web: Browser,
}

async fn floor_of(server: TestServer) -> Floor {
    let token = server.signed_up("2025550150").await;
    let login = json!({"phone_number": "2025550150", "password": "walking by the river"});
    let web = Browser::of(&server.post(routes::PHONE_SIGN_IN, &[], &login).await);
    let kiosk = server.kiosk("S01").await;
    let hold = server.hold(&kiosk, server.session_id(&token).await, Assurance::Qr).await;
    Floor { server, kiosk, hold, web }
}

on_each_database! {
    floor_of:
    a_size_that_is_chosen_at_the_kiosk_is_in_the_profile_once,
    whoever_comes_too_late_reads_what_the_profile_says_and_chooses_again,
    what_was_changed_elsewhere_in_another_field_stands_in_nobodys_way,
    changes_made_in_a_row_without_the_server_are_all_applied,
    the_same_choice_made_twice_is_no_conflict,
    a_kiosk_hears_of_what_it_shows_and_of_nothing_else,
    what_is_no_value_is_refused,
}

impl Floor {
    fn op(&self, body: &Value) -> (OpKey, Value) {
        let key = OpKey(self.server.state.new_id());
        let op = json!({"key": key, "kiosk_session_id": self.hold.id, "made_at": self.server.state.now(), "body": body});
        (key, op)
    }

    /// A change of the shoe size.
    fn shoes(&self, base_version: i64, seen: Option<&str>, value: Option<&str>) -> (OpKey, Value) {
        self.op(&json!({
            "kind": "change_profile", "base_version": base_version, "field": "shoe_size", "seen": seen, "value": value,
        }))
    }

    async fn push(&self, ops: &[&Value]) -> Value {
        self.server.post_from(&self.kiosk, routes::SYNC_PUSH, None, &json!({"ops": ops})).await.expect(200)
    }

    /// Changes the profile's preferences on the web.
    async fn change_elsewhere(&self, preferences: Value) {
        self.web.send(&self.server, "PATCH", PROFILE, &json!({"preferences": preferences})).await.expect(200);
    }

    async fn preferences(&self) -> Value {
        self.web.get(&self.server, PROFILE).await.expect(200)["preferences"].clone()
    }

    /// What the kiosk shows.
    async fn shown(&self) -> Option<KioskProfile> {
        let mut tx = self.server.state.read().await.unwrap();
        show(&mut *tx, &self.hold, self.server.state.now()).await.unwrap().unwrap().profile
    }

    /// Which changes of the profile the kiosk has heard of: its own by their keys.
    async fn heard(&self) -> Vec<Option<OpKey>> {
        let mut tx = self.server.state.read().await.unwrap();
        let events = tx.events_after(&[Topic::Session(self.hold.session_id)], Cursor(0), 100).await.unwrap();
        let of_profile = events.into_iter().filter_map(|event| match event.body {
            EventBody::ProfileChanged { session_id, op } if session_id == self.hold.session_id => Some(op),
            _ => None,
        });
        of_profile.collect()
    }
}

fn profile(version: i64, shoe_size: Option<&str>, clothing_size: Option<&str>) -> KioskProfile {
    let own = |text: Option<&str>| text.map(str::to_owned);
    KioskProfile { version, clothing_size: own(clothing_size), shoe_size: own(shoe_size), fit: None }
}

async fn a_size_that_is_chosen_at_the_kiosk_is_in_the_profile_once(floor: Floor) {
    assert_eq!(floor.shown().await, Some(KioskProfile::default()));
    let (key, op) = floor.shoes(0, None, Some("42"));
    for _ in 0..3 {
        assert_eq!(floor.push(&[&op]).await, json!({"applied": [key], "refused": [], "later": []}));
    }
    assert_eq!(floor.preferences().await, json!({"shoe_size": "42"}));
    assert_eq!(floor.shown().await, Some(profile(1, Some("42"), None)));
    assert_eq!(floor.heard().await, [Some(key)]);

    let (_, clear) = floor.shoes(1, Some("42"), None);
    floor.push(&[&clear]).await;
    assert_eq!(floor.shown().await, Some(profile(2, None, None)));
}

async fn whoever_comes_too_late_reads_what_the_profile_says_and_chooses_again(floor: Floor) {
    floor.change_elsewhere(json!({"shoe_size": 43})).await;
    let (late, op) = floor.shoes(0, None, Some("42"));
    // What the server told once, it tells again to a kiosk that did not hear it.
    for _ in 0..2 {
        let refused = floor.push(&[&op]).await["refused"][0].clone();
        assert_eq!((&refused["key"], &refused["error"]["code"]), (&json!(late), &json!("version_conflict")));
        assert_eq!(refused["profile"], json!({"version": 1, "clothing_size": null, "shoe_size": "43", "fit": null}));
    }
    assert_eq!(floor.preferences().await, json!({"shoe_size": 43}), "nothing is lost");

    let (again, op) = floor.shoes(1, Some("43"), Some("42"));
    assert_eq!(floor.push(&[&op]).await["applied"], json!([again]));
    assert_eq!(floor.shown().await, Some(profile(2, Some("42"), None)));
}

async fn what_was_changed_elsewhere_in_another_field_stands_in_nobodys_way(floor: Floor) {
    floor.change_elsewhere(json!({"size": "M", "colours": ["white"]})).await;
    let (key, op) = floor.shoes(0, None, Some("42"));
    assert_eq!(floor.push(&[&op]).await["applied"], json!([key]));
    assert_eq!(floor.preferences().await, json!({"size": "M", "colours": ["white"], "shoe_size": "42"}));
}

async fn changes_made_in_a_row_without_the_server_are_all_applied(floor: Floor) {
    let (a, first) = floor.shoes(0, None, Some("41"));
    let (b, second) = floor.shoes(0, Some("41"), Some("42"));
    let fit = json!({"kind": "change_profile", "base_version": 0, "field": "fit", "value": "relaxed"});
    let (c, third) = floor.op(&fit);
    assert_eq!(floor.push(&[&first, &second, &third]).await["applied"], json!([a, b, c]));
    let expected = KioskProfile { fit: Some("relaxed".into()), ..profile(3, Some("42"), None) };
    assert_eq!(floor.shown().await, Some(expected));
}

async fn the_same_choice_made_twice_is_no_conflict(floor: Floor) {
    floor.change_elsewhere(json!({"shoe_size": "42"})).await;
    let (key, op) = floor.shoes(0, None, Some("42"));
    assert_eq!(floor.push(&[&op]).await["applied"], json!([key]));
    assert_eq!(floor.shown().await, Some(profile(1, Some("42"), None)));
}

async fn a_kiosk_hears_of_what_it_shows_and_of_nothing_else(floor: Floor) {
    floor.change_elsewhere(json!({"colours": ["white"], "size": {"dress": "M"}})).await;
    let contact = json!({"email": "asha@example.com", "default_location": {"city": "Pune"}});
    floor.web.send(&floor.server, "PATCH", PROFILE, &contact).await.expect(200);
    assert_eq!(floor.heard().await, []);
    floor.change_elsewhere(json!({"shoe_size": "39"})).await;
    assert_eq!(floor.heard().await, [None]);
    let mut tx = floor.server.state.read().await.unwrap();
    let session = show(&mut *tx, &floor.hold, floor.server.state.now()).await.unwrap().unwrap();
    let text = serde_json::to_string(&session).unwrap();
    assert!(text.contains("39") && !text.contains("Pune") && !text.contains("asha@") && !text.contains("white"), "{text}");
}

async fn what_is_no_value_is_refused(floor: Floor) {
    for value in ["", " ", "a\nb", "123456789012345678901"] {
        let (_, op) = floor.shoes(0, None, Some(value));
        assert_eq!(floor.push(&[&op]).await["refused"][0]["error"]["code"], json!("bad_request"), "{value:?}");
    }
    let other = floor.server.kiosk("S02").await;
    let (_, op) = floor.shoes(0, None, Some("42"));
    let answer = floor.server.post_from(&other, routes::SYNC_PUSH, None, &json!({"ops": [op]})).await.expect(200);
    assert_eq!(answer["refused"][0]["error"]["code"], json!("forbidden"));
    assert_eq!(floor.shown().await, Some(KioskProfile::default()));
}

#[tokio::test]
async fn a_typed_number_and_a_guest_see_no_profile_and_change_none() {
    let mut floor = floor_of(TestServer::start().await).await;
    floor.change_elsewhere(json!({"shoe_size": "43"})).await;
    for assurance in [Assurance::Phone, Assurance::Guest] {
        floor.kiosk = floor.server.kiosk("S02").await;
        floor.hold = floor.server.hold(&floor.kiosk, floor.hold.session_id, assurance).await;
        assert_eq!(floor.shown().await, None);
        let (_, op) = floor.shoes(1, Some("43"), Some("42"));
        let refused = floor.push(&[&op]).await["refused"][0].clone();
        assert_eq!((&refused["error"]["code"], refused.get("profile")), (&json!("stronger_login_required"), None));
    }
    assert_eq!(floor.preferences().await, json!({"shoe_size": "43"}));
}
