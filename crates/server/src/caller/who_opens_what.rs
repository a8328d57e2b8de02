//! Every kind of caller against what is not for everybody, as a table.

use axum::body::Body;
use protocol::{routes, session::Channel, staff::Role};
use serde_json::{Value, json};
use server_store::records::Scope;

use crate::{
    account::tests::{Browser, registered},
    testing::{Reply, TestKiosk, TestServer, request},
};

/// The columns of [`TABLE`].
const WHO: [&str; 14] = [
    "nobody", "guest", "token", "account", "newcomer", "staff", "manager", "dead", "forged", "agent", "stock", "loyalty",
    "payments", "kiosk",
];

/// What each of [`WHO`] is answered: `token` and `account` are the same customer, `<id>` and `<session>` are theirs; `newcomer`
/// has an account and bought nothing; `dead` has a cookie that was signed out; `forged` is a foreign page that can send the
/// customer's cookie and knows no anti-forgery token. `<who>` is another text for each.
const TABLE: &[(&str, &str, &str, [u16; 14])] = &[
    ("GET", "/customers/<id>", "", [401, 404, 200, 200, 404, 200, 200, 401, 200, 200, 403, 403, 403, 403]),
    ("GET", "/customers/901", "", [401, 404, 404, 404, 404, 200, 200, 401, 404, 200, 403, 403, 403, 403]),
    ("GET", "/orders", "", [401, 200, 200, 200, 200, 200, 200, 401, 200, 200, 403, 403, 403, 403]),
    ("GET", "/orders?customer_id=901", "", [401, 404, 404, 404, 404, 200, 200, 401, 404, 200, 403, 403, 403, 403]),
    ("GET", "/payments", "", [401, 401, 401, 403, 403, 200, 200, 401, 403, 403, 403, 403, 200, 403]),
    ("GET", "/inventory", "", [401, 401, 401, 403, 403, 200, 200, 401, 403, 403, 200, 403, 403, 200]),
    ("GET", "/session/<session>/context", "", [401, 404, 200, 200, 404, 200, 200, 401, 200, 200, 403, 403, 403, 403]),
    (
        "POST",
        "/session/<session>/summary",
        r#"{"summary": "by <who>"}"#,
        [401, 404, 200, 200, 404, 200, 200, 401, 403, 200, 403, 403, 403, 403],
    ),
    ("GET", "/loyalty/points/<id>", "", [401, 404, 200, 200, 404, 200, 200, 401, 200, 403, 403, 200, 403, 403]),
    ("GET", "/loyalty/tier/901", "", [401, 404, 404, 404, 404, 200, 200, 401, 404, 403, 403, 200, 403, 403]),
    (
        "POST",
        "/loyalty/add-points",
        r#"{"user_id": "<id>", "points": 1, "order_id": "<who>"}"#,
        [401, 401, 401, 403, 403, 200, 200, 401, 403, 403, 403, 200, 403, 403],
    ),
    ("GET", "/loyalty/validate-coupon/NONE", "", [401, 200, 200, 200, 200, 200, 200, 401, 200, 403, 403, 200, 403, 403]),
    (
        "POST",
        "/hold",
        r#"{"sku": "SKU-1", "quantity": 1}"#,
        [401, 200, 200, 200, 404, 404, 404, 401, 403, 403, 200, 403, 403, 200],
    ),
    (
        "POST",
        "/simulate/sale",
        r#"{"sku": "SKU-1", "quantity": 1}"#,
        [401, 401, 401, 403, 403, 403, 403, 401, 403, 403, 200, 403, 403, 403],
    ),
    ("POST", "/recommend", r#"{"customer_id": "901"}"#, [200; 14]),
    ("GET", "/session/restore", "", [400, 200, 200, 200, 404, 404, 404, 401, 200, 400, 400, 400, 400, 400]),
    (
        "POST",
        "/session/update",
        r#"{"action": "clear_cart"}"#,
        [400, 200, 200, 200, 404, 404, 404, 401, 403, 400, 400, 400, 400, 400],
    ),
    ("POST", "/auth/qr-init", "{}", [401, 400, 200, 200, 401, 401, 401, 401, 403, 401, 401, 401, 401, 401]),
    ("POST", "/session/start", "{}", [400, 400, 400, 200, 200, 200, 200, 400, 400, 400, 400, 400, 400, 400]),
];

struct People {
    server: TestServer,
    token: String,
    guest: String,
    account: Browser,
    newcomer: Browser,
    staff: Browser,
    manager: Browser,
    dead: Browser,
    kiosk: TestKiosk,
    keys: Vec<(&'static str, String)>,
    id: String,
    session: String,
}

impl People {
    async fn gather() -> Self {
        let server = TestServer::start().await;
        let token = server.signed_up("2025550150").await;
        let shown = server.get(routes::SESSION_RESTORE, &[("x-session-token", &token)]).await.expect(200)["session"].clone();
        let account = signed_in(&server, "2025550150").await;
        let [newcomer, staff, manager, dead] = [
            registered(&server, "newcomer@example.com").await,
            registered(&server, "staff@example.com").await,
            registered(&server, "manager@example.com").await,
            registered(&server, "gone@example.com").await,
        ];
        dead.send(&server, "POST", routes::ACCOUNT_LOGOUT, &Value::Null).await.expect(200);
        grant(&server, &staff, Role::Staff).await;
        grant(&server, &manager, Role::Manager).await;
        let mut keys = Vec::new();
        for (name, scope) in
            [("agent", Scope::Agent), ("stock", Scope::Stock), ("loyalty", Scope::Loyalty), ("payments", Scope::Payments)]
        {
            keys.push((name, server.key(None, &[scope]).await));
        }
        Self {
            guest: server.guest().await,
            kiosk: server.kiosk("S01").await,
            id: shown["customer_id"].as_str().unwrap().to_owned(),
            session: shown["session_id"].as_str().unwrap().to_owned(),
            server,
            token,
            account,
            newcomer,
            staff,
            manager,
            dead,
            keys,
        }
    }

    async fn send(&self, who: &str, method: &str, path: &str, body: &str) -> Reply {
        let filled = |text: &str| text.replace("<id>", &self.id).replace("<session>", &self.session).replace("<who>", who);
        let (path, body) = (filled(path), filled(body));
        let proof = self.server.proof(&self.kiosk, method, path.split('?').next().unwrap(), None);
        let cookie = |browser: &'_ Browser| vec![("cookie", browser.cookie.clone()), ("x-csrftoken", browser.csrf.clone())];
        let mut headers = match who {
            "nobody" => Vec::new(),
            "guest" => vec![("x-session-token", self.guest.clone())],
            "token" => vec![("x-session-token", self.token.clone())],
            "account" => cookie(&self.account),
            "newcomer" => cookie(&self.newcomer),
            "staff" => cookie(&self.staff),
            "manager" => cookie(&self.manager),
            "dead" => cookie(&self.dead),
            "forged" => vec![("cookie", self.account.cookie.clone())],
            "kiosk" => vec![("dpop", proof)],
            key => vec![("x-channel-key", self.keys.iter().find(|(name, _)| *name == key).unwrap().1.clone())],
        };
        headers.push(("content-type", "application/json".to_owned()));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.server.send(request(method, &path, &headers).body(Body::from(body)).unwrap()).await
    }
}

async fn grant(server: &TestServer, browser: &Browser, role: Role) {
    let mut tx = server.state.write().await.unwrap();
    let now = tx.now();
    tx.grant_role(browser.id.parse().unwrap(), role, None, now).await.unwrap();
    tx.commit().await.unwrap();
}

/// A browser in which somebody who signed up with that number signs in.
async fn signed_in(server: &TestServer, phone: &str) -> Browser {
    let body = json!({"phone_number": phone, "password": "walking by the river"});
    let reply = server.post(routes::PHONE_SIGN_IN, &[], &body).await;
    reply.expect(200);
    Browser::of(&reply)
}

#[tokio::test]
async fn each_caller_opens_what_is_theirs_and_nothing_else() {
    let people = People::gather().await;
    let mut wrong = Vec::new();
    for (method, path, body, expected) in TABLE {
        for (who, expected) in WHO.iter().zip(expected) {
            let reply = people.send(who, method, path, body).await;
            if reply.status != *expected {
                wrong.push(format!("{who}: {method} {path} is {} instead of {expected}: {}", reply.status, reply.json()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn somebody_signed_in_goes_on_with_their_own_session() {
    let people = People::gather().await;
    let server = &people.server;
    let add = r#"{"action": "add_to_cart", "payload": {"item": {"sku": "SKU-1"}}}"#;
    let after = people.send("account", "POST", routes::SESSION_UPDATE, add).await.expect(200);
    assert_eq!(after["session"]["session_id"], json!(people.session));
    let restored = server.get(routes::SESSION_RESTORE, &[("x-session-token", &people.token)]).await.expect(200);
    assert_eq!(restored["session"]["data"]["cart"][0]["sku"], json!("SKU-1"));

    let begin = async |browser: &Browser, body: Value| {
        browser.send(server, "POST", routes::SESSION_START, &body).await.expect(200)["session"].clone()
    };
    let own = begin(&people.account, json!({"phone": "2025550150", "channel": "kiosk"})).await;
    assert_eq!((&own["session_id"], &own["data"]["channels"]), (&json!(people.session), &json!(["web", "kiosk"])));
    let other = begin(&people.account, json!({"phone": "2025550101"})).await;
    assert_eq!(other["guest"], json!(true), "an account proves its own number and no other");
    let forged = people.send("forged", "POST", routes::SESSION_START, r#"{"phone": "2025550150"}"#).await.expect(200);
    assert_eq!(forged["session"]["guest"], json!(true), "a foreign page begins as a guest");

    let first = begin(&people.newcomer, json!({"channel": "web"})).await;
    assert_eq!((&first["guest"], &first["assurance"], &first["phone"]), (&json!(false), &json!("password"), &json!("")));
    assert_eq!(begin(&people.newcomer, json!({"channel": "web"})).await["session_id"], first["session_id"]);

    people.send("account", "POST", routes::SESSION_END, "").await.expect(200);
    let sentence = "Session not found";
    server.get(routes::SESSION_RESTORE, &[("x-session-token", &people.token)]).await.refused(404, "session_expired", sentence);
    people.send("account", "GET", routes::SESSION_RESTORE, "").await.refused(404, "session_not_found", sentence);
    let next = begin(&people.account, json!({"phone": "2025550150"})).await;
    assert_ne!(next["session_id"], json!(people.session));
    let both = [
        ("x-session-token", people.token.as_str()),
        ("cookie", people.account.cookie.as_str()),
        ("x-csrftoken", people.account.csrf.as_str()),
    ];
    let again = server.post(routes::SESSION_START, &both, &json!({"phone": "2025550150"})).await.expect(200);
    assert_eq!(again["session"]["session_id"], next["session_id"], "a token of the session before does not hide the account");
    let cookie = [("x-session-token", people.token.as_str()), ("cookie", people.account.cookie.as_str())];
    server.get(routes::SESSION_RESTORE, &cookie).await.refused(404, "session_expired", sentence);
}

#[tokio::test]
async fn a_bearer_token_that_proves_nothing_is_refused_everywhere() {
    let server = TestServer::start().await;
    let bearer = [("authorization", "Bearer made.up.token")];
    let start = json!({"phone": "2025550101", "message": "hello", "customer_id": "901"});
    for path in [routes::SESSION_START, routes::MESSAGE, routes::RECOMMEND] {
        assert_eq!(server.post(path, &bearer, &start).await.expect(401)["code"], json!("invalid_token"), "{path}");
    }
    for path in [routes::SESSION_RESTORE, routes::ORDERS, routes::ACCOUNT_ME] {
        assert_eq!(server.get(path, &bearer).await.expect(401)["code"], json!("invalid_token"), "{path}");
    }
}

#[tokio::test]
async fn staff_gives_back_what_others_hold_and_sees_whom_it_serves() {
    let people = People::gather().await;
    let held = people.send("token", "POST", routes::HOLD, r#"{"sku": "SKU-1", "quantity": 2}"#).await.expect(200);
    let release = json!({"hold_id": held["hold_id"]}).to_string();
    people.send("guest", "POST", routes::RELEASE, &release).await.expect(404);
    people.send("newcomer", "POST", routes::RELEASE, &release).await.expect(404);
    assert_eq!(people.send("staff", "POST", routes::RELEASE, &release).await.expect(200)["restored_stock"], json!(8));
    let asked = r#"{"customer_id": "901"}"#;
    let told = async |who: &str| {
        let body = people.send(who, "POST", routes::RECOMMEND, asked).await.expect(200);
        body["personalized_reasoning"].as_str().unwrap().contains("Asha")
    };
    assert!(told("staff").await && told("agent").await);
    assert!(!told("account").await && !told("token").await && !told("nobody").await && !told("dead").await);
    let own = r#"{"customer_id": "<id>"}"#;
    let body = people.send("account", "POST", routes::RECOMMEND, own).await.expect(200);
    assert!(body["personalized_reasoning"].as_str().unwrap().contains("Ravi"), "{body}");
    people.send("staff", "POST", routes::RECOMMEND, r#"{"customer_id": "999"}"#).await.refused(
        404,
        "customer_not_found",
        "Customer 999 not found",
    );
    let key = people.server.key(Some(Channel::Whatsapp), &[Scope::Resume]).await;
    let both = [("x-channel-key", key.as_str()), ("cookie", people.staff.cookie.as_str())];
    people.server.get(routes::PAYMENTS, &both).await.expect(200);
    people.server.get(routes::CUSTOMERS, &both).await.expect(403);
}
