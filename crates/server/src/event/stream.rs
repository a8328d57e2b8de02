use std::{collections::VecDeque, time::Duration};

use axum::response::sse::Event;
use futures_util::{Stream, stream};
use protocol::{
    ErrorCode,
    event::{EventBody, KEEP_ALIVE_SECONDS, StreamEvent},
    ids::{Cursor, DeviceId},
};
use server_store::{StoreError, records::Topic};

use super::{bus::Wakes, http::SseEvent};
use crate::{
    http::{Answer, Failure},
    state::AppState,
};

/// Events read at once.
const PAGE: u32 = 200;

/// The events of a device and of the session it holds at that moment, after `after` or from now on.
pub(super) async fn open(
    state: AppState,
    device: DeviceId,
    after: Option<Cursor>,
) -> Answer<impl Stream<Item = SseEvent> + Send + 'static> {
    // Before the first look at the log, so that nothing falls between the two.
    let wakes = state.bus.subscribe();
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
    let opened = after.is_none().then(|| StreamEvent { cursor: newest, at: state.lifetimes.now(), body: EventBody::Opened });
    let feed = Feed {
        wakes,
        device,
        cursor: after.unwrap_or(newest),
        topics: vec![Topic::Device(device)],
        waiting: opened.into_iter().collect(),
        greeted: false,
        enrolled: true,
        state,
    };
    Ok(stream::unfold(feed, Feed::next))
}

struct Feed {
    state: AppState,
    wakes: Wakes,
    device: DeviceId,
    cursor: Cursor,
    topics: Vec<Topic>,
    waiting: VecDeque<StreamEvent>,
    greeted: bool,
    enrolled: bool,
}

impl Feed {
    async fn next(mut self) -> Option<(SseEvent, Self)> {
        if !self.greeted {
            self.greeted = true;
            return Some((Ok(Event::default().comment("live")), self));
        }
        loop {
            if self.state.shutdown.is_cancelled() {
                return None;
            }
            if let Some(event) = self.waiting.pop_front() {
                self.cursor = event.cursor;
                let Ok(sse) = Event::default().id(event.cursor.to_string()).json_data(&event) else { continue };
                return Some((Ok(sse), self));
            }
            if !self.enrolled {
                return None;
            }
            match self.read().await {
                Ok(()) if self.waiting.is_empty() && self.enrolled => {}
                Ok(()) => continue,
                Err(error) => {
                    // The client comes back with its last cursor.
                    tracing::error!(%error, "event stream ended");
                    return None;
                }
            }
            tokio::select! {
                () = self.state.shutdown.cancelled() => return None,
                () = self.wakes.next(&self.topics) => {}
                () = tokio::time::sleep(Duration::from_secs(KEEP_ALIVE_SECONDS)) => {
                    return Some((Ok(Event::default().comment("")), self));
                }
            }
        }
    }

    /// Reads the hold and the log in one transaction, so that no event of a session comes from before or after its hold.
    async fn read(&mut self) -> Result<(), StoreError> {
        let mut tx = self.state.read().await?;
        let now = self.state.lifetimes.now();
        let hold = tx.kiosk_session_of(self.device).await?.filter(|hold| hold.is_live(now));
        self.topics.truncate(1);
        self.topics.extend(hold.map(|hold| Topic::Session(hold.session_id)));
        self.waiting = tx.events_after(&self.topics, self.cursor, PAGE).await?.into();
        // A device that is no longer enrolled reads why, and nothing after that.
        self.enrolled = tx.device(self.device).await?.is_some();
        Ok(())
    }
}
