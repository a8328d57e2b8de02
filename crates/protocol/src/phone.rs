//! What the page on a customer's phone says to the server.
//!
//! The page's credential is the `HttpOnly` cookie `sessionid`; every unsafe request carries the anti-forgery token of
//! [`PhoneMe`] in `X-CSRFToken`. Opening the page changes nothing.

use serde::{Deserialize, Serialize};

use crate::{
    handoff::HandoffEnd,
    ids::ClaimId,
    kiosk_session::EndReason,
    shop::{Locale, Theme},
};

/// `POST /v1/phone/visits`. Unknown, used and expired codes get the same 404 in the same time.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct VisitRequest {
    /// The 26 characters of the address, or the eight typed letters in any spelling.
    pub code: String,
}

impl std::fmt::Debug for VisitRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VisitRequest").finish_non_exhaustive()
    }
}

/// Answer: where the customer is about to continue. The ticket is bound to this browser and reserves nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Visit {
    /// Stands for the code from now on, so that signing in may take longer than the code lives.
    pub ticket: String,
    /// Seconds left. Of no use once the handoff is over, unless the kiosk goes on with the next one.
    pub expires_in: u32,
    /// The shop's name.
    pub shop_name: String,
    /// Its colours.
    pub theme: Theme,
    /// ISO 3166-1 alpha-2 of the shop, for phone numbers without a country code.
    pub country: String,
    /// Where the kiosk stands.
    pub store_name: String,
    /// The store's city.
    pub store_city: String,
    /// The kiosk's label.
    pub kiosk_label: String,
    /// The language the kiosk shows.
    pub locale: Locale,
}

impl std::fmt::Debug for Visit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visit").field("kiosk_label", &self.kiosk_label).finish_non_exhaustive()
    }
}

/// Answer of `GET /v1/phone/me`, sign-in and sign-up. Always 200: not being signed in is no error here.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PhoneMe {
    /// Who is signed in, by first name.
    pub first_name: Option<String>,
    /// For `X-CSRFToken`.
    pub csrf_token: String,
    /// A claim of this browser that still lives, so that a reloaded page shows it again.
    pub live_claim: Option<ClaimId>,
    /// The shop's name, for a page without a visit.
    pub shop_name: String,
    /// Its colours.
    pub theme: Theme,
    /// Where else somebody can sign in.
    pub providers: Vec<SignInProvider>,
    /// Who forgot a password gets a mail.
    pub password_reset: bool,
}

/// A sign-in provider, as a button names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SignInProvider {
    /// For addresses.
    pub id: String,
    /// For people.
    pub name: String,
}

/// `POST /v1/phone/providers/{provider}/start`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ProviderStart {
    /// Links the person there to the account that is signed in here, instead of signing in. Needs `X-CSRFToken`.
    #[serde(default)]
    pub link: bool,
}

/// Answer: where the browser goes on. It comes back within ten minutes, to `/k`; `#sign-in=` says what became of it if it
/// did not sign in: `linked`, `cancelled`, `over`, `away`, `taken` (somebody else has that identity) or `failed`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ProviderAddress {
    /// An address of the provider.
    pub address: String,
}

impl std::fmt::Debug for ProviderAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProviderAddress").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for PhoneMe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PhoneMe").field("live_claim", &self.live_claim).finish_non_exhaustive()
    }
}

/// `POST /v1/phone/sign-in`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PhoneSignIn {
    /// In any spelling; an e-mail does as well.
    pub phone_number: String,
    /// As typed.
    pub password: String,
}

/// `POST /v1/phone/sign-up`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PhoneSignUp {
    /// Full name.
    pub name: String,
    /// In any spelling.
    pub phone_number: String,
    /// As typed.
    pub password: String,
}

impl std::fmt::Debug for PhoneSignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PhoneSignIn").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for PhoneSignUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PhoneSignUp").finish_non_exhaustive()
    }
}

/// `POST /v1/phone/claims`: Continue.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ClaimRequest {
    /// Of the visit.
    pub ticket: String,
}

impl std::fmt::Debug for ClaimRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClaimRequest").finish_non_exhaustive()
    }
}

/// Answer of a claim: what the phone shows until the next event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Claim {
    /// Its id.
    pub claim_id: ClaimId,
    /// Where.
    pub store_name: String,
    /// Where.
    pub kiosk_label: String,
    /// The first state.
    pub state: ClaimState,
}

/// A claim as the phone sees it; also each event of its stream.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ClaimState {
    /// The customer types these digits on the kiosk.
    Digits {
        /// Two digits, 10 to 99.
        digits: String,
        /// Seconds left.
        expires_in: u32,
    },
    /// Signed in on the kiosk.
    Live,
    /// The session on the kiosk is over.
    Ended {
        /// Why.
        reason: EndReason,
    },
    /// It never came to a session.
    Failed {
        /// Why.
        reason: HandoffEnd,
    },
}

impl std::fmt::Debug for ClaimState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Digits { .. } => "Digits",
            Self::Live => "Live",
            Self::Ended { .. } => "Ended",
            Self::Failed { .. } => "Failed",
        })
    }
}
