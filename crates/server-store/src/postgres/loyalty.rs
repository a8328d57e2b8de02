use async_trait::async_trait;
use protocol::{Timestamp, ids::CustomerId};
use sqlx::postgres::PgRow;

use super::{
    PostgresTx,
    column::{Columns as _, clean, clean_or_none, failed, instant, json, one_row},
};
use crate::{
    Result, StoreError,
    records::{CouponRecord, LoyaltyRead, LoyaltyRules, LoyaltyWrite, PointChange, PromotionRecord},
};

fn small(row: &PgRow, column: &'static str) -> Result<u32> {
    u32::try_from(row.integer(column)?).map_err(|error| StoreError::Unreadable { what: column, cause: error.to_string() })
}

fn coupon(row: &PgRow) -> Result<CouponRecord> {
    Ok(CouponRecord {
        code: row.text("code")?,
        discount_percent: small(row, "discount_percent")?,
        min_purchase_minor: row.integer("min_purchase_minor")?,
        description: row.text("description")?,
    })
}

fn promotion(row: &PgRow) -> Result<PromotionRecord> {
    Ok(PromotionRecord {
        name: row.text("name")?,
        discount_percent: small(row, "discount_percent")?,
        min_purchase_minor: row.integer("min_purchase_minor")?,
        days: row.json("days", "days")?,
        from_minute: small(row, "from_minute")?,
        until_minute: small(row, "until_minute")?,
        category: row.text_or_none("category")?,
        description: row.text("description")?,
    })
}

#[async_trait]
impl LoyaltyRead for PostgresTx {
    async fn loyalty_rules(&mut self) -> Result<Option<LoyaltyRules>> {
        let row = sqlx::query("SELECT body FROM loyalty_rules").fetch_optional(self.connection()).await.map_err(failed)?;
        row.map(|row| row.json("loyalty rules", "body")).transpose()
    }

    async fn coupon(&mut self, code: &str) -> Result<Option<CouponRecord>> {
        let row = sqlx::query("SELECT * FROM coupons WHERE code = $1")
            .bind(clean(code))
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(coupon).transpose()
    }

    async fn coupons(&mut self) -> Result<Vec<CouponRecord>> {
        let rows = sqlx::query("SELECT * FROM coupons ORDER BY code").fetch_all(self.connection()).await.map_err(failed)?;
        rows.iter().map(coupon).collect()
    }

    async fn has_used_coupon(&mut self, code: &str, customer: &CustomerId) -> Result<bool> {
        let used: i64 = sqlx::query_scalar("SELECT count(*) FROM coupon_uses WHERE code = $1 AND customer_id = $2")
            .bind(clean(code))
            .bind(clean(&customer.0))
            .fetch_one(self.connection())
            .await
            .map_err(failed)?;
        Ok(used > 0)
    }

    async fn promotions(&mut self) -> Result<Vec<PromotionRecord>> {
        let rows = sqlx::query("SELECT * FROM promotions ORDER BY name").fetch_all(self.connection()).await.map_err(failed)?;
        rows.iter().map(promotion).collect()
    }
}

#[async_trait]
impl LoyaltyWrite for PostgresTx {
    async fn put_loyalty_rules(&mut self, rules: &LoyaltyRules) -> Result<()> {
        sqlx::query("INSERT INTO loyalty_rules (one, body) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET body = excluded.body")
            .bind(json(rules)?)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn put_coupon(&mut self, coupon: &CouponRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO coupons (code, discount_percent, min_purchase_minor, description) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (code) DO UPDATE SET discount_percent = excluded.discount_percent, \
             min_purchase_minor = excluded.min_purchase_minor, description = excluded.description",
        )
        .bind(clean(&coupon.code))
        .bind(i64::from(coupon.discount_percent))
        .bind(coupon.min_purchase_minor)
        .bind(clean(&coupon.description))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn keep_coupons(&mut self, codes: &[String]) -> Result<()> {
        let codes: Vec<String> = codes.iter().map(|code| clean(code).into_owned()).collect();
        sqlx::query("DELETE FROM coupons WHERE code <> ALL ($1)").bind(codes).execute(self.connection()).await.map_err(failed)?;
        Ok(())
    }

    async fn use_coupon(&mut self, code: &str, customer: &CustomerId, at: Timestamp) -> Result<()> {
        sqlx::query("INSERT INTO coupon_uses (code, customer_id, at) VALUES ($1, $2, $3)")
            .bind(clean(code))
            .bind(clean(&customer.0))
            .bind(instant(at))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn put_promotion(&mut self, promotion: &PromotionRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO promotions (name, discount_percent, min_purchase_minor, days, from_minute, until_minute, category, description) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name) DO UPDATE SET discount_percent = excluded.discount_percent, \
             min_purchase_minor = excluded.min_purchase_minor, days = excluded.days, from_minute = excluded.from_minute, \
             until_minute = excluded.until_minute, category = excluded.category, description = excluded.description",
        )
        .bind(clean(&promotion.name))
        .bind(i64::from(promotion.discount_percent))
        .bind(promotion.min_purchase_minor)
        .bind(json(&promotion.days)?)
        .bind(i64::from(promotion.from_minute))
        .bind(i64::from(promotion.until_minute))
        .bind(clean_or_none(promotion.category.as_deref()))
        .bind(clean(&promotion.description))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn keep_promotions(&mut self, names: &[String]) -> Result<()> {
        let names: Vec<String> = names.iter().map(|name| clean(name).into_owned()).collect();
        sqlx::query("DELETE FROM promotions WHERE name <> ALL ($1)")
            .bind(names)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn change_points(&mut self, change: &PointChange) -> Result<Option<i64>> {
        let balance: Option<i64> = sqlx::query_scalar(
            "UPDATE customers SET loyalty_points = loyalty_points + $1 WHERE customer_id = $2 AND loyalty_points + $1 >= 0 \
             RETURNING loyalty_points",
        )
        .bind(change.points)
        .bind(clean(&change.customer_id.0))
        .fetch_optional(self.connection())
        .await
        .map_err(failed)?;
        let Some(balance) = balance else { return Ok(None) };
        sqlx::query(
            "INSERT INTO point_changes (customer_id, points, balance, reason, order_id, at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(clean(&change.customer_id.0))
        .bind(change.points)
        .bind(balance)
        .bind(clean(&change.reason))
        .bind(clean_or_none(change.order_id.as_deref()))
        .bind(instant(change.at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(Some(balance))
    }

    async fn set_tier(&mut self, customer: &CustomerId, tier: &str) -> Result<()> {
        let result = sqlx::query("UPDATE customers SET loyalty_tier = $1 WHERE customer_id = $2")
            .bind(clean(tier))
            .bind(clean(&customer.0))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        one_row(&result)
    }
}
