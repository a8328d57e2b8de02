use async_trait::async_trait;
use protocol::ids::CustomerId;
use sqlx::sqlite::SqliteRow;

use super::{
    SqliteTx,
    column::{Columns as _, failed, from_json, json},
};
use crate::{
    Result,
    records::{CustomerRead, CustomerRecord, CustomerWrite},
};

pub(super) fn customer(row: &SqliteRow) -> Result<CustomerRecord> {
    Ok(CustomerRecord {
        id: CustomerId(row.text("customer_id")?),
        name: row.text("name")?,
        age: row.integer_or_none("age")?.and_then(|age| u16::try_from(age).ok()),
        gender: row.text("gender")?,
        phone: row.text("phone")?,
        city: row.text("city")?,
        building_name: row.text("building_name")?,
        address_landmark: row.text("address_landmark")?,
        loyalty_tier: row.text("loyalty_tier")?,
        loyalty_points: row.integer("loyalty_points")?,
        device_preference: row.text("device_preference")?,
        total_spend_minor: row.integer("total_spend_minor")?,
        items_purchased: row.integer("items_purchased")?,
        average_rating: row.real("average_rating")?,
        days_since_last_purchase: row.integer("days_since_last_purchase")?,
        satisfaction: row.text("satisfaction")?,
        purchase_history: from_json("purchase history", &row.text("purchase_history")?)?,
    })
}

#[async_trait]
impl CustomerRead for SqliteTx {
    async fn customer(&mut self, id: &CustomerId) -> Result<Option<CustomerRecord>> {
        if let Some(customer) = self.ahead.customer(id) {
            return customer;
        }
        let row = sqlx::query("SELECT * FROM customers WHERE customer_id = ?")
            .bind(&id.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(customer).transpose()
    }

    async fn customer_by_phone(&mut self, phone: &str) -> Result<Option<CustomerRecord>> {
        let row = sqlx::query("SELECT * FROM customers WHERE phone = ? AND phone <> ''")
            .bind(phone)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(customer).transpose()
    }

    async fn customers_without_password(&mut self) -> Result<Vec<CustomerRecord>> {
        let rows = sqlx::query(
            "SELECT customers.* FROM customers LEFT JOIN accounts ON accounts.customer_id = customers.customer_id \
             WHERE accounts.password_hash IS NULL AND customers.phone <> '' ORDER BY length(customers.customer_id), customers.customer_id",
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        rows.iter().map(customer).collect()
    }

    async fn customer_count(&mut self) -> Result<u64> {
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM customers").fetch_one(self.connection()).await.map_err(failed)?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    async fn list_customers(&mut self, limit: u32, offset: u32) -> Result<Vec<CustomerRecord>> {
        let rows = sqlx::query("SELECT * FROM customers ORDER BY length(customer_id), customer_id LIMIT ? OFFSET ?")
            .bind(limit)
            .bind(offset)
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        rows.iter().map(customer).collect()
    }

    async fn customer_by_telegram_chat(&mut self, chat_id: &str) -> Result<Option<CustomerRecord>> {
        let row = sqlx::query(
            "SELECT customers.* FROM customers JOIN telegram_chats ON telegram_chats.customer_id = customers.customer_id WHERE chat_id = ?",
        )
        .bind(chat_id)
        .fetch_optional(self.connection())
        .await
        .map_err(failed)?;
        row.as_ref().map(customer).transpose()
    }
}

#[async_trait]
impl CustomerWrite for SqliteTx {
    async fn next_customer_id(&mut self) -> Result<CustomerId> {
        let number: i64 = sqlx::query_scalar("UPDATE customer_numbers SET highest = highest + 1 RETURNING highest")
            .fetch_one(self.connection())
            .await
            .map_err(failed)?;
        Ok(CustomerId(number.to_string()))
    }

    async fn put_customer(&mut self, customer: &CustomerRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO customers (customer_id, name, age, gender, phone, city, building_name, address_landmark, loyalty_tier, \
             loyalty_points, device_preference, total_spend_minor, items_purchased, average_rating, days_since_last_purchase, satisfaction, \
             purchase_history) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (customer_id) DO UPDATE SET name = excluded.name, age = excluded.age, gender = excluded.gender, \
             phone = excluded.phone, city = excluded.city, building_name = excluded.building_name, \
             address_landmark = excluded.address_landmark, loyalty_tier = excluded.loyalty_tier, loyalty_points = excluded.loyalty_points, \
             device_preference = excluded.device_preference, total_spend_minor = excluded.total_spend_minor, \
             items_purchased = excluded.items_purchased, average_rating = excluded.average_rating, \
             days_since_last_purchase = excluded.days_since_last_purchase, satisfaction = excluded.satisfaction, \
             purchase_history = excluded.purchase_history",
        )
        .bind(&customer.id.0)
        .bind(&customer.name)
        .bind(customer.age)
        .bind(&customer.gender)
        .bind(&customer.phone)
        .bind(&customer.city)
        .bind(&customer.building_name)
        .bind(&customer.address_landmark)
        .bind(&customer.loyalty_tier)
        .bind(customer.loyalty_points)
        .bind(&customer.device_preference)
        .bind(customer.total_spend_minor)
        .bind(customer.items_purchased)
        .bind(customer.average_rating)
        .bind(customer.days_since_last_purchase)
        .bind(&customer.satisfaction)
        .bind(json(&customer.purchase_history)?)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        if let Ok(number) = customer.id.0.parse::<i64>() {
            sqlx::query("UPDATE customer_numbers SET highest = max(highest, ?)")
                .bind(number)
                .execute(self.connection())
                .await
                .map_err(failed)?;
        }
        Ok(())
    }

    async fn link_telegram_chat(&mut self, chat_id: &str, customer: &CustomerId) -> Result<()> {
        sqlx::query(
            "INSERT INTO telegram_chats (chat_id, customer_id) VALUES (?, ?) ON CONFLICT (chat_id) DO UPDATE SET customer_id = excluded.customer_id",
        )
        .bind(chat_id)
        .bind(&customer.0)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }
}
