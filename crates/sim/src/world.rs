use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use protocol::{Clock as _, Timestamp, ids::OpKey, sync::Op};
use tokio::{
    sync::{Notify, futures::Notified},
    time::Instant,
};

use crate::{
    clock::WallClock,
    dice::Dice,
    shop::{Records, Rules},
    trace::Trace,
};

/// Everything that is not inside a kiosk.
pub(crate) struct World {
    pub(crate) dice: Dice,
    pub(crate) trace: Trace,
    records: Mutex<Records>,
    clock: WallClock,
    /// Whether things go wrong at the moment.
    rough: AtomicBool,
    server_up: AtomicBool,
    /// Counts the server's crashes: what a call began before one is gone after it.
    crashes: AtomicU64,
    /// Since when each kiosk is cut off.
    cut: Mutex<Vec<Option<Instant>>>,
    changed: Notify,
    /// Changes on the kiosks' disks, in the order they were made.
    made: Mutex<Vec<(usize, Op)>>,
    /// Those among them that the customer was told are kept.
    acknowledged: Mutex<BTreeSet<OpKey>>,
}

impl World {
    pub(crate) fn new(seed: u64, rules: Rules, kiosks: usize) -> Arc<Self> {
        let now = Instant::now();
        Arc::new(Self {
            dice: Dice::new(seed),
            trace: Trace::new(now),
            records: Mutex::new(Records::new(rules)),
            clock: WallClock::new(now),
            rough: AtomicBool::new(true),
            server_up: AtomicBool::new(true),
            crashes: AtomicU64::new(0),
            cut: Mutex::new(vec![None; kiosks]),
            changed: Notify::new(),
            made: Mutex::default(),
            acknowledged: Mutex::default(),
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn is_rough(&self) -> bool {
        self.rough.load(Ordering::Acquire)
    }

    /// Rolls the dice, and goes wrong only while things do.
    pub(crate) fn mishap(&self, in_a_thousand: u64) -> bool {
        self.dice.chance(in_a_thousand) && self.is_rough()
    }

    /// Looks at the records, or changes them in one transaction. Who waits for a change hears of it.
    pub(crate) fn records<T>(&self, look: impl FnOnce(&mut Records) -> T) -> T {
        let mut records = lock(&self.records);
        let before = records.newest();
        let found = look(&mut records);
        let grown = records.newest() != before;
        drop(records);
        if grown {
            self.bump();
        }
        found
    }

    pub(crate) fn note_made(&self, device: usize, op: Op) {
        lock(&self.made).push((device, op));
    }

    pub(crate) fn acknowledge(&self, key: OpKey) {
        lock(&self.acknowledged).insert(key);
    }

    /// What the kiosks wrote, each with whether the customer was told so.
    pub(crate) fn made(&self) -> Vec<(usize, Op, bool)> {
        let acknowledged = lock(&self.acknowledged);
        lock(&self.made).iter().map(|(device, op)| (*device, op.clone(), acknowledged.contains(&op.key))).collect()
    }

    pub(crate) fn is_server_up(&self) -> bool {
        self.server_up.load(Ordering::Acquire)
    }

    pub(crate) fn crashes(&self) -> u64 {
        self.crashes.load(Ordering::Acquire)
    }

    pub(crate) fn crash_server(&self) {
        self.trace.note("the server loses its power");
        self.server_up.store(false, Ordering::Release);
        self.crashes.fetch_add(1, Ordering::AcqRel);
        self.bump();
    }

    pub(crate) fn start_server(&self) {
        if !self.server_up.swap(true, Ordering::AcqRel) {
            self.trace.note("the server is there again");
        }
        self.bump();
    }

    pub(crate) fn cut(&self, device: usize) {
        self.trace.note(format!("kiosk {device} is cut off"));
        lock(&self.cut)[device].get_or_insert_with(Instant::now);
        self.bump();
    }

    pub(crate) fn join(&self, device: usize) {
        if lock(&self.cut)[device].take().is_some() {
            self.trace.note(format!("kiosk {device} is joined again"));
        }
        self.bump();
    }

    pub(crate) fn cut_since(&self, device: usize) -> Option<Instant> {
        lock(&self.cut)[device]
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn heal(&self) {
        self.trace.note("everything heals");
        self.rough.store(false, Ordering::Release);
        self.start_server();
        let kiosks = lock(&self.cut).len();
        for device in 0..kiosks {
            self.join(device);
        }
    }

    /// Ends when something is different from now: the log, a cut, the server. Who waits longest hears of it first, in every run.
    pub(crate) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// How long a message is under way.
    pub(crate) fn delay(&self) -> Duration {
        if self.mishap(50) { self.dice.millis(200, 3_000) } else { self.dice.millis(1, 60) }
    }

    fn bump(&self) {
        self.changed.notify_waiters();
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
