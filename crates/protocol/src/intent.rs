//! What a person at the screen wants: messages from the page to the kiosk's core.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ids::Sku, kiosk_profile::ProfileField, shop::Locale};

/// One touch, as the core understands it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Intent {
    /// Somebody is there; silences the voice, and extends a countdown.
    Touched,
    /// "More time": the idle limit becomes five minutes for this customer.
    MoreTime,
    /// Look around without signing in.
    ContinueAsGuest,
    /// A key of the number pad, 0 to 9.
    PressDigit {
        /// The digit.
        digit: u8,
    },
    /// Takes the last digit back.
    EraseDigit,
    /// Leaves the number pad.
    CancelMatch,
    /// Something to say to the shop.
    SendMessage {
        /// The text.
        text: String,
    },
    /// Puts one piece into the cart.
    AddToCart {
        /// The product.
        sku: Sku,
        /// Such as `size`.
        options: BTreeMap<String, String>,
    },
    /// Changes a cart line; 0 removes it.
    SetQuantity {
        /// The product.
        sku: Sku,
        /// Those of the line.
        options: BTreeMap<String, String>,
        /// 0 to 99.
        quantity: u32,
    },
    /// Sets a field of the profile, or clears it.
    ChangeProfile {
        /// Which.
        field: ProfileField,
        /// 1 to 20 characters.
        value: Option<String>,
    },
    /// Chooses between two values of a field.
    SettleProfile {
        /// Which.
        field: ProfileField,
        /// What was chosen at this kiosk; otherwise what was set elsewhere.
        here: bool,
    },
    /// "I'm done."
    Done,
    /// Language of the screen.
    SetLocale {
        /// Which.
        locale: Locale,
    },
    /// Voice off or on.
    SetMuted {
        /// Off.
        muted: bool,
    },
    /// Says an entry again.
    SpeakEntry {
        /// The entry's key in the view.
        key: String,
    },
    /// Try now instead of waiting.
    Retry,
    /// The corner of the screen was held: staff want in.
    OpenStaff,
    /// A key of the PIN's pad, 0 to 9.
    PressPin {
        /// The digit.
        digit: u8,
    },
    /// Takes the PIN's last digit back.
    ErasePin,
    /// The PIN is complete.
    EnterPin,
    /// Leaves the staff's screen, or their pad.
    CloseStaff,
    /// Staff look up a product; with no text, they begin to.
    LookUp {
        /// Words or a SKU, as far as they are typed.
        text: String,
    },
    /// Staff go back from the look-up to the kiosk.
    LeaveLookUp,
    /// Staff end the customer's visit.
    EndVisit,
    /// Staff start the program anew.
    StartAnew,
}
