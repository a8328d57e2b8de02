//! How a spoken conversation begins and is stopped, as the documented voice endpoints have it.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, ids::VoiceSessionId};

/// Seconds that a room waits for its conversation.
pub const RESERVATION_SECONDS: u32 = 60;

/// Answer of `GET /token`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VoiceToken {
    /// Opens `room` on the media server for `identity` (a JWT, as the media server wants it).
    pub token: String,
    /// The room that waits. No other conversation has it.
    pub room: String,
    /// What the customer is called in the room.
    pub identity: String,
    /// Where the media server is.
    pub url: String,
    /// Leads `POST /session` to the room, once.
    pub ticket: String,
    /// Token and ticket are worth nothing from here on.
    pub expires_at: Timestamp,
}

/// `POST /session`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartVoiceRequest {
    /// A label, 1 to 128 characters; the history shows it.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 128))]
    pub room: String,
    /// What to call the customer in the room, 1 to 64 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub identity: String,
    /// The persona, at most 2 000 characters. A signed-in customer's own comes first, the shop's rules stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 2_000))]
    pub system_prompt: Option<String>,
    /// Of `GET /token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// Answer of `POST /session`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VoiceStarted {
    /// The conversation.
    pub session_id: VoiceSessionId,
    /// Its room on the media server.
    pub room: String,
    /// What the customer is called in the room.
    pub identity: String,
    /// Proves who began the conversation, beside the cookie: header `X-Voice-Ticket`.
    pub ticket: String,
    /// Where its transcript is.
    pub ws_url: String,
}

/// Answer of `DELETE /session/{session_id}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VoiceStopped {
    /// Always true.
    pub stopped: bool,
}

macro_rules! secret {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}
secret!(VoiceToken, StartVoiceRequest, VoiceStarted);
