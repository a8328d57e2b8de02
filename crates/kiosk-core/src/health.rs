//! How the kiosk is doing: each part notes it here, and staff read it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kiosk_store::{Shelf, ShelfState, Stats, Store, StoreError};
use protocol::{
    Clock, ErrorCode, Timestamp,
    kiosk_health::{
        CatalogueHealth, HeldUp, KioskHealth, OutboxHealth, Part, SeenProblem, SetAside, StreamHealth, StreamState, WedgedChange,
    },
};
use tokio::time::Instant;

use crate::sync::{Spare, Troubles};

/// Problems that are remembered.
const PROBLEMS: usize = 20;

/// What the parts of the kiosk note about themselves. Nothing of it is written to the disk.
pub(crate) struct Vitals {
    clock: Arc<dyn Clock>,
    server: String,
    spare: Arc<Spare>,
    noted: Mutex<Noted>,
}

struct Noted {
    store: Option<Arc<dyn Store>>,
    shelf: Option<Arc<dyn Shelf>>,
    key_store: Option<String>,
    stream: StreamHealth,
    push: Push,
    held_up: Vec<HeldUp>,
    copying_fails_with: Option<ErrorCode>,
    problems: VecDeque<SeenProblem>,
}

#[derive(Default)]
struct Push {
    attempts: u32,
    failing_with: Option<ErrorCode>,
    next_try_at: Option<Timestamp>,
}

impl Vitals {
    pub(crate) fn new(clock: Arc<dyn Clock>, server: String, spare: Arc<Spare>) -> Self {
        let stream = StreamHealth { state: StreamState::Off, since: clock.now(), last_event_at: None };
        let noted = Noted {
            store: None,
            shelf: None,
            key_store: None,
            stream,
            push: Push::default(),
            held_up: Vec::new(),
            copying_fails_with: None,
            problems: VecDeque::new(),
        };
        Self { clock, server, spare, noted: Mutex::new(noted) }
    }

    /// Keys and files are open.
    pub(crate) fn opened(&self, store: Arc<dyn Store>, catalogue: Arc<dyn Shelf>) {
        let mut noted = self.noted();
        (noted.store, noted.shelf) = (Some(store), Some(catalogue));
    }

    /// The secret store in use.
    pub(crate) fn keys_in(&self, name: &str) {
        self.noted().key_store = Some(name.to_owned());
    }

    /// The event stream does something else now.
    pub(crate) fn stream(&self, state: StreamState) {
        let since = self.clock.now();
        let stream = &mut self.noted().stream;
        if stream.state != state {
            (stream.state, stream.since) = (state, since);
        }
    }

    /// Whether the event stream stands.
    pub(crate) fn is_streaming(&self) -> bool {
        self.noted().stream.state == StreamState::Up
    }

    /// An event came.
    pub(crate) fn event(&self) {
        let at = self.clock.now();
        self.noted().stream.last_event_at = Some(at);
    }

    /// A push got through.
    pub(crate) fn pushed(&self) {
        self.noted().push = Push::default();
    }

    /// A push did not get through; the next one is due after `wait`.
    pub(crate) fn not_pushed(&self, code: ErrorCode, wait: Duration) {
        self.saw(Part::Push, code);
        let next_try_at = Some(self.clock.now().plus(wait));
        let push = &mut self.noted().push;
        *push = Push { attempts: push.attempts.saturating_add(1), failing_with: Some(code), next_try_at };
    }

    /// The server told what has changed in the catalogue, or could not be asked.
    pub(crate) fn asked_for_changes(&self, failure: Option<ErrorCode>) {
        self.noted().copying_fails_with = failure;
    }

    /// Conversations that the server could not take.
    pub(crate) fn held_up(&self, troubles: &Troubles) {
        let (now, moment) = (self.clock.now(), Instant::now());
        let held_up = troubles.iter().map(|trouble| HeldUp {
            attempts: trouble.attempts(),
            code: trouble.code,
            next_try_at: now.plus(trouble.until.saturating_duration_since(moment)),
        });
        self.noted().held_up = held_up.collect();
    }

    /// Something went wrong.
    pub(crate) fn saw(&self, part: Part, code: ErrorCode) {
        let at = self.clock.now();
        let problems = &mut self.noted().problems;
        let known =
            problems.iter().position(|seen| (seen.part, seen.code) == (part, code)).and_then(|place| problems.remove(place));
        let times = known.map_or(0, |seen| seen.times).saturating_add(1);
        problems.push_front(SeenProblem { part, code, times, at });
        problems.truncate(PROBLEMS);
    }

    /// The disk did not take or give something.
    pub(crate) fn disk(&self, error: &StoreError) {
        self.saw(Part::Disk, disk_code(error));
    }

    /// Everything, with what the outbox and the copy of the catalogue say themselves.
    pub(crate) async fn health(&self) -> KioskHealth {
        let (store, catalogue) = {
            let noted = self.noted();
            (noted.store.clone(), noted.shelf.clone())
        };
        let stats = match store {
            Some(store) => self.readable(store.stats().await),
            None => None,
        };
        let copy = match catalogue {
            Some(catalogue) => self.readable(catalogue.state().await),
            None => None,
        };
        let noted = self.noted();
        KioskHealth {
            at: self.clock.now(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            server: self.server.clone(),
            key_store: noted.key_store.clone(),
            stream: noted.stream.clone(),
            outbox: noted.outbox(stats.as_ref(), self.spare.list().len()),
            catalogue: noted.catalogue(copy.as_ref()),
            set_aside: stats.iter().flat_map(|stats| &stats.set_aside).map(set_aside).collect(),
            problems: noted.problems.iter().cloned().collect(),
        }
    }

    /// What was read, where that went well.
    fn readable<T>(&self, read: Result<T, StoreError>) -> Option<T> {
        read.inspect_err(|error| self.disk(error)).ok()
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Noted {
    fn outbox(&self, stats: Option<&Stats>, in_memory: usize) -> OutboxHealth {
        let wedged = |stats: &Stats| {
            let wedged = stats.wedged.iter();
            wedged.map(|one| WedgedChange { key: one.key, made_at: one.made_at, code: one.reason.code }).collect()
        };
        OutboxHealth {
            readable: stats.is_some(),
            waiting: stats.map_or(0, |stats| number(stats.waiting)),
            oldest: stats.and_then(|stats| stats.oldest),
            in_memory: u32::try_from(in_memory).unwrap_or(u32::MAX),
            unreadable: stats.map_or(0, |stats| number(stats.unreadable)),
            attempts: self.push.attempts,
            failing_with: self.push.failing_with,
            next_try_at: self.push.next_try_at,
            held_up: self.held_up.clone(),
            wedged: stats.map(wedged).unwrap_or_default(),
        }
    }

    fn catalogue(&self, copy: Option<&ShelfState>) -> CatalogueHealth {
        CatalogueHealth {
            readable: copy.is_some(),
            complete: copy.is_some_and(|copy| copy.complete),
            products: copy.map_or(0, |copy| number(copy.products)),
            copied: copy.map_or(0, |copy| number(copy.copied)),
            total: copy.map_or(0, |copy| number(copy.total)),
            as_of: copy.and_then(|copy| copy.as_of),
            failing_with: self.copying_fails_with,
        }
    }
}

/// What staff can do something about has a code of its own.
pub(crate) fn disk_code(error: &StoreError) -> ErrorCode {
    if error.is_disk() { ErrorCode::DataFolderNotWritable } else { ErrorCode::InternalError }
}

fn number(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn set_aside(aside: &kiosk_store::SetAside) -> SetAside {
    SetAside { file: aside.file.display().to_string(), at: aside.at }
}
