//! The chat in real time, spoken by the real Socket.IO client to real servers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a story that cannot be told has failed")]

mod talk;

use std::path::Path;

use protocol::routes;
use serde_json::{Value, json};
use talk::{Socket, connected, refused};
use testkit::{
    answer::{Answer, client},
    postgres::Postgres,
    program::{Program, free_port},
    server::{command, listening},
};

/// A running server.
struct Node {
    origin: String,
    _program: Program,
}

impl Node {
    fn start(data: &Path, public: Option<&str>, database: Option<&str>) -> Self {
        let port = free_port().unwrap();
        let mut command = command(data).unwrap();
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}")]);
        if let Some(public) = public {
            command.args(["--public-url", public]);
        }
        if let Some(database) = database {
            command.env("VITRINE_DATABASE_URL", database);
        }
        let (program, origin) = listening(command).unwrap();
        Self { origin, _program: program }
    }

    async fn post(&self, path: &str, token: Option<&str>, body: &Value) -> Value {
        let mut request = client().unwrap().post(format!("{}{path}", self.origin)).json(body);
        if let Some(token) = token {
            request = request.header(routes::HEADER_SESSION_TOKEN, token);
        }
        let answer = Answer::of(request).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json().unwrap()
    }

    /// A guest's token and conversation.
    async fn guest(&self) -> (String, String) {
        let body = self.post("/chat/", None, &json!({})).await;
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        (text("session_token"), text("session_id"))
    }
}

fn here() -> (tempfile::TempDir, Node) {
    let folder = tempfile::tempdir().unwrap();
    let node = Node::start(&folder.path().join("data"), None, None);
    (folder, node)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_talks_over_websocket_and_over_polling() {
    let (_folder, node) = here();
    for transport in ["websocket", "polling"] {
        let (token, session) = node.guest().await;
        let mut socket = connected(&node.origin, json!({"auth": {"token": token}, "transports": [transport]})).await;
        assert_eq!(socket.ask("join_session", json!({"session_id": session})).await, json!({"status": "ok"}), "{transport}");
        assert_eq!(socket.heard("session_ready").await, json!({"session_id": session}));
        socket.ask("chat_message", json!({"session_id": session, "content": "My name is Asha"})).await;
        let echo = socket.heard("chat:echo").await;
        assert_eq!((&echo["session_id"], &echo["message"]["content"]), (&json!(session), &json!("My name is Asha")));
        let response = socket.heard("chat:response").await;
        assert_eq!((&response["session_id"], &response["content"]), (&json!(session), &json!("I will call you Asha.")));
        assert_eq!(response["data"]["consumer_profile"]["name"], "Asha");
        assert_eq!(response["data"]["buttons"][0]["action"], "connect_now");
        let message = socket.heard("new_message").await;
        assert_eq!(message["message"], json!({"role": "assistant", "content": response["content"], "data": response["data"]}));
        let streamed: String = socket.all("chat:stream").iter().map(|piece| piece["token"].as_str().unwrap()).collect();
        assert_eq!(streamed, "I will call you Asha.", "the pieces are the answer");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_over_http_is_heard_and_the_other_way_round() {
    let (_folder, node) = here();
    let (token, session) = node.guest().await;
    let mut socket = connected(&node.origin, json!({"extraHeaders": {"Authorization": format!("Bearer {token}")}})).await;
    socket.ask("join_session", json!({"session_id": session})).await;
    let answer = node.post("/chat/", Some(&token), &json!({"message": "Can someone bring me size 44?"})).await;
    let response = socket.heard("chat:response").await;
    assert_eq!((&response["content"], &response["data"]["buttons"]), (&answer["message"], &answer["data"]["buttons"]));
    socket.ask("chat_message", json!({"session_id": session, "content": "yes"})).await;
    let response = socket.heard("chat:response").await;
    assert_eq!(response["data"]["ui_hint"], "request_created");
    let request = client().unwrap().get(format!("{}{}", node.origin, routes::SESSION_RESTORE));
    let restored = Answer::of(request.header(routes::HEADER_SESSION_TOKEN, &token)).await.unwrap();
    assert!(restored.body.contains(response["content"].as_str().unwrap()), "the conversation has it: {}", restored.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_comes_in_without_a_credential_or_with_one_in_the_address() {
    let (_folder, node) = here();
    let (token, _) = node.guest().await;
    for (options, reason) in [
        (json!({}), "Authentication required"),
        (json!({"auth": {"token": "00000000000000000000000000000000"}}), "Authentication required"),
        (json!({"auth": {"token": "x.y.z"}}), "Invalid or expired token"),
        (json!({"query": {"token": token}}), "Send the token in auth.token or a header, never in the address."),
        (
            json!({"extraHeaders": {"Cookie": format!("guest_session={token}"), "Origin": "https://evil.example"}}),
            "This page does not belong to the shop. Open the shop's own page.",
        ),
    ] {
        assert_eq!(refused(&node.origin, options.clone()).await, reason, "{options}");
    }
    connected(&node.origin, json!({"extraHeaders": {"Cookie": format!("guest_session={token}")}})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_own_conversation_is_joined_and_spoken_in() {
    let (_folder, node) = here();
    let ((asha, ashas), (ravi, ravis)) = (node.guest().await, node.guest().await);
    let mut socket = connected(&node.origin, json!({"auth": {"token": ravi}})).await;
    let refusal = |message: &str| json!({"status": "error", "message": message});
    assert_eq!(socket.ask("join_session", json!({})).await, refusal("session_id required"));
    assert_eq!(socket.ask("join_session", json!("nonsense")).await, refusal("session_id required"));
    assert_eq!(socket.ask("join_session", json!({"session_id": ashas})).await, refusal("Session not found"));
    assert_eq!(socket.ask("chat_message", json!({"session_id": ashas, "content": "hi"})).await, refusal("Session not found"));
    assert_eq!(socket.heard("error").await, json!({"message": "Session not found", "code": "session_not_found"}));
    socket.ask("chat_message", json!({"session_id": ravis, "content": "x".repeat(4_001)})).await;
    assert_eq!(socket.heard("error").await["code"], "validation_error");
    socket.ask("join_session", json!({"session_id": ravis})).await;
    node.post("/chat/", Some(&asha), &json!({"message": "my name is Asha"})).await;
    node.post("/chat/", Some(&ravi), &json!({"message": "my name is Ravi"})).await;
    assert_eq!(socket.heard("chat:echo").await["message"]["content"], "my name is Ravi", "Asha was not heard");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_closes_its_sockets() {
    let (_folder, node) = here();
    let (token, session) = node.guest().await;
    let mut socket = connected(&node.origin, json!({"auth": {"token": token}})).await;
    socket.ask("join_session", json!({"session_id": session})).await;
    node.post(routes::SESSION_END, Some(&token), &json!({})).await;
    assert_eq!(socket.heard("error").await, json!({"message": "Session not found", "code": "session_expired"}));
    socket.heard("disconnect").await;
    assert_eq!(refused(&node.origin, json!({"auth": {"token": token}})).await, "Authentication required");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_on_one_node_is_heard_on_another() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = Postgres::shared();
    let database = postgres.address(&postgres.create(None).unwrap());
    let public = "http://127.0.0.1:9";
    let one = Node::start(&folder.path().join("one"), Some(public), Some(&database));
    std::fs::create_dir(folder.path().join("two")).unwrap();
    std::fs::copy(folder.path().join("one/server.key"), folder.path().join("two/server.key")).unwrap();
    let two = Node::start(&folder.path().join("two"), Some(public), Some(&database));
    let (token, session) = one.guest().await;
    let mut socket: Socket = connected(&two.origin, json!({"auth": {"token": token}})).await;
    socket.ask("join_session", json!({"session_id": session})).await;
    let answer = one.post("/chat/", Some(&token), &json!({"message": "my name is Asha"})).await;
    assert_eq!(socket.heard("chat:response").await["content"], answer["message"]);
}
