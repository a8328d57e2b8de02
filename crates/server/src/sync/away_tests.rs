//! Guests who began at a kiosk while the server was out of reach.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::{
    ids::{KioskSessionId, OpKey, SessionId},
    kiosk_session::EndReason,
    routes,
    session::{Assurance, ChatEntry, Sender},
};
use serde_json::{Value, json};
use server_store::records::{KioskSessionRecord, SessionRecord, SessionStatus, Topic};

use crate::{
    key::sha256,
    testing::{TestKiosk, TestServer},
};

/// A guest as the kiosk knows them.
struct Guest {
    hold: KioskSessionId,
    session: SessionId,
    token: String,
}

/// A kiosk that was alone for a while.
struct Floor {
    server: TestServer,
    kiosk: TestKiosk,
}

impl Floor {
    async fn of(server: TestServer) -> Self {
        let kiosk = server.kiosk("S01").await;
        Self { server, kiosk }
    }

    fn guest(&self) -> Guest {
        let new = || self.server.state.new_id();
        Guest { hold: KioskSessionId(new()), session: SessionId(new()), token: new().to_string() }
    }

    fn op(&self, hold: KioskSessionId, body: Value) -> (OpKey, Value) {
        let key = OpKey(self.server.state.new_id());
        let mut op = json!({"key": key, "kiosk_session_id": hold, "made_at": self.server.state.now()});
        op["body"] = body;
        (key, op)
    }

    fn begin(&self, guest: &Guest) -> (OpKey, Value) {
        let hash = BASE64_URL_SAFE_NO_PAD.encode(sha256(guest.token.as_bytes()));
        self.op(guest.hold, json!({"kind": "begin_guest", "session_id": guest.session, "token_hash": hash}))
    }

    /// What a guest does who asks something and puts a thing into the cart.
    fn visit(&self, guest: &Guest) -> Vec<(OpKey, Value)> {
        let answer = json!({"kind": "answer", "message": "The Derby is $49.00.", "metadata": {"intent": "recommendation"}});
        vec![
            self.begin(guest),
            self.op(guest.hold, json!({"kind": "chat", "message": "a derby", "answered_here": true})),
            self.op(guest.hold, answer),
            self.op(guest.hold, json!({"kind": "add_to_cart", "sku": "SKU-2", "quantity": 2})),
        ]
    }

    fn end(&self, guest: &Guest) -> (OpKey, Value) {
        self.op(guest.hold, json!({"kind": "end", "reason": "idle"}))
    }

    async fn push(&self, ops: &[(OpKey, Value)], holding: Option<KioskSessionId>) -> Value {
        self.push_from(&self.kiosk, ops, holding).await
    }

    async fn push_from(&self, kiosk: &TestKiosk, ops: &[(OpKey, Value)], holding: Option<KioskSessionId>) -> Value {
        let proof = self.server.proof(kiosk, "POST", routes::SYNC_PUSH, None);
        let ops: Vec<&Value> = ops.iter().map(|(_, op)| op).collect();
        let body = json!({"ops": ops, "holding": holding});
        self.server.post(routes::SYNC_PUSH, &[("dpop", &proof)], &body).await.expect(200)
    }

    async fn session(&self, guest: &Guest) -> SessionRecord {
        self.server.state.read().await.unwrap().session(guest.session).await.unwrap().unwrap()
    }

    async fn hold(&self, guest: &Guest) -> KioskSessionRecord {
        self.server.state.read().await.unwrap().kiosk_session(guest.hold).await.unwrap().unwrap()
    }

    async fn chat(&self, guest: &Guest) -> Vec<ChatEntry> {
        self.server.state.read().await.unwrap().chat_entries(guest.session, 50).await.unwrap()
    }

    async fn opens(&self, token: &str) -> u16 {
        let proof = self.server.proof(&self.kiosk, "GET", routes::KIOSK_SESSION, Some(token));
        self.server.get(routes::KIOSK_SESSION, &[("dpop", &proof), ("x-session-token", token)]).await.status.as_u16()
    }
}

fn keys(ops: &[(OpKey, Value)]) -> Value {
    json!(ops.iter().map(|(key, _)| key).collect::<Vec<_>>())
}

#[tokio::test]
async fn a_guest_who_is_still_there_goes_on_under_the_kiosks_own_names() {
    for server in TestServer::on_each_database().await {
        let floor = Floor::of(server).await;
        let guest = floor.guest();
        let visit = floor.visit(&guest);
        for _ in 0..2 {
            let answer = floor.push(&visit, Some(guest.hold)).await;
            assert_eq!((&answer["applied"], &answer["refused"]), (&keys(&visit), &json!([])));
        }
        let chat = floor.chat(&guest).await;
        let said: Vec<_> = chat.iter().map(|entry| (entry.sender, entry.message.as_str(), entry.id.0)).collect();
        let expected = [(Sender::User, "a derby", visit[1].0.0), (Sender::Agent, "The Derby is $49.00.", visit[2].0.0)];
        assert_eq!(said, expected, "once, in order, and not answered a second time");
        assert_eq!(chat[1].metadata.as_ref().unwrap()["intent"], json!("recommendation"));
        assert!(floor.server.state.read().await.unwrap().awaited_answers().await.unwrap().is_empty());
        assert!(floor.hold(&guest).await.end.is_none());
        assert_eq!(floor.session(&guest).await.state.cart[0].quantity, 2);
        assert_eq!(floor.opens(&guest.token).await, 200, "the token that the kiosk made opens it");
        let end = floor.end(&guest);
        floor.push(std::slice::from_ref(&end), None).await;
        assert_eq!(floor.session(&guest).await.status, SessionStatus::LoggedOut);
        assert_eq!(floor.opens(&guest.token).await, 404);
    }
}

#[tokio::test]
async fn a_guest_who_has_left_is_told_of_and_disturbs_nobody() {
    for server in TestServer::on_each_database().await {
        let floor = Floor::of(server).await;
        let customer = floor.server.session_id(&floor.server.signed_up("2025550151").await).await;
        let there = floor.server.hold(&floor.kiosk, customer, Assurance::Qr).await;
        let (guest, other) = (floor.guest(), floor.guest());
        let visit = [floor.visit(&guest), floor.visit(&other)].concat();
        let answer = floor.push(&visit, Some(there.id)).await;
        assert_eq!((&answer["applied"], &answer["refused"]), (&keys(&visit), &json!([])));
        let ends = [floor.end(&guest), floor.end(&other)];
        assert_eq!(floor.push(&ends, Some(there.id)).await["applied"], keys(&ends));
        for guest in [&guest, &other] {
            assert_eq!(floor.chat(guest).await.len(), 2);
            assert_eq!(floor.session(guest).await.status, SessionStatus::LoggedOut);
            assert!(floor.hold(guest).await.end.is_some());
        }
        let mut tx = floor.server.state.read().await.unwrap();
        assert!(tx.kiosk_session(there.id).await.unwrap().unwrap().end.is_none(), "whoever is there stays");
    }
}

#[tokio::test]
async fn whom_the_kiosk_left_before_is_gone_when_the_guest_is_there() {
    for server in TestServer::on_each_database().await {
        let floor = Floor::of(server).await;
        let customer = floor.server.session_id(&floor.server.signed_up("2025550151").await).await;
        let before = floor.server.hold(&floor.kiosk, customer, Assurance::Qr).await;
        let guest = floor.guest();
        floor.push(&[floor.begin(&guest)], Some(guest.hold)).await;
        let mut tx = floor.server.state.read().await.unwrap();
        let end = tx.kiosk_session(before.id).await.unwrap().unwrap().end;
        assert_eq!(end.map(|(_, reason)| reason), Some(EndReason::NextCustomer));
        drop(tx);
        assert!(floor.hold(&guest).await.end.is_none());
    }
}

#[tokio::test]
async fn names_in_use_and_hashes_that_are_none_are_refused() {
    let floor = Floor::of(TestServer::start().await).await;
    let guest = floor.guest();
    floor.push(&[floor.begin(&guest)], None).await;
    let other = floor.server.kiosk("S02").await;
    let same_session = Guest { session: guest.session, ..floor.guest() };
    let same_hold = Guest { hold: guest.hold, ..floor.guest() };
    let same_token = Guest { token: guest.token.clone(), ..floor.guest() };
    for taken in [same_session, same_hold, same_token] {
        let answer = floor.push_from(&other, &[floor.begin(&taken)], None).await;
        assert_eq!(answer["refused"][0]["error"]["code"], json!("conflict"));
    }
    for hash in ["", "short", "not base64 at all, but long enough to look like it"] {
        let begin = json!({"kind": "begin_guest", "session_id": floor.guest().session, "token_hash": hash});
        let answer = floor.push(&[floor.op(floor.guest().hold, begin)], None).await;
        assert_eq!(answer["refused"][0]["error"]["code"], json!("bad_request"), "{hash}");
    }
    let chat = floor.op(guest.hold, json!({"kind": "answer", "message": "mine"}));
    assert_eq!(floor.push_from(&other, &[chat], None).await["refused"][0]["error"]["code"], json!("forbidden"));
}

#[tokio::test]
async fn what_a_guest_did_before_the_server_gave_them_up_still_counts() {
    for server in TestServer::on_each_database().await {
        let floor = Floor::of(server).await;
        let guest = floor.guest();
        let visit = floor.visit(&guest);
        floor.push(&visit[..1], Some(guest.hold)).await;
        let mut tx = floor.server.state.write().await.unwrap();
        crate::kiosk_session::operations::end(&mut tx, guest.hold, EndReason::Idle).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(floor.push(&visit[1..], None).await["applied"], keys(&visit[1..]));
        assert_eq!(floor.chat(&guest).await.len(), 2);
        let end = floor.end(&guest);
        floor.push(std::slice::from_ref(&end), None).await;
        assert_eq!(floor.session(&guest).await.status, SessionStatus::LoggedOut);
    }
}

#[tokio::test]
async fn nobody_answers_a_guest_who_has_left() {
    let floor = Floor::of(TestServer::start().await).await;
    let guest = floor.guest();
    let begin = floor.begin(&guest);
    let chat = floor.op(guest.hold, json!({"kind": "chat", "message": "a derby"}));
    let visit = [begin, chat];
    assert_eq!(floor.push(&visit, None).await["applied"], keys(&visit));
    assert!(floor.server.state.read().await.unwrap().awaited_answers().await.unwrap().is_empty());
    assert_eq!(floor.chat(&guest).await.len(), 1);
}

#[tokio::test]
async fn what_the_kiosk_answered_instead_is_not_answered_again() {
    for server in TestServer::on_each_database().await {
        let floor = Floor::of(server).await;
        let guest = floor.guest();
        floor.push(&[floor.begin(&guest)], Some(guest.hold)).await;
        let chat = floor.op(guest.hold, json!({"kind": "chat", "message": "a derby"}));
        let answer = floor.op(guest.hold, json!({"kind": "answer", "message": "These, as far as I know.", "answers": chat.0}));
        let next = floor.op(guest.hold, json!({"kind": "chat", "message": "and a belt?"}));
        let ops = [chat, answer, next];
        assert_eq!(floor.push(&ops, Some(guest.hold)).await["applied"], keys(&ops));
        let mut follower = floor.server.state.bus.follow(&[Topic::Session(guest.session)]);
        while !floor.server.state.read().await.unwrap().awaited_answers().await.unwrap().is_empty() {
            tokio::time::timeout(Duration::from_mins(1), follower.next()).await.expect("no answer came");
        }
        let chat = floor.chat(&guest).await;
        let senders: Vec<_> = chat.iter().map(|entry| entry.sender).collect();
        assert_eq!(senders, [Sender::User, Sender::Agent, Sender::User, Sender::Agent]);
        assert_eq!(chat[1].message, "These, as far as I know.");
    }
}

#[tokio::test]
async fn the_kiosks_own_assistant_answers_no_customer() {
    let floor = Floor::of(TestServer::start().await).await;
    let customer = floor.server.session_id(&floor.server.signed_up("2025550151").await).await;
    let there = floor.server.hold(&floor.kiosk, customer, Assurance::Qr).await;
    for body in [
        json!({"kind": "answer", "message": "Your points are gone."}),
        json!({"kind": "chat", "message": "my points?", "answered_here": true}),
    ] {
        let answer = floor.push(&[floor.op(there.id, body)], Some(there.id)).await;
        assert_eq!(answer["refused"][0]["error"]["code"], json!("forbidden"));
    }
    assert!(floor.server.state.read().await.unwrap().chat_entries(customer, 50).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_answer_is_no_larger_than_any_other_entry() {
    let floor = Floor::of(TestServer::start().await).await;
    let guest = floor.guest();
    floor.push(&[floor.begin(&guest)], Some(guest.hold)).await;
    for body in [
        json!({"kind": "answer", "message": " "}),
        json!({"kind": "answer", "message": "x".repeat(4_001)}),
        json!({"kind": "answer", "message": "x", "metadata": {"cards": "x".repeat(16 * 1024)}}),
    ] {
        let answer = floor.push(&[floor.op(guest.hold, body)], Some(guest.hold)).await;
        assert_eq!(answer["refused"][0]["error"]["code"], json!("bad_request"));
    }
}
