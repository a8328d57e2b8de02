use async_trait::async_trait;
use protocol::{
    Timestamp,
    account::Preferences,
    ids::{AccountId, CustomerId},
};
use sqlx::postgres::PgRow;

use super::{
    PostgresTx,
    column::{Columns as _, clean, clean_or_none, failed, instant, json, one_row},
};
use crate::{
    Result,
    records::{AccountRead, AccountRecord, AccountWrite},
};

fn account(row: &PgRow) -> Result<AccountRecord> {
    Ok(AccountRecord {
        id: AccountId(row.uuid("account_id")?),
        phone: row.text_or_none("phone")?,
        phone_verified: row.flag("phone_verified")?,
        email: row.text_or_none("email")?,
        email_verified: row.flag("email_verified")?,
        pending_email: row.text_or_none("pending_email")?,
        display_name: row.text("display_name")?,
        password_hash: row.text_or_none("password_hash")?,
        preferences: row.json("preferences", "preferences")?,
        customer_id: row.text_or_none("customer_id")?.map(CustomerId),
        created_at: row.at("created_at")?,
        updated_at: row.at("updated_at")?,
    })
}

#[async_trait]
impl AccountRead for PostgresTx {
    async fn account(&mut self, id: AccountId) -> Result<Option<AccountRecord>> {
        let row = sqlx::query("SELECT * FROM accounts WHERE account_id = $1")
            .bind(id.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(account).transpose()
    }

    async fn account_by_phone(&mut self, phone: &str) -> Result<Option<AccountRecord>> {
        let row = sqlx::query("SELECT * FROM accounts WHERE phone = $1")
            .bind(clean(phone))
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(account).transpose()
    }

    async fn account_by_email(&mut self, email: &str) -> Result<Option<AccountRecord>> {
        let row = sqlx::query("SELECT * FROM accounts WHERE email = $1")
            .bind(clean(email))
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(account).transpose()
    }

    async fn account_of_customer(&mut self, customer: &CustomerId) -> Result<Option<AccountRecord>> {
        let row = sqlx::query("SELECT * FROM accounts WHERE customer_id = $1")
            .bind(clean(&customer.0))
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(account).transpose()
    }

    async fn slowest_foreign_hashes(&mut self) -> Result<Vec<String>> {
        // Both texts hold their cost: `$2b$12$…` in two digits, `pbkdf2_sha256$600000$…` as a number.
        sqlx::query_scalar(
            "(SELECT password_hash FROM accounts WHERE password_hash ~ '^\\$2[aby]\\$[0-9]{2}\\$' \
             ORDER BY substr(password_hash, 5, 2) DESC LIMIT 1) \
             UNION ALL (SELECT password_hash FROM accounts WHERE password_hash ~ '^pbkdf2_sha256\\$[0-9]{1,18}\\$' \
             ORDER BY split_part(password_hash, '$', 2)::bigint DESC LIMIT 1)",
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed)
    }
}

#[async_trait]
impl AccountWrite for PostgresTx {
    async fn insert_account(&mut self, account: &AccountRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO accounts (account_id, phone, phone_verified, email, email_verified, pending_email, display_name, password_hash, \
             preferences, customer_id, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(account.id.0)
        .bind(clean_or_none(account.phone.as_deref()))
        .bind(account.phone_verified)
        .bind(clean_or_none(account.email.as_deref()))
        .bind(account.email_verified)
        .bind(clean_or_none(account.pending_email.as_deref()))
        .bind(clean(&account.display_name))
        .bind(clean_or_none(account.password_hash.as_deref()))
        .bind(json(&account.preferences)?)
        .bind(account.customer_id.as_ref().map(|id| clean(&id.0)))
        .bind(instant(account.created_at))
        .bind(instant(account.updated_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn set_password_hash(&mut self, id: AccountId, hash: &str, at: Timestamp) -> Result<()> {
        let result = sqlx::query("UPDATE accounts SET password_hash = $1, updated_at = $2 WHERE account_id = $3")
            .bind(clean(hash))
            .bind(instant(at))
            .bind(id.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        one_row(&result)
    }

    async fn replace_password_hash(&mut self, id: AccountId, known: &str, hash: &str, at: Timestamp) -> Result<bool> {
        let result =
            sqlx::query("UPDATE accounts SET password_hash = $1, updated_at = $2 WHERE account_id = $3 AND password_hash = $4")
                .bind(clean(hash))
                .bind(instant(at))
                .bind(id.0)
                .bind(clean(known))
                .execute(self.connection())
                .await
                .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn set_display_name(&mut self, id: AccountId, name: &str, at: Timestamp) -> Result<()> {
        let result = sqlx::query("UPDATE accounts SET display_name = $1, updated_at = $2 WHERE account_id = $3")
            .bind(clean(name))
            .bind(instant(at))
            .bind(id.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        one_row(&result)
    }

    async fn set_email(&mut self, id: AccountId, email: &str, verified: bool, at: Timestamp) -> Result<()> {
        let result = sqlx::query(
            "UPDATE accounts SET email = $1, email_verified = $2, pending_email = NULL, updated_at = $3 WHERE account_id = $4",
        )
        .bind(clean(email))
        .bind(verified)
        .bind(instant(at))
        .bind(id.0)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        one_row(&result)
    }

    async fn set_pending_email(&mut self, id: AccountId, email: Option<&str>, at: Timestamp) -> Result<()> {
        let result = sqlx::query("UPDATE accounts SET pending_email = $1, updated_at = $2 WHERE account_id = $3")
            .bind(clean_or_none(email))
            .bind(instant(at))
            .bind(id.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        one_row(&result)
    }

    async fn set_preferences(&mut self, id: AccountId, preferences: &Preferences, at: Timestamp) -> Result<()> {
        let result = sqlx::query("UPDATE accounts SET preferences = $1, updated_at = $2 WHERE account_id = $3")
            .bind(json(preferences)?)
            .bind(instant(at))
            .bind(id.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        one_row(&result)
    }

    async fn link_customer(&mut self, id: AccountId, customer: &CustomerId, at: Timestamp) -> Result<bool> {
        let result =
            sqlx::query("UPDATE accounts SET customer_id = $1, updated_at = $2 WHERE account_id = $3 AND customer_id IS NULL")
                .bind(clean(&customer.0))
                .bind(instant(at))
                .bind(id.0)
                .execute(self.connection())
                .await
                .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn drop_phone(&mut self, id: AccountId, at: Timestamp) -> Result<()> {
        let result =
            sqlx::query("UPDATE accounts SET phone = NULL, phone_verified = false, updated_at = $1 WHERE account_id = $2")
                .bind(instant(at))
                .bind(id.0)
                .execute(self.connection())
                .await
                .map_err(failed)?;
        one_row(&result)
    }
}
