use std::{collections::VecDeque, convert::Infallible, pin::Pin, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, stream};
use protocol::{
    ErrorCode, Timestamp,
    event::{EventBody, KEEP_ALIVE_SECONDS, StreamEvent},
    ids::{Cursor, DeviceId, SessionId},
};
use server_store::{StoreError, records::Topic};
use tokio::time::{Instant, Sleep, sleep_until};

use super::bus::{Follower, News, Told};
use crate::{
    http::{Answer, Failure},
    state::AppState,
};

/// Events read at once.
const PAGE: u32 = 200;
/// Tells proxies and the client at once that the stream lives.
const GREETING: Bytes = Bytes::from_static(b": live\n\n");
const KEEP_ALIVE: Bytes = Bytes::from_static(b":\n\n");
const EVERY: Duration = Duration::from_secs(KEEP_ALIVE_SECONDS);

/// The events of a device, of the session it holds at that moment and of the shop, after `after` or from now on.
pub(super) async fn open(
    state: AppState,
    device: DeviceId,
    after: Option<Cursor>,
) -> Answer<impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static> {
    // Before the first look at the log, so that nothing falls between the two.
    let follower = state.bus.follow(&[Topic::Device(device), Topic::Shop]);
    let mut tx = state.read().await?;
    let newest = tx.newest_cursor().await?;
    let forgotten = tx.forgotten_cursor().await?;
    drop(tx);
    // A cursor ahead of the log was given by a database that is no more.
    if after.is_some_and(|after| after < forgotten || after > newest) {
        return Err(Failure::new(
            ErrorCode::CursorExpired,
            "The cursor is older than the event log; take a snapshot and start without a cursor.",
        ));
    }
    let mut waiting = VecDeque::from([GREETING]);
    if after.is_none() {
        waiting.extend(written(&StreamEvent { cursor: newest, at: state.lifetimes.now(), body: EventBody::Opened }));
    }
    let silent_until = Instant::now() + EVERY;
    let alarm = Box::pin(sleep_until(silent_until));
    let cursor = after.unwrap_or(newest);
    let feed = Feed { follower, device, hold: None, cursor, waiting, behind: true, over: false, silent_until, alarm, state };
    Ok(stream::unfold(feed, Feed::next))
}

fn written(event: &StreamEvent) -> Option<Bytes> {
    let text = serde_json::to_string(event).ok()?;
    Some(format!("id: {}\ndata: {text}\n\n", event.cursor).into())
}

struct Feed {
    state: AppState,
    follower: Follower,
    device: DeviceId,
    /// The session it holds, and until when that is certain without another look.
    hold: Option<(SessionId, Timestamp)>,
    /// Everything up to here was sent.
    cursor: Cursor,
    waiting: VecDeque<Bytes>,
    /// What was told is not all: the log is to be read.
    behind: bool,
    over: bool,
    /// Nothing was sent for so long then that a sign of life is due.
    silent_until: Instant,
    /// Rings then or earlier: it is not set anew with each event.
    alarm: Pin<Box<Sleep>>,
}

impl Feed {
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        loop {
            if self.over {
                return None;
            }
            if self.state.shutdown.is_cancelled() {
                self.over = true;
                return Some((Ok(come_back(&self.state)), self));
            }
            if let Some(frame) = self.waiting.pop_front() {
                self.waiting.shrink_to_fit();
                self.silent_until = Instant::now() + EVERY;
                return Some((Ok(frame), self));
            }
            if self.behind {
                if let Err(error) = self.read().await {
                    // The client comes back with its last cursor.
                    tracing::error!(%error, "event stream ended");
                    return None;
                }
                continue;
            }
            // A server that stops tells all followers to look.
            tokio::select! {
                biased;
                news = self.follower.next() => self.hear(news),
                () = self.alarm.as_mut() => {
                    let now = Instant::now();
                    let silent = now >= self.silent_until;
                    if silent {
                        self.silent_until = now + EVERY;
                    }
                    self.alarm.as_mut().reset(self.silent_until);
                    if silent {
                        return Some((Ok(KEEP_ALIVE), self));
                    }
                }
            }
        }
    }

    fn hear(&mut self, news: News) {
        let News::Event(told) = news else {
            self.behind = true;
            return;
        };
        if told.cursor <= self.cursor {
            return;
        }
        let session = match told.topic {
            Topic::Session(session) => session,
            Topic::Shop => return self.pass_on(&told),
            // Something about the device: its hold may be another one.
            Topic::Device(_) | Topic::Claim(_) | Topic::Transcript(_) => {
                self.behind = true;
                return;
            }
        };
        match self.hold {
            Some((held, until)) if held == session && self.state.lifetimes.now() < until => self.pass_on(&told),
            Some((held, _)) => self.behind = held == session,
            // Of a session that it held before.
            None => {}
        }
    }

    fn pass_on(&mut self, told: &Told) {
        self.cursor = told.cursor;
        self.waiting.extend(told.frame.clone());
    }

    /// Reads the hold and the log in one transaction, so that no event of a session comes from before or after its hold.
    async fn read(&mut self) -> Result<(), StoreError> {
        loop {
            let mut tx = self.state.read().await?;
            let now = self.state.lifetimes.now();
            let hold = tx.kiosk_session_of(self.device).await?.filter(|hold| hold.is_live(now));
            let session = hold.as_ref().map(|hold| hold.session_id);
            let followed = self.hold.map(|(session, _)| session);
            self.hold = hold.map(|hold| (hold.session_id, hold.expires_at));
            if session != followed {
                drop(tx);
                if let Some(last) = followed {
                    self.follower.leave(Topic::Session(last));
                }
                if let Some(session) = session {
                    self.follower.also(&[Topic::Session(session)]);
                    // What happened until now is told to nobody; the log has it.
                    continue;
                }
                tx = self.state.read().await?;
            }
            let mut topics = vec![Topic::Device(self.device), Topic::Shop];
            topics.extend(session.map(Topic::Session));
            let page = tx.events_after(&topics, self.cursor, PAGE).await?;
            self.behind = page.len() == PAGE as usize;
            for event in &page {
                self.cursor = event.cursor;
                self.waiting.extend(written(event));
            }
            // A device that is no longer enrolled reads why, and nothing after that.
            if !self.behind && tx.device(self.device).await?.is_none() {
                self.over = self.waiting.is_empty();
                self.behind = true;
            }
            return Ok(());
        }
    }
}

/// The last words of a stream of a server that stops: when to come back. Not all at once.
fn come_back(state: &AppState) -> Bytes {
    let mut random = [0; 1];
    state.entropy.fill(&mut random);
    format!("retry: {}\n: stopping\n\n", 500 + 10 * u32::from(random[0])).into()
}
