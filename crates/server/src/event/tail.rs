//! The one reader of the log in this program. Commits of this program, other programs and other nodes all end up in the log;
//! what follows it, streams and the memory of live sessions, hears of everything here, in the log's order.

use std::time::Duration;

use protocol::ids::Cursor;
use server_store::StoreError;

use crate::state::AppState;

/// The log is looked at so often even if nobody says that it has grown, because somebody else may have written to it.
const EVERY: Duration = Duration::from_millis(250);
/// After a look, so that a busy hour is read in pages and not event by event.
const BREATH: Duration = Duration::from_millis(4);
/// Events read at once.
const PAGE: u32 = 500;

/// Reads the log until the server stops. Whoever follows a topic once this has returned misses nothing of it.
pub async fn tail(state: AppState) {
    let mut tail = Tail { read: None, failing: false, state };
    tail.look().await;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = tail.state.shutdown.cancelled() => {
                    // So that streams end.
                    tail.state.bus.tell_all_to_look();
                    return;
                }
                () = tail.state.bus.nudged.notified() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
            tail.look().await;
            tail.state.live.rest();
            tokio::time::sleep(BREATH).await;
        }
    });
}

struct Tail {
    state: AppState,
    /// Everything up to here was told; none before the first look.
    read: Option<Cursor>,
    failing: bool,
}

impl Tail {
    async fn look(&mut self) {
        let begun = self.state.clock.monotonic();
        match self.read_on().await {
            Ok(()) => {
                self.state.live.is_current(begun);
                self.failing = false;
            }
            // Said once, not four times a second.
            Err(error) if !self.failing => {
                self.failing = true;
                tracing::error!(%error, "the event log cannot be read; trying again");
            }
            Err(_) => {}
        }
    }

    async fn read_on(&mut self) -> Result<(), StoreError> {
        let Some(mut read) = self.read else {
            let newest = self.state.read().await?.newest_cursor().await?;
            self.read = Some(newest);
            // What happened before this look was told to nobody.
            self.state.live.forget_all(newest);
            self.state.bus.tell_all_to_look();
            return Ok(());
        };
        loop {
            let page = self.state.store.look().await?.log_after(read, PAGE).await?;
            let full = page.len() == PAGE as usize;
            self.state.metrics.events.inc_by(page.len() as u64);
            for entry in page {
                read = entry.cursor;
                if let Some(topic) = entry.topic {
                    self.state.live.happened(topic, entry.cursor);
                    self.state.bus.tell(&entry, topic);
                }
            }
            self.read = Some(read);
            if !full {
                return Ok(());
            }
        }
    }
}
