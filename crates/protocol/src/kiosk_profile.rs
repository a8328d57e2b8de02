//! What a kiosk shows of a customer's profile, and lets them change: what helps in a store, and nothing to find or reach them by.

use serde::{Deserialize, Serialize};

/// Longest value of a field, in characters.
pub const LONGEST_VALUE: usize = 20;

/// A field of the profile that a kiosk shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ProfileField {
    /// Such as `M`; `size` in the profile's preferences.
    ClothingSize,
    /// Such as `42`; `shoe_size` in the profile's preferences.
    ShoeSize,
    /// `slim`, `regular`, `relaxed`, or whatever the customer said; `fit` in the profile's preferences.
    Fit,
}

impl ProfileField {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::ClothingSize, Self::ShoeSize, Self::Fit];
}

/// What a kiosk shows of a profile. A field that nobody has said anything about is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KioskProfile {
    /// That of the whole profile: it grows by one with each change; 0 for one that is not kept.
    pub version: i64,
    /// See [`ProfileField::ClothingSize`].
    #[serde(default)]
    pub clothing_size: Option<String>,
    /// See [`ProfileField::ShoeSize`].
    #[serde(default)]
    pub shoe_size: Option<String>,
    /// See [`ProfileField::Fit`].
    #[serde(default)]
    pub fit: Option<String>,
}

impl KioskProfile {
    /// What the profile says of a field.
    #[must_use]
    pub fn get(&self, field: ProfileField) -> Option<&str> {
        match field {
            ProfileField::ClothingSize => self.clothing_size.as_deref(),
            ProfileField::ShoeSize => self.shoe_size.as_deref(),
            ProfileField::Fit => self.fit.as_deref(),
        }
    }

    /// Sets a field, or clears it.
    pub fn set(&mut self, field: ProfileField, value: Option<String>) {
        match field {
            ProfileField::ClothingSize => self.clothing_size = value,
            ProfileField::ShoeSize => self.shoe_size = value,
            ProfileField::Fit => self.fit = value,
        }
    }
}
