//! The shop as its customers see it: name, theme, languages, stores.

use serde::{Deserialize, Serialize};

use crate::ids::{Sku, StoreId};

/// The colours of a shop, as CSS colours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Theme {
    /// The one accent.
    pub accent: String,
    /// Text on the accent.
    pub accent_ink: String,
    /// Background.
    pub paper: String,
    /// Text.
    pub ink: String,
}

impl Default for Theme {
    fn default() -> Self {
        Self { accent: "#1f4d3f".into(), accent_ink: "#ffffff".into(), paper: "#faf7f0".into(), ink: "#1c1b19".into() }
    }
}

/// A language tag of the shop's screens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Hindi.
    Hi,
    /// Spanish.
    Es,
    /// Arabic, written from right to left.
    Ar,
}

/// A shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Shop {
    /// As it stands over the door.
    pub name: String,
    /// ISO 3166-1 alpha-2; phone numbers without a country code belong here.
    pub country: String,
    /// ISO 4217.
    pub currency: String,
    /// IANA name.
    pub time_zone: String,
    /// Languages of the screens, the first being the shop's own.
    pub languages: Vec<Locale>,
    /// Colours.
    pub theme: Theme,
    /// Products for the attract screen.
    pub featured: Vec<Sku>,
}

/// One of the shop's stores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Store {
    /// Its id.
    pub store_id: StoreId,
    /// Its name.
    pub name: String,
    /// Its city.
    pub city: String,
    /// Street and number.
    pub address: String,
    /// As written on the door, such as `10:00-21:30`.
    pub opening_hours: String,
}
