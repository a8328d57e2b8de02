//! Live sessions in memory, in front of the database: what was read or written lately is answered without a query.
//!
//! Never stale on the node that wrote, because every commit is told here before its caller is answered; on other nodes as late
//! as the log is read, and not at all while it cannot be. Each session is kept with the cursor it was true at, and every change
//! of a session is an event of the log with a cursor of its own, so that the order in which reads, writes and news arrive here
//! does not matter: what is older than the last change that is known is not kept.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use protocol::{
    Clock, Timestamp,
    ids::{Cursor, SessionId},
};
use server_store::records::{SessionRecord, Topic};

use super::token::{LONGEST, slides_at};
use crate::key::sha256;

/// Pieces, so that threads seldom wait for each other.
const PIECES: usize = 64;
/// Bytes of all kept sessions.
const ROOM: usize = 64 * 1024 * 1024;
/// What an entry takes besides its body, about.
const ENTRY: usize = 1_200;
/// What nobody asked for in such a time goes, at the latest after another one.
const REST: Duration = Duration::from_secs(30);
/// Changes remembered per piece before those of sessions that are not kept are forgotten.
const CHANGES: usize = 512;
/// So long after the last look at the log, nothing is answered from memory any more.
const TRUSTED: Duration = Duration::from_secs(1);

/// Live sessions in memory.
#[derive(Debug)]
pub struct LiveSessions {
    clock: Arc<dyn Clock>,
    /// By the hash of their token.
    tokens: Vec<Mutex<Tokens>>,
    /// By their id: the last change that is known.
    changes: Vec<Mutex<Changes>>,
    /// Nothing from before this cursor is kept.
    floor: AtomicI64,
    /// When the log was last looked at, in microseconds of the monotonic clock, and whether it ever was.
    looked: AtomicU64,
    /// When what nobody asks for was let go of, in microseconds of the monotonic clock.
    swept: AtomicU64,
    hits: AtomicU64,
    misses: AtomicU64,
}

#[derive(Debug, Default)]
struct Tokens {
    kept: HashMap<[u8; 32], Arc<Kept>>,
    bytes: usize,
}

#[derive(Debug)]
struct Changes {
    known: HashMap<SessionId, Change>,
    /// The newest change that is no longer known.
    forgotten: Cursor,
    tidy_at: usize,
}

#[derive(Debug, Default)]
struct Change {
    last: Cursor,
    kept: Weak<Kept>,
}

/// A session as it is answered.
#[derive(Debug)]
pub struct Kept {
    at: Cursor,
    session: Box<SessionRecord>,
    body: Bytes,
    over: AtomicBool,
    used: AtomicBool,
}

impl LiveSessions {
    /// Nothing kept yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let changes = || Changes { known: HashMap::new(), forgotten: Cursor(0), tidy_at: CHANGES };
        Self {
            clock,
            tokens: (0..PIECES).map(|_| Mutex::default()).collect(),
            changes: (0..PIECES).map(|_| Mutex::new(changes())).collect(),
            floor: AtomicI64::new(0),
            looked: AtomicU64::new(0),
            swept: AtomicU64::new(0),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// The answer for a live session of that token, unless it is due to be written because of its use.
    #[must_use]
    pub fn answer(&self, token: &str, now: Timestamp) -> Option<Bytes> {
        let answer = self.find(token, now, |kept| (now < slides_at(&kept.session)).then(|| kept.body.clone()));
        let count = if answer.is_some() { &self.hits } else { &self.misses };
        count.fetch_add(1, Ordering::Relaxed);
        answer
    }

    /// The live session of that token with the answer for it, for who is about to change it.
    #[must_use]
    pub fn known(&self, token: &str, now: Timestamp) -> Option<(SessionRecord, Bytes)> {
        self.find(token, now, |kept| Some((SessionRecord::clone(&kept.session), kept.body.clone())))
    }

    fn find<T>(&self, token: &str, now: Timestamp, take: impl FnOnce(&Kept) -> Option<T>) -> Option<T> {
        if token.len() > LONGEST || !self.is_trusted() {
            return None;
        }
        let hash = sha256(token.as_bytes());
        let mut tokens = self.tokens_of(&hash);
        let kept = tokens.kept.get(&hash)?;
        if kept.over.load(Ordering::Acquire) || !kept.session.is_live(now) {
            tokens.remove(&hash);
            return None;
        }
        let answer = take(kept)?;
        kept.used.store(true, Ordering::Relaxed);
        Some(answer)
    }

    /// Keeps the answer for a session as it was at `at`: everything in the log up to there is in it.
    pub fn keep(&self, session: &SessionRecord, at: Cursor, body: Bytes) {
        let Ok(hash) = <[u8; 32]>::try_from(session.token_hash.as_slice()) else { return };
        let mut changes = self.changes_of(session.id);
        if at < changes.forgotten || at.0 < self.floor.load(Ordering::Acquire) {
            return;
        }
        let change = changes.known.entry(session.id).or_default();
        let before = change.kept.upgrade();
        if at < change.last || before.as_ref().is_some_and(|before| before.at > at) {
            return;
        }
        let kept = Arc::new(Kept {
            at,
            session: Box::new(session.clone()),
            body,
            over: AtomicBool::new(false),
            used: AtomicBool::new(true),
        });
        if let Some(before) = before {
            before.over.store(true, Ordering::Release);
        }
        change.kept = Arc::downgrade(&kept);
        changes.tidy();
        self.tokens_of(&hash).insert(hash, kept);
    }

    /// Something happened to `topic`, told by a commit of this program or by the log.
    pub fn happened(&self, topic: Topic, cursor: Cursor) {
        match topic {
            Topic::Session(session) => {
                let mut changes = self.changes_of(session);
                let change = changes.known.entry(session).or_default();
                change.last = change.last.max(cursor);
                if let Some(kept) = change.kept.upgrade().filter(|kept| kept.at < cursor) {
                    kept.over.store(true, Ordering::Release);
                    change.kept = Weak::new();
                }
                changes.tidy();
            }
            // Carts show names and prices.
            Topic::Shop if cursor.0 > self.floor.load(Ordering::Acquire) => self.forget_all(cursor),
            Topic::Shop | Topic::Device(_) | Topic::Claim(_) | Topic::Transcript(_) => {}
        }
    }

    /// Forgets everything from before `cursor`.
    pub fn forget_all(&self, cursor: Cursor) {
        // First, so that nothing older comes in behind the sweep.
        self.floor.fetch_max(cursor.0, Ordering::AcqRel);
        for piece in &self.changes {
            let mut changes = lock(piece);
            for change in changes.known.values() {
                if let Some(kept) = change.kept.upgrade().filter(|kept| kept.at < cursor) {
                    kept.over.store(true, Ordering::Release);
                }
            }
            changes.known.retain(|_, change| change.kept.upgrade().is_some_and(|kept| !kept.over.load(Ordering::Acquire)));
        }
        for piece in &self.tokens {
            lock(piece).sweep(|kept| !kept.over.load(Ordering::Acquire));
        }
    }

    /// The log was read to its end; the reading began at `begun` of the monotonic clock.
    pub fn is_current(&self, begun: Duration) {
        // Zero stands for never.
        self.looked.fetch_max(micros(begun).max(1), Ordering::AcqRel);
    }

    /// Lets go of what nobody asks for, if it is time to.
    pub fn rest(&self) {
        let (now, swept) = (micros(self.clock.monotonic()), self.swept.load(Ordering::Acquire));
        if now.saturating_sub(swept) < micros(REST) {
            return;
        }
        self.swept.store(now, Ordering::Release);
        for piece in &self.tokens {
            let mut tokens = lock(piece);
            tokens.sweep(|kept| !kept.over.load(Ordering::Acquire) && kept.used.swap(false, Ordering::Relaxed));
            tokens.kept.shrink_to_fit();
        }
        for piece in &self.changes {
            lock(piece).forget();
        }
    }

    fn is_trusted(&self) -> bool {
        let looked = self.looked.load(Ordering::Acquire);
        looked > 0 && micros(self.clock.monotonic()).saturating_sub(looked) <= micros(TRUSTED)
    }

    /// How many are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tokens.iter().map(|piece| lock(piece).kept.len()).sum()
    }

    /// Whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How often memory had the answer, and how often it had not.
    #[must_use]
    pub fn hits_and_misses(&self) -> (u64, u64) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed))
    }

    fn tokens_of(&self, hash: &[u8; 32]) -> MutexGuard<'_, Tokens> {
        lock(&self.tokens[usize::from(hash[0]) % PIECES])
    }

    fn changes_of(&self, session: SessionId) -> MutexGuard<'_, Changes> {
        // The last bytes of an id are random; the first are a time.
        lock(&self.changes[usize::from(session.0.as_bytes()[15]) % PIECES])
    }
}

impl Tokens {
    fn insert(&mut self, hash: [u8; 32], kept: Arc<Kept>) {
        self.bytes += kept.body.len() + ENTRY;
        if let Some(before) = self.kept.insert(hash, kept) {
            self.bytes = self.bytes.saturating_sub(before.body.len() + ENTRY);
        }
        if self.bytes > ROOM / PIECES {
            // Who was not used since the last time goes; if that is nobody, chance decides.
            self.sweep(|kept| !kept.over.load(Ordering::Acquire) && kept.used.swap(false, Ordering::Relaxed));
            let mut other = false;
            if self.bytes > ROOM / PIECES {
                self.sweep(|_| {
                    other = !other;
                    other
                });
            }
        }
    }

    fn remove(&mut self, hash: &[u8; 32]) {
        if let Some(kept) = self.kept.remove(hash) {
            self.bytes = self.bytes.saturating_sub(kept.body.len() + ENTRY);
        }
    }

    fn sweep(&mut self, mut stays: impl FnMut(&Kept) -> bool) {
        self.kept.retain(|_, kept| stays(kept));
        self.bytes = self.kept.values().map(|kept| kept.body.len() + ENTRY).sum();
    }
}

impl Changes {
    fn tidy(&mut self) {
        if self.known.len() >= self.tidy_at {
            self.forget();
        }
    }

    /// Forgets the changes of sessions that are not kept.
    fn forget(&mut self) {
        let mut forgotten = self.forgotten;
        self.known.retain(|_, change| {
            let stays = change.kept.strong_count() > 0;
            if !stays {
                forgotten = forgotten.max(change.last);
            }
            stays
        });
        self.forgotten = forgotten;
        self.known.shrink_to_fit();
        self.tidy_at = CHANGES.max(2 * self.known.len());
    }
}

fn lock<T>(piece: &Mutex<T>) -> MutexGuard<'_, T> {
    piece.lock().unwrap_or_else(PoisonError::into_inner)
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use protocol::session::{Assurance, Channel};
    use server_store::records::{SessionState, SessionStatus};
    use testkit::clock::FakeClock;
    use uuid::Uuid;

    use super::*;
    use crate::session::LIFE;

    struct Memory {
        live: LiveSessions,
        clock: Arc<FakeClock>,
    }

    impl Memory {
        fn new() -> Self {
            let clock = Arc::new(FakeClock::default());
            let live = LiveSessions::new(clock.clone());
            live.is_current(clock.monotonic());
            Self { live, clock }
        }

        fn session(&self, number: u128, token: &str) -> SessionRecord {
            let now = self.clock.now();
            SessionRecord {
                id: SessionId(Uuid::from_u128(number)),
                generation: 0,
                token_hash: sha256(token.as_bytes()).to_vec(),
                customer_id: "901".into(),
                phone: String::new(),
                telegram_chat_id: None,
                channel: Channel::Web,
                user_id: "901".into(),
                guest: false,
                assurance: Assurance::Password,
                state: SessionState::default(),
                version: 1,
                status: SessionStatus::Active,
                created_at: now,
                updated_at: now,
                expires_at: now.plus(LIFE),
            }
        }

        fn keep(&self, number: u128, token: &str, at: i64, body: &'static str) {
            self.live.keep(&self.session(number, token), Cursor(at), Bytes::from_static(body.as_bytes()));
        }

        fn answer(&self, token: &str) -> Option<Bytes> {
            self.live.answer(token, self.clock.now())
        }
    }

    fn topic(number: u128) -> Topic {
        Topic::Session(SessionId(Uuid::from_u128(number)))
    }

    #[test]
    fn what_was_kept_is_answered_until_it_changes() {
        let memory = Memory::new();
        memory.keep(1, "a", 5, "one");
        assert_eq!(memory.answer("a").as_deref(), Some(&b"one"[..]));
        assert_eq!(memory.answer("b"), None);
        memory.live.happened(topic(2), Cursor(6));
        memory.live.happened(topic(1), Cursor(5));
        assert!(memory.answer("a").is_some(), "what it shows already is no change");
        memory.live.happened(topic(1), Cursor(7));
        assert_eq!(memory.answer("a"), None);
        assert_eq!(memory.live.hits_and_misses(), (2, 2));
    }

    #[test]
    fn an_old_read_that_comes_late_is_not_kept() {
        let memory = Memory::new();
        memory.live.happened(topic(1), Cursor(7));
        memory.keep(1, "a", 6, "read before the change");
        assert_eq!(memory.answer("a"), None);
        memory.keep(1, "a", 7, "after it");
        memory.keep(1, "a", 6, "read before the change");
        assert_eq!(memory.answer("a").as_deref(), Some(&b"after it"[..]));
    }

    #[test]
    fn a_new_token_ends_the_old_one() {
        let memory = Memory::new();
        memory.keep(1, "old", 1, "one");
        memory.keep(1, "new", 2, "two");
        assert_eq!(memory.answer("old"), None);
        assert!(memory.answer("new").is_some());
    }

    #[test]
    fn a_change_of_the_shop_concerns_everybody() {
        let memory = Memory::new();
        memory.keep(1, "a", 1, "old prices");
        memory.keep(2, "b", 9, "new prices");
        memory.live.happened(Topic::Shop, Cursor(9));
        assert_eq!(memory.answer("a"), None);
        assert!(memory.answer("b").is_some());
        memory.keep(3, "c", 8, "old prices, read late");
        assert_eq!(memory.answer("c"), None);
        assert_eq!(memory.live.len(), 1);
    }

    #[test]
    fn nothing_is_answered_while_the_log_is_out_of_sight() {
        let memory = Memory::new();
        memory.keep(1, "a", 1, "one");
        memory.clock.advance(TRUSTED);
        assert!(memory.answer("a").is_some());
        memory.clock.advance(Duration::from_millis(1));
        assert_eq!(memory.answer("a"), None, "somebody else may have ended it");
        memory.live.is_current(memory.clock.monotonic());
        assert!(memory.answer("a").is_some());
    }

    #[test]
    fn a_use_that_is_to_be_written_is_not_answered_from_memory() {
        let memory = Memory::new();
        memory.keep(1, "a", 1, "one");
        memory.clock.advance(Duration::from_mins(1));
        memory.live.is_current(memory.clock.monotonic());
        assert_eq!(memory.answer("a"), None);
    }

    #[test]
    fn what_nobody_asks_for_is_let_go_of() {
        let memory = Memory::new();
        let later = || {
            memory.clock.advance(REST);
            memory.live.is_current(memory.clock.monotonic());
            memory.live.rest();
        };
        memory.keep(1, "a", 5, "one");
        memory.keep(2, "b", 5, "two");
        later();
        assert_eq!(memory.live.len(), 2, "both are new");
        assert!(memory.answer("a").is_some());
        later();
        assert_eq!(memory.live.len(), 1);
        memory.live.rest();
        assert_eq!(memory.live.len(), 1, "not before it is time");
        memory.live.happened(topic(2), Cursor(7));
        later();
        later();
        assert!(memory.live.is_empty());
        memory.keep(2, "b", 6, "read before the change");
        assert_eq!(memory.answer("b"), None, "what was let go of is not kept in an older state");
    }

    #[test]
    fn who_changes_a_session_gets_it_with_its_answer_even_when_its_use_is_to_be_written() {
        let memory = Memory::new();
        memory.keep(1, "a", 5, "one");
        memory.clock.advance(Duration::from_mins(1));
        memory.live.is_current(memory.clock.monotonic());
        let (session, body) = memory.live.known("a", memory.clock.now()).unwrap();
        assert_eq!((session.id, body.as_ref()), (SessionId(Uuid::from_u128(1)), &b"one"[..]));
        memory.live.happened(topic(1), Cursor(6));
        assert!(memory.live.known("a", memory.clock.now()).is_none());
    }

    #[test]
    fn memory_is_bounded_and_remembers_what_it_forgot() {
        let memory = Memory::new();
        let body = Bytes::from(vec![b'x'; 8 * 1024]);
        for number in 0..8_000_u128 {
            let token = number.to_string();
            memory.live.keep(&memory.session(number, &token), Cursor(1), body.clone());
        }
        let bytes: usize = memory.live.tokens.iter().map(|piece| lock(piece).bytes).sum();
        assert!(bytes <= ROOM && memory.live.len() > 500, "{bytes} bytes, {} sessions", memory.live.len());
        for number in 0..200_000_u128 {
            memory.live.happened(topic(number), Cursor(10));
        }
        let known: usize = memory.live.changes.iter().map(|piece| lock(piece).known.len()).sum();
        assert!(known <= PIECES * CHANGES * 2, "{known}");
        for number in 0..100 {
            let token = number.to_string();
            memory.keep(number, &token, 9, "read before the change");
            assert_eq!(memory.answer(&token), None);
        }
    }
}
