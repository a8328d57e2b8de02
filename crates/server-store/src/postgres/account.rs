use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{AccountId, CustomerId},
};
use sqlx::postgres::PgRow;

use super::{
    PostgresTx,
    column::{Columns as _, clean, clean_or_none, failed, instant, one_row},
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
        password_hash: row.text_or_none("password_hash")?,
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
}

#[async_trait]
impl AccountWrite for PostgresTx {
    async fn insert_account(&mut self, account: &AccountRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO accounts (account_id, phone, phone_verified, email, password_hash, customer_id, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(account.id.0)
        .bind(clean_or_none(account.phone.as_deref()))
        .bind(account.phone_verified)
        .bind(clean_or_none(account.email.as_deref()))
        .bind(clean_or_none(account.password_hash.as_deref()))
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
