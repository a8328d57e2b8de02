//! What happens to points and coupons. Everything is checked before anything changes, in one transaction.

use protocol::{ApiError, ErrorCode, Timestamp, ids::CustomerId};
use server_store::{
    ReadTx, StoreError,
    records::{CouponRecord, CustomerRecord, LoyaltyRules, PointChange, PromotionRecord},
};

use super::{promotion, tier};
use crate::{
    catalogue,
    http::Failure,
    money::{decimals, shown},
    transaction::Tx,
};

/// Why points and coupons stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum LoyaltyError {
    /// No such customer, or somebody else.
    #[error("Customer not found")]
    CustomerNotFound,
    /// No such coupon.
    #[error("Invalid coupon code")]
    InvalidCoupon,
    /// The cart is too small for the coupon; the least total, for people.
    #[error("Minimum purchase of {0} required for this coupon")]
    BelowMinimum(String),
    /// The customer used it before.
    #[error("You have already used this coupon")]
    CouponUsed,
    /// Too few points.
    #[error("Insufficient points. You have {0} points.")]
    InsufficientPoints(i64),
    /// The order was credited before.
    #[error("This order was credited already.")]
    CreditedBefore,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<LoyaltyError> for Failure {
    fn from(error: LoyaltyError) -> Self {
        let code = match &error {
            LoyaltyError::CustomerNotFound => ErrorCode::CustomerNotFound,
            LoyaltyError::InvalidCoupon => ErrorCode::InvalidCoupon,
            LoyaltyError::BelowMinimum(_) | LoyaltyError::CouponUsed => ErrorCode::CouponNotApplicable,
            LoyaltyError::InsufficientPoints(_) => ErrorCode::InsufficientPoints,
            LoyaltyError::CreditedBefore => ErrorCode::Conflict,
            LoyaltyError::Store(_) => match error {
                LoyaltyError::Store(error) => return error.into(),
                other => return Self::internal(other),
            },
        };
        Self::from(ApiError::new(code, error.to_string()))
    }
}

/// `percent` of an amount, rounded to the nearest unit.
#[must_use]
pub fn share(minor: i64, percent: u32) -> i64 {
    minor.saturating_mul(percent.into()).saturating_add(50) / 100
}

/// The smallest units of one point, which is one unit of the currency.
#[must_use]
pub fn point_value(currency: &str) -> i64 {
    10_i64.pow(decimals(currency))
}

/// The shop's rules.
///
/// # Errors
/// The store failed.
pub async fn rules(tx: &mut dyn ReadTx) -> Result<LoyaltyRules, StoreError> {
    Ok(tx.loyalty_rules().await?.unwrap_or_default())
}

/// Points of a purchase by the shop's one rule, and more for the tier.
#[must_use]
pub fn earned(rules: &LoyaltyRules, spent_minor: i64, currency: &str, points_before: i64) -> (i64, i64) {
    let per_point = i64::from(rules.spend_per_point.max(1)).saturating_mul(point_value(currency));
    let points = spent_minor / per_point;
    let bonus = rules.tiers.get(tier::of(points_before)).map_or(0, |tier| points * i64::from(tier.bonus_percent) / 100);
    (points, bonus)
}

/// Gives points; answers the new balance. The tier follows the points.
///
/// # Errors
/// No such customer, or the order was credited before.
pub async fn credit(
    tx: &mut Tx,
    customer: &CustomerId,
    points: i64,
    reason: &str,
    order_id: Option<String>,
) -> Result<i64, LoyaltyError> {
    let at = tx.now();
    let change = PointChange { customer_id: customer.clone(), points, reason: reason.to_owned(), order_id, at };
    let balance = match tx.change_points(&change).await {
        Err(StoreError::Duplicate) => return Err(LoyaltyError::CreditedBefore),
        result => result?.ok_or(LoyaltyError::CustomerNotFound)?,
    };
    tx.set_tier(customer, tier::of(balance)).await?;
    Ok(balance)
}

/// A coupon by its code, in any case.
///
/// # Errors
/// The store failed.
pub async fn coupon(tx: &mut dyn ReadTx, code: &str) -> Result<Option<CouponRecord>, StoreError> {
    tx.coupon(&code.trim().to_uppercase()).await
}

/// What a cart costs after coupon and points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Off by the coupon, in the smallest unit.
    pub from_coupon: i64,
    /// Off by points, in the smallest unit.
    pub from_points: i64,
    /// What is left to pay, in the smallest unit.
    pub final_total: i64,
    /// The coupon, in upper case.
    pub coupon: Option<String>,
    /// Points that went.
    pub points_used: i64,
    /// Points after it.
    pub points_remaining: i64,
}

/// Uses a coupon and points up for a cart. Never more points than the total needs.
///
/// # Errors
/// One of them does not fit; then nothing was used up.
pub async fn apply(
    tx: &mut Tx,
    customer: &CustomerRecord,
    total: i64,
    code: Option<&str>,
    points: i64,
) -> Result<Applied, LoyaltyError> {
    let currency = catalogue::currency(tx.reader()).await?;
    let coupon = match code {
        Some(code) => {
            let coupon = coupon(tx.reader(), code).await?.ok_or(LoyaltyError::InvalidCoupon)?;
            if total < coupon.min_purchase_minor {
                return Err(LoyaltyError::BelowMinimum(shown(coupon.min_purchase_minor, &currency)));
            }
            if tx.has_used_coupon(&coupon.code, &customer.id).await? {
                return Err(LoyaltyError::CouponUsed);
            }
            Some(coupon)
        }
        None => None,
    };
    if points > customer.loyalty_points {
        return Err(LoyaltyError::InsufficientPoints(customer.loyalty_points));
    }
    let from_coupon = coupon.as_ref().map_or(0, |coupon| share(total, coupon.discount_percent).min(total));
    let left = total - from_coupon;
    let value = point_value(&currency);
    let points_used = points.min(left.saturating_add(value - 1) / value);
    let from_points = points_used.saturating_mul(value).min(left);
    let now = tx.now();
    if let Some(coupon) = &coupon {
        match tx.use_coupon(&coupon.code, &customer.id, now).await {
            Err(StoreError::Duplicate) => return Err(LoyaltyError::CouponUsed),
            result => result?,
        }
    }
    let points_remaining = if points_used > 0 {
        let spent = credit(tx, &customer.id, -points_used, "redeemed", None).await;
        match spent {
            // Somebody spent them in between.
            Err(LoyaltyError::CustomerNotFound) => return Err(LoyaltyError::InsufficientPoints(customer.loyalty_points)),
            balance => balance?,
        }
    } else {
        customer.loyalty_points
    };
    Ok(Applied {
        from_coupon,
        from_points,
        final_total: left - from_points,
        coupon: coupon.map(|coupon| coupon.code),
        points_used,
        points_remaining,
    })
}

/// The promotions that run now.
///
/// # Errors
/// The store failed.
pub async fn active_promotions(tx: &mut dyn ReadTx, now: Timestamp) -> Result<Vec<PromotionRecord>, StoreError> {
    promotion::active(tx, now).await
}

/// The promotions that run now and fit a cart, with what each saves, the best first. One for a category fits a cart that is
/// said to be of that category.
///
/// # Errors
/// The store failed.
pub async fn fitting_promotions(
    tx: &mut dyn ReadTx,
    now: Timestamp,
    total: i64,
    category: Option<&str>,
) -> Result<Vec<(PromotionRecord, i64)>, StoreError> {
    let fits = |promotion: &PromotionRecord| {
        total >= promotion.min_purchase_minor
            && promotion.category.as_ref().is_none_or(|own| category.is_some_and(|category| own.eq_ignore_ascii_case(category)))
    };
    let running = promotion::active(tx, now).await?.into_iter().filter(fits);
    let mut fitting: Vec<(PromotionRecord, i64)> = running
        .map(|promotion| {
            let savings = share(total, promotion.discount_percent).min(total);
            (promotion, savings)
        })
        .collect();
    fitting.sort_by_key(|(_, savings)| std::cmp::Reverse(*savings));
    Ok(fitting)
}

/// The best coupon that fits a cart and that the customer has not used, with what it saves.
///
/// # Errors
/// The store failed.
pub async fn best_coupon(
    tx: &mut dyn ReadTx,
    customer: &CustomerId,
    total: i64,
) -> Result<Option<(CouponRecord, i64)>, StoreError> {
    let mut best: Option<(CouponRecord, i64)> = None;
    for coupon in tx.coupons().await? {
        let savings = share(total, coupon.discount_percent).min(total);
        let better = best.as_ref().is_none_or(|(_, most)| savings > *most);
        if total >= coupon.min_purchase_minor && better && !tx.has_used_coupon(&coupon.code, customer).await? {
            best = Some((coupon, savings));
        }
    }
    Ok(best)
}
