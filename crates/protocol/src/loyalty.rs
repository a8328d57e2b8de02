//! Points, coupons and promotions. `user_id` is a customer's id.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Timestamp, ids::CustomerId};

/// Answer of `GET /loyalty/points/{user}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PointsResponse {
    /// Whose.
    pub user_id: CustomerId,
    /// Never negative.
    pub points: i64,
}

/// Answer of `GET /loyalty/tier/{user}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TierResponse {
    /// Whose.
    pub user_id: CustomerId,
    /// Never negative.
    pub points: i64,
    /// Bronze, Silver, Gold or Platinum.
    pub tier: String,
    /// What the shop gives to that tier.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub benefits: Map<String, Value>,
    /// None above Platinum.
    pub next_tier: Option<String>,
    /// 0 above Platinum.
    pub points_to_next_tier: i64,
    /// `supabase` for a known customer, `default` for an unknown one.
    pub source: String,
}

/// `POST /loyalty/add-points`. An order or an `Idempotency-Key` keeps it from being credited twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddPointsRequest {
    /// Whose.
    pub user_id: CustomerId,
    /// Above 0.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 1_000_000))]
    pub points: i64,
    /// Default `purchase`.
    #[serde(default)]
    pub reason: Option<String>,
    /// The order that the points are for.
    #[serde(default)]
    pub order_id: Option<String>,
}

/// Answer of add-points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddPointsResponse {
    /// Always true.
    pub success: bool,
    /// Whose.
    pub user_id: CustomerId,
    /// As asked for.
    pub points_added: i64,
    /// Points after it.
    pub new_balance: i64,
    /// What for.
    pub reason: String,
    /// When.
    pub timestamp: Timestamp,
}

/// Answer of `POST /loyalty/earn-from-purchase`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EarnResponse {
    /// Always true.
    pub success: bool,
    /// Whose.
    pub user_id: CustomerId,
    /// In `currency`.
    pub amount_spent: f64,
    /// In the smallest unit.
    pub amount_spent_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// By the shop's rule.
    pub points_earned: i64,
    /// More for the tier.
    pub bonus_points: i64,
    /// Both.
    pub total_points: i64,
    /// Points after it.
    pub new_balance: i64,
    /// Before it.
    pub tier_before: String,
    /// After it.
    pub tier_after: String,
    /// For people.
    pub message: String,
    /// When.
    pub timestamp: Timestamp,
}

/// Answer of `GET /loyalty/validate-coupon/{code}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CouponResponse {
    /// Whether there is such a coupon.
    pub valid: bool,
    /// In upper case.
    pub coupon_code: String,
    /// 0 where there is none.
    pub discount_percent: u32,
    /// In `currency`.
    pub min_purchase: f64,
    /// In the smallest unit.
    pub min_purchase_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// For people.
    pub message: String,
}

/// `POST /loyalty/apply`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApplyRequest {
    /// Whose.
    pub user_id: CustomerId,
    /// Above 0, in the shop's currency. Of a session's own cart, the server's own total counts.
    pub cart_total: f64,
    /// In any case.
    #[serde(default)]
    pub applied_coupon: Option<String>,
    /// From 0 up; default 0.
    #[serde(default)]
    pub loyalty_points_used: Option<i64>,
}

/// Answer of apply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApplyResponse {
    /// Always true.
    pub success: bool,
    /// In `currency`.
    pub original_total: f64,
    /// In the smallest unit.
    pub original_total_minor: i64,
    /// In `currency`.
    pub discount_from_coupon: f64,
    /// In the smallest unit.
    pub discount_from_coupon_minor: i64,
    /// In `currency`.
    pub discount_from_points: f64,
    /// In the smallest unit.
    pub discount_from_points_minor: i64,
    /// In `currency`.
    pub final_total: f64,
    /// In the smallest unit.
    pub final_total_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// In upper case.
    pub coupon_applied: Option<String>,
    /// Never more than the total needs.
    pub points_used: i64,
    /// Points after it.
    pub points_remaining: i64,
    /// For people.
    pub message: String,
}

/// `POST /loyalty/check-promotions`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckPromotionsRequest {
    /// Whose cart.
    pub user_id: CustomerId,
    /// Above 0, in the shop's currency.
    pub cart_total: f64,
    /// Of the products, where the cart is of one.
    #[serde(default)]
    pub category: Option<String>,
}

/// A promotion that fits a cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApplicablePromotion {
    /// What it is called.
    pub name: String,
    /// Percent.
    pub discount: u32,
    /// For people.
    pub condition: String,
    /// In the shop's currency.
    pub savings: f64,
    /// In the smallest unit.
    pub savings_minor: i64,
    /// ISO 4217.
    pub currency: String,
}

/// Answer of check-promotions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckPromotionsResponse {
    /// The best first.
    pub applicable_promotions: Vec<ApplicablePromotion>,
    /// The one that counts; promotions are not added up.
    pub best_promotion: Option<ApplicablePromotion>,
    /// Of the best one, in the shop's currency.
    pub total_savings: f64,
    /// In the smallest unit.
    pub total_savings_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// For people.
    pub message: String,
}

/// A promotion that runs now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActivePromotion {
    /// What it is called.
    pub name: String,
    /// Percent.
    pub discount: u32,
    /// In the shop's currency.
    pub min_purchase: f64,
    /// In the smallest unit.
    pub min_purchase_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// Products of this category only.
    pub category: Option<String>,
    /// For people.
    pub condition: String,
    /// For people.
    pub description: String,
}

/// Answer of `GET /loyalty/active-promotions`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActivePromotions {
    /// In order of name.
    pub promotions: Vec<ActivePromotion>,
    /// How many these are.
    pub active_count: u64,
    /// When that was so.
    pub timestamp: Timestamp,
}

/// `POST /loyalty/calculate-points`. Nothing is credited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalculatePointsRequest {
    /// Whose.
    pub user_id: CustomerId,
    /// Above 0, in the shop's currency.
    pub purchase_amount: f64,
    /// 1 at least.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100_000))]
    pub items_count: i64,
}

/// Answer of calculate-points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalculatePointsResponse {
    /// By the shop's rule.
    pub points_earned: i64,
    /// More for the tier.
    pub tier_bonus: i64,
    /// More for special occasions; the rule knows none.
    pub special_bonus: i64,
    /// All of them.
    pub total_points: i64,
    /// For people.
    pub message: String,
}

/// `POST /loyalty/calculate-discounts`. Nothing is used up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalculateDiscountsRequest {
    /// Whose.
    pub user_id: CustomerId,
    /// Above 0, in the shop's currency.
    pub cart_total: f64,
}

/// Answer of calculate-discounts: the tier's discount and the better of coupon and promotion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CalculateDiscountsResponse {
    /// Always true.
    pub success: bool,
    /// In `currency`.
    pub original_total: f64,
    /// In the smallest unit.
    pub original_total_minor: i64,
    /// Of the tier.
    pub tier_discount_percent: u32,
    /// In `currency`.
    pub tier_discount_amount: f64,
    /// In the smallest unit.
    pub tier_discount_amount_minor: i64,
    /// The best coupon that the customer has not used.
    pub best_coupon: Option<String>,
    /// In `currency`; 0 where the promotion is better.
    pub coupon_discount_amount: f64,
    /// In the smallest unit.
    pub coupon_discount_amount_minor: i64,
    /// The best promotion that runs now.
    pub best_promotion: Option<String>,
    /// In `currency`; 0 where the coupon is better.
    pub promotion_discount_amount: f64,
    /// In the smallest unit.
    pub promotion_discount_amount_minor: i64,
    /// In `currency`.
    pub total_discount_amount: f64,
    /// In the smallest unit.
    pub total_discount_amount_minor: i64,
    /// In `currency`.
    pub final_total: f64,
    /// In the smallest unit.
    pub final_total_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// For people.
    pub message: String,
}
