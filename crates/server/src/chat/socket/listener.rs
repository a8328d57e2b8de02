use protocol::{
    event::{EventBody, StreamEvent},
    ids::{Cursor, SessionId},
};
use serde_json::json;
use server_store::records::Topic;
use socketioxide::extract::SocketRef;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{say, seat::Seat, shown};
use crate::{
    chat::speaker::own_session,
    event::{Follower, News},
    http::Answer,
    state::AppState,
};

/// Events read at once.
const PAGE: u32 = 100;

/// Asks a listener to follow a conversation; it says when it does.
pub(super) type Join = mpsc::UnboundedSender<(SessionId, oneshot::Sender<()>)>;

/// Follows the conversation that one socket has joined.
pub(super) struct Listener {
    state: AppState,
    socket: SocketRef,
    seat: Seat,
    follower: Follower,
    joined: Option<SessionId>,
    /// Everything up to here was said.
    cursor: Cursor,
}

impl Listener {
    /// Begins to listen, until the socket or the server is gone.
    pub(super) fn begin(state: AppState, socket: SocketRef, seat: Seat) -> Join {
        let gone = CancellationToken::new();
        let over = gone.clone();
        socket.on_disconnect(async move || over.cancel());
        let (joins, asked) = mpsc::unbounded_channel();
        let follower = state.bus.follow(&[]);
        let listener = Self { state, socket, seat, follower, joined: None, cursor: Cursor(0) };
        tokio::spawn(listener.run(asked, gone));
        joins
    }

    async fn run(mut self, mut asked: mpsc::UnboundedReceiver<(SessionId, oneshot::Sender<()>)>, gone: CancellationToken) {
        let stopping = self.state.shutdown.clone();
        loop {
            let heard = tokio::select! {
                () = gone.cancelled() => return,
                () = stopping.cancelled() => {
                    let _ = self.socket.disconnect();
                    return;
                }
                Some((session, done)) = asked.recv() => {
                    let followed = self.follow(session).await;
                    let _ = done.send(());
                    followed
                }
                news = self.follower.next() => self.hear(news).await,
            };
            match heard {
                Ok(true) => {}
                Ok(false) => {
                    say(&self.socket, "error", &json!({"message": super::SESSION_NOT_FOUND, "code": "session_expired"}));
                    let _ = self.socket.disconnect();
                    return;
                }
                Err(failure) => {
                    let error = failure.error();
                    say(&self.socket, "error", &json!({"message": error.detail, "code": error.code}));
                    // The client comes back and reads what it missed.
                    let _ = self.socket.disconnect();
                    return;
                }
            }
        }
    }

    async fn follow(&mut self, session: SessionId) -> Answer<bool> {
        if self.joined == Some(session) {
            return Ok(true);
        }
        if let Some(before) = self.joined.replace(session) {
            self.follower.leave(Topic::Session(before));
        }
        // Before the look at the log, so that nothing falls between the two.
        self.follower.also(&[Topic::Session(session)]);
        self.cursor = self.state.read().await?.newest_cursor().await?;
        Ok(true)
    }

    /// Says what is new; answers whether the socket may go on listening.
    async fn hear(&mut self, news: News) -> Answer<bool> {
        let Some(session) = self.joined else { return Ok(true) };
        let told = match news {
            News::Event(told) if told.cursor <= self.cursor => return Ok(true),
            News::Event(told) => Some(told),
            News::Missed => None,
        };
        let visit = match self.seat.judge(&self.state).await {
            Ok(visit) => visit,
            Err(failure) if failure.status().is_client_error() => return Ok(false),
            Err(failure) => return Err(failure),
        };
        let mut tx = self.state.read().await?;
        if own_session(&mut *tx, &self.state, &visit).await?.is_none_or(|own| own.id != session) {
            return Ok(false);
        }
        drop(tx);
        let owner = visit.visitor.owner();
        let read = told.as_ref().and_then(|told| Some((told.cursor, told.frame.as_deref().map(read)?)));
        match (told, read) {
            (Some(told), None) => self.cursor = told.cursor,
            (_, Some((cursor, Some(event)))) => {
                self.cursor = cursor;
                self.tell(&event, session, owner).await?;
            }
            // What was told is not all, or is of a newer server.
            (_, Some((_, None))) | (None, None) => loop {
                let page = self.state.read().await?.events_after(&[Topic::Session(session)], self.cursor, PAGE).await?;
                for event in &page {
                    self.cursor = event.cursor;
                    self.tell(event, session, owner).await?;
                }
                if page.len() < PAGE as usize {
                    break;
                }
            },
        }
        Ok(true)
    }

    async fn tell(
        &self,
        event: &StreamEvent,
        session: SessionId,
        owner: Option<server_store::records::ProfileOwner>,
    ) -> Answer<()> {
        if let EventBody::ChatAppended { entry, .. } = &event.body {
            let profile = match owner.filter(|_| shown::changed_profile(entry)) {
                Some(owner) => self.state.read().await?.profile(owner.profile()).await?,
                None => None,
            };
            for (event, data) in shown::entry(session, entry, profile) {
                say(&self.socket, event, &data);
            }
        }
        Ok(())
    }
}

/// The event of a line that is written for event streams.
fn read(frame: &[u8]) -> Option<StreamEvent> {
    let text = std::str::from_utf8(frame).ok()?;
    let (_, data) = text.split_once("data: ")?;
    serde_json::from_str(data.trim_end()).ok()
}
