//! The transcript of a conversation over real sockets, on each database, and over two servers on one.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    net::TcpListener as MediaServer,
    path::{Path, PathBuf},
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _};
use protocol::routes;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use server::{AppState, Config, http, secret::Secret};
use testkit::{answer::client, postgres::Postgres};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest as _,
        http::{HeaderName, HeaderValue},
        protocol::frame::coding::CloseCode,
    },
};

/// A machine that does other things meanwhile may take so long.
const SOON: Duration = Duration::from_secs(30);
const INGEST: &str = "an ingest token";

/// A server that listens, with a media server that does.
struct Node {
    origin: String,
    data: PathBuf,
    state: AppState,
    served: JoinHandle<std::io::Result<()>>,
    client: Client,
    _media: MediaServer,
}

impl Node {
    async fn start(data: &Path, database: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let media = MediaServer::bind("127.0.0.1:0").unwrap();
        let mut config = Config::at(data);
        config.listen = listener.local_addr().unwrap();
        config.database_url = database.map(|name| Postgres::shared().socket_address(name).into());
        config.ingest_token = Some(Secret::new(INGEST));
        config.voice.media_url = Some(format!("ws://{}", media.local_addr().unwrap()).parse().unwrap());
        config.voice.media_key = Some("APIexample".into());
        config.voice.media_secret = Some(Secret::new("an example secret"));
        let origin = format!("http://{}", config.listen);
        let state = AppState::open(config).await.unwrap();
        let served = tokio::spawn(http::serve(listener, state.clone()));
        Self { origin, data: data.to_owned(), state, served, client: client().unwrap(), _media: media }
    }

    /// A conversation of nobody in particular.
    async fn begin(&self) -> Begun {
        let reserved = self.client.get(format!("{}/token?room=quickstart&identity=asha-1", self.origin)).send().await.unwrap();
        let reserved: Value = reserved.json().await.unwrap();
        let body = json!({"room": "quickstart", "identity": "asha-1", "ticket": reserved["ticket"]});
        let answer = self.client.post(format!("{}/session", self.origin)).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let begun: Value = answer.json().await.unwrap();
        assert_eq!(begun["room"], reserved["room"]);
        let text = |name: &str| begun[name].as_str().unwrap().to_owned();
        Begun { id: text("session_id"), ticket: text("ticket"), url: text("ws_url") }
    }

    /// The agent reports.
    async fn report(&self, id: &str, events: Value) -> Value {
        let report = json!({"session": {"id": id}, "events": events});
        let call = self.client.post(format!("{}{}", self.origin, routes::INGEST)).header("x-ingest-token", INGEST);
        let answer = call.json(&report).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.unwrap()
    }

    async fn stop(&self, begun: &Begun) -> StatusCode {
        let call = self.client.delete(format!("{}/session/{}", self.origin, begun.id)).header("x-voice-ticket", &begun.ticket);
        call.send().await.unwrap().status()
    }

    /// The address of a conversation's transcript on this very server.
    fn transcript(&self, id: &str) -> String {
        format!("{}{}", self.origin.replacen("http", "ws", 1), routes::with_id(routes::TRANSCRIPT, id))
    }
}

struct Begun {
    id: String,
    ticket: String,
    url: String,
}

impl Begun {
    fn cookie(&self) -> String {
        format!("voice_session={}", self.ticket)
    }
}

/// A page's socket.
struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn open(url: &str, headers: &[(&str, &str)]) -> Result<Self, Error> {
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
        }
        connect_async(request).await.map(|(socket, _)| Self(socket))
    }

    /// The status of a refusal, and its code.
    async fn refused(url: &str, headers: &[(&str, &str)]) -> (u16, String) {
        match Self::open(url, headers).await {
            Err(Error::Http(answer)) => {
                let body: Value = serde_json::from_slice(answer.body().as_deref().unwrap_or_default()).unwrap_or_default();
                (answer.status().as_u16(), body["code"].as_str().unwrap_or_default().to_owned())
            }
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("it was opened"),
        }
    }

    async fn event(&mut self) -> Value {
        match timeout(SOON, self.0.next()).await.unwrap().unwrap().unwrap() {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    async fn closed(&mut self) -> CloseCode {
        match timeout(SOON, self.0.next()).await.unwrap().unwrap().unwrap() {
            Message::Close(Some(frame)) => frame.code,
            other => panic!("{other:?}"),
        }
    }
}

async fn one(database: Option<&str>) -> (Node, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Node::start(&folder.path().join("one"), database).await, folder)
}

/// What a page sees from the beginning of a conversation to its end.
async fn a_conversation(database: Option<&str>) {
    let (node, _folder) = one(database).await;
    let begun = node.begin().await;
    node.report(&begun.id, json!([{"role": "agent", "text": "Hello! How can I help?", "id": "a-1"}])).await;
    let cookie = begun.cookie();
    let own = [("cookie", cookie.as_str()), ("origin", node.origin.as_str())];
    let mut page = Socket::open(&begun.url, &own).await.unwrap();
    let greeting = page.event().await;
    assert_eq!(
        (&greeting["id"], &greeting["seq"], &greeting["text"]),
        (&json!("a-1"), &json!(1), &json!("Hello! How can I help?"))
    );
    page.0.send(Message::text("ping")).await.unwrap();
    let events = json!([
        {"role": "user", "event": "speech_started", "id": "s-1"},
        {"role": "user", "text": "A whi", "is_final": false, "id": "u-1"},
        {"role": "user", "text": "A white shirt, please.", "final": true, "id": "u-1"},
        {"role": "event", "event": "error", "code": "voice_unavailable"},
    ]);
    let taken = node.report(&begun.id, events.clone()).await;
    assert_eq!(taken, json!({"created": 1, "ended": false}));
    let heard = [page.event().await, page.event().await, page.event().await, page.event().await];
    let seen: Vec<_> = heard.iter().map(|event| (&event["seq"], &event["is_final"], &event["final"])).collect();
    assert_eq!(
        seen,
        [
            (&json!(2), &json!(true), &json!(true)),
            (&json!(3), &json!(false), &json!(false)),
            (&json!(4), &json!(true), &json!(true)),
            (&json!(5), &json!(true), &json!(true)),
        ]
    );
    assert_eq!((&heard[0]["event"], &heard[1]["id"], &heard[2]["id"]), (&json!("speech_started"), &json!("u-1"), &json!("u-1")));
    assert_eq!((&heard[3]["role"], &heard[3]["code"]), (&json!("event"), &json!("voice_unavailable")));
    node.report(&begun.id, json!([events[1], events[2], {"role": "agent", "text": "Here are two."}])).await;
    assert_eq!(page.event().await["text"], json!("Here are two."), "what is reported again is told once");

    // A page that lost its socket goes on where it was.
    let mut again = Socket::open(&format!("{}?after=4", begun.url), &own).await.unwrap();
    assert_eq!(again.event().await["text"], json!("Here are two."));
    assert_eq!(node.stop(&begun).await, StatusCode::OK);
    for socket in [&mut page, &mut again] {
        let end = socket.event().await;
        assert_eq!((&end["role"], &end["event"], &end["reason"]), (&json!("event"), &json!("session_ended"), &json!("stopped")));
        assert_eq!(socket.closed().await, CloseCode::Normal);
    }
    assert_eq!(node.stop(&begun).await, StatusCode::NOT_FOUND);
    assert_eq!(Socket::refused(&begun.url, &own).await.0, 404, "nothing of it is left");
    assert_eq!(node.report(&begun.id, json!([{"role": "user", "text": "Bye"}])).await, json!({"created": 0, "ended": true}));
}

#[tokio::test]
async fn a_page_sees_a_whole_conversation_on_sqlite() {
    a_conversation(None).await;
}

#[tokio::test]
async fn a_page_sees_a_whole_conversation_on_postgres() {
    a_conversation(Some(&Postgres::shared().create(None).unwrap())).await;
}

#[tokio::test]
async fn nobody_listens_to_somebody_elses_conversation() {
    let (node, _folder) = one(None).await;
    let (begun, other) = (node.begin().await, node.begin().await);
    let (cookie, others) = (begun.cookie(), other.cookie());
    let refused = (404, "session_not_found".to_owned());
    let protocol = format!("vitrine.transcript, vitrine.ticket.{}", other.ticket);
    for headers in [
        vec![],
        vec![("cookie", others.as_str())],
        vec![("x-voice-ticket", other.ticket.as_str())],
        vec![("sec-websocket-protocol", protocol.as_str())],
        // A page of somebody else opens a socket with the customer's own cookie.
        vec![("cookie", cookie.as_str()), ("origin", "https://evil.example")],
        vec![("cookie", cookie.as_str()), ("origin", "null")],
        vec![("cookie", cookie.as_str()), ("sec-fetch-site", "cross-site")],
    ] {
        assert_eq!(Socket::refused(&begun.url, &headers).await, refused, "{headers:?}");
    }
    let guessed = node.transcript("9d0b6c1e-3c3e-4f2e-8a51-6f0f5b1c7d20");
    assert_eq!(Socket::refused(&guessed, &[("cookie", &cookie)]).await, refused);
    for name in ["ticket", "token", "voice_session"] {
        assert_eq!(Socket::refused(&format!("{}?{name}={}", begun.url, begun.ticket), &[]).await.0, 400, "{name}");
    }
    let protocol = format!("vitrine.transcript, vitrine.ticket.{}", begun.ticket);
    let own = [("sec-websocket-protocol", protocol.as_str()), ("origin", "https://page.example")];
    let mut page = Socket::open(&begun.url, &own).await.unwrap();
    node.report(&begun.id, json!([{"role": "user", "text": "Hello"}])).await;
    assert_eq!(page.event().await["text"], json!("Hello"), "a page of another origin that was given the ticket");
}

#[tokio::test]
async fn a_server_that_stops_says_goodbye_to_its_listeners() {
    let (node, _folder) = one(None).await;
    let begun = node.begin().await;
    let mut page = Socket::open(&begun.url, &[("x-voice-ticket", &begun.ticket)]).await.unwrap();
    node.report(&begun.id, json!([{"role": "user", "text": "Hello"}])).await;
    page.event().await;
    node.state.shutdown.cancel();
    assert_eq!(page.closed().await, CloseCode::Away);
    drop(page);
    timeout(SOON, node.served).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_listener_of_one_server_hears_what_is_reported_to_another() {
    let database = Postgres::shared().create(None).unwrap();
    let (one, folder) = one(Some(&database)).await;
    let key = folder.path().join("two");
    std::fs::create_dir(&key).unwrap();
    std::fs::copy(one.data.join("server.key"), key.join("server.key")).unwrap();
    let two = Node::start(&key, Some(&database)).await;
    let begun = one.begin().await;
    let ticket = [("x-voice-ticket", begun.ticket.as_str())];
    let mut page = Socket::open(&two.transcript(&begun.id), &ticket).await.unwrap();
    for (node, text) in [(&one, "first"), (&two, "second"), (&one, "third")] {
        let events =
            json!([{"role": "user", "text": "…", "is_final": false, "id": text}, {"role": "user", "text": text, "id": text}]);
        node.report(&begun.id, events).await;
        loop {
            // Words still being recognised come from its own server alone.
            let event = page.event().await;
            if event["is_final"] == json!(true) {
                assert_eq!(event["text"], json!(text));
                break;
            }
            assert_eq!(event["id"], json!("second"));
        }
    }
    assert_eq!(one.stop(&begun).await, StatusCode::OK);
    assert_eq!(page.event().await["event"], json!("session_ended"));
    assert_eq!(page.closed().await, CloseCode::Normal);
}
