//! A transaction together with what operations need beside it. Committing wakes the event streams of every topic that
//! was touched, so that no operation can forget to.

use std::ops::{Deref, DerefMut};

use protocol::{Timestamp, event::EventBody, ids::Cursor};
use server_store::{ReadTx, StoreError, WriteTx, records::Topic};

use crate::state::AppState;

/// A transaction that changes things. Dropped without [`Tx::commit`], it leaves no trace.
pub struct Tx {
    inner: Box<dyn WriteTx>,
    state: AppState,
    touched: Vec<Topic>,
    newest: Option<Cursor>,
}

impl Tx {
    pub(crate) fn new(inner: Box<dyn WriteTx>, state: AppState) -> Self {
        Self { inner, state, touched: Vec::new(), newest: None }
    }

    /// Clock, randomness, key and settings.
    #[must_use]
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// The wall clock's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.state.now()
    }

    /// The same transaction, for questions only.
    pub fn reader(&mut self) -> &mut dyn ReadTx {
        &mut *self.inner
    }

    /// Appends to the event log; streams of `topic` wake on commit.
    ///
    /// # Errors
    /// The store failed.
    pub async fn append(&mut self, topic: Topic, body: &EventBody) -> Result<Cursor, StoreError> {
        let now = self.now();
        let cursor = self.inner.append_event(topic, body, now).await?;
        self.touch(topic);
        self.newest = Some(cursor);
        Ok(cursor)
    }

    /// Wakes the streams of `topic` on commit without an event, because what they should look at has changed.
    pub fn touch(&mut self, topic: Topic) {
        if !self.touched.contains(&topic) {
            self.touched.push(topic);
        }
    }

    /// Makes the changes durable and wakes the streams.
    ///
    /// # Errors
    /// The store refused; nothing was changed.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.inner.commit().await?;
        self.state.bus.wake(&self.touched, self.newest);
        Ok(())
    }
}

impl Deref for Tx {
    type Target = dyn WriteTx;
    fn deref(&self) -> &Self::Target {
        &*self.inner
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut *self.inner
    }
}
