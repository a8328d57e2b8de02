//! Kiosks' holds of sessions.

use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{ClaimId, DeviceId, HandoffId, KioskSessionId, SessionId},
    kiosk_session::EndReason,
    session::Assurance,
};

use crate::Result;

/// A kiosk's hold of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KioskSessionRecord {
    /// Its id.
    pub id: KioskSessionId,
    /// SHA-256 of the kiosk's own token.
    pub token_hash: Vec<u8>,
    /// Who holds; a device has at most one hold that lives.
    pub device_id: DeviceId,
    /// What is held.
    pub session_id: SessionId,
    /// The handoff it came from; none for a guest.
    pub handoff_id: Option<HandoffId>,
    /// The phone's claim of that handoff.
    pub claim_id: Option<ClaimId>,
    /// How the person was proved.
    pub assurance: Assurance,
    /// When it began.
    pub started_at: Timestamp,
    /// Over from here on, whatever happens.
    pub absolute_at: Timestamp,
    /// Over from here on unless it is used before; never after `absolute_at`.
    pub expires_at: Timestamp,
    /// When and why it ended.
    pub end: Option<(Timestamp, EndReason)>,
}

impl KioskSessionRecord {
    /// Whether it opens anything at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.end.is_none() && now < self.expires_at
    }

    /// Why its time is over, once it is.
    #[must_use]
    pub fn overdue(&self) -> EndReason {
        if self.expires_at < self.absolute_at { EndReason::Idle } else { EndReason::TimeOver }
    }
}

/// Questions about holds.
#[async_trait]
pub trait KioskSessionRead {
    /// The hold of that id, ended or not.
    async fn kiosk_session(&mut self, id: KioskSessionId) -> Result<Option<KioskSessionRecord>>;
    /// The hold with a token of this SHA-256, ended or not.
    async fn kiosk_session_by_token(&mut self, token_hash: &[u8]) -> Result<Option<KioskSessionRecord>>;
    /// The device's hold that has not been ended; its time may be over.
    async fn kiosk_session_of(&mut self, device: DeviceId) -> Result<Option<KioskSessionRecord>>;
    /// The holds of a session that have not been ended.
    async fn kiosk_sessions_on(&mut self, session: SessionId) -> Result<Vec<KioskSessionRecord>>;
    /// When the next hold's time is over.
    async fn next_kiosk_session_expiry(&mut self) -> Result<Option<Timestamp>>;
    /// Holds that have not been ended, though their time is over at `now`.
    async fn overdue_kiosk_sessions(&mut self, now: Timestamp) -> Result<Vec<KioskSessionRecord>>;
}

/// Changes of holds.
#[async_trait]
pub trait KioskSessionWrite {
    /// Keeps a new hold. A second one of the same device that has not ended, or of the same handoff, is refused as a duplicate.
    async fn insert_kiosk_session(&mut self, hold: &KioskSessionRecord) -> Result<()>;
    /// Moves the time at which an unused hold is over, at most to its absolute limit.
    async fn extend_kiosk_session(&mut self, id: KioskSessionId, expires_at: Timestamp) -> Result<()>;
    /// Ends a hold; answers whether it had not been ended before.
    async fn end_kiosk_session(&mut self, id: KioskSessionId, reason: EndReason, at: Timestamp) -> Result<bool>;
    /// Forgets holds ended before `before`; answers how many that were.
    async fn forget_kiosk_sessions(&mut self, before: Timestamp) -> Result<u64>;
}
