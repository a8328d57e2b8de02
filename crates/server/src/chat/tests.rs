//! Conversations as their documents describe them.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::http::header;
use protocol::{ids::Sku, routes, session::Channel, staff::Role};
use serde_json::{Value, json};
use server_store::{
    Store,
    records::{ProfileOwner, Scope},
};

use crate::{
    account::tests::{Browser, registered},
    assistant::{Assistant, AssistantError, CartChange, Question, Reply as Thought},
    testing::{Reply, TestServer},
};

/// A guest in conversation, by token.
struct Guest<'a> {
    server: &'a TestServer,
    token: String,
    session: String,
}

impl<'a> Guest<'a> {
    async fn begin(server: &'a TestServer) -> Self {
        let body = server.post(routes::CHAT, &[], &json!({})).await.expect(200);
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        Guest { server, token: text("session_token"), session: text("session_id") }
    }

    async fn send(&self, body: &Value) -> Reply {
        self.server.post(routes::CHAT, &[("x-session-token", &self.token)], body).await
    }

    async fn say(&self, message: &str) -> Value {
        self.send(&json!({"message": message, "session_id": self.session})).await.expect(200)
    }

    async fn press(&self, action: &str) -> Value {
        self.send(&json!({"action": action, "session_id": self.session})).await.expect(200)
    }

    async fn profile(&self) -> Value {
        self.server.get("/consumers/me/profile", &[("x-session-token", &self.token)]).await.expect(200)
    }

    /// What the session shows of the conversation.
    async fn conversation(&self) -> Vec<(String, String)> {
        conversation(self.server, &self.token).await
    }
}

async fn conversation(server: &TestServer, token: &str) -> Vec<(String, String)> {
    let body = server.get(routes::SESSION_RESTORE, &[("x-session-token", token)]).await.expect(200);
    let entries = body["session"]["data"]["chat_context"].as_array().unwrap().iter();
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    entries.map(|entry| (text(entry, "sender"), text(entry, "message"))).collect()
}

async fn make_staff(server: &TestServer, account: &Browser) {
    let mut tx = server.state.write().await.unwrap();
    let now = tx.now();
    tx.grant_role(account.id.parse().unwrap(), Role::Staff, None, now).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn the_first_empty_message_greets_a_new_guest_who_gets_a_token_and_a_cookie() {
    let server = TestServer::start().await;
    let reply = server.post("/chat/", &[], &json!({"message": "", "consumer_id": "5f7e0a34-8b7a-4a63-b7a4-2f1f6a0b9c11"})).await;
    let body = reply.expect(200);
    assert_eq!(body["message"], "Hello! What are you looking for today?");
    assert_eq!((&body["draft"], &body["awaiting_approval"], &body["task_id"]), (&Value::Null, &json!(false), &Value::Null));
    let token = body["session_token"].as_str().unwrap();
    let cookie = reply.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with(&format!("guest_session={token};")) && cookie.contains("HttpOnly"), "{cookie}");
    let own =
        server.get("/consumers/5f7e0a34-8b7a-4a63-b7a4-2f1f6a0b9c11/profile", &[("x-session-token", token)]).await.expect(200);
    assert_eq!(own["guest"], true, "the client's own id is a name of this guest's profile");
    let again =
        server.post("/chat", &[("cookie", &format!("guest_session={token}"))], &json!({"message": "hello"})).await.expect(200);
    assert_eq!((&again["session_id"], &again["session_token"]), (&body["session_id"], &Value::Null));
}

#[tokio::test]
async fn what_is_told_is_kept_in_the_guests_own_profile() {
    let server = TestServer::start().await;
    let guest = Guest::begin(&server).await;
    let body = guest.say("My name is Asha Example and I live in Springfield").await;
    assert_eq!(body["message"], "I will call you Asha Example. I saved Springfield as your city.");
    assert_eq!(body["data"]["consumer_profile"]["default_location"]["city"], "Springfield");
    assert_eq!(body["data"]["gathered_info"], json!({"name": "Asha Example", "city": "Springfield"}));
    assert_eq!(body["data"]["buttons"], json!([{"label": "Connect now", "action": "connect_now"}]));
    guest.say("my shoe size is 42, call me at 202 555 0101").await;
    let profile = guest.profile().await;
    assert_eq!(
        (&profile["name"], &profile["phone"], &profile["preferences"]),
        (&json!("Asha Example"), &json!("+12025550101"), &json!({"shoe_size": "42"}))
    );
    let body = guest.say("what is my shoe size?").await;
    assert_eq!(body["message"], "Your shoe size is 42.");
    assert_eq!(body["data"]["gathered_info"], Value::Null, "nothing new was established in this turn");
    guest.say("forget my shoe size").await;
    assert_eq!(guest.profile().await["preferences"], json!({}));
    let other = Guest::begin(&server).await;
    assert_eq!(other.profile().await["name"], Value::Null);
}

#[tokio::test]
async fn a_named_customer_who_returns_is_welcomed() {
    let server = TestServer::start().await;
    let guest = Guest::begin(&server).await;
    guest.say("my name is Asha Example").await;
    let body = guest.send(&json!({"message": ""})).await.expect(200);
    assert_eq!(body["message"], "Welcome back, Asha! How can I help you today?");
    let account = registered(&server, "asha@example.com").await;
    let body = account.send(&server, "POST", "/chat/", &json!({"message": "hello"})).await.expect(200);
    assert_eq!(body["message"], "Welcome back, Asha! How can I help you today?");
    assert_eq!(body["session_token"], Value::Null);
}

#[tokio::test]
async fn products_are_found_and_belong_to_their_turn_alone() {
    let server = TestServer::start().await;
    let guest = Guest::begin(&server).await;
    let body = guest.say("show me the Hill Walk Derby").await;
    assert_eq!(body["data"]["cards"][0]["sku"], "SKU-2");
    let body = guest.say("thank you").await;
    assert_eq!(body["data"]["cards"], Value::Null, "an old card does not come back");
    let body = guest.say("add the Market Tote to my cart").await;
    assert_eq!(body["data"]["cart"][0]["sku"], "SKU-3");
    let said: Vec<_> = guest.conversation().await.into_iter().map(|(sender, _)| sender).collect();
    assert_eq!(said, ["agent", "user", "agent", "user", "agent", "user", "agent"]);
}

#[tokio::test]
async fn a_request_is_sent_to_staff_only_when_the_customer_says_so() {
    let server = TestServer::start().await;
    let guest = Guest::begin(&server).await;
    guest.say("I live in Springfield").await;
    guest.say("show me the Hill Walk Derby").await;
    let body = guest.say("Can someone bring me size 44? It should cost 1, sku SKU-3").await;
    assert_eq!((&body["awaiting_approval"], &body["draft"]["service_type"]), (&json!(true), &json!("size_request")));
    assert_eq!(
        body["draft"]["details"],
        json!({"size": "44", "sku": "SKU-2", "product": "Hill Walk Derby"}),
        "the product is the one spoken of, not the one typed"
    );
    assert_eq!(body["draft"]["location"]["city"], "Springfield");
    let actions: Vec<_> = body["data"]["buttons"].as_array().unwrap().iter().map(|button| button["action"].clone()).collect();
    assert_eq!(actions, ["approve_request", "edit_request", "cancel_request"]);
    let requests =
        async || server.state.read().await.unwrap().service_requests_of(guest.session.parse().unwrap(), 9).await.unwrap();
    assert!(requests().await.is_empty());

    let body = guest.press("edit_request").await;
    assert_eq!((&body["awaiting_approval"], body["draft"].is_object()), (&json!(false), true));
    let body = guest.say("size 45 tomorrow").await;
    assert_eq!((&body["draft"]["details"]["size"], &body["draft"]["timing"]), (&json!("45"), &json!("tomorrow")));
    let body = guest.press("approve_request").await;
    assert_eq!((&body["draft"], &body["awaiting_approval"]), (&Value::Null, &json!(false)));
    assert_eq!(body["data"]["ui_hint"], "request_created");
    let kept = requests().await;
    assert_eq!(kept.len(), 1);
    assert_eq!(body["data"]["request_id"], json!(kept[0].id));
    assert_eq!((&kept[0].requirements["size"], kept[0].timing.as_deref()), (&json!("45"), Some("tomorrow")));
    let body = guest.press("approve_request").await;
    assert_eq!(body["data"]["request_id"], Value::Null, "it was sent already");
    assert_eq!(requests().await.len(), 1);
}

#[tokio::test]
async fn a_draft_is_approved_and_dropped_in_words_too() {
    let server = TestServer::start().await;
    let guest = Guest::begin(&server).await;
    assert_eq!(guest.say("I need a tailor").await["data"]["ui_hint"], "calendar_picker");
    let body = guest.say("no thanks").await;
    assert_eq!((&body["draft"], &body["message"]), (&Value::Null, &json!("All right, I have not sent anything.")));
    guest.say("I want to talk to a person").await;
    assert!(guest.say("show me the Market Tote").await["draft"].is_object(), "it waits while something else is looked at");
    assert!(guest.say("yes, send it").await["data"]["request_id"].is_string());
}

#[tokio::test]
async fn a_conversation_that_is_not_ones_own_is_never_entered() {
    let server = TestServer::start().await;
    let (asha, ravi) = (Guest::begin(&server).await, Guest::begin(&server).await);
    asha.say("my name is Asha").await;
    let body = ravi.send(&json!({"message": "what do you know about me?", "session_id": asha.session})).await.expect(200);
    assert_eq!(body["session_id"], json!(ravi.session));
    assert!(!body["message"].as_str().unwrap().contains("Asha"), "{body}");
    let stranger = server
        .post(routes::CHAT, &[], &json!({"message": "hello", "session_id": asha.session, "consumer_id": asha.session}))
        .await;
    let body = stranger.expect(200);
    assert!(body["session_id"] != json!(asha.session) && body["session_id"] != json!(ravi.session));
    let token = body["session_token"].as_str().unwrap();
    let profile = server.get("/consumers/me/profile", &[("x-session-token", token)]).await.expect(200);
    assert_eq!(profile["name"], Value::Null, "an id is a name and no proof");
    assert_eq!(asha.conversation().await.len(), 3);
}

#[tokio::test]
async fn a_customer_goes_on_in_the_conversation_of_the_other_channels() {
    let server = TestServer::start().await;
    let token = server.signed_up("2025550150").await;
    let session = server.session_id(&token).await.to_string();
    let body =
        server.post(routes::CHAT, &[("x-session-token", &token)], &json!({"message": "my shoe size is 42"})).await.expect(200);
    assert_eq!((&body["session_id"], &body["session_token"]), (&json!(session), &Value::Null));
    assert_eq!(body["data"]["gathered_info"], json!({"shoe_size": "42"}));
    assert_eq!(body["data"]["consumer_profile"], Value::Null, "a session's token proves no account");
    assert_eq!(conversation(&server, &token).await.len(), 2);
    let key = server.key(Some(Channel::Whatsapp), &[Scope::Agent]).await;
    let context = routes::with_id(routes::SESSION_CONTEXT, &session);
    assert!(server.get(&context, &[("x-channel-key", &key)]).await.expect(200).to_string().contains("my shoe size is 42"));
}

#[tokio::test]
async fn staff_alone_sees_what_customers_want() {
    let server = TestServer::start().await;
    let guest = Guest::begin(&server).await;
    guest.say("Can someone bring me size 44?").await;
    guest.press("approve_request").await;
    let leads = json!({"role": "provider", "message": "leads", "provider_id": "5f7e0a34-8b7a-4a63-b7a4-2f1f6a0b9c11"});
    assert_eq!(guest.send(&leads).await.expect(401)["code"], "authentication_required");
    let account = registered(&server, "ravi@example.com").await;
    let refused = account.send(&server, "POST", "/chat/", &leads).await.expect(403);
    assert_eq!(
        (&refused["code"], refused["detail"].as_str()),
        (&json!("role_required"), Some("Resource requires 'staff' role. Your role: 'customer'"))
    );
    make_staff(&server, &account).await;
    let body = account.send(&server, "POST", "/chat/", &leads).await.expect(200);
    assert_eq!(
        (&body["data"]["ui_hint"], &body["message"]),
        (&json!("show_leads"), &json!("One customer is waiting for an answer."))
    );
    let lead = &body["data"]["requests"][0];
    assert_eq!((&lead["raw_input"], &lead["consumer_id"]), (&json!("Can someone bring me size 44?"), &Value::Null));
    let one = json!({"role": "provider", "message": format!("lead {}", lead["id"].as_str().unwrap())});
    assert_eq!(account.send(&server, "POST", "/chat/", &one).await.expect(200)["data"]["lead"]["id"], lead["id"]);
}

#[tokio::test]
async fn an_enrolment_asks_step_by_step_and_makes_nobody_staff() {
    let server = TestServer::start().await;
    let guest = Guest::begin(&server).await;
    let body = guest.send(&json!({"role": "enrollment", "message": "hello"})).await.expect(200);
    assert_eq!(body["data"]["buttons"][0]["action"], "connect_now");
    let account = registered(&server, "ravi@example.com").await;
    let say = async |message: &str| {
        let body = json!({"role": "enrollment", "message": message, "enrollment_id": "5f7e0a34-8b7a-4a63-b7a4-2f1f6a0b9c11"});
        account.send(&server, "POST", "/chat/", &body).await.expect(200)
    };
    assert_eq!(say("hello").await["message"], "What is your full name?");
    let submit = json!({"role": "enrollment", "action": "submit_enrollment"});
    let body = account.send(&server, "POST", "/chat/", &submit).await.expect(200);
    assert_eq!(body["data"]["enrollment_result"]["status"], "pending", "something is missing");
    let body = say("Ravi Sample").await;
    assert_eq!((&body["data"]["ui_hint"], &body["data"]["enrollment_updated"]), (&json!("service_selector"), &json!(true)));
    assert!(body["data"]["categories"].as_array().unwrap().contains(&json!("Alterations")));
    assert_eq!(say("Alterations, Repairs").await["data"]["ui_hint"], "location_picker");
    assert_eq!(say("Springfield").await["data"]["ui_hint"], "calendar_picker");
    let body = say("weekdays").await;
    assert_eq!(
        (&body["data"]["ui_hint"], &body["data"]["buttons"][0]["action"]),
        (&json!("enrollment_summary"), &json!("submit_enrollment"))
    );
    let body = account.send(&server, "POST", "/chat/", &submit).await.expect(200);
    let result = &body["data"]["enrollment_result"];
    assert_eq!((&result["status"], &result["can_auto_verify"]), (&json!("pending_verification"), &json!(false)));
    assert_eq!(body["data"]["ui_hint"], "enrollment_complete");
    assert_eq!(body["data"]["enrollment_summary"]["data"]["services"], json!(["Alterations", "Repairs"]));
    let roles = server.state.read().await.unwrap().roles(account.id.parse().unwrap()).await.unwrap();
    assert!(roles.is_empty(), "nothing verifies itself");
}

/// The task's end.
async fn end_of(server: &TestServer, task: &str, headers: &[(&str, &str)]) -> Value {
    for _ in 0..2_000 {
        let body = server.get(&routes::with_id(routes::CHAT_TASK, task), headers).await.expect(200);
        if body["status"] == "SUCCESS" || body["status"] == "FAILURE" {
            return body;
        }
        assert!(body["status"] == "PENDING" || body["status"] == "STARTED", "{body}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the task has no end");
}

#[tokio::test]
async fn an_answer_that_takes_its_time_is_asked_for_by_its_owner_alone() {
    let server = TestServer::start().await;
    let reply = server.post("/chat/?async_mode=true", &[], &json!({"message": "show me the Market Tote"})).await;
    let begun = reply.expect(200);
    assert_eq!((&begun["message"], &begun["data"]["status"]), (&json!("Processing your message..."), &json!("processing")));
    let (task, token) = (begun["task_id"].as_str().unwrap(), begun["session_token"].as_str().unwrap());
    assert_eq!(begun["data"]["task_id"], json!(task));
    let done = end_of(&server, task, &[("x-session-token", token)]).await;
    assert_eq!((&done["status"], &done["task_id"]), (&json!("SUCCESS"), &json!(task)));
    assert_eq!(done["result"]["data"]["cards"][0]["sku"], "SKU-3");
    assert_eq!((&done["result"]["session_id"], &done["result"]["session_token"]), (&begun["session_id"], &Value::Null));
    let other = Guest::begin(&server).await;
    let path = routes::with_id(routes::CHAT_TASK, task);
    for headers in [&[][..], &[("x-session-token", other.token.as_str())]] {
        server.get(&path, headers).await.refused(404, "not_found", "There is no such task.");
    }
    server.get("/chat/task/k0", &[("x-session-token", token)]).await.expect(404);
    server.pass(Duration::from_hours(1));
    server.get(&path, &[("x-session-token", token)]).await.expect(404);
}

#[tokio::test]
async fn a_task_that_was_left_by_a_server_that_stopped_has_failed() {
    let server = TestServer::start().await;
    let guest = Guest::begin(&server).await;
    let mut tx = server.state.write().await.unwrap();
    let task = super::task::begin(&mut tx, guest.session.parse().unwrap()).await.unwrap();
    tx.commit().await.unwrap();
    let path = routes::with_id(routes::CHAT_TASK, &task.id);
    let look = async || server.get(&path, &[("x-session-token", &guest.token)]).await.expect(200);
    assert_eq!(look().await, json!({"task_id": task.id, "status": "PENDING"}));
    server.pass(Duration::from_mins(2));
    assert_eq!(look().await, json!({"task_id": task.id, "status": "FAILURE", "error": "assistant_unavailable"}));
}

/// An assistant in a test's hands.
#[derive(Debug)]
struct Scripted(fn(&Question) -> Option<Thought>);

#[async_trait]
impl Assistant for Scripted {
    async fn reply(&self, _: &dyn Store, question: &Question) -> Result<Thought, AssistantError> {
        (self.0)(question).ok_or(AssistantError::Store(server_store::StoreError::Missing))
    }
}

async fn answered_by(folder: &tempfile::TempDir, script: fn(&Question) -> Option<Thought>) -> TestServer {
    TestServer::start_answered_by(&folder.path().join("data"), |_| (), Arc::new(Scripted(script))).await
}

const SORRY: &str = "I'm having trouble processing your request right now. Please try again.";

#[tokio::test]
async fn an_assistant_that_fails_or_wishes_too_much_is_an_apology() {
    let folder = tempfile::tempdir().unwrap();
    let server = answered_by(&folder, |question| match question.message.as_str() {
        "fail" => None,
        "crash" => panic!("a scripted crash"),
        _ => Some(Thought {
            text: "Done.".into(),
            intent: "support",
            changes: vec![CartChange::Add { sku: Sku::from("SKU-404"), quantity: 1, options: [].into() }],
            ..Thought::default()
        }),
    })
    .await;
    let guest = Guest::begin(&server).await;
    for message in ["fail", "crash", "add something that does not exist"] {
        let body = guest.say(message).await;
        assert_eq!(
            (&body["message"], &body["data"]["error_code"]),
            (&json!(SORRY), &json!("assistant_unavailable")),
            "{message}"
        );
    }
    assert_eq!(guest.conversation().await.last().unwrap(), &("agent".to_owned(), SORRY.to_owned()));
}

#[tokio::test]
async fn an_assistant_that_costs_money_stops_at_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let script =
        |_: &Question| Some(Thought { text: "Hm.".into(), intent: "support", cost_micro_usd: 300_000, ..Thought::default() });
    let server = answered_by(&folder, script).await;
    let guest = Guest::begin(&server).await;
    for _ in 0..2 {
        assert_eq!(guest.say("think hard").await["message"], "Hm.", "half a dollar is left or was until just now");
    }
    let body = guest.say("think hard").await;
    assert_eq!(body["data"]["error_code"], "budget_exceeded");
    assert!(guest.say("my name is Asha").await["data"]["error_code"].is_null(), "what costs nothing goes on");
    assert_eq!(Guest::begin(&server).await.say("think hard").await["message"], "Hm.", "each conversation has its own");
}

#[tokio::test]
async fn buttons_of_an_assistant_are_taken_out_of_its_text() {
    let folder = tempfile::tempdir().unwrap();
    let text = "Shall I? [button: Send | approve_request] [button: Pay | pay_now]";
    assert!(text.contains("button"));
    let script = |_: &Question| {
        let text = "Shall I? [button: Send | approve_request] [button: Pay | pay_now]".into();
        Some(Thought { text, intent: "support", ..Thought::default() })
    };
    let server = answered_by(&folder, script).await;
    let body = Guest::begin(&server).await.say("well").await;
    assert_eq!(
        (&body["message"], &body["data"]["buttons"]),
        (&json!("Shall I?"), &json!([{"label": "Send", "action": "approve_request"}]))
    );
}

#[tokio::test]
async fn wrong_requests_are_refused() {
    let server = TestServer::start().await;
    let guest = Guest::begin(&server).await;
    let photo = json!({"type": "image", "data": "", "mime_type": "image/png"});
    for (body, status, code) in [
        (json!({"message": "x", "action": "pay"}), 422, "validation_error"),
        (json!({"message": "x", "action": "connect_now"}), 422, "validation_error"),
        (json!({"message": "x", "action": "submit_offer"}), 404, "not_found"),
        (json!({"message": "x", "role": "admin"}), 422, "validation_error"),
        (json!({"message": "x".repeat(4_001)}), 422, "validation_error"),
        (json!({"message": 7}), 422, "validation_error"),
        (json!({"message": "x", "consumer_id": "asha"}), 422, "validation_error"),
        (json!({"message": "x", "media": vec![&photo; 6]}), 422, "validation_error"),
        (json!({"message": "x", "media": [photo]}), 415, "unsupported_media_type"),
        (json!({"message": "", "session_id": guest.session}), 422, "validation_error"),
    ] {
        assert_eq!(guest.send(&body).await.expect(status)["code"], code, "{body}");
    }
    let path = "/chat/?async_mode=perhaps";
    assert_eq!(server.post(path, &[], &json!({"message": "x"})).await.expect(422)["errors"][0]["field"], "async_mode");
    assert_eq!(guest.conversation().await.len(), 1, "none of it was said");
}

#[tokio::test]
async fn nobody_talks_too_often() {
    let server = TestServer::start().await;
    let guest = Guest::begin(&server).await;
    for _ in 0..30 {
        guest.say("thanks").await;
    }
    let reply = guest.send(&json!({"message": "thanks"})).await;
    assert_eq!(reply.expect(429)["code"], "rate_limited");
    assert_eq!(reply.headers[header::RETRY_AFTER], "60");
    server.pass(Duration::from_mins(1));
    guest.say("thanks").await;
}

#[tokio::test]
async fn the_same_request_twice_is_one_turn() {
    let server = TestServer::start().await;
    let guest = Guest::begin(&server).await;
    guest.say("Can someone help me?").await;
    let headers = [("x-session-token", guest.token.as_str()), ("idempotency-key", "a")];
    let approve = json!({"action": "approve_request"});
    let first = server.post(routes::CHAT, &headers, &approve).await.expect(200);
    assert_eq!(server.post(routes::CHAT, &headers, &approve).await.expect(200), first);
    let other = server.post(routes::CHAT, &headers, &json!({"action": "cancel_request"})).await.expect(422);
    assert_eq!(other["code"], "idempotency_mismatch");
    assert_eq!(guest.conversation().await.len(), 4);
}

#[tokio::test]
async fn a_dead_cookie_begins_as_a_guest_and_says_so() {
    let server = TestServer::start().await;
    let reply = server.post(routes::CHAT, &[("cookie", "sessionid=long-gone")], &json!({"message": "hi"})).await;
    assert!(reply.expect(200)["session_token"].is_string());
    assert_eq!(reply.headers["x-session-auth"], "expired");
    let bearer = server.post(routes::CHAT, &[("authorization", "Bearer x.y.z")], &json!({"message": "hi"})).await;
    assert_eq!(bearer.expect(401)["code"], "invalid_token", "a bad bearer is never silently a guest");
}

#[tokio::test]
async fn a_page_of_somebody_else_cannot_speak_for_a_guest() {
    let server = TestServer::start().await;
    let guest = Guest::begin(&server).await;
    let cookie = format!("guest_session={}", guest.token);
    let headers = [("cookie", cookie.as_str()), ("origin", "https://evil.example")];
    assert_eq!(server.post(routes::CHAT, &headers, &json!({"message": "hi"})).await.expect(403)["code"], "csrf_failed");
}

#[tokio::test]
async fn a_session_that_ended_takes_its_words_along() {
    let server = TestServer::start().await;
    let guest = Guest::begin(&server).await;
    guest.say("my name is Asha").await;
    server.post(routes::SESSION_END, &[("x-session-token", &guest.token)], &json!({})).await.expect(200);
    let body = guest.send(&json!({"message": "what do you know about me?"})).await.expect(200);
    assert!(body["session_id"] != json!(guest.session) && body["session_token"].is_string(), "a dead token is nobody's: {body}");
    let owner = ProfileOwner::Guest(guest.session.parse().unwrap());
    assert!(server.state.read().await.unwrap().profile(owner.profile()).await.unwrap().is_some());
}

#[tokio::test]
async fn the_next_signed_in_message_brings_along_what_the_guest_said_and_showed() {
    let server = TestServer::start().await;
    let guest = Guest::begin(&server).await;
    guest.say("my shoe size is 42").await;
    guest.say("Can someone help me?").await;
    let account = registered(&server, "asha@example.com").await;
    let cookie = format!("{}; guest_session={}", account.cookie, guest.token);
    let headers = [("cookie", cookie.as_str()), ("x-csrftoken", &account.csrf)];
    let reply = server.post(routes::CHAT, &headers, &json!({"message": "what do you know about me?"})).await;
    let body = reply.expect(200);
    assert!(body["message"].as_str().unwrap().contains("shoe size 42"), "{body}");
    assert!(body["draft"].is_object(), "the draft came along: {body}");
    assert!(reply.headers[header::SET_COOKIE].to_str().unwrap().starts_with("guest_session=;"), "the guest is gone");
    assert_ne!(guest.send(&json!({})).await.expect(200)["session_id"], json!(guest.session));
}
