//! A store without files. It behaves as the real one does and answers at once, so a test may control time.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use protocol::{
    ids::{Cursor, KioskSessionId, OpKey},
    kiosk_session::KioskSession,
    sync::{Op, OpBody, Refusal},
};

use crate::{CacheChange, CachedSession, Setting, Stats, Store, StoreError, Wedged};

/// A store without files.
#[derive(Default)]
pub struct MemoryStore(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    settings: BTreeMap<Setting, String>,
    cursor: Option<Cursor>,
    hold: Option<KioskSessionId>,
    cached: Option<CachedSession>,
    outbox: Vec<Op>,
    wedged: Vec<Wedged>,
    failing: bool,
    failing_next: u32,
    writes: u64,
}

impl MemoryStore {
    /// Writes from now on fail, as on a full disk, or work again.
    pub fn set_failing(&self, failing: bool) {
        self.lock().failing = failing;
    }

    /// So many writes from now on fail.
    pub fn fail_next(&self, writes: u32) {
        self.lock().failing_next = writes;
    }

    /// How often something was written.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.lock().writes
    }

    /// The store as a power cut at this moment leaves it: the cache and what belongs to it are gone.
    #[must_use]
    pub fn after_power_cut(&self) -> Self {
        let memory = self.lock();
        Self(Mutex::new(Memory {
            settings: memory.settings.clone(),
            hold: memory.hold,
            outbox: memory.outbox.clone(),
            wedged: memory.wedged.clone(),
            ..Memory::default()
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> Result<MutexGuard<'_, Memory>, StoreError> {
        let mut memory = self.lock();
        if memory.failing || memory.failing_next > 0 {
            memory.failing_next = memory.failing_next.saturating_sub(1);
            return Err(StoreError::File(std::io::ErrorKind::StorageFull.into()));
        }
        memory.writes += 1;
        Ok(memory)
    }
}

impl Memory {
    fn push(&mut self, op: &Op) -> Result<(), StoreError> {
        if self.outbox.iter().any(|known| known.key == op.key) {
            return Err(StoreError::Row);
        }
        self.outbox.push(op.clone());
        Ok(())
    }

    fn keep(&mut self, session: &KioskSession) {
        self.hold = Some(session.kiosk_session_id);
        let mut entries = session.chat.clone();
        let waiting = |entry: &&protocol::session::ChatEntry| self.outbox.iter().any(|op| op.key.0 == entry.id.0);
        let before = self.cached.as_ref().map(|cached| cached.entries.iter().filter(waiting).cloned().collect::<Vec<_>>());
        entries.extend(before.unwrap_or_default());
        self.cached = Some(CachedSession {
            kiosk_session_id: session.kiosk_session_id,
            session_id: session.session_id,
            customer: session.customer.clone(),
            profile: session.profile.clone(),
            entries,
            cart: session.cart.clone(),
        });
    }

    fn change(&mut self, change: Option<&CacheChange>) {
        let Some(cached) = &mut self.cached else { return };
        match change {
            None => {}
            Some(CacheChange::Cart(lines)) => cached.cart.clone_from(lines),
            Some(CacheChange::Profile(profile)) => cached.profile = Some(profile.clone()),
            Some(CacheChange::Entry { op, entry }) => {
                cached.entries.retain(|known| Some(known.id.0) != op.map(|op| op.0) || known.id == entry.id);
                match cached.entries.iter_mut().find(|known| known.id == entry.id) {
                    Some(known) => known.clone_from(entry),
                    None => cached.entries.push(entry.clone()),
                }
            }
        }
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn setting(&self, setting: Setting) -> Result<Option<String>, StoreError> {
        Ok(self.lock().settings.get(&setting).cloned())
    }

    async fn set_setting(&self, setting: Setting, value: &str) -> Result<(), StoreError> {
        if self.lock().settings.get(&setting).is_some_and(|known| known == value) {
            return Ok(());
        }
        self.write()?.settings.insert(setting, value.to_owned());
        Ok(())
    }

    async fn cursor(&self) -> Result<Option<Cursor>, StoreError> {
        Ok(self.lock().cursor)
    }

    async fn forget_cursor(&self) -> Result<(), StoreError> {
        self.write()?.cursor = None;
        Ok(())
    }

    async fn hold(&self, session: &KioskSession) -> Result<(), StoreError> {
        self.write()?.keep(session);
        Ok(())
    }

    async fn begin(&self, session: &KioskSession, op: &Op) -> Result<(), StoreError> {
        let mut memory = self.write()?;
        memory.push(op)?;
        memory.keep(session);
        Ok(())
    }

    async fn unfinished_hold(&self) -> Result<Option<KioskSessionId>, StoreError> {
        Ok(self.lock().hold)
    }

    async fn apply(&self, cursor: Cursor, change: Option<&CacheChange>) -> Result<(), StoreError> {
        let mut memory = self.write()?;
        memory.cursor = memory.cursor.max(Some(cursor));
        memory.change(change);
        Ok(())
    }

    async fn record(&self, op: &Op, effect: Option<&CacheChange>) -> Result<(), StoreError> {
        let mut memory = self.write()?;
        memory.push(op)?;
        if matches!(op.body, OpBody::End { .. }) {
            memory.hold = None;
        }
        memory.change(effect);
        Ok(())
    }

    async fn cached(&self) -> Result<Option<CachedSession>, StoreError> {
        Ok(self.lock().cached.clone())
    }

    async fn pending(&self, limit: usize, held_up: &[KioskSessionId]) -> Result<Vec<Op>, StoreError> {
        let memory = self.lock();
        let free = memory.outbox.iter().filter(|op| !held_up.contains(&op.kiosk_session_id));
        Ok(free.take(limit).cloned().collect())
    }

    async fn pending_of(&self, conversation: KioskSessionId, limit: usize) -> Result<Vec<Op>, StoreError> {
        let memory = self.lock();
        let its = memory.outbox.iter().filter(|op| op.kiosk_session_id == conversation);
        Ok(its.take(limit).cloned().collect())
    }

    async fn settle(&self, applied: &[OpKey], refused: &[Refusal]) -> Result<(), StoreError> {
        let mut memory = self.write()?;
        for Refusal { key, error, .. } in refused {
            if let Some(op) = memory.outbox.iter().find(|op| op.key == *key) {
                let wedged = Wedged { key: *key, made_at: op.made_at, reason: error.clone() };
                memory.wedged.insert(0, wedged);
            }
        }
        let gone = |op: &Op| applied.contains(&op.key) || refused.iter().any(|refusal| refusal.key == op.key);
        memory.outbox.retain(|op| !gone(op));
        Ok(())
    }

    async fn wipe_customer(&self) -> Result<(), StoreError> {
        self.lock().cached = None;
        self.write()?.hold = None;
        Ok(())
    }

    async fn stats(&self) -> Result<Stats, StoreError> {
        let memory = self.lock();
        Ok(Stats {
            waiting: u64::try_from(memory.outbox.len()).unwrap_or(u64::MAX),
            oldest: memory.outbox.iter().map(|op| op.made_at).min(),
            wedged: memory.wedged.clone(),
            ..Stats::default()
        })
    }

    async fn close(&self) {}
}
