//! Names of things. Every id is a string on the wire; none of them proves anything about its sender.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "String"))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

uuid_id!(
    /// A kiosk or staff desktop.
    DeviceId
);
uuid_id!(
    /// One attempt to bring a customer to a kiosk.
    HandoffId
);
uuid_id!(
    /// A phone's claim of a handoff.
    ClaimId
);
uuid_id!(
    /// A customer's session across channels.
    SessionId
);
uuid_id!(
    /// One kiosk's hold of a session.
    KioskSessionId
);
uuid_id!(
    /// Who signs in: holds a verified phone or an e-mail, and is linked to at most one customer.
    AccountId
);
uuid_id!(
    /// One entry of a conversation.
    EntryId
);
uuid_id!(
    /// One spoken conversation.
    VoiceSessionId
);
uuid_id!(
    /// One thing said in a spoken conversation.
    UtteranceId
);
uuid_id!(
    /// A profile: the id of the account, or of the guest's session, that it belongs to.
    ProfileId
);
uuid_id!(
    /// Somebody's wish to become staff.
    EnrolmentId
);
uuid_id!(
    /// What a customer asked staff for.
    ServiceRequestId
);
uuid_id!(
    /// A photo or video that a customer showed the shop.
    MediaId
);
uuid_id!(
    /// One change that a kiosk wants applied exactly once.
    OpKey
);
uuid_id!(
    /// A trusted channel's or service's key; not the key itself.
    ChannelKeyId
);
uuid_id!(
    /// Pieces that somebody holds for a while.
    HoldId
);

/// A customer record's id: decimal text for real customers, `guest-` and random text for guests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "String"))]
#[serde(transparent)]
pub struct CustomerId(pub String);

/// A product's id, such as `SKU-1070`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "String"))]
#[serde(transparent)]
pub struct Sku(pub String);

/// A store's id, such as `S01`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "String"))]
#[serde(transparent)]
pub struct StoreId(pub String);

macro_rules! text_id {
    ($($name:ident),*) => {$(
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    )*};
}
text_id!(CustomerId, Sku, StoreId);

/// A position in the server's event log: grows in the order of commits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(as = "f64"))]
#[serde(transparent)]
pub struct Cursor(pub i64);

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
