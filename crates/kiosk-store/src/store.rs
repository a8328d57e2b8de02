//! What the core asks of its store.

use std::path::PathBuf;

use async_trait::async_trait;
use protocol::{
    ApiError, Timestamp,
    ids::{Cursor, KioskSessionId, OpKey, SessionId},
    kiosk_profile::KioskProfile,
    kiosk_session::{KioskCustomer, KioskSession},
    session::{CartLine, ChatEntry},
    sync::{Op, Refusal},
};

use crate::StoreError;

/// A change to what the customer sees.
#[derive(Clone, Debug, PartialEq)]
pub enum CacheChange {
    /// An entry came in, or a known one changed.
    Entry {
        /// The customer's own change that this entry is; its waiting copy goes away.
        op: Option<OpKey>,
        /// The entry.
        entry: ChatEntry,
    },
    /// The cart is now this.
    Cart(Vec<CartLine>),
    /// The profile now says this.
    Profile(KioskProfile),
}

/// The session on the screen, as the cache holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct CachedSession {
    /// The hold.
    pub kiosk_session_id: KioskSessionId,
    /// The session.
    pub session_id: SessionId,
    /// Nobody, for a guest.
    pub customer: Option<KioskCustomer>,
    /// None where none is shown.
    pub profile: Option<KioskProfile>,
    /// In the order they came.
    pub entries: Vec<ChatEntry>,
    /// In the order of adding.
    pub cart: Vec<CartLine>,
}

/// What the device remembers over a restart. None of it is about a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// What the server said about this device, and which server.
    Device,
}

impl Setting {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
        }
    }
}

/// A change that the server refused for good.
#[derive(Clone, Debug, PartialEq)]
pub struct Wedged {
    /// Which.
    pub key: OpKey,
    /// When it was made.
    pub made_at: Timestamp,
    /// Why it was refused.
    pub reason: ApiError,
}

/// How the outbox is doing, for staff.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stats {
    /// Changes on their way.
    pub waiting: u64,
    /// When the oldest of them was made.
    pub oldest: Option<Timestamp>,
    /// Those among them that this program cannot read; a newer one wrote them.
    pub unreadable: u64,
    /// Changes that were refused for good, newest first.
    pub wedged: Vec<Wedged>,
    /// Outboxes that could not be read and were moved out of the way, oldest first.
    pub set_aside: Vec<SetAside>,
}

/// An outbox that was damaged, or written with another key, and was moved out of the way. It is never deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where it lies.
    pub file: PathBuf,
    /// When it was moved.
    pub at: Timestamp,
}

/// The kiosk's memory. While nothing happens, nothing is written.
#[async_trait]
pub trait Store: Send + Sync {
    /// A setting, or none where it was never written.
    async fn setting(&self, setting: Setting) -> Result<Option<String>, StoreError>;

    /// Writes a setting where it differs from what is there.
    async fn set_setting(&self, setting: Setting, value: &str) -> Result<(), StoreError>;

    /// The place in the server's event log up to which everything was taken in. It is kept as long as the cache: whoever starts anew
    /// has no conversation that could miss an event.
    async fn cursor(&self) -> Result<Option<Cursor>, StoreError>;

    /// Forgets the place, so that the next stream begins with what happens from then on.
    async fn forget_cursor(&self) -> Result<(), StoreError>;

    /// Keeps a session as the server shows it, in place of what was there, and remembers its hold until it is ended.
    /// Entries that still wait in the outbox stay.
    async fn hold(&self, session: &KioskSession) -> Result<(), StoreError>;

    /// Keeps a session that begins on this kiosk alone, as [`Self::hold`] does, and puts its beginning into the outbox, in one
    /// transaction.
    async fn begin(&self, session: &KioskSession, op: &Op) -> Result<(), StoreError>;

    /// The hold that neither an end in the outbox nor a wipe has finished.
    async fn unfinished_hold(&self) -> Result<Option<KioskSessionId>, StoreError>;

    /// Takes an event in: moves the place in the log, and changes the cache, in one transaction. A place never moves back.
    async fn apply(&self, cursor: Cursor, change: Option<&CacheChange>) -> Result<(), StoreError>;

    /// Puts a change into the outbox and its effect into the cache, in one transaction.
    /// An end finishes its hold ([`Self::unfinished_hold`]).
    async fn record(&self, op: &Op, effect: Option<&CacheChange>) -> Result<(), StoreError>;

    /// The session on the screen, or none.
    async fn cached(&self) -> Result<Option<CachedSession>, StoreError>;

    /// The oldest changes on their way, in the order they were made, without those of the conversations in `held_up`. What this
    /// program cannot read is left out as well, and keeps nothing else from being found.
    async fn pending(&self, limit: usize, held_up: &[KioskSessionId]) -> Result<Vec<Op>, StoreError>;

    /// The oldest changes of one conversation on their way, in the order they were made.
    async fn pending_of(&self, conversation: KioskSessionId, limit: usize) -> Result<Vec<Op>, StoreError>;

    /// Takes the server's answer in: what is applied leaves the outbox, what is refused stays as wedged, without its body.
    async fn settle(&self, applied: &[OpKey], refused: &[Refusal]) -> Result<(), StoreError>;

    /// Erases everything about the customer except what is still on its way, which stays encrypted in the outbox. Where the disk
    /// takes nothing any more the customer is erased all the same, and only the end of the hold is not noted: that is the error.
    async fn wipe_customer(&self) -> Result<(), StoreError>;

    /// How the outbox is doing.
    async fn stats(&self) -> Result<Stats, StoreError>;

    /// Closes the files.
    async fn close(&self);
}
