//! A transaction together with what operations need beside it. Committing tells whoever follows the topics that were
//! touched, so that no operation can forget to: every change that somebody may have seen ends up in the event log, where other
//! programs and nodes find it too.

use std::{
    cell::Cell,
    ops::{Deref, DerefMut},
};

use protocol::{
    Timestamp,
    event::EventBody,
    ids::{Cursor, CustomerId, OpKey},
    session::ChatEntry,
    shop::Shop,
};
use server_store::{
    ReadTx, StoreError, Together, WriteTx,
    records::{
        CustomerRecord, MailRecord, PointChange, ProductRecord, ProfileOwner, ProfileRecord, SeenEntry, SessionRecord, Topic,
    },
};

use crate::{profile::at_kiosk, state::AppState};

/// A transaction that changes things. Dropped without [`Tx::commit`], it leaves no trace.
pub struct Tx {
    inner: Box<dyn WriteTx>,
    state: AppState,
    /// Topics that are to be told, each with its newest event in this transaction.
    touched: Vec<(Topic, Option<Cursor>)>,
    /// Customers whose session shows something else now.
    customers: Vec<CustomerId>,
    /// A mail waits to be sent.
    mailed: bool,
    looked: Looked,
}

impl Tx {
    pub(crate) fn new(inner: Box<dyn WriteTx>, state: AppState) -> Self {
        Self { inner, state, touched: Vec::new(), customers: Vec::new(), mailed: false, looked: Looked { settled: false } }
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

    /// Appends to the event log; followers of `topic` hear of it on commit.
    ///
    /// # Errors
    /// The store failed.
    pub async fn append(&mut self, topic: Topic, body: &EventBody) -> Result<Cursor, StoreError> {
        let now = self.now();
        let cursor = self.inner.append_event(topic, body, now).await?;
        self.appended(topic, cursor);
        Ok(cursor)
    }

    fn appended(&mut self, topic: Topic, cursor: Cursor) {
        self.touch(topic);
        if let Some((_, newest)) = self.touched.iter_mut().find(|(other, _)| *other == topic) {
            *newest = Some(cursor);
        }
    }

    /// Appends an entry to a session's conversation, with what that changed of the session and the event that tells of it.
    ///
    /// # Errors
    /// As [`WriteTx::keep_entry`].
    pub async fn keep_entry(&mut self, session: &SessionRecord, entry: &ChatEntry, body: &EventBody) -> Result<(), StoreError> {
        let now = self.now();
        let cursor = self.inner.keep_entry(session, entry, body, now).await?;
        self.appended(Topic::Session(session.id), cursor);
        Ok(())
    }

    /// Tells the followers of `topic` on commit, without an event of its own, that what they should look at has changed.
    pub fn touch(&mut self, topic: Topic) {
        if !self.touched.iter().any(|(other, _)| *other == topic) {
            self.touched.push((topic, None));
        }
    }

    /// Replaces a session; whoever remembers it forgets it on commit.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or the store failed.
    pub async fn update_session(&mut self, session: &SessionRecord) -> Result<(), StoreError> {
        self.inner.update_session(session).await?;
        self.touch(Topic::Session(session.id));
        Ok(())
    }

    /// Keeps a customer; a session that shows the customer is forgotten on commit.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`], or the store failed.
    pub async fn put_customer(&mut self, customer: &CustomerRecord) -> Result<(), StoreError> {
        self.inner.put_customer(customer).await?;
        self.touch_customer(&customer.id);
        Ok(())
    }

    /// Keeps a profile; a kiosk that shows some of it hears of what has changed there.
    ///
    /// # Errors
    /// The store failed.
    pub async fn put_profile(&mut self, profile: &ProfileRecord) -> Result<(), StoreError> {
        self.put_profile_of(profile, None).await
    }

    /// As [`Tx::put_profile`]; `op` is the change of a kiosk that does it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn put_profile_of(&mut self, profile: &ProfileRecord, op: Option<OpKey>) -> Result<(), StoreError> {
        let before = self.inner.profile(profile.owner.profile()).await?;
        self.inner.put_profile(profile).await?;
        let ProfileOwner::Account(account) = profile.owner else { return Ok(()) };
        if before.as_ref().map(at_kiosk::values).unwrap_or_default() == at_kiosk::values(profile) {
            return Ok(());
        }
        let Some(customer) = self.inner.account(account).await?.and_then(|account| account.customer_id) else { return Ok(()) };
        if let Some(session) = self.inner.active_session_of(&customer).await? {
            self.append(Topic::Session(session.id), &EventBody::ProfileChanged { session_id: session.id, op }).await?;
        }
        Ok(())
    }

    /// Changes a customer's points; a session that shows the customer is forgotten on commit.
    ///
    /// # Errors
    /// As [`server_store::records::LoyaltyWrite::change_points`].
    pub async fn change_points(&mut self, change: &PointChange) -> Result<Option<i64>, StoreError> {
        self.touch_customer(&change.customer_id);
        self.inner.change_points(change).await
    }

    /// Changes a customer's tier; a session that shows the customer is forgotten on commit.
    ///
    /// # Errors
    /// As [`server_store::records::LoyaltyWrite::set_tier`].
    pub async fn set_tier(&mut self, customer: &CustomerId, tier: &str) -> Result<(), StoreError> {
        self.touch_customer(customer);
        self.inner.set_tier(customer, tier).await
    }

    /// Keeps a product; what shows products is forgotten on commit.
    ///
    /// # Errors
    /// The store failed.
    pub async fn put_product(&mut self, product: &ProductRecord) -> Result<(), StoreError> {
        self.inner.put_product(product).await?;
        self.touch(Topic::Shop);
        Ok(())
    }

    /// Keeps the shop; what shows prices is forgotten on commit.
    ///
    /// # Errors
    /// The store failed.
    pub async fn put_shop(&mut self, shop: &Shop) -> Result<(), StoreError> {
        self.inner.put_shop(shop).await?;
        self.touch(Topic::Shop);
        Ok(())
    }

    /// Keeps a mail; the sender is woken on commit.
    ///
    /// # Errors
    /// The store failed.
    pub async fn queue_mail(&mut self, mail: &MailRecord) -> Result<(), StoreError> {
        self.mailed = true;
        self.inner.insert_mail(mail).await
    }

    /// Says that a session which shows this customer shows something else now.
    pub fn touch_customer(&mut self, customer: &CustomerId) {
        if !self.customers.contains(customer) {
            self.customers.push(customer.clone());
        }
    }

    /// Makes the changes durable and tells whoever follows what was touched.
    ///
    /// # Errors
    /// The store refused; nothing was changed.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.commit_at().await.map(drop)
    }

    /// As [`Tx::commit`]; answers the newest event of this transaction, where it has one.
    ///
    /// # Errors
    /// The store refused; nothing was changed.
    pub async fn commit_at(mut self) -> Result<Option<Cursor>, StoreError> {
        for customer in std::mem::take(&mut self.customers) {
            if let Some(session) = self.inner.active_session_of(&customer).await? {
                self.touch(Topic::Session(session.id));
            }
        }
        let at = self.now();
        for (topic, newest) in &mut self.touched {
            if newest.is_none() {
                *newest = Some(self.inner.append_event(*topic, &EventBody::Touched, at).await?);
            }
        }
        let Self { inner, state, touched, mailed, mut looked, .. } = self;
        inner.commit().await?;
        looked.settled = true;
        for (topic, newest) in &touched {
            if let Some(cursor) = newest {
                state.live.happened(*topic, *cursor);
            }
        }
        if mailed {
            state.mail_queued.notify_one();
        }
        if !touched.is_empty() {
            state.bus.nudge();
            state.relay.committed();
        }
        Ok(touched.iter().filter_map(|(_, newest)| *newest).max())
    }
}

impl AppState {
    /// As [`Together::append`]; who follows the session hears of it.
    ///
    /// # Errors
    /// As [`Together::append`].
    pub async fn append_seen(&self, together: &dyn Together, entry: SeenEntry) -> Result<Option<Cursor>, StoreError> {
        let topic = Topic::Session(entry.session.id);
        let cursor = together.append(entry).await?;
        if let Some(cursor) = cursor {
            self.live.happened(topic, cursor);
            self.bus.nudge();
            self.relay.committed();
        }
        Ok(cursor)
    }
}

/// A transaction that was given up may have seen what others have written but not made durable yet. What is said because of it
/// must wait until that is so; see [`settled`].
struct Looked {
    settled: bool,
}

impl Drop for Looked {
    fn drop(&mut self) {
        if !self.settled {
            // Outside of a request nobody is told anything.
            let _ = GIVEN_UP.try_with(|given_up| given_up.set(true));
        }
    }
}

tokio::task_local! {
    static GIVEN_UP: Cell<bool>;
}

/// Does `work`, and answers only once everything that it has seen is durable.
pub async fn settled<T>(state: &AppState, work: impl Future<Output = T>) -> T {
    let watched = async {
        let answer = work.await;
        if GIVEN_UP.with(Cell::get) {
            state.store.settled().await;
        }
        answer
    };
    GIVEN_UP.scope(Cell::new(false), watched).await
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
