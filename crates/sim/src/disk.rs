//! One kiosk's disk. A power cut keeps what was written through and nothing else; sometimes it takes nothing.

use std::sync::Arc;

use async_trait::async_trait;
use kiosk_store::{CacheChange, CachedSession, MemoryStore, Setting, Stats, Store, StoreError};
use protocol::{
    ids::{Cursor, KioskSessionId, OpKey},
    kiosk_session::KioskSession,
    sync::{Op, Refusal},
};
use tokio::time::sleep;

use crate::{life::Life, world::World};

pub(crate) struct Disk {
    pub(crate) world: Arc<World>,
    pub(crate) device: usize,
    pub(crate) life: Arc<Life>,
    pub(crate) kept: Arc<MemoryStore>,
}

impl Disk {
    /// A write that a power cut may come before or after; what it interrupts is as if it had never been.
    async fn write<T>(&self, write: impl AsyncFnOnce(&MemoryStore) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.life.goes_on().await;
        sleep(self.world.dice.millis(0, 3)).await;
        self.life.goes_on().await;
        let written = write(&self.kept).await;
        sleep(self.world.dice.millis(0, 2)).await;
        self.life.goes_on().await;
        written
    }

    async fn look(&self) -> &MemoryStore {
        self.life.goes_on().await;
        &self.kept
    }
}

#[async_trait]
impl Store for Disk {
    async fn setting(&self, setting: Setting) -> Result<Option<String>, StoreError> {
        self.look().await.setting(setting).await
    }

    async fn set_setting(&self, setting: Setting, value: &str) -> Result<(), StoreError> {
        self.write(async |kept| kept.set_setting(setting, value).await).await
    }

    async fn cursor(&self) -> Result<Option<Cursor>, StoreError> {
        self.look().await.cursor().await
    }

    async fn forget_cursor(&self) -> Result<(), StoreError> {
        self.write(async |kept| kept.forget_cursor().await).await
    }

    async fn hold(&self, session: &KioskSession) -> Result<(), StoreError> {
        self.write(async |kept| kept.hold(session).await).await
    }

    async fn begin(&self, session: &KioskSession, op: &Op) -> Result<(), StoreError> {
        self.write(async |kept| {
            kept.begin(session, op).await?;
            self.world.trace.note(format!("kiosk {}: keeps {} of {}", self.device, op.key, op.kiosk_session_id));
            self.world.note_made(self.device, op.clone());
            Ok(())
        })
        .await?;
        self.world.acknowledge(op.key);
        Ok(())
    }

    async fn unfinished_hold(&self) -> Result<Option<KioskSessionId>, StoreError> {
        self.look().await.unfinished_hold().await
    }

    async fn apply(&self, cursor: Cursor, change: Option<&CacheChange>) -> Result<(), StoreError> {
        self.write(async |kept| kept.apply(cursor, change).await).await
    }

    async fn record(&self, op: &Op, effect: Option<&CacheChange>) -> Result<(), StoreError> {
        self.write(async |kept| {
            kept.record(op, effect).await?;
            self.world.trace.note(format!("kiosk {}: keeps {} of {}", self.device, op.key, op.kiosk_session_id));
            self.world.note_made(self.device, op.clone());
            Ok(())
        })
        .await?;
        self.world.acknowledge(op.key);
        Ok(())
    }

    async fn cached(&self) -> Result<Option<CachedSession>, StoreError> {
        self.look().await.cached().await
    }

    async fn pending(&self, limit: usize, held_up: &[KioskSessionId]) -> Result<Vec<Op>, StoreError> {
        self.look().await.pending(limit, held_up).await
    }

    async fn pending_of(&self, conversation: KioskSessionId, limit: usize) -> Result<Vec<Op>, StoreError> {
        self.look().await.pending_of(conversation, limit).await
    }

    async fn settle(&self, applied: &[OpKey], refused: &[Refusal]) -> Result<(), StoreError> {
        self.write(async |kept| kept.settle(applied, refused).await).await
    }

    async fn wipe_customer(&self) -> Result<(), StoreError> {
        self.write(async |kept| kept.wipe_customer().await).await
    }

    async fn stats(&self) -> Result<Stats, StoreError> {
        self.look().await.stats().await
    }

    async fn close(&self) {
        self.life.goes_on().await;
    }
}
