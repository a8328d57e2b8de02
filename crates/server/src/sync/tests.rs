//! Changes from a kiosk's outbox.

use std::time::Duration;

use protocol::{
    ids::{KioskSessionId, OpKey},
    kiosk_session::EndReason,
    routes,
    session::Assurance,
};
use serde_json::{Value, json};
use server_store::records::KioskSessionRecord;

use crate::{
    kiosk_session,
    testing::{TestKiosk, TestServer, on_each_database},
};

struct Floor {
    server: TestServer,
    kiosk: TestKiosk,
    hold: KioskSessionRecord,
    token: String,
}

/// A customer at a kiosk.
async fn floor_of(server: TestServer) -> Floor {
    let token = server.signed_up("2025550150").await;
    let kiosk = server.kiosk("S01").await;
    let hold = server.hold(&kiosk, server.session_id(&token).await, Assurance::Qr).await;
    Floor { server, kiosk, hold, token }
}

on_each_database! {
    floor_of:
    a_message_is_kept_with_its_key_and_answered,
    a_repeated_push_has_no_second_effect,
    pushes_side_by_side_apply_a_change_once,
    a_bad_change_is_refused_for_good_and_holds_nothing_up,
    many_changes_at_once_are_each_applied_or_refused_once,
    a_kiosk_changes_nothing_under_the_hold_of_another,
    done_ends_the_hold_and_leaves_the_customer_the_session,
    what_was_said_before_the_end_is_delivered_after_it,
    what_was_said_is_delivered_after_three_days_without_a_network,
    what_a_guest_said_before_the_next_customer_is_delivered_after_it,
    an_entry_of_a_kiosk_has_the_key_of_its_change_for_its_id,
    a_key_that_names_somebody_elses_entry_is_refused,
    a_conversation_that_cannot_be_changed_now_holds_up_itself_and_no_other,
    a_push_as_large_as_it_may_be_is_taken,
    a_push_of_too_many_changes_is_refused_whole,
    ending_the_session_elsewhere_ends_the_hold,
}

impl Floor {
    fn op(&self, hold: KioskSessionId, body: Value) -> (OpKey, Value) {
        let key = OpKey(self.server.state.new_id());
        let mut op = json!({"key": key, "kiosk_session_id": hold, "made_at": self.server.state.now()});
        op["body"] = body;
        (key, op)
    }

    async fn push(&self, ops: &[Value]) -> Value {
        self.push_from(&self.kiosk, ops).await
    }

    async fn push_from(&self, kiosk: &TestKiosk, ops: &[Value]) -> Value {
        let proof = self.server.proof(kiosk, "POST", routes::SYNC_PUSH, None);
        self.server.post(routes::SYNC_PUSH, &[("dpop", &proof)], &json!({"ops": ops})).await.expect(200)
    }

    async fn data(&self) -> Value {
        let reply = self.server.get(routes::SESSION_RESTORE, &[("x-session-token", &self.token)]).await;
        reply.expect(200)["session"]["data"].clone()
    }

    /// Waits until the conversation has so many entries.
    async fn entries(&self, count: usize) -> Vec<Value> {
        let mut follower = self.server.state.bus.follow(&[server_store::records::Topic::Session(self.hold.session_id)]);
        loop {
            let entries = self.data().await["chat_context"].as_array().unwrap().clone();
            if entries.len() >= count {
                return entries;
            }
            tokio::time::timeout(Duration::from_mins(1), follower.next()).await.expect("no entry came");
        }
    }
}

async fn a_message_is_kept_with_its_key_and_answered(floor: Floor) {
    let (key, op) = floor.op(floor.hold.id, json!({"kind": "chat", "message": "Do you have a derby?"}));
    assert_eq!(floor.push(&[op]).await, json!({"applied": [key], "refused": [], "later": []}));
    let entries = floor.entries(2).await;
    assert_eq!((&entries[0]["sender"], &entries[0]["message"]), (&json!("user"), &json!("Do you have a derby?")));
    assert_eq!((&entries[0]["channel"], &entries[1]["channel"]), (&json!("kiosk"), &json!("kiosk")));
    assert_eq!(entries[1]["sender"], json!("agent"));
    assert!(!entries[1]["message"].as_str().unwrap().is_empty());
    let mut tx = floor.server.state.read().await.unwrap();
    let topics = [server_store::records::Topic::Session(floor.hold.session_id)];
    let events = tx.events_after(&topics, protocol::ids::Cursor(0), 10).await.unwrap();
    let own = json!(events[0].body);
    assert_eq!((&own["op"], &own["entry"]["message"]), (&json!(key), &json!("Do you have a derby?")));
    assert!(json!(events[1].body).get("op").is_none(), "the answer is no change of the kiosk");
}

async fn a_repeated_push_has_no_second_effect(floor: Floor) {
    let (a, add) =
        floor.op(floor.hold.id, json!({"kind": "add_to_cart", "sku": "SKU-1", "quantity": 1, "options": {"size": "M"}}));
    let (b, chat) = floor.op(floor.hold.id, json!({"kind": "chat", "message": "yes"}));
    let (c, again) = floor.op(floor.hold.id, json!({"kind": "chat", "message": "yes"}));
    for _ in 0..3 {
        assert_eq!(
            floor.push(&[add.clone(), chat.clone(), again.clone()]).await,
            json!({"applied": [a, b, c], "refused": [], "later": []})
        );
    }
    let entries = floor.entries(4).await;
    assert_eq!(
        entries.iter().filter(|entry| entry["sender"] == "user").count(),
        2,
        "two keys are two messages, however often they are sent"
    );
    let cart = floor.data().await["cart"].clone();
    assert_eq!(
        (cart.as_array().unwrap().len(), &cart[0]["quantity"], &cart[0]["options"]),
        (1, &json!(1), &json!({"size": "M"}))
    );
}

async fn pushes_side_by_side_apply_a_change_once(floor: Floor) {
    let (_, op) = floor.op(floor.hold.id, json!({"kind": "add_to_cart", "sku": "SKU-1", "quantity": 1}));
    let ops = [op];
    tokio::join!(floor.push(&ops), floor.push(&ops), floor.push(&ops));
    assert_eq!(floor.data().await["cart"][0]["quantity"], json!(1));
}

async fn a_bad_change_is_refused_for_good_and_holds_nothing_up(floor: Floor) {
    let (bad, unknown) = floor.op(floor.hold.id, json!({"kind": "add_to_cart", "sku": "SKU-404", "quantity": 1}));
    let (good, set) = floor.op(floor.hold.id, json!({"kind": "set_quantity", "sku": "SKU-2", "quantity": 3}));
    for _ in 0..2 {
        let answer = floor.push(&[unknown.clone(), set.clone()]).await;
        assert_eq!(answer["applied"], json!([good]));
        assert_eq!(
            (&answer["refused"][0]["key"], &answer["refused"][0]["error"]["code"]),
            (&json!(bad), &json!("product_not_found"))
        );
    }
    assert_eq!(floor.data().await["cart"][0]["quantity"], json!(3));
    let (_, empty) = floor.op(floor.hold.id, json!({"kind": "chat", "message": " "}));
    assert_eq!(floor.push(&[empty]).await["refused"][0]["error"]["code"], json!("bad_request"));
}

async fn many_changes_at_once_are_each_applied_or_refused_once(floor: Floor) {
    let add = |sku: &str| json!({"kind": "add_to_cart", "sku": sku, "quantity": 1, "options": {"size": "M"}});
    let made: Vec<(OpKey, Value)> =
        (0..60).map(|number| floor.op(floor.hold.id, add(if number == 40 { "SKU-NONE" } else { "SKU-1" }))).collect();
    let all: Vec<Value> = made.iter().map(|(_, op)| op.clone()).collect();
    let applied: Vec<OpKey> = made.iter().map(|(key, _)| *key).filter(|key| *key != made[40].0).collect();
    // Some are there already when all of them come.
    let some: Vec<Value> = all.iter().skip(3).step_by(7).cloned().collect();
    floor.push(&some).await;
    for _ in 0..2 {
        let answer = floor.push(&all).await;
        assert_eq!(answer["applied"], json!(applied));
        let refused = answer["refused"].as_array().unwrap();
        assert_eq!((refused.len(), &refused[0]["key"]), (1, &json!(made[40].0)));
        assert_eq!(answer["later"], json!([]));
    }
    assert_eq!(floor.data().await["cart"][0]["quantity"], json!(59));
}

async fn a_kiosk_changes_nothing_under_the_hold_of_another(floor: Floor) {
    let other = floor.server.kiosk("S02").await;
    for body in [
        json!({"kind": "chat", "message": "let me in"}),
        json!({"kind": "add_to_cart", "sku": "SKU-1", "quantity": 1}),
        json!({"kind": "end", "reason": "done"}),
    ] {
        let (_, op) = floor.op(floor.hold.id, body);
        assert_eq!(floor.push_from(&other, &[op]).await["refused"][0]["error"]["code"], json!("forbidden"));
    }
    let (_, op) = floor.op(KioskSessionId(floor.server.state.new_id()), json!({"kind": "end", "reason": "done"}));
    assert_eq!(floor.push(&[op]).await["refused"][0]["error"]["code"], json!("forbidden"), "a hold that never was is told alike");
    assert_eq!(floor.data().await["chat_context"], json!([]));
    let mut tx = floor.server.state.read().await.unwrap();
    assert!(tx.kiosk_session(floor.hold.id).await.unwrap().unwrap().end.is_none());
}

async fn done_ends_the_hold_and_leaves_the_customer_the_session(floor: Floor) {
    let (key, op) = floor.op(floor.hold.id, json!({"kind": "end", "reason": "done"}));
    assert_eq!(floor.push(&[op]).await["applied"], json!([key]));
    let mut tx = floor.server.state.read().await.unwrap();
    assert_eq!(tx.kiosk_session(floor.hold.id).await.unwrap().unwrap().end.map(|(_, reason)| reason), Some(EndReason::Done));
    drop(tx);
    floor.data().await;
}

async fn what_was_said_before_the_end_is_delivered_after_it(floor: Floor) {
    let mut tx = floor.server.state.write().await.unwrap();
    kiosk_session::operations::end(&mut tx, floor.hold.id, EndReason::Idle).await.unwrap();
    tx.commit().await.unwrap();
    let (key, op) = floor.op(floor.hold.id, json!({"kind": "chat", "message": "delivered late"}));
    assert_eq!(floor.push(&[op]).await["applied"], json!([key]));
    assert_eq!(floor.entries(1).await[0]["message"], json!("delivered late"));
}

async fn what_was_said_is_delivered_after_three_days_without_a_network(floor: Floor) {
    let (key, op) = floor.op(floor.hold.id, json!({"kind": "chat", "message": "three days late"}));
    floor.server.pass(Duration::from_hours(72));
    crate::handoff::expiry::sweep(&floor.server.state).await.unwrap();
    crate::handoff::expiry::forget(&floor.server.state).await.unwrap();
    assert_eq!(floor.push(&[op]).await["applied"], json!([key]));
    assert_eq!(floor.entries(1).await[0]["message"], json!("three days late"));
}

#[tokio::test]
async fn a_guests_session_ends_with_its_hold() {
    let server = TestServer::start().await;
    let token = server.guest().await;
    let kiosk = server.kiosk("S01").await;
    let hold = server.hold(&kiosk, server.session_id(&token).await, Assurance::Guest).await;
    let floor = Floor { server, kiosk, hold, token };
    let (_, end) = floor.op(floor.hold.id, json!({"kind": "end", "reason": "done"}));
    let (late, chat) = floor.op(floor.hold.id, json!({"kind": "chat", "message": "too late"}));
    let answer = floor.push(&[end, chat]).await;
    assert_eq!((&answer["refused"][0]["key"], &answer["refused"][0]["error"]["code"]), (&json!(late), &json!("session_expired")));
    floor.server.get(routes::SESSION_RESTORE, &[("x-session-token", &floor.token)]).await.refused(
        404,
        "session_expired",
        "Session not found",
    );
}

async fn what_a_guest_said_before_the_next_customer_is_delivered_after_it(customers: Floor) {
    let Floor { server, kiosk, token, hold: before } = customers;
    let guest = server.guest().await;
    let mut tx = server.state.write().await.unwrap();
    kiosk_session::operations::end(&mut tx, before.id, EndReason::Done).await.unwrap();
    tx.commit().await.unwrap();
    let hold = server.hold(&kiosk, server.session_id(&guest).await, Assurance::Guest).await;
    // Somebody signs in before the kiosk has pushed everything of the guest.
    let mut tx = server.state.write().await.unwrap();
    kiosk_session::operations::end(&mut tx, hold.id, EndReason::NextCustomer).await.unwrap();
    tx.commit().await.unwrap();
    server.hold(&kiosk, server.session_id(&token).await, Assurance::Qr).await;
    let floor = Floor { server, kiosk, hold, token };
    let (said, chat) = floor.op(floor.hold.id, json!({"kind": "chat", "message": "said in time"}));
    let (put, add) = floor.op(floor.hold.id, json!({"kind": "add_to_cart", "sku": "SKU-1", "quantity": 1}));
    let (left, end) = floor.op(floor.hold.id, json!({"kind": "end", "reason": "restart"}));
    for _ in 0..2 {
        let answer = floor.push(&[chat.clone(), add.clone(), end.clone()]).await;
        assert_eq!(answer, json!({"applied": [said, put, left], "refused": [], "later": []}));
    }
    let mut tx = floor.server.state.read().await.unwrap();
    let entries = tx.chat_entries(floor.hold.session_id, 10).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.message.as_str()).collect::<Vec<_>>(), ["said in time"], "nobody answers");
    let session = tx.session(floor.hold.session_id).await.unwrap().unwrap();
    assert!(!session.is_live(floor.server.state.now()), "it does not come back to life");
    assert_eq!(session.state.cart.len(), 1);
    assert_eq!(floor.data().await["chat_context"], json!([]), "nothing of it is the next customer's");
}

async fn an_entry_of_a_kiosk_has_the_key_of_its_change_for_its_id(floor: Floor) {
    let (key, op) = floor.op(floor.hold.id, json!({"kind": "chat", "message": "mine"}));
    floor.push(&[op]).await;
    let mut tx = floor.server.state.read().await.unwrap();
    let entries = tx.chat_entries(floor.hold.session_id, 10).await.unwrap();
    assert_eq!(entries[0].id.0, key.0);
}

async fn a_key_that_names_somebody_elses_entry_is_refused(floor: Floor) {
    let (key, mut op) = floor.op(floor.hold.id, json!({"kind": "chat", "message": "mine"}));
    floor.push(&[op.clone()]).await;
    let other = floor.server.kiosk("S02").await;
    let session = floor.server.session_id(&floor.server.guest().await).await;
    op["kiosk_session_id"] = json!(floor.server.hold(&other, session, Assurance::Guest).await.id);
    for _ in 0..2 {
        let answer = floor.push_from(&other, &[op.clone()]).await;
        assert_eq!((&answer["refused"][0]["key"], &answer["refused"][0]["error"]["code"]), (&json!(key), &json!("conflict")));
    }
}

/// Makes the database fail whenever the floor's session is to get a row of this table.
fn refusing(floor: &Floor, table: &str) -> String {
    let session = floor.hold.session_id.0;
    if floor.server.is_on_postgres() {
        return format!(
            "CREATE FUNCTION spoilt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF NEW.session_id = '{session}' THEN RAISE EXCEPTION 'spoilt'; END IF; RETURN NEW; END $$;
             CREATE TRIGGER spoilt BEFORE INSERT ON vitrine.{table} FOR EACH ROW EXECUTE FUNCTION spoilt()"
        );
    }
    format!(
        "CREATE TRIGGER spoilt BEFORE INSERT ON {table} WHEN NEW.session_id = x'{}' BEGIN SELECT RAISE(ABORT, 'spoilt'); END",
        session.simple()
    )
}

async fn a_conversation_that_cannot_be_changed_now_holds_up_itself_and_no_other(floor: Floor) {
    let mut tx = floor.server.state.write().await.unwrap();
    kiosk_session::operations::end(&mut tx, floor.hold.id, EndReason::Idle).await.unwrap();
    tx.commit().await.unwrap();
    let other = floor.server.session_id(&floor.server.signed_up("2025550151").await).await;
    let other = floor.server.hold(&floor.kiosk, other, Assurance::Qr).await;
    let chat = |hold, message: &str| floor.op(hold, json!({"kind": "chat", "message": message}));
    let (here, there) = (floor.hold.id, other.id);
    let ops = [chat(here, "one"), chat(there, "two"), chat(here, "three"), chat(there, "four")];
    let keys = ops.each_ref().map(|(key, _)| *key);
    let ops = ops.map(|(_, op)| op);
    floor.server.sql(&refusing(&floor, "chat_entries")).await;
    for _ in 0..2 {
        let answer = floor.push(&ops).await;
        assert_eq!((&answer["applied"], &answer["refused"]), (&json!([keys[1], keys[3]]), &json!([])));
        let later: Vec<_> =
            answer["later"].as_array().unwrap().iter().map(|later| (&later["key"], &later["error"]["code"])).collect();
        let code = json!("internal_error");
        assert_eq!(later, [(&json!(keys[0]), &code), (&json!(keys[2]), &code)]);
    }
    floor
        .server
        .sql(if floor.server.is_on_postgres() { "DROP TRIGGER spoilt ON vitrine.chat_entries" } else { "DROP TRIGGER spoilt" })
        .await;
    let answer = floor.push(&ops).await;
    assert_eq!((&answer["applied"], &answer["later"]), (&json!(keys), &json!([])));
    let said: Vec<_> = floor
        .entries(4)
        .await
        .into_iter()
        .filter(|entry| entry["sender"] == "user")
        .map(|entry| entry["message"].clone())
        .collect();
    assert_eq!(said, [json!("one"), json!("three")]);
}

async fn a_push_as_large_as_it_may_be_is_taken(floor: Floor) {
    let text = "\u{928}".repeat(4_000);
    let ops: Vec<Value> = (0..21).map(|_| floor.op(floor.hold.id, json!({"kind": "chat", "message": text})).1).collect();
    assert!(json!({"ops": ops}).to_string().len() > protocol::sync::MAX_BYTES - 12_000);
    assert_eq!(floor.push(&ops).await["applied"].as_array().unwrap().len(), 21);
}

async fn a_push_of_too_many_changes_is_refused_whole(floor: Floor) {
    let ops: Vec<Value> =
        (0..101).map(|_| floor.op(floor.hold.id, json!({"kind": "add_to_cart", "sku": "SKU-1", "quantity": 1})).1).collect();
    let proof = floor.server.proof(&floor.kiosk, "POST", routes::SYNC_PUSH, None);
    let reply = floor.server.post(routes::SYNC_PUSH, &[("dpop", &proof)], &json!({"ops": ops})).await;
    assert_eq!(reply.expect(422)["code"], json!("validation_error"));
    assert_eq!(floor.data().await["cart"], json!([]));
}

async fn ending_the_session_elsewhere_ends_the_hold(floor: Floor) {
    floor.server.post(routes::SESSION_END, &[("x-session-token", &floor.token)], &json!({})).await.expect(200);
    let mut tx = floor.server.state.read().await.unwrap();
    assert_eq!(
        tx.kiosk_session(floor.hold.id).await.unwrap().unwrap().end.map(|(_, reason)| reason),
        Some(EndReason::SessionEnded)
    );
    let topics = [server_store::records::Topic::Device(floor.kiosk.id)];
    let events = tx.events_after(&topics, protocol::ids::Cursor(0), 10).await.unwrap();
    assert_eq!(json!(events.last().unwrap().body)["reason"], json!("session_ended"));
}

#[tokio::test]
async fn messages_of_the_same_moment_are_all_answered() {
    for server in TestServer::on_each_database().await {
        let floor = floor_of(server).await;
        let ops: Vec<Value> =
            (0..8).map(|_| floor.op(floor.hold.id, json!({"kind": "chat", "message": "Do you have a derby?"})).1).collect();
        floor.push(&ops).await;
        // Their ids are in an order of their own, since no time passes between them.
        let entries = floor.entries(16).await;
        assert_eq!(entries.iter().filter(|entry| entry["sender"] == "agent").count(), 8);
    }
}
