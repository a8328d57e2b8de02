//! Points, coupons and promotions.

use std::collections::BTreeMap;

use async_trait::async_trait;
use protocol::{Timestamp, ids::CustomerId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Result;

/// A coupon. Each customer uses it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CouponRecord {
    /// In upper case.
    pub code: String,
    /// 1 to 100.
    pub discount_percent: u32,
    /// In the smallest unit of the shop's currency.
    pub min_purchase_minor: i64,
    /// For people.
    pub description: String,
}

/// A promotion at certain hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromotionRecord {
    /// What it is called; no other is called so.
    pub name: String,
    /// 1 to 100.
    pub discount_percent: u32,
    /// In the smallest unit of the shop's currency.
    pub min_purchase_minor: i64,
    /// 1 (Monday) to 7; none for every day.
    pub days: Vec<u8>,
    /// Minutes after midnight in the shop's time.
    pub from_minute: u32,
    /// Up to here, not included; at or before `from_minute` it is on the next day.
    pub until_minute: u32,
    /// Products of this category only.
    pub category: Option<String>,
    /// For people.
    pub description: String,
}

/// What the shop gives for loyalty, beyond the limits of the tiers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoyaltyRules {
    /// One point for each so much spent, in whole units of the shop's currency.
    pub spend_per_point: u32,
    /// By the tier's name.
    #[serde(default)]
    pub tiers: BTreeMap<String, TierRules>,
}

impl Default for LoyaltyRules {
    fn default() -> Self {
        Self { spend_per_point: 10, tiers: BTreeMap::new() }
    }
}

/// What a tier gives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TierRules {
    /// Off every cart, 0 to 100.
    pub discount_percent: u32,
    /// More points for each purchase, in percent.
    pub bonus_percent: u32,
    /// For people and clients.
    pub benefits: Map<String, Value>,
}

/// A change of a customer's points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointChange {
    /// Whose.
    pub customer_id: CustomerId,
    /// Negative where points are spent.
    pub points: i64,
    /// Such as `purchase`.
    pub reason: String,
    /// The order it is for; an order is credited once.
    pub order_id: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Questions about loyalty.
#[async_trait]
pub trait LoyaltyRead {
    /// The shop's rules, where it has any of its own.
    async fn loyalty_rules(&mut self) -> Result<Option<LoyaltyRules>>;
    /// The coupon of that code, in upper case.
    async fn coupon(&mut self, code: &str) -> Result<Option<CouponRecord>>;
    /// Every coupon, in order of code.
    async fn coupons(&mut self) -> Result<Vec<CouponRecord>>;
    /// Whether the customer used the coupon.
    async fn has_used_coupon(&mut self, code: &str, customer: &CustomerId) -> Result<bool>;
    /// Every promotion, in order of name.
    async fn promotions(&mut self) -> Result<Vec<PromotionRecord>>;
}

/// Changes of loyalty.
#[async_trait]
pub trait LoyaltyWrite {
    /// Keeps or replaces the shop's rules.
    async fn put_loyalty_rules(&mut self, rules: &LoyaltyRules) -> Result<()>;
    /// Keeps or replaces the coupon of that code.
    async fn put_coupon(&mut self, coupon: &CouponRecord) -> Result<()>;
    /// Forgets every coupon whose code is not among `codes`.
    async fn keep_coupons(&mut self, codes: &[String]) -> Result<()>;
    /// Notes that the customer used the coupon; a second time is refused as a duplicate.
    async fn use_coupon(&mut self, code: &str, customer: &CustomerId, at: Timestamp) -> Result<()>;
    /// Keeps or replaces the promotion of that name.
    async fn put_promotion(&mut self, promotion: &PromotionRecord) -> Result<()>;
    /// Forgets every promotion whose name is not among `names`.
    async fn keep_promotions(&mut self, names: &[String]) -> Result<()>;
    /// Changes a customer's points and answers the new balance, or none where it would be negative or there is no such
    /// customer; then nothing is changed. A second change for the same order is refused as a duplicate.
    async fn change_points(&mut self, change: &PointChange) -> Result<Option<i64>>;
    /// Replaces the customer's tier.
    async fn set_tier(&mut self, customer: &CustomerId, tier: &str) -> Result<()>;
}
