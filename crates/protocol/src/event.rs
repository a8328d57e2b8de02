//! The event stream `GET /v1/events`: server-sent events, `id:` the cursor, `data:` a [`StreamEvent`].
//!
//! A stream carries the events of one device, of the session that device holds at that moment, and of the shop. It resumes after
//! `Last-Event-ID` (or `?after=`); a cursor older than the log answers 410 `cursor_expired`. A comment line comes every 25 s.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    handoff::HandoffEnd,
    ids::{Cursor, HandoffId, KioskSessionId, OpKey, SessionId},
    kiosk_session::EndReason,
    session::{CartLine, ChatEntry},
};

/// Seconds between two comment lines of an idle stream.
pub const KEEP_ALIVE_SECONDS: u64 = 25;

/// One event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StreamEvent {
    /// Its place in the log.
    pub cursor: Cursor,
    /// When it was appended.
    pub at: Timestamp,
    /// What happened.
    pub body: EventBody,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventBody {
    /// The first event of a stream that was opened without a cursor. Its cursor is the place from which the stream goes on, so
    /// that a stream that breaks before anything happened is resumed without a gap.
    Opened,
    /// A phone claimed the handoff: show the number pad.
    HandoffClaimed {
        /// Which.
        handoff_id: HandoffId,
    },
    /// The handoff is over without a session: back to a fresh code.
    HandoffOver {
        /// Which.
        handoff_id: HandoffId,
        /// Why.
        reason: HandoffEnd,
    },
    /// The hold is over: wipe.
    KioskSessionEnded {
        /// Which.
        kiosk_session_id: KioskSessionId,
        /// Why.
        reason: EndReason,
    },
    /// An entry was appended to the conversation.
    ChatAppended {
        /// Which session.
        session_id: SessionId,
        /// The entry.
        entry: ChatEntry,
        /// The kiosk's own change that this is, where it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        op: Option<OpKey>,
        /// The session's version after it.
        version: i64,
    },
    /// The cart is now this.
    CartChanged {
        /// Which session.
        session_id: SessionId,
        /// The whole cart.
        cart: Vec<CartLine>,
        /// The kiosk's own change that this is, where it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        op: Option<OpKey>,
        /// The session's version after it.
        version: i64,
    },
    /// What a kiosk shows of the customer's profile is something else now: read `GET /v1/kiosk/session` again.
    ProfileChanged {
        /// Which session.
        session_id: SessionId,
        /// The kiosk's own change that this is, where it is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        op: Option<OpKey>,
    },
    /// This device was enrolled anew: read `GET /v1/devices/me` again.
    DeviceChanged,
    /// This device is no longer enrolled.
    DeviceRemoved,
    /// Products or their stock were imported: a kiosk that keeps a copy asks what has changed.
    CatalogueChanged,
    /// Something that streams of this topic should look at has changed. A matter between servers; it is sent to nobody.
    Touched,
    /// An event of a newer server.
    #[serde(other)]
    Unknown,
}
