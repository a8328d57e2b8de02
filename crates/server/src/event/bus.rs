use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use protocol::ids::Cursor;
use server_store::records::{LogEntry, Topic};
use tokio::sync::Notify;

/// Events that wait for one slow follower before it is told to read the log itself.
const BACKLOG: usize = 256;

/// Hands the events of the log to those who follow their topics. There is one reader of the log for all of them, so that a
/// thousand streams cost one query.
#[derive(Debug, Default)]
pub struct Bus {
    /// Tells the reader of the log that there may be something new.
    pub(super) nudged: Notify,
    followers: Mutex<HashMap<Topic, Vec<Seat>>>,
    numbers: AtomicU64,
    open: AtomicU64,
}

/// Follower of a topic; seats are in the order of their numbers.
#[derive(Debug)]
struct Seat {
    number: u64,
    inbox: Arc<Inbox>,
}

#[derive(Debug, Default)]
struct Inbox {
    waiting: Mutex<Waiting>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    told: VecDeque<Arc<Told>>,
    missed: bool,
}

/// An event of the log as followers get it; written once for all of them.
#[derive(Debug)]
pub struct Told {
    /// Its place in the log.
    pub cursor: Cursor,
    /// What it is about.
    pub topic: Topic,
    /// As it goes down a stream; none where it is a matter of the server alone.
    pub frame: Option<Bytes>,
}

impl Bus {
    /// A bus nobody listens to yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that the log may have grown, wherever that happened. The log is read at once instead of at its next turn.
    pub fn nudge(&self) {
        self.nudged.notify_one();
    }

    /// Follows `topics` from here on: every event that is appended after this call is told.
    #[must_use]
    pub fn follow(self: &Arc<Self>, topics: &[Topic]) -> Follower {
        self.open.fetch_add(1, Ordering::Relaxed);
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let mut follower = Follower { bus: self.clone(), number, inbox: Arc::default(), topics: Vec::new() };
        follower.also(topics);
        follower
    }

    /// How many follow something.
    #[must_use]
    pub fn followers(&self) -> u64 {
        self.open.load(Ordering::Relaxed)
    }

    /// Tells one event of the log to the followers of its topic. Events come in the order of the log.
    pub(super) fn tell(&self, entry: &LogEntry, topic: Topic) {
        let followers = self.registry();
        let Some(seats) = followers.get(&topic) else { return };
        let told = Arc::new(Told { cursor: entry.cursor, topic, frame: frame(entry) });
        for seat in seats {
            seat.inbox.put(&told);
        }
    }

    /// Makes every follower read the log itself.
    pub(super) fn tell_all_to_look(&self) {
        for seat in self.registry().values().flatten() {
            seat.inbox.miss();
        }
    }

    fn registry(&self) -> MutexGuard<'_, HashMap<Topic, Vec<Seat>>> {
        self.followers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The event as `text/event-stream` has it.
fn frame(entry: &LogEntry) -> Option<Bytes> {
    let LogEntry { cursor, at, body, .. } = entry;
    let body = body.as_ref()?;
    Some(format!("id: {cursor}\ndata: {{\"cursor\":{cursor},\"at\":\"{at}\",\"body\":{body}}}\n\n").into())
}

impl Inbox {
    fn put(&self, told: &Arc<Told>) {
        let mut waiting = self.waiting();
        if waiting.told.len() >= BACKLOG {
            waiting.told = VecDeque::new();
            waiting.missed = true;
        }
        if !waiting.missed {
            waiting.told.push_back(told.clone());
        }
        drop(waiting);
        self.filled.notify_one();
    }

    fn miss(&self) {
        let mut waiting = self.waiting();
        waiting.told = VecDeque::new();
        waiting.missed = true;
        drop(waiting);
        self.filled.notify_one();
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a follower hears.
#[derive(Debug)]
pub enum News {
    /// The next event.
    Event(Arc<Told>),
    /// More than could be kept: read the log.
    Missed,
}

/// Somebody who follows topics. Dropping it ends that.
#[derive(Debug)]
pub struct Follower {
    bus: Arc<Bus>,
    number: u64,
    inbox: Arc<Inbox>,
    topics: Vec<Topic>,
}

impl Follower {
    /// The next event of a topic that is followed. Nothing is lost if this is given up before it answers.
    pub async fn next(&mut self) -> News {
        loop {
            if let Some(news) = self.take() {
                return news;
            }
            self.inbox.filled.notified().await;
        }
    }

    /// What is there already.
    pub fn take(&mut self) -> Option<News> {
        let mut waiting = self.inbox.waiting();
        if std::mem::take(&mut waiting.missed) {
            return Some(News::Missed);
        }
        let told = waiting.told.pop_front().map(News::Event);
        if waiting.told.is_empty() {
            // Idle followers are many; none of them keeps room for a busy hour.
            waiting.told = VecDeque::new();
        }
        told
    }

    /// Follows these as well.
    pub fn also(&mut self, topics: &[Topic]) {
        let mut registry = self.bus.registry();
        for topic in topics {
            if !self.topics.contains(topic) {
                self.topics.push(*topic);
                let seats = registry.entry(*topic).or_default();
                let place = seats.partition_point(|seat| seat.number < self.number);
                seats.insert(place, Seat { number: self.number, inbox: self.inbox.clone() });
            }
        }
    }

    /// Follows this no longer. What was told already stays in the queue.
    pub fn leave(&mut self, topic: Topic) {
        self.topics.retain(|other| *other != topic);
        leave(&mut self.bus.registry(), topic, self.number);
    }
}

fn leave(registry: &mut HashMap<Topic, Vec<Seat>>, topic: Topic, number: u64) {
    if let Some(seats) = registry.get_mut(&topic) {
        if let Ok(place) = seats.binary_search_by_key(&number, |seat| seat.number) {
            seats.remove(place);
        }
        if seats.is_empty() {
            registry.remove(&topic);
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut registry = self.bus.registry();
        for topic in &self.topics {
            leave(&mut registry, *topic, self.number);
        }
        self.bus.open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use protocol::{
        Timestamp,
        ids::{DeviceId, SessionId},
    };
    use uuid::Uuid;

    use super::*;

    const DEVICE: Topic = Topic::Device(DeviceId(Uuid::from_u128(1)));
    const SESSION: Topic = Topic::Session(SessionId(Uuid::from_u128(1)));

    fn entry(cursor: i64) -> LogEntry {
        LogEntry { cursor: Cursor(cursor), at: Timestamp::from_unix_millis(0), topic: None, body: Some("{}".into()) }
    }

    fn cursor(news: Option<News>) -> Option<i64> {
        match news {
            Some(News::Event(told)) => Some(told.cursor.0),
            Some(News::Missed) => Some(-1),
            None => None,
        }
    }

    #[tokio::test]
    async fn a_follower_hears_its_topics_in_order_and_nothing_else() {
        let bus = Arc::new(Bus::new());
        let mut follower = bus.follow(&[DEVICE]);
        bus.tell(&entry(1), DEVICE);
        bus.tell(&entry(2), SESSION);
        follower.also(&[SESSION, DEVICE]);
        bus.tell(&entry(3), SESSION);
        bus.tell(&entry(4), DEVICE);
        let heard: Vec<_> = std::iter::from_fn(|| cursor(follower.take())).collect();
        assert_eq!(heard, [1, 3, 4]);
        follower.leave(SESSION);
        bus.tell(&entry(5), SESSION);
        assert_eq!(cursor(follower.take()), None);
        assert_eq!(bus.followers(), 1);
        drop(follower);
        assert!(bus.registry().is_empty(), "who is gone takes no room");
        assert_eq!(bus.followers(), 0);
    }

    #[tokio::test]
    async fn a_follower_that_is_too_slow_is_told_to_look_itself() {
        let bus = Arc::new(Bus::new());
        let mut follower = bus.follow(&[DEVICE]);
        for number in 0..=i64::try_from(BACKLOG).unwrap() {
            bus.tell(&entry(number), DEVICE);
        }
        assert_eq!(cursor(follower.take()), Some(-1));
        assert_eq!(cursor(follower.take()), None);
        bus.tell(&entry(1_000), DEVICE);
        assert_eq!(cursor(Some(follower.next().await)), Some(1_000), "it is told again from then on");
    }
}
