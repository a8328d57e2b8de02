use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{AccountId, CustomerId},
};
use sqlx::sqlite::SqliteRow;

use super::{
    SqliteTx,
    column::{Columns as _, failed, micros, one_row},
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
        password_hash: row.text_or_none("password_hash")?,
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
}

#[async_trait]
impl AccountWrite for SqliteTx {
    async fn insert_account(&mut self, account: &AccountRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO accounts (account_id, phone, phone_verified, email, password_hash, customer_id, created_at, updated_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(account.id.0)
        .bind(&account.phone)
        .bind(account.phone_verified)
        .bind(&account.email)
        .bind(&account.password_hash)
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
