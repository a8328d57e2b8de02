//! The session server's records behind one trait.
//!
//! [`Store`] gives transactions: [`ReadTx`] sees one consistent state, [`WriteTx`] changes it all at once or not at all.
//! What a transaction can do is composed of one pair of traits per area, side by side with the records of that area in
//! [`records`]. No type of a database crosses this border, so that every store runs the same suite of behaviour.
//!
//! [`sqlite`] is the store of a single machine, [`postgres`] that of several.

mod error;
pub mod postgres;
pub mod records;
mod shared;
pub mod sqlite;
mod survey;
mod value;

pub use error::StoreError;
use protocol::{Timestamp, event::EventBody, ids::Cursor, session::ChatEntry};
use records::{
    AccountRead, AccountTokenRead, AccountTokenWrite, AccountWrite, AnswerRead, AnswerWrite, CatalogueChangeRead,
    CatalogueChangeWrite, CatalogueRead, CatalogueWrite, ChannelKeyRead, ChannelKeyWrite, ChatTaskRead, ChatTaskWrite,
    CustomerRead, CustomerWrite, DeviceRead, DeviceWrite, EventRead, EventWrite, ExternalIdentityRead, ExternalIdentityWrite,
    HandoffRead, HandoffWrite, IdempotencyRead, IdempotencyWrite, KioskSessionRead, KioskSessionWrite, LoyaltyRead, LoyaltyWrite,
    MailRead, MailWrite, MediaRead, MediaWrite, OpRead, OpWrite, OrderRead, OrderWrite, PaymentRead, PaymentWrite,
    PhoneSessionRead, PhoneSessionWrite, ProfileRead, ProfileWrite, QrTokenRead, QrTokenWrite, SeenEntry, ServiceRequestRead,
    ServiceRequestWrite, SessionRead, SessionRecord, SessionWrite, SignInAttemptWrite, SpendingRead, SpendingWrite, StaffRead,
    StaffWrite, StockRead, StockWrite, Topic, VoiceAgentRead, VoiceAgentWrite, VoiceReservationRead, VoiceReservationWrite,
    VoiceSessionRead, VoiceSessionWrite,
};
pub use shared::{Counter, Shared};
pub use survey::{Found, Survey};

/// Result of everything a store does.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Where the server keeps its records.
#[async_trait::async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// A transaction that sees one consistent state and changes nothing.
    ///
    /// # Errors
    /// The database cannot be reached.
    async fn read(&self) -> Result<Box<dyn ReadTx>>;

    /// For a single question, or several whose answers need not be of the same moment.
    ///
    /// # Errors
    /// The database cannot be reached.
    async fn look(&self) -> Result<Box<dyn ReadTx>> {
        self.read().await
    }

    /// A transaction that changes things. Writers wait for each other, so hold it briefly: no hashing, no network.
    ///
    /// # Errors
    /// The database cannot be reached, or another writer did not finish in time.
    async fn write(&self) -> Result<Box<dyn WriteTx>>;

    /// Returns once everything that a writer has seen until now is durable. A store whose writers see only what is durable has
    /// nothing to wait for.
    async fn settled(&self) {}

    /// Whether the database has exactly the migrations of this program.
    ///
    /// # Errors
    /// The database cannot be reached.
    async fn is_current(&self) -> Result<bool>;

    /// What several programs that serve these records at the same time tell each other; none where there is only ever one, which
    /// can keep such things in its memory.
    fn shared(&self) -> Option<&dyn Shared> {
        None
    }

    /// How entries of conversations are stored without a transaction for each; none where that saves nothing.
    fn together(&self) -> Option<&dyn Together> {
        None
    }

    /// Closes every connection; what was committed stays.
    async fn close(&self);
}

/// Stores entries of conversations that come at the same time by one change for all of them.
#[async_trait::async_trait]
pub trait Together: Send + Sync {
    /// Appends an entry durably with what it changes of its session, if that still is as it was seen; answers with the cursor of
    /// the event that tells of it, and none where somebody else has changed the session.
    ///
    /// # Errors
    /// The store failed; nothing was changed.
    async fn append(&self, entry: SeenEntry) -> Result<Option<Cursor>>;
}

/// What can be asked.
pub trait ReadTx:
    SessionRead
    + AccountRead
    + AnswerRead
    + CustomerRead
    + CatalogueRead
    + CatalogueChangeRead
    + OrderRead
    + EventRead
    + OpRead
    + IdempotencyRead
    + DeviceRead
    + HandoffRead
    + KioskSessionRead
    + PhoneSessionRead
    + ChannelKeyRead
    + QrTokenRead
    + StockRead
    + PaymentRead
    + LoyaltyRead
    + MailRead
    + AccountTokenRead
    + ExternalIdentityRead
    + StaffRead
    + VoiceSessionRead
    + VoiceReservationRead
    + VoiceAgentRead
    + ProfileRead
    + ServiceRequestRead
    + ChatTaskRead
    + MediaRead
    + SpendingRead
    + Send
{
}

/// What can be changed. Dropped without [`WriteTx::commit`], it leaves no trace.
#[async_trait::async_trait]
pub trait WriteTx:
    ReadTx
    + SessionWrite
    + AccountWrite
    + AnswerWrite
    + CustomerWrite
    + CatalogueWrite
    + CatalogueChangeWrite
    + OrderWrite
    + EventWrite
    + OpWrite
    + IdempotencyWrite
    + DeviceWrite
    + HandoffWrite
    + KioskSessionWrite
    + PhoneSessionWrite
    + ChannelKeyWrite
    + QrTokenWrite
    + StockWrite
    + PaymentWrite
    + LoyaltyWrite
    + MailWrite
    + AccountTokenWrite
    + ExternalIdentityWrite
    + SignInAttemptWrite
    + StaffWrite
    + VoiceSessionWrite
    + VoiceReservationWrite
    + VoiceAgentWrite
    + ProfileWrite
    + ServiceRequestWrite
    + ChatTaskWrite
    + MediaWrite
    + SpendingWrite
{
    /// Appends `entry` to the conversation of `session`, keeps what that changed of the session, and appends the event that tells
    /// of it: three changes that come together, as one where a store can do that faster.
    ///
    /// # Errors
    /// As [`SessionWrite::append_chat_entry`], [`SessionWrite::update_session`] and [`EventWrite::append_event`].
    async fn keep_entry(
        &mut self,
        session: &SessionRecord,
        entry: &ChatEntry,
        body: &EventBody,
        at: Timestamp,
    ) -> Result<Cursor> {
        self.append_chat_entry(session.id, entry).await?;
        self.update_session(session).await?;
        self.append_event(Topic::Session(session.id), body, at).await
    }

    /// Makes the changes durable.
    ///
    /// # Errors
    /// The database refused; nothing was changed.
    async fn commit(self: Box<Self>) -> Result<()>;
}
