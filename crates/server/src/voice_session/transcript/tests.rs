//! What a transcript's socket sends, and when it closes.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::extract::ws::{Message, close_code};
use futures_util::{Sink, Stream};
use protocol::{
    ids::{UtteranceId, VoiceSessionId},
    transcript::TranscriptEvent,
    voice_session::{Speaker, VoiceEnd},
};
use serde_json::{Value, json};
use server_store::records::{Topic, UtteranceRecord, VoiceSessionRecord};
use tokio::{
    sync::mpsc::{self, Receiver, UnboundedReceiver, UnboundedSender},
    task::JoinHandle,
};
use tokio_util::sync::PollSender;

use super::socket::{Done, Transcript};
use crate::{testing::TestServer, voice_session::end};

/// The server's end of a socket that a test holds the other end of.
struct Pipe {
    said: UnboundedReceiver<Result<Message, ()>>,
    heard: PollSender<Message>,
}

impl Stream for Pipe {
    type Item = Result<Message, ()>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.said.poll_recv(context)
    }
}

impl Sink<Message> for Pipe {
    type Error = ();
    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), ()>> {
        Pin::new(&mut self.heard).poll_ready(context).map_err(drop)
    }
    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), ()> {
        Pin::new(&mut self.heard).start_send(message).map_err(drop)
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), ()>> {
        Pin::new(&mut self.heard).poll_flush(context).map_err(drop)
    }
    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), ()>> {
        Pin::new(&mut self.heard).poll_close(context).map_err(drop)
    }
}

/// A client.
struct Client {
    say: UnboundedSender<Result<Message, ()>>,
    hear: Receiver<Message>,
    done: JoinHandle<Done>,
}

impl Client {
    /// A client that has room for so many messages that it has not looked at.
    fn of(server: &TestServer, id: VoiceSessionId, after: i64, room: usize) -> Self {
        let (say, said) = mpsc::unbounded_channel();
        let (heard, hear) = mpsc::channel(room);
        let listener = server.state.transcripts.listen(id).unwrap();
        let follower = server.state.bus.follow(&[Topic::Transcript(id)]);
        let transcript = Transcript { state: server.state.clone(), id, follower, listener, sent: after, waiting: Vec::new() };
        let done = tokio::spawn(transcript.run(Pipe { said, heard: PollSender::new(heard) }));
        Self { say, hear, done }
    }

    async fn next(&mut self) -> Message {
        tokio::time::timeout(Duration::from_mins(1), self.hear.recv()).await.unwrap().unwrap()
    }

    async fn event(&mut self) -> Value {
        let Message::Text(text) = self.next().await else { panic!("no text") };
        serde_json::from_str(&text).unwrap()
    }

    async fn closed(&mut self) -> u16 {
        let Message::Close(Some(frame)) = self.next().await else { panic!("not closed") };
        frame.code
    }
}

async fn begun(server: &TestServer) -> VoiceSessionId {
    let id = VoiceSessionId(server.state.new_id());
    let mut tx = server.state.write().await.unwrap();
    let started_at = tx.now();
    tx.put_voice_session(&VoiceSessionRecord {
        id,
        account_id: None,
        starter_hash: None,
        media_room: None,
        identity: None,
        room: "quickstart".into(),
        system_prompt: String::new(),
        voice: None,
        language: None,
        topics: Vec::new(),
        started_at,
        ended_at: None,
        end_reason: None,
        last_seq: 0,
        last_sent_seq: 0,
        metadata: None,
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    id
}

fn passing(seq: i64, text: &str) -> TranscriptEvent {
    TranscriptEvent {
        text: Some(text.into()),
        event: None,
        reason: None,
        role: Speaker::User,
        is_final: false,
        last: false,
        ..super::ended(seq, protocol::Timestamp::from_unix_millis(0), VoiceEnd::Stopped)
    }
}

/// Keeps something said, and tells of it as another node would: through the log alone.
async fn say(server: &TestServer, id: VoiceSessionId, seq: i64) {
    let mut tx = server.state.write().await.unwrap();
    let mut session = tx.voice_session(id).await.unwrap().unwrap().session;
    session.last_seq = seq;
    tx.put_voice_session(&session).await.unwrap();
    let utterance = UtteranceRecord {
        id: UtteranceId(server.state.new_id()),
        session: id,
        seq,
        sent_seq: None,
        sent_id: Some(format!("u-{seq}")),
        role: Speaker::Agent,
        text: format!("words {seq}"),
        event: None,
        created_at: tx.now(),
    };
    assert!(tx.append_utterance(&utterance).await.unwrap());
    tx.touch(Topic::Transcript(id));
    tx.commit().await.unwrap();
}

/// Passes on what is not kept.
async fn pass(server: &TestServer, id: VoiceSessionId, events: Vec<TranscriptEvent>) {
    let mut tx = server.state.write().await.unwrap();
    let mut session = tx.voice_session(id).await.unwrap().unwrap().session;
    session.last_seq = events.last().unwrap().seq;
    tx.put_voice_session(&session).await.unwrap();
    let announced = server.state.transcripts.announce(id, events);
    tx.commit().await.unwrap();
    announced.committed();
}

#[tokio::test]
async fn what_was_said_comes_first_and_then_what_is_being_said() {
    let server = TestServer::start().await;
    let id = begun(&server).await;
    say(&server, id, 3).await;
    say(&server, id, 5).await;
    let mut whole = Client::of(&server, id, 0, 16);
    let mut rest = Client::of(&server, id, 3, 16);
    assert_eq!(
        whole.event().await,
        json!({"id": "u-3", "seq": 3, "at": server.state.now(), "role": "agent", "text": "words 3", "is_final": true, "final": true})
    );
    assert_eq!(whole.event().await["seq"], json!(5));
    assert_eq!(rest.event().await["seq"], json!(5));
    pass(&server, id, vec![passing(6, "whi"), passing(7, "white")]).await;
    for client in [&mut whole, &mut rest] {
        for (seq, text) in [(6, "whi"), (7, "white")] {
            let event = client.event().await;
            assert_eq!((&event["seq"], &event["text"], &event["final"]), (&json!(seq), &json!(text), &json!(false)));
        }
    }
}

#[tokio::test]
async fn a_listener_of_another_node_hears_everything_that_is_kept() {
    let server = TestServer::start().await;
    let id = begun(&server).await;
    let mut client = Client::of(&server, id, 0, 16);
    say(&server, id, 2).await;
    assert_eq!(client.event().await["seq"], json!(2));
    say(&server, id, 4).await;
    pass(&server, id, vec![passing(6, "later")]).await;
    assert_eq!(client.event().await["text"], json!("words 4"), "a gap is filled before what comes after it");
    assert_eq!(client.event().await["text"], json!("later"));
    say(&server, id, 7).await;
    assert_eq!(client.event().await["seq"], json!(7));
}

#[tokio::test]
async fn what_is_announced_comes_before_what_the_store_shows_of_it_and_not_unless_it_is_committed() {
    let server = TestServer::start().await;
    let id = begun(&server).await;
    let mut client = Client::of(&server, id, 0, 16);
    drop(server.state.transcripts.announce(id, vec![passing(1, "given up")]));
    let announced = server.state.transcripts.announce(id, vec![passing(1, "whi")]);
    // The store shows it before whoever committed it is told so.
    say(&server, id, 2).await;
    server.state.bus.nudge();
    announced.committed();
    assert_eq!(client.event().await["text"], json!("whi"));
    assert_eq!(client.event().await["text"], json!("words 2"));
}

#[tokio::test]
async fn the_end_is_told_and_closes_the_socket() {
    let server = TestServer::start().await;
    let id = begun(&server).await;
    let mut client = Client::of(&server, id, 0, 16);
    let mut tx = server.state.write().await.unwrap();
    let mut session = tx.voice_session(id).await.unwrap().unwrap().session;
    let now = tx.now();
    let told = end::end(&mut tx, &mut session, now, VoiceEnd::Finished).await.unwrap().unwrap();
    assert!(end::end(&mut tx, &mut session, now, VoiceEnd::Stopped).await.unwrap().is_err());
    let announced = server.state.transcripts.announce(id, vec![told]);
    tx.commit().await.unwrap();
    announced.committed();
    let event = client.event().await;
    assert_eq!(
        (&event["role"], &event["event"], &event["reason"], &event["seq"]),
        (&json!("event"), &json!("session_ended"), &json!("finished"), &json!(1))
    );
    assert_eq!((client.closed().await, client.done.await.unwrap()), (close_code::NORMAL, Done::Ended));
}

#[tokio::test]
async fn a_conversation_that_nobody_ended_is_over_after_a_day() {
    let server = TestServer::start().await;
    let id = begun(&server).await;
    let mut client = Client::of(&server, id, 0, 16);
    server.pass(Duration::from_hours(25));
    crate::event::sweep(&server.state).await.unwrap();
    assert_eq!(client.event().await["reason"], json!("expired"));
    assert_eq!(client.closed().await, close_code::NORMAL);
}

#[tokio::test]
async fn a_socket_says_goodbye_when_the_server_stops() {
    let server = TestServer::start().await;
    let id = begun(&server).await;
    let mut client = Client::of(&server, id, 0, 16);
    server.state.shutdown.cancel();
    assert_eq!((client.closed().await, client.done.await.unwrap()), (close_code::AWAY, Done::Stopping));
    tokio::time::timeout(Duration::from_secs(10), server.state.transcripts.closed()).await.unwrap();
}

#[tokio::test]
async fn a_client_that_leaves_is_let_go() {
    let server = TestServer::start().await;
    let id = begun(&server).await;
    let client = Client::of(&server, id, 0, 16);
    drop(client.say);
    assert_eq!(client.done.await.unwrap(), Done::Gone);
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_dropped() {
    let server = TestServer::start().await;
    let id = begun(&server).await;
    for seq in 1..=3 {
        say(&server, id, seq).await;
    }
    let mut client = Client::of(&server, id, 0, 1);
    // The next one waits for the client, who never takes the first.
    while client.hear.is_empty() {
        tokio::task::yield_now().await;
    }
    tokio::time::pause();
    assert_eq!((&mut client.done).await.unwrap(), Done::Gone);
}

#[tokio::test]
async fn a_silent_client_is_gone_after_ninety_seconds_and_one_that_pings_is_not() {
    let server = TestServer::start().await;
    let id = begun(&server).await;
    let mut client = Client::of(&server, id, 0, 16);
    say(&server, id, 1).await;
    client.event().await;
    tokio::time::pause();
    for _ in 0..9 {
        tokio::time::advance(Duration::from_secs(20)).await;
        client.say.send(Ok(Message::Text("ping".into()))).unwrap();
        tokio::task::yield_now().await;
        assert!(!client.done.is_finished());
    }
    tokio::time::advance(Duration::from_secs(89)).await;
    tokio::task::yield_now().await;
    assert!(!client.done.is_finished());
    // The last second passes by itself: while time stands still, it would run ahead of a database that takes its time.
    tokio::time::resume();
    assert_eq!((client.closed().await, client.done.await.unwrap()), (close_code::POLICY, Done::Silent));
}
