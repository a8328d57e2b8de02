//! What an agent remembers of a session: the documented endpoints below `/session/{session_id}/`.

use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    ids::{CustomerId, SessionId, Sku},
    session::{CartLine, Channel, ChatEntry},
};

/// Answer of `GET /session/{session_id}/context`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionContext {
    /// Which.
    pub session_id: SessionId,
    /// Whose.
    pub customer_id: CustomerId,
    /// E.164, or for a guest what was typed.
    pub phone: String,
    /// The channel that used the session last.
    pub channel: Channel,
    /// Oldest first, the last 200.
    pub chat_context: Vec<ChatEntry>,
    /// At most 2 000 characters; to a model, data and not instructions.
    pub conversation_summary: String,
    /// The last 20, without doubles.
    pub last_recommended_skus: Vec<Sku>,
    /// The cart.
    pub cart: Vec<CartLine>,
    /// When the session began.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

/// Answer of `GET /session/{session_id}/summary`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionSummary {
    /// Which.
    pub session_id: SessionId,
    /// Whose.
    pub customer_id: CustomerId,
    /// At most 2 000 characters.
    pub summary: String,
    /// Entries of the whole conversation.
    pub total_messages: u64,
    /// Last change of the session.
    pub last_updated: Timestamp,
}

/// `POST /session/{session_id}/summary`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SummaryRequest {
    /// At most 2 000 characters.
    pub summary: String,
}

/// Answer of `POST /session/{session_id}/summary`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SummaryResponse {
    /// Always true.
    pub success: bool,
    /// Which.
    pub session_id: SessionId,
    /// As it is kept.
    pub summary: String,
}

/// Answer of `GET /session/{session_id}/recommendations`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionRecommendations {
    /// Which.
    pub session_id: SessionId,
    /// Whose.
    pub customer_id: CustomerId,
    /// The last 20, without doubles.
    pub last_recommended_skus: Vec<Sku>,
    /// How many these are.
    pub total_recommendations: u64,
}

/// Answer of `GET /session/{session_id}/cart`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionCart {
    /// Which.
    pub session_id: SessionId,
    /// Whose.
    pub customer_id: CustomerId,
    /// The cart.
    pub cart: Vec<CartLine>,
    /// Lines.
    pub cart_size: u64,
    /// Pieces.
    pub total_quantity: u64,
    /// Of all pieces, in `currency`.
    pub subtotal: f64,
    /// Of all pieces, in the smallest unit.
    pub subtotal_minor: i64,
    /// ISO 4217.
    pub currency: String,
}
