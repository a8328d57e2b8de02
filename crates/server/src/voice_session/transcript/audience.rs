use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use protocol::{ids::VoiceSessionId, transcript::TranscriptEvent};
use tokio::sync::{
    broadcast::{
        self, Receiver, Sender,
        error::{RecvError, TryRecvError},
    },
    watch,
};
use tokio_util::task::{TaskTracker, task_tracker::TaskTrackerToken};

/// Reports that wait for a slow listener before it has to do without some.
const BACKLOG: usize = 64;
/// Most who listen to one conversation on one node.
const MOST_LISTENERS: usize = 16;

/// Who listens to which conversation on this node.
#[derive(Debug, Default)]
pub struct Transcripts {
    listened: Mutex<HashMap<VoiceSessionId, Sender<Arc<Report>>>>,
    /// Sockets that are open.
    open: TaskTracker,
}

impl Transcripts {
    /// Listens to a conversation from here on; none where enough do.
    pub(super) fn listen(self: &Arc<Self>, id: VoiceSessionId) -> Option<Listener> {
        let mut listened = self.listened();
        let sender = listened.entry(id).or_insert_with(|| broadcast::channel(BACKLOG).0);
        if sender.receiver_count() >= MOST_LISTENERS {
            return None;
        }
        Some(Listener { heard: sender.subscribe(), id, transcripts: self.clone(), _open: self.open.token() })
    }

    /// Says to those who listen on this node what a transaction is about to add to a conversation. They wait until it is
    /// committed. To be called just before that, while no other transaction can add anything: so reports are heard in the order
    /// of their numbers, and none is heard after what the store shows of it.
    pub fn announce(&self, id: VoiceSessionId, events: Vec<TranscriptEvent>) -> Announced {
        let (outcome, committed) = watch::channel(false);
        if !events.is_empty()
            && let Some(sender) = self.listened().get(&id)
        {
            // Nobody hears it where the last listener leaves at this moment.
            let _ = sender.send(Arc::new(Report { events, committed }));
        }
        Announced(outcome)
    }

    /// Returns once no socket is open any more.
    pub async fn closed(&self) {
        self.open.close();
        self.open.wait().await;
    }

    fn listened(&self) -> MutexGuard<'_, HashMap<VoiceSessionId, Sender<Arc<Report>>>> {
        self.listened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was said about a transaction that is not committed yet. Dropped, it was given up.
#[derive(Debug)]
#[must_use = "listeners wait until the outcome is known"]
pub struct Announced(watch::Sender<bool>);

impl Announced {
    /// The transaction is committed.
    pub fn committed(self) {
        self.0.send_replace(true);
    }
}

/// What one transaction adds to a conversation, in order.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) events: Vec<TranscriptEvent>,
    committed: watch::Receiver<bool>,
}

impl Report {
    /// Whether it came to be; answers once that is known.
    pub(super) async fn is_committed(&self) -> bool {
        self.committed.clone().wait_for(|committed| *committed).await.is_ok()
    }
}

/// What a listener hears.
#[derive(Debug)]
pub(super) enum Heard {
    /// The next report.
    Report(Arc<Report>),
    /// More than could be kept.
    Missed,
}

/// Somebody who listens to one conversation. Dropping it ends that.
#[derive(Debug)]
pub(super) struct Listener {
    heard: Receiver<Arc<Report>>,
    id: VoiceSessionId,
    transcripts: Arc<Transcripts>,
    _open: TaskTrackerToken,
}

impl Listener {
    /// What comes next. Nothing is lost if this is given up before it answers.
    pub(super) async fn next(&mut self) -> Heard {
        match self.heard.recv().await {
            Ok(report) => Heard::Report(report),
            Err(RecvError::Lagged(_)) => Heard::Missed,
            // The sender stays as long as somebody listens.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }

    /// What is there already.
    pub(super) fn take(&mut self) -> Option<Arc<Report>> {
        loop {
            match self.heard.try_recv() {
                Ok(report) => return Some(report),
                Err(TryRecvError::Lagged(_)) => {}
                Err(TryRecvError::Empty | TryRecvError::Closed) => return None,
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut listened = self.transcripts.listened();
        if listened.get(&self.id).is_some_and(|sender| sender.receiver_count() <= 1) {
            listened.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Timestamp, voice_session::VoiceEnd};
    use uuid::Uuid;

    use super::*;

    const ONE: VoiceSessionId = VoiceSessionId(Uuid::from_u128(1));
    const TWO: VoiceSessionId = VoiceSessionId(Uuid::from_u128(2));

    fn event(seq: i64) -> TranscriptEvent {
        super::super::event::ended(seq, Timestamp::from_unix_millis(0), VoiceEnd::Stopped)
    }

    #[tokio::test]
    async fn a_listener_hears_its_own_conversation_and_takes_no_room_afterwards() {
        let transcripts = Arc::new(Transcripts::default());
        transcripts.announce(ONE, vec![event(1)]).committed();
        let mut listener = transcripts.listen(ONE).unwrap();
        transcripts.announce(TWO, vec![event(2)]).committed();
        transcripts.announce(ONE, vec![event(3), event(4)]).committed();
        transcripts.announce(ONE, vec![]).committed();
        drop(transcripts.announce(ONE, vec![event(5)]));
        let Heard::Report(report) = listener.next().await else { panic!("it missed something") };
        assert_eq!(report.events, [event(3), event(4)]);
        assert!(report.is_committed().await);
        assert!(!listener.take().unwrap().is_committed().await, "it was given up");
        assert!(listener.take().is_none());
        let other = transcripts.listen(ONE).unwrap();
        drop(listener);
        assert_eq!(transcripts.listened().len(), 1, "somebody still listens");
        drop(other);
        assert_eq!(transcripts.listened().len(), 0);
        tokio::time::timeout(std::time::Duration::from_secs(5), transcripts.closed()).await.unwrap();
    }

    #[tokio::test]
    async fn a_slow_listener_is_told_that_it_missed_something() {
        let transcripts = Arc::new(Transcripts::default());
        let mut listener = transcripts.listen(ONE).unwrap();
        for seq in 0..=i64::try_from(BACKLOG).unwrap() {
            transcripts.announce(ONE, vec![event(seq)]).committed();
        }
        assert!(matches!(listener.next().await, Heard::Missed));
        assert!(matches!(listener.next().await, Heard::Report(report) if report.events == [event(1)]));
    }

    #[test]
    fn a_conversation_has_room_for_so_many_listeners() {
        let transcripts = Arc::new(Transcripts::default());
        let mut listeners: Vec<_> = (0..MOST_LISTENERS).map(|_| transcripts.listen(ONE).unwrap()).collect();
        assert!(transcripts.listen(ONE).is_none());
        listeners.pop();
        assert!(transcripts.listen(ONE).is_some());
    }
}
