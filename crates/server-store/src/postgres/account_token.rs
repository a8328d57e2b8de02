use async_trait::async_trait;
use protocol::{Timestamp, ids::AccountId};

use super::{
    PostgresTx,
    column::{Columns as _, clean, failed, from_word, instant, word},
};
use crate::{
    Result,
    records::{AccountTokenRead, AccountTokenRecord, AccountTokenWrite},
};

#[async_trait]
impl AccountTokenRead for PostgresTx {
    async fn account_token(&mut self, token_hash: &[u8]) -> Result<Option<AccountTokenRecord>> {
        let row = sqlx::query("SELECT * FROM account_tokens WHERE token_hash = $1")
            .bind(token_hash)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(AccountTokenRecord {
            token_hash: row.bytes("token_hash")?,
            account_id: AccountId(row.uuid("account_id")?),
            purpose: from_word("purpose", row.text("purpose")?)?,
            email: row.text("email")?,
            created_at: row.at("created_at")?,
            expires_at: row.at("expires_at")?,
        }))
    }
}

#[async_trait]
impl AccountTokenWrite for PostgresTx {
    async fn put_account_token(&mut self, token: &AccountTokenRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO account_tokens (token_hash, account_id, purpose, email, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (account_id, purpose) DO UPDATE SET token_hash = excluded.token_hash, email = excluded.email, \
             created_at = excluded.created_at, expires_at = excluded.expires_at",
        )
        .bind(&token.token_hash)
        .bind(token.account_id.0)
        .bind(word(token.purpose)?)
        .bind(clean(&token.email))
        .bind(instant(token.created_at))
        .bind(instant(token.expires_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn use_account_token(&mut self, token_hash: &[u8]) -> Result<bool> {
        let result = sqlx::query("DELETE FROM account_tokens WHERE token_hash = $1")
            .bind(token_hash)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn remove_account_tokens(&mut self, account: AccountId) -> Result<()> {
        sqlx::query("DELETE FROM account_tokens WHERE account_id = $1")
            .bind(account.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn forget_account_tokens(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM account_tokens WHERE expires_at < $1")
            .bind(instant(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
