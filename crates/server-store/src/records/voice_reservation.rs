//! Rooms of the media server that wait for their spoken conversation.

use async_trait::async_trait;
use protocol::Timestamp;

use crate::Result;

/// A room that was promised to somebody.
#[derive(Clone, PartialEq, Eq)]
pub struct VoiceReservationRecord {
    /// SHA-256 of the ticket that leads to it.
    pub ticket_hash: Vec<u8>,
    /// The room; no other reservation has it.
    pub media_room: String,
    /// The label that was asked for.
    pub room: String,
    /// What the customer is called in the room.
    pub identity: String,
    /// A keyed hash of the address of whoever asked.
    pub caller: Vec<u8>,
    /// Worth nothing from here on.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for VoiceReservationRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VoiceReservationRecord").field("media_room", &self.media_room).finish_non_exhaustive()
    }
}

/// Questions about reservations.
#[async_trait]
pub trait VoiceReservationRead {
    /// The reservation of this SHA-256; it may have expired.
    async fn voice_reservation(&mut self, ticket_hash: &[u8]) -> Result<Option<VoiceReservationRecord>>;
    /// At most two reservations of this caller for this label and identity that live at `now`.
    async fn voice_reservations_of(
        &mut self,
        caller: &[u8],
        room: &str,
        identity: &str,
        now: Timestamp,
    ) -> Result<Vec<VoiceReservationRecord>>;
}

/// Changes of reservations.
#[async_trait]
pub trait VoiceReservationWrite {
    /// Keeps a new reservation.
    async fn insert_voice_reservation(&mut self, reservation: &VoiceReservationRecord) -> Result<()>;
    /// Uses a reservation up; answers whether it was there to be used.
    async fn use_voice_reservation(&mut self, ticket_hash: &[u8]) -> Result<bool>;
    /// Forgets what expired before `before`; answers how many that were.
    async fn forget_voice_reservations(&mut self, before: Timestamp) -> Result<u64>;
}
