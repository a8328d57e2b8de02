//! What the kiosk's screen shows. The core sends one [`View`] after each change; the page draws it and holds no business state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    ErrorCode, Timestamp,
    catalogue::{FeaturedProduct, ProductCard},
    handoff::HandoffEnd,
    ids::Sku,
    kiosk_health::KioskHealth,
    kiosk_profile::ProfileField,
    kiosk_session::EndReason,
    look_up::LookUp,
    session::{Channel, Sender},
    shop::{Locale, Theme},
};

/// One picture of the whole screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct View {
    /// Grows by one with each view.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub number: u64,
    /// Language of the screen.
    pub locale: Locale,
    /// What stands on the screen's edges.
    pub frame: Frame,
    /// The screen.
    pub screen: Screen,
    /// What lies over it.
    pub overlay: Option<Overlay>,
    /// A sentence that goes away by itself.
    pub notice: Option<Notice>,
}

/// What is the same on every screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Frame {
    /// Name over the door; empty before the first contact with the server.
    pub shop_name: String,
    /// Colours.
    pub theme: Theme,
    /// Languages to choose from.
    pub languages: Vec<Locale>,
    /// The store, once enrolled.
    pub store_name: Option<String>,
    /// As written on the door.
    pub opening_hours: Option<String>,
    /// Whether the server is in reach.
    pub online: bool,
    /// The voice.
    pub voice: VoiceView,
}

/// The voice's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct VoiceView {
    /// There is a sound device.
    pub available: bool,
    /// The customer switched it off.
    pub muted: bool,
    /// It is speaking now.
    pub speaking: bool,
}

/// The screens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Screen {
    /// The program has just begun.
    Starting,
    /// Something stands in the way that the kiosk itself tries to overcome.
    Connecting {
        /// What.
        problem: ErrorCode,
        /// What staff can look up, such as the server's address; never a secret.
        about: String,
        /// Seconds until the next try; none where only a person can help.
        retry_in: Option<u32>,
    },
    /// An operator types this code.
    Enrolling {
        /// `XXXX-XXXX`, or none while one is being fetched.
        code: Option<String>,
        /// The server's address.
        server: String,
    },
    /// Come closer.
    Attract(AttractView),
    /// The number pad.
    Matching {
        /// How many digits are typed, 0 to 2.
        typed: u8,
        /// The answer is awaited.
        checking: bool,
    },
    /// The conversation.
    Conversation(ConversationView),
    /// Goodbye.
    Goodbye {
        /// Why.
        reason: EndReason,
        /// A guest was here.
        guest: bool,
    },
}

/// The attract screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AttractView {
    /// The code, or none while a fresh one is being fetched.
    pub code: Option<CodeView>,
    /// Products to show.
    pub featured: Vec<FeaturedProduct>,
}

/// A handoff's code on the glass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CodeView {
    /// The QR as one SVG path over a grid of `size` by `size` modules, quiet zone not included.
    pub path: String,
    /// Modules per side.
    pub size: u32,
    /// Eight letters, `XXXX-XXXX`.
    pub typed: String,
    /// Where to type them, such as `shop.example/k`.
    pub address: String,
}

/// The conversation screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ConversationView {
    /// Who.
    pub who: Who,
    /// Oldest first.
    pub entries: Vec<EntryView>,
    /// The cart.
    pub cart: CartView,
    /// What the customer's profile says; none where none is shown.
    pub profile: Option<Vec<ProfileFieldView>>,
    /// The shop's answer is awaited.
    pub thinking: bool,
}

/// Who is at the kiosk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Who {
    /// Somebody unknown.
    Guest,
    /// A customer.
    Customer {
        /// First name.
        first_name: String,
        /// Bronze, Silver, Gold or Platinum.
        loyalty_tier: String,
        /// Points.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        loyalty_points: i64,
    },
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct EntryView {
    /// Stable for the life of the screen.
    pub key: String,
    /// Who wrote it.
    pub sender: Sender,
    /// The text.
    pub text: String,
    /// Where it was written.
    pub channel: Channel,
    /// When.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub at: Timestamp,
    /// How far it has come.
    pub delivery: Delivery,
    /// Products beneath it.
    pub cards: Vec<ProductCard>,
    /// When the stock on its cards was so; told while the server is out of reach.
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub stock_as_of: Option<Timestamp>,
}

/// How far an entry has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// The server has it.
    Sent,
    /// Kept on the kiosk, on its way.
    Waiting,
    /// Kept on the kiosk, which answers it by itself.
    Kept,
    /// The server refused it for good.
    Refused,
}

/// The cart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CartView {
    /// Lines in the order of adding.
    pub lines: Vec<CartLineView>,
    /// Pieces in all.
    pub quantity: u32,
    /// In the smallest unit of `currency`.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub total_minor: i64,
    /// ISO 4217.
    pub currency: String,
}

/// One line of the cart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CartLineView {
    /// The product.
    pub sku: Sku,
    /// Its name.
    pub name: String,
    /// Path of its picture on the server.
    pub image: String,
    /// Such as `size`.
    pub options: BTreeMap<String, String>,
    /// Pieces.
    pub quantity: u32,
    /// Of one piece.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub price_minor: i64,
    /// The price changed since it was added.
    pub price_changed: bool,
}

/// A field of the customer's profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ProfileFieldView {
    /// Which.
    pub field: ProfileField,
    /// What it is; none where nobody has said.
    pub value: Option<String>,
    /// What was chosen here is on its way to the server.
    pub waiting: bool,
    /// The customer has to choose between `value`, which was set elsewhere, and another one.
    pub dispute: Option<Dispute>,
}

/// The other one of two values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Dispute {
    /// What the customer chose at this kiosk; none where they cleared it.
    pub here: Option<String>,
}

/// What lies over a screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Overlay {
    /// Is anybody there?
    IdleWarning {
        /// Seconds until Goodbye.
        seconds_left: u32,
    },
    /// Staff type their PIN.
    StaffPin {
        /// Digits typed, 0 to 8.
        typed: u8,
        /// It is being checked.
        checking: bool,
        /// What became of the last one.
        answer: Option<PinAnswer>,
    },
    /// Staff see how the kiosk is doing.
    StaffDesk {
        /// None for a moment.
        health: Option<Box<KioskHealth>>,
        /// A customer is there, whose visit they can end.
        visit: bool,
        /// What they look up; none where they look at the kiosk.
        look_up: Option<LookUp>,
    },
}

/// Why a PIN does not open the staff's screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PinAnswer {
    /// It was another one.
    Wrong,
    /// Too many were wrong.
    Locked {
        /// Seconds until the next may be typed.
        seconds_left: u32,
    },
    /// The operator has set none.
    Unset,
}

/// A sentence that goes away by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    /// The handoff did not work out.
    HandoffOver {
        /// Why.
        reason: HandoffEnd,
    },
    /// Something was refused.
    Refused {
        /// Why.
        code: ErrorCode,
    },
    /// A piece is in the cart now.
    AddedToCart,
    /// What the customer chose was changed elsewhere: they are to look at both values.
    ProfileConflict,
}
