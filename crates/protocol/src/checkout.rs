//! Placing an order and telling what became of its payment.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Map, Value};

use crate::{Timestamp, ids::Sku, session::text_or_number};

/// `POST /api/checkout`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckoutRequest {
    /// A hint; whose order it is, the session says.
    #[serde(default, deserialize_with = "text_or_number")]
    pub customer_id: Option<String>,
    /// 1 to 100 lines.
    pub items: Vec<CheckoutItem>,
    /// How it will be paid.
    pub payment_method: PaymentChoice,
    /// `city`, `landmark`, `building`; without it, the address of the session or of the customer.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub shipping_address: Option<Map<String, Value>>,
    /// In place of the header `X-Session-Token`. Secret.
    #[serde(default)]
    pub session_token: Option<String>,
}

impl std::fmt::Debug for CheckoutRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckoutRequest").field("items", &self.items).finish_non_exhaustive()
    }
}

/// What is bought. Prices are the catalogue's; one that is sent is ignored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckoutItem {
    /// The product.
    #[serde(alias = "SKU", alias = "product_id")]
    pub sku: Sku,
    /// 1 to 99.
    #[serde(default = "one", alias = "qty")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 99))]
    pub quantity: i64,
}

fn one() -> i64 {
    1
}

/// How an order will be paid. Nothing but the kind is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentChoice {
    /// Which; `method` is read as well.
    #[serde(rename = "type", alias = "method")]
    pub kind: PaymentMethod,
}

/// Ways to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PaymentMethod {
    /// A card.
    Card,
    /// The Indian payments interface.
    Upi,
    /// A bank's site.
    Netbanking,
    /// A wallet.
    Wallet,
    /// Money at the door.
    CashOnDelivery,
}

impl PaymentMethod {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Upi => "upi",
            Self::Netbanking => "netbanking",
            Self::Wallet => "wallet",
            Self::CashOnDelivery => "cash_on_delivery",
        }
    }

    /// The way of that name, as clients spell it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().replace([' ', '-'], "_").as_str() {
            "card" | "credit_card" | "debit_card" => Some(Self::Card),
            "upi" => Some(Self::Upi),
            "netbanking" | "net_banking" | "bank_transfer" => Some(Self::Netbanking),
            "wallet" => Some(Self::Wallet),
            "cash_on_delivery" | "cod" | "cash" => Some(Self::CashOnDelivery),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for PaymentMethod {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::parse(&name).ok_or_else(|| D::Error::custom("a known way to pay is expected"))
    }
}

/// Answer of checkout.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckoutResponse {
    /// Whether the order stands.
    pub status: CheckoutStatus,
    /// The order, where it stands.
    pub order_id: Option<String>,
    /// How far it came.
    pub steps: CheckoutSteps,
    /// `Order placed successfully` or `Order failed`.
    pub message: String,
    /// What is to be paid, in `currency`.
    pub total_amount: f64,
    /// In the smallest unit.
    pub total_amount_minor: i64,
    /// ISO 4217.
    pub currency: String,
}

/// Whether an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CheckoutStatus {
    /// It is placed.
    Completed,
    /// Too few pieces are free; nothing was changed.
    Failed,
}

/// How far an order came, step by step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckoutSteps {
    /// Are the pieces free?
    pub verify_inventory: InventoryStep,
    /// Nobody else can have them.
    pub holds: HoldsStep,
    /// What is to be paid.
    pub payment: PaymentStep,
    /// The order is kept.
    pub orders_csv: PlainStep,
    /// The pieces are on their way.
    pub fulfillment: PlainStep,
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum StepStatus {
    /// Done.
    Completed,
    /// Somebody else does it later.
    Pending,
    /// It could not be done.
    Failed,
    /// A step before it failed.
    Skipped,
}

/// Are the pieces free?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InventoryStep {
    /// How it stands.
    pub status: StepStatus,
    /// Each product.
    pub items: Vec<CheckedItem>,
}

/// A product that was looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckedItem {
    /// The product.
    pub sku: Sku,
    /// Pieces wanted.
    pub quantity: u32,
    /// Whether so many were free.
    pub available: bool,
}

/// Nobody else can have the pieces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldsStep {
    /// How it stands.
    pub status: StepStatus,
    /// Such as `hold-` and a uuid.
    pub hold_ids: Vec<String>,
    /// The pieces wait for their payment until here; afterwards anybody can have them.
    pub expires_at: Option<Timestamp>,
}

/// What is to be paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentStep {
    /// How it stands; a placed order waits for its payment.
    pub status: StepStatus,
    /// For `POST /api/post-payment`.
    pub payment_id: Option<String>,
    /// How.
    pub method: PaymentMethod,
}

/// A step that has nothing else to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlainStep {
    /// How it stands.
    pub status: StepStatus,
}

/// `POST /api/post-payment`, from a service that handles payments.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostPaymentRequest {
    /// Of checkout.
    pub order_id: String,
    /// Whose order it is.
    #[serde(default, deserialize_with = "text_or_number")]
    pub customer_id: Option<String>,
    /// Not needed; the payments service has a key of its own. Secret.
    #[serde(default)]
    pub session_token: Option<String>,
    /// In the shop's currency; must be the order's total.
    pub amount_paid: f64,
    /// Of checkout.
    pub payment_id: String,
    /// What the service calls it.
    #[serde(default)]
    pub transaction_id: Option<String>,
    /// What became of it; default `completed`.
    #[serde(default)]
    pub status: Option<PaymentOutcome>,
}

impl std::fmt::Debug for PostPaymentRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostPaymentRequest").field("order_id", &self.order_id).finish_non_exhaustive()
    }
}

/// What became of a payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PaymentOutcome {
    /// It was paid.
    #[default]
    Completed,
    /// It was not, and will not be.
    Failed,
}

/// Answer of post-payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostPaymentResponse {
    /// Always `success`: what was told is kept.
    pub status: String,
    /// The order.
    pub order_id: String,
    /// A sentence.
    pub message: String,
    /// Whether the order goes on.
    pub processing_started: bool,
    /// What was done here: `inventory` (the pieces left the shop, or are free again), `post_purchase` (the purchase stands in the
    /// customer's record).
    pub agents_triggered: Vec<String>,
    /// What became of the payment.
    pub payment_status: PaymentOutcome,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_pay_are_read_as_clients_spell_them() {
        for (typed, method) in [
            ("card", PaymentMethod::Card),
            ("Credit Card", PaymentMethod::Card),
            ("UPI", PaymentMethod::Upi),
            ("net-banking", PaymentMethod::Netbanking),
            ("COD", PaymentMethod::CashOnDelivery),
        ] {
            assert_eq!(PaymentMethod::parse(typed), Some(method), "{typed}");
            assert_eq!(PaymentMethod::parse(method.as_str()), Some(method));
            assert_eq!(serde_json::to_value(method).unwrap(), method.as_str());
        }
        for typed in ["", "gold", "card; drop table payments"] {
            assert_eq!(PaymentMethod::parse(typed), None, "{typed}");
        }
    }
}
