//! The session object of the documented API, and the requests about it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Timestamp,
    customer::Customer,
    ids::{CustomerId, EntryId, SessionId, Sku},
};

/// Where a customer talks to the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// The shop's site.
    #[serde(alias = "website")]
    Web,
    /// A kiosk in a store.
    Kiosk,
    /// WhatsApp.
    Whatsapp,
    /// Telegram.
    Telegram,
}

impl Channel {
    /// The channel's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Kiosk => "kiosk",
            Self::Whatsapp => "whatsapp",
            Self::Telegram => "telegram",
        }
    }

    /// The channel of that name; `website` is `web`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "web" | "website" => Some(Self::Web),
            "kiosk" => Some(Self::Kiosk),
            "whatsapp" => Some(Self::Whatsapp),
            "telegram" => Some(Self::Telegram),
            _ => None,
        }
    }
}

/// Who wrote an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Sender {
    /// The customer.
    User,
    /// The shop: an assistant or a person.
    Agent,
}

/// How a session's person was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Assurance {
    /// Not at all.
    Guest,
    /// A number typed at a kiosk.
    Phone,
    /// A trusted channel vouched.
    Channel,
    /// A scanned code.
    Qr,
    /// A one-time code.
    Code,
    /// A password.
    Password,
}

/// One entry of a conversation. `id` and `channel` go beyond the documented members.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatEntry {
    /// Its id.
    pub id: EntryId,
    /// Who wrote it.
    pub sender: Sender,
    /// The text.
    pub message: String,
    /// When the server took it in.
    pub timestamp: Timestamp,
    /// Where it was written.
    pub channel: Channel,
    /// `cards`, `intent` and whatever else a client attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub metadata: Option<Map<String, Value>>,
}

/// One line of a cart. Price, name and picture come from the catalogue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CartLine {
    /// The product.
    pub sku: Sku,
    /// Its name.
    pub name: String,
    /// 1 to 99.
    pub quantity: u32,
    /// Of one piece, in `currency`.
    pub price: f64,
    /// Of one piece, in the smallest unit.
    pub price_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// Path of the picture.
    pub image_url: String,
    /// Chosen options such as `size`; lines merge only when these are equal.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// The price is not what it was when the line was added.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub price_changed: bool,
}

/// A product somebody looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecentView {
    /// The product.
    pub product: Sku,
    /// When.
    pub viewed_at: Timestamp,
}

/// What a session carries from channel to channel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionData {
    /// Lines in the order of adding.
    pub cart: Vec<CartLine>,
    /// Newest first, at most 50.
    pub recent: Vec<RecentView>,
    /// Oldest first, the last 200.
    pub chat_context: Vec<ChatEntry>,
    /// `type`, `timestamp` and what the action was about.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub last_action: Option<Map<String, Value>>,
    /// In order of first use.
    pub channels: Vec<Channel>,
    /// At most 2 000 characters.
    pub conversation_summary: String,
    /// The last 20, without doubles.
    pub last_recommended_skus: Vec<Sku>,
    /// `city`, `landmark`, `building`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<BTreeMap<String, String>>,
    /// The customer's record again, for clients that look here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_profile: Option<Customer>,
}

/// Mirrors of members of [`SessionData`], for clients that look here.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionMetadata {
    /// As in the data.
    pub channels: Vec<Channel>,
    /// Always empty, so that history is not sent twice.
    pub chat_context: Vec<ChatEntry>,
    /// As in the data.
    pub conversation_summary: String,
    /// As in the data.
    pub last_recommended_skus: Vec<Sku>,
}

/// A session as every documented endpoint shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// Stable for the life of the session.
    pub session_id: SessionId,
    /// Bearer of the session. Secret.
    pub session_token: String,
    /// E.164, or for a guest what was typed, normalised.
    pub phone: String,
    /// Of a Telegram customer.
    pub telegram_chat_id: Option<String>,
    /// The channel that used the session last.
    pub channel: Channel,
    /// Same as `customer_id` unless a trusted channel said otherwise.
    pub user_id: String,
    /// The customer.
    pub customer_id: CustomerId,
    /// What travels.
    pub data: SessionData,
    /// Mirrors.
    pub metadata: SessionMetadata,
    /// When it began.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// False once ended.
    pub is_active: bool,
    /// Seven days after the last use.
    pub expires_at: Timestamp,
    /// The customer's record when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_profile: Option<Customer>,
    /// Grows by one with each change.
    pub version: i64,
    /// Nobody is signed in.
    pub guest: bool,
    /// How the person was proved.
    pub assurance: Assurance,
}

/// `POST /session/start`. Ids may come as JSON numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartRequest {
    /// This or `telegram_chat_id`.
    #[serde(default)]
    pub phone: Option<String>,
    /// This or `phone`.
    #[serde(default)]
    pub telegram_chat_id: Option<String>,
    /// Default `whatsapp`.
    #[serde(default)]
    pub channel: Option<String>,
    /// A hint, checked or ignored.
    #[serde(default, deserialize_with = "text_or_number")]
    pub user_id: Option<String>,
    /// A hint, checked or ignored.
    #[serde(default, deserialize_with = "text_or_number")]
    pub customer_id: Option<String>,
}

/// Answer of start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartResponse {
    /// Always true.
    pub success: bool,
    /// Secret.
    pub session_token: String,
    /// The whole session.
    pub session: Session,
}

/// `POST /session/login`, for channels that know whom they talk to.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginByPhoneRequest {
    /// In any spelling; not blank.
    pub phone_number: String,
    /// Not blank.
    pub name: String,
    /// A hint, checked or ignored.
    #[serde(default, deserialize_with = "text_or_number")]
    pub customer_id: Option<String>,
    /// 0 to 150; a text of digits is read as well.
    #[serde(default, deserialize_with = "crate::auth::age")]
    pub age: Option<u16>,
    /// As given.
    #[serde(default)]
    pub gender: Option<String>,
    /// Part of the address.
    #[serde(default)]
    pub city: Option<String>,
    /// Default `web`.
    #[serde(default)]
    pub channel: Option<String>,
}

impl std::fmt::Debug for LoginByPhoneRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoginByPhoneRequest").field("channel", &self.channel).finish_non_exhaustive()
    }
}

/// Answer of login.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginByPhoneResponse {
    /// Always true.
    pub success: bool,
    /// Secret.
    pub session_token: String,
    /// The whole session.
    pub session: Session,
    /// The customer; for a guest what was told.
    pub customer: Customer,
}

/// Answer of restore.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RestoreResponse {
    /// Secret.
    pub session_token: String,
    /// The whole session.
    pub session: Session,
}

/// `POST /session/update`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateRequest {
    /// `add_to_cart`, `remove_from_cart`, `set_quantity`, `clear_cart`, `view_product`, `chat_message` or `set_user`.
    pub action: String,
    /// What the action needs.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub payload: Map<String, Value>,
    /// Refuse with `version_conflict` unless the session has this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_version: Option<i64>,
}

/// Answer of update.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateResponse {
    /// The whole session.
    pub session: Session,
}

/// How far an end reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum EndScope {
    /// Every channel.
    #[default]
    Session,
    /// Only the channel that calls.
    Channel,
}

/// `POST /session/end`; the body may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndRequest {
    /// Default: every channel.
    #[serde(default)]
    pub scope: EndScope,
}

/// Answer of end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndResponse {
    /// `Session ended successfully`.
    pub message: String,
    /// Which.
    pub session_id: SessionId,
    /// Whose.
    pub phone: String,
}

/// Reads a text or a number as text; null and absent are none.
///
/// # Errors
/// The value is neither.
pub fn text_or_number<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Option::<Value>::deserialize(deserializer)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(serde::de::Error::custom("a text or a number is expected")),
    }
}
