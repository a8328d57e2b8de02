use async_trait::async_trait;
use protocol::{
    Timestamp,
    account::Preferences,
    ids::{AccountId, CustomerId},
};
use sqlx::sqlite::SqliteRow;

use super::{
    SqliteTx,
    column::{Columns as _, failed, from_json, json, micros, one_row},
};
use crate::{
    Result,
    records::{AccountRead, AccountRecord, AccountWrite},
};

fn account(row: &SqliteRow) -> Result<AccountRecord> {
    Ok(AccountRecord {
        id: AccountId(row.uuid("account_id")?),
        phone: row.text_or_none("phone")?,
        phone_verified: row.flag("phone_verified")?,
        email: row.text_or_none("email")?,
        email_verified: row.flag("email_verified")?,
        pending_email: row.text_or_none("pending_email")?,
        display_name: row.text("display_name")?,
        password_hash: row.text_or_none("password_hash")?,
        preferences: from_json("preferences", &row.text("preferences")?)?,
        customer_id: row.text_or_none("customer_id")?.map(CustomerId),
        created_at: row.at("created_at")?,
        updated_at: row.at("updated_at")?,
    })
}

#[async_trait]
impl AccountRead for SqliteTx {
    async fn account(&mut self, id: AccountId) -> Result<Option<AccountRecord>> {
        let row = sqlx::query("SELECT * FROM accounts WHERE account_id = ?")
            .bind(id.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(account).transpose()
    }

    async fn account_by_phone(&mut self, phone: &str) -> Result<Option<AccountRecord>> {
        let row = sqlx::query("SELECT * FROM accounts WHERE phone = ?")
            .bind(phone)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(account).transpose()
    }

    async fn account_by_email(&mut self, email: &str) -> Result<Option<AccountRecord>> {
        let row = sqlx::query("SELECT * FROM accounts WHERE email = ?")
            .bind(email)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(account).transpose()
    }

    async fn account_of_customer(&mut self, customer: &CustomerId) -> Result<Option<AccountRecord>> {
        let row = sqlx::query("SELECT * FROM accounts WHERE customer_id = ?")
            .bind(&customer.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(account).transpose()
    }

    async fn slowest_foreign_hashes(&mut self) -> Result<Vec<String>> {
        // Both texts hold their cost: `$2b$12$…` in two digits, `pbkdf2_sha256$600000$…` as a number.
        sqlx::query_scalar(
            "SELECT password_hash FROM (SELECT password_hash FROM accounts WHERE password_hash GLOB '$2[aby]$*' \
             ORDER BY substr(password_hash, 5, 2) DESC LIMIT 1) \
             UNION ALL SELECT password_hash FROM (SELECT password_hash FROM accounts WHERE password_hash GLOB 'pbkdf2_sha256$*' \
             ORDER BY CAST(substr(password_hash, 15) AS INTEGER) DESC LIMIT 1)",
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed)
    }
}

#[async_trait]
impl AccountWrite for SqliteTx {
    async fn insert_account(&mut self, account: &AccountRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO accounts (account_id, phone, phone_verified, email, email_verified, pending_email, display_name, password_hash, \
             preferences, customer_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(account.id.0)
        .bind(&account.phone)
        .bind(account.phone_verified)
        .bind(&account.email)
        .bind(account.email_verified)
        .bind(&account.pending_email)
        .bind(&account.display_name)
        .bind(&account.password_hash)
        .bind(json(&account.preferences)?)
        .bind(account.customer_id.as_ref().map(|id| id.0.as_str()))
        .bind(micros(account.created_at))
        .bind(micros(account.updated_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn set_password_hash(&mut self, id: AccountId, hash: &str, at: Timestamp) -> Result<()> {
        let result = sqlx::query("UPDATE accounts SET password_hash = ?, updated_at = ? WHERE account_id = ?")
            .bind(hash)
            .bind(micros(at))
            .bind(id.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        one_row(&result)
    }

    async fn replace_password_hash(&mut self, id: AccountId, known: &str, hash: &str, at: Timestamp) -> Result<bool> {
        let result =
            sqlx::query("UPDATE accounts SET password_hash = ?, updated_at = ? WHERE account_id = ? AND password_hash = ?")
                .bind(hash)
                .bind(micros(at))
                .bind(id.0)
                .bind(known)
                .execute(self.connection())
                .await
                .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn set_display_name(&mut self, id: AccountId, name: &str, at: Timestamp) -> Result<()> {
        let result = sqlx::query("UPDATE accounts SET display_name = ?, updated_at = ? WHERE account_id = ?")
            .bind(name)
            .bind(micros(at))
            .bind(id.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        one_row(&result)
    }

    async fn set_email(&mut self, id: AccountId, email: &str, verified: bool, at: Timestamp) -> Result<()> {
        let result = sqlx::query(
            "UPDATE accounts SET email = ?, email_verified = ?, pending_email = NULL, updated_at = ? WHERE account_id = ?",
        )
        .bind(email)
        .bind(verified)
        .bind(micros(at))
        .bind(id.0)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        one_row(&result)
    }

    async fn set_pending_email(&mut self, id: AccountId, email: Option<&str>, at: Timestamp) -> Result<()> {
        let result = sqlx::query("UPDATE accounts SET pending_email = ?, updated_at = ? WHERE account_id = ?")
            .bind(email)
            .bind(micros(at))
            .bind(id.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        one_row(&result)
    }

    async fn set_preferences(&mut self, id: AccountId, preferences: &Preferences, at: Timestamp) -> Result<()> {
        let result = sqlx::query("UPDATE accounts SET preferences = ?, updated_at = ? WHERE account_id = ?")
            .bind(json(preferences)?)
            .bind(micros(at))
            .bind(id.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        one_row(&result)
    }

    async fn link_customer(&mut self, id: AccountId, customer: &CustomerId, at: Timestamp) -> Result<bool> {
        let result =
            sqlx::query("UPDATE accounts SET customer_id = ?, updated_at = ? WHERE account_id = ? AND customer_id IS NULL")
                .bind(&customer.0)
                .bind(micros(at))
                .bind(id.0)
                .execute(self.connection())
                .await
                .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn drop_phone(&mut self, id: AccountId, at: Timestamp) -> Result<()> {
        let result = sqlx::query("UPDATE accounts SET phone = NULL, phone_verified = 0, updated_at = ? WHERE account_id = ?")
            .bind(micros(at))
            .bind(id.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        one_row(&result)
    }
}
