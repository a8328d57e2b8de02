//! What an agent remembers.

use protocol::{routes, session::Channel};
use serde_json::{Value, json};
use server_store::records::Scope;

use super::{DAY, TOKEN, restored};
use crate::testing::TestServer;

const KEY: &str = "x-channel-key";

struct Conversation {
    server: TestServer,
    token: String,
    session: String,
    agent: String,
}

impl Conversation {
    async fn begin() -> Self {
        let server = TestServer::start().await;
        let token = server.signed_up("2025550150").await;
        let session = server.session_id(&token).await.to_string();
        let agent = server.key(None, &[Scope::Agent]).await;
        Self { server, token, session, agent }
    }

    fn path(&self, what: &str) -> String {
        format!("/session/{}/{what}", self.session)
    }

    async fn read(&self, what: &str) -> Value {
        self.server.get(&self.path(what), &[(KEY, &self.agent)]).await.expect(200)
    }

    async fn say(&self, times: usize) {
        for _ in 0..times {
            self.server.pass(std::time::Duration::from_secs(3));
            self.server.act(&self.token, "chat_message", json!({"message": "and?"})).await.expect(200);
        }
    }

    async fn summarise(&self, text: &str) -> Value {
        self.server.post(&self.path("summary"), &[(KEY, &self.agent)], &json!({"summary": text})).await.expect(200)
    }
}

#[tokio::test]
async fn an_agent_reads_everything_that_was_said_and_chosen() {
    let talk = Conversation::begin().await;
    talk.server.act(&talk.token, "add_to_cart", json!({"item": {"sku": "SKU-1", "quantity": 2}})).await.expect(200);
    talk.server.act(&talk.token, "add_to_cart", json!({"item": {"sku": "SKU-3"}})).await.expect(200);
    let cards = json!({"message": "Two ideas", "sender": "agent", "metadata": {"cards": [{"sku": "SKU-1"}, {"sku": "SKU-2"}]}});
    talk.server.act(&talk.token, "chat_message", cards).await.expect(200);
    let now = json!(talk.server.state.now().to_string());
    let context = talk.read("context").await;
    assert_eq!(context["session_id"], json!(talk.session));
    for (name, value) in [
        ("customer_id", json!("902")),
        ("phone", json!("+12025550150")),
        ("channel", json!("web")),
        ("conversation_summary", json!("")),
        ("last_recommended_skus", json!(["SKU-1", "SKU-2"])),
        ("created_at", now.clone()),
        ("updated_at", now.clone()),
    ] {
        assert_eq!(context[name], value, "{name}");
    }
    assert_eq!(context["chat_context"][0]["message"], json!("Two ideas"));
    assert_eq!(context["cart"][0]["quantity"], json!(2));
    let cart = talk.read("cart").await;
    assert_eq!((&cart["cart_size"], &cart["total_quantity"]), (&json!(2), &json!(3)));
    assert_eq!((&cart["subtotal"], &cart["subtotal_minor"], &cart["currency"]), (&json!(64.48), &json!(6_448), &json!("USD")));
    let shown = talk.read("recommendations").await;
    assert_eq!((&shown["last_recommended_skus"], &shown["total_recommendations"]), (&json!(["SKU-1", "SKU-2"]), &json!(2)));
    let summary = talk.read("summary").await;
    assert_eq!((&summary["summary"], &summary["total_messages"], &summary["last_updated"]), (&json!(""), &json!(1), &now));
}

#[tokio::test]
async fn a_session_id_alone_opens_nothing() {
    let talk = Conversation::begin().await;
    let other = talk.server.guest().await;
    let stock = talk.server.key(None, &[Scope::Stock]).await;
    let resume = talk.server.key(Some(Channel::Whatsapp), &[Scope::Resume]).await;
    for what in ["context", "summary", "recommendations", "cart"] {
        let path = talk.path(what);
        talk.server.get(&path, &[]).await.refused(401, "authentication_required", "Please sign in first.");
        talk.server.get(&path, &[(TOKEN, &other)]).await.refused(404, "session_not_found", "Session not found");
        talk.server.get(&path, &[(TOKEN, "made up")]).await.refused(404, "session_not_found", "Session not found");
        for key in [&stock, &resume] {
            assert_eq!(talk.server.get(&path, &[(KEY, key)]).await.expect(403)["code"], json!("forbidden"));
        }
        talk.server.get(&path, &[(TOKEN, &talk.token)]).await.expect(200);
        for id in ["00000000-0000-0000-0000-000000000000", "not-an-id", "1%27%20OR%201=1"] {
            let path = format!("/session/{id}/{what}");
            talk.server.get(&path, &[(KEY, &talk.agent)]).await.refused(404, "session_not_found", "Session not found");
            talk.server.get(&path, &[(TOKEN, &talk.token)]).await.refused(404, "session_not_found", "Session not found");
        }
    }
    talk.server.post(&talk.path("summary"), &[], &json!({"summary": "mine"})).await.expect(401);
    talk.server.post(&talk.path("summary"), &[(TOKEN, &other)], &json!({"summary": "mine"})).await.expect(404);
    assert_eq!(talk.read("summary").await["summary"], json!(""));
}

#[tokio::test]
async fn looking_does_not_prolong_a_session() {
    let talk = Conversation::begin().await;
    let expires = restored(&talk.server, &talk.token).await["expires_at"].clone();
    talk.server.pass(6 * DAY);
    talk.read("context").await;
    let mut tx = talk.server.state.read().await.unwrap();
    let session = tx.session(talk.session.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(json!(session.expires_at.to_string()), expires);
    drop(tx);
    talk.server.pass(DAY);
    talk.server.get(&talk.path("context"), &[(KEY, &talk.agent)]).await.refused(404, "session_expired", "Session not found");
}

#[tokio::test]
async fn an_agents_summary_stands_for_six_entries() {
    let talk = Conversation::begin().await;
    let summary = async || talk.read("summary").await["summary"].clone();
    talk.say(6).await;
    assert_eq!(summary().await, json!("Customer is browsing. 6 interactions so far."));
    talk.say(2).await;
    let written = talk.summarise(" Looks for white shoes. ").await;
    assert_eq!(written, json!({"success": true, "session_id": talk.session, "summary": "Looks for white shoes."}));
    talk.say(4).await;
    assert_eq!(summary().await, json!("Looks for white shoes."), "twelve entries, but four since the agent wrote");
    let key = talk.server.key(Some(Channel::Whatsapp), &[Scope::Resume]).await;
    talk.say(1).await;
    talk.server.act(&talk.token, "chat_message", json!({"message": "here", "channel": "telegram"})).await.expect(200);
    assert_ne!(summary().await, json!("Looks for white shoes."), "six entries later, a change of channel writes a new one");
    drop(key);
    talk.summarise("").await;
    talk.say(4).await;
    assert_eq!(summary().await, json!("Customer is browsing. 18 interactions so far."), "nothing gives the word back");
}

#[tokio::test]
async fn beginning_on_another_channel_writes_a_summary() {
    let talk = Conversation::begin().await;
    talk.say(1).await;
    let body = json!({"phone": "2025550150", "channel": "telegram"});
    let body = talk.server.post(routes::SESSION_START, &[(TOKEN, &talk.token)], &body).await.expect(200);
    assert_eq!(body["session"]["data"]["conversation_summary"], json!("Customer is browsing. 1 interactions so far."));
}

#[tokio::test]
async fn a_summary_that_is_too_long_or_none_is_refused() {
    let talk = Conversation::begin().await;
    for body in [json!({}), json!({"summary": 7}), json!({"summary": "x".repeat(2_001)})] {
        let reply = talk.server.post(&talk.path("summary"), &[(KEY, &talk.agent)], &body).await.expect(422);
        assert_eq!((&reply["code"], &reply["errors"][0]["field"]), (&json!("validation_error"), &json!("summary")), "{body}");
    }
    talk.summarise(&"x".repeat(2_000)).await;
}
