//! Handoffs, their codes and the visits to them.

use std::time::Duration;

use async_trait::async_trait;
use protocol::{
    Timestamp,
    handoff::HandoffEnd,
    ids::{AccountId, ClaimId, DeviceId, HandoffId, KioskSessionId},
    shop::Locale,
};
use serde::{Deserialize, Serialize};

use crate::Result;

/// How far a handoff has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandoffStatus {
    /// Its codes are on the screen.
    Open,
    /// A phone said Continue; the kiosk waits for the digits.
    Claimed,
    /// The kiosk holds a session.
    Issued,
    /// That session is over.
    Ended,
    /// Phone or kiosk gave it up.
    Cancelled,
    /// Its time was over.
    Expired,
    /// Something was wrong.
    Aborted,
}

/// A handoff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoffRecord {
    /// Its id.
    pub id: HandoffId,
    /// The kiosk that opened it; it has at most one that is open or claimed.
    pub device_id: DeviceId,
    /// Language of the kiosk's screen.
    pub locale: Locale,
    /// The kiosk's X25519 public key, 32 bytes.
    pub ephemeral_key: Vec<u8>,
    /// How far it has come.
    pub status: HandoffStatus,
    /// When the first code's slot began.
    pub opened_at: Timestamp,
    /// Neither open nor claimed from here on.
    pub expires_at: Timestamp,
    /// Who claimed it.
    pub claim: Option<ClaimRecord>,
    /// The hold it led to.
    pub kiosk_session_id: Option<KioskSessionId>,
    /// Why it never came to a hold.
    pub reason: Option<HandoffEnd>,
    /// When it left open and claimed for good.
    pub over_at: Option<Timestamp>,
}

/// A phone's claim of a handoff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRecord {
    /// Its id.
    pub id: ClaimId,
    /// Who claims.
    pub account_id: AccountId,
    /// SHA-256 of the browser's cookie.
    pub browser_hash: Vec<u8>,
    /// When.
    pub at: Timestamp,
}

/// A code of a handoff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRecord {
    /// Keyed hash of the code.
    pub hash: Vec<u8>,
    /// For typing, not for scanning.
    pub typed: bool,
    /// Refused before.
    pub accepted_from: Timestamp,
    /// Refused from here on.
    pub accepted_until: Timestamp,
}

/// A browser that looked at a code in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitRecord {
    /// SHA-256 of the ticket.
    pub ticket_hash: Vec<u8>,
    /// What it may claim.
    pub handoff_id: HandoffId,
    /// SHA-256 of the browser's cookie.
    pub browser_hash: Vec<u8>,
    /// When the code was looked at.
    pub made_at: Timestamp,
    /// Refused from here on.
    pub expires_at: Timestamp,
}

/// Questions about handoffs.
#[async_trait]
pub trait HandoffRead {
    /// The handoff of that id.
    async fn handoff(&mut self, id: HandoffId) -> Result<Option<HandoffRecord>>;
    /// The device's handoff that is open or claimed; it may have expired.
    async fn live_handoff_of(&mut self, device: DeviceId) -> Result<Option<HandoffRecord>>;
    /// The code with this hash and its handoff, in whatever status.
    async fn handoff_by_code(&mut self, hash: &[u8]) -> Result<Option<(HandoffRecord, CodeRecord)>>;
    /// The handoff with that claim.
    async fn handoff_by_claim(&mut self, claim: ClaimId) -> Result<Option<HandoffRecord>>;
    /// The newest handoff that this account claimed from this browser.
    async fn latest_claim_of(&mut self, account: AccountId, browser_hash: &[u8]) -> Result<Option<HandoffRecord>>;
    /// The visit with a ticket of this SHA-256.
    async fn visit(&mut self, ticket_hash: &[u8]) -> Result<Option<VisitRecord>>;
    /// When handoffs that this account claimed ended for this reason since `since`, oldest first.
    async fn handoffs_over(&mut self, account: AccountId, reason: HandoffEnd, since: Timestamp) -> Result<Vec<Timestamp>>;
    /// When the next open or claimed handoff expires.
    async fn next_handoff_expiry(&mut self) -> Result<Option<Timestamp>>;
    /// Open and claimed handoffs that have expired at `now`.
    async fn expired_handoffs(&mut self, now: Timestamp) -> Result<Vec<HandoffRecord>>;
}

/// Changes of handoffs. Each change of status is a compare-and-set: it answers whether the handoff was where it must be.
#[async_trait]
pub trait HandoffWrite {
    /// Keeps a new handoff and its codes. A second live one of the same device is refused as a duplicate.
    async fn insert_handoff(&mut self, handoff: &HandoffRecord, codes: &[CodeRecord]) -> Result<()>;
    /// From open to claimed, unless it has expired at the claim's time.
    async fn claim_handoff(&mut self, id: HandoffId, claim: &ClaimRecord) -> Result<bool>;
    /// From claimed to issued, unless it has expired at `at`.
    async fn issue_handoff(&mut self, id: HandoffId, kiosk_session: KioskSessionId, at: Timestamp) -> Result<bool>;
    /// From `from` to `to`, over for `reason`.
    async fn close_handoff(
        &mut self,
        id: HandoffId,
        from: HandoffStatus,
        to: HandoffStatus,
        reason: HandoffEnd,
        at: Timestamp,
    ) -> Result<bool>;
    /// From issued to ended.
    async fn end_handoff(&mut self, id: HandoffId) -> Result<bool>;
    /// Keeps a visit.
    async fn insert_visit(&mut self, visit: &VisitRecord) -> Result<()>;
    /// Lets the visits of a browser that still hold at `now` hold until `until`, but never longer than `longest` in all.
    async fn extend_visits(&mut self, browser_hash: &[u8], now: Timestamp, until: Timestamp, longest: Duration) -> Result<()>;
    /// Carries the visits that hold at `now` from the device's handoffs that nobody claimed, and that expired or were
    /// replaced, over to its new one.
    async fn carry_visits(&mut self, device: DeviceId, to: HandoffId, now: Timestamp) -> Result<()>;
    /// Forgets handoffs over before `before`, unless their hold lives; answers how many that were.
    async fn forget_handoffs(&mut self, before: Timestamp) -> Result<u64>;
}
