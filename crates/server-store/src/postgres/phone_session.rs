use async_trait::async_trait;
use protocol::{Timestamp, ids::AccountId};

use super::{
    PostgresTx,
    column::{Columns as _, failed, instant},
};
use crate::{
    Result,
    records::{PhoneSessionRead, PhoneSessionRecord, PhoneSessionWrite},
};

#[async_trait]
impl PhoneSessionRead for PostgresTx {
    async fn phone_session(&mut self, cookie_hash: &[u8]) -> Result<Option<PhoneSessionRecord>> {
        let row = sqlx::query("SELECT * FROM phone_sessions WHERE cookie_hash = $1")
            .bind(cookie_hash)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(PhoneSessionRecord {
            cookie_hash: row.bytes("cookie_hash")?,
            account_id: AccountId(row.uuid("account_id")?),
            created_at: row.at("created_at")?,
            expires_at: row.at("expires_at")?,
        }))
    }
}

#[async_trait]
impl PhoneSessionWrite for PostgresTx {
    async fn insert_phone_session(&mut self, session: &PhoneSessionRecord) -> Result<()> {
        sqlx::query("INSERT INTO phone_sessions (cookie_hash, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4)")
            .bind(&session.cookie_hash)
            .bind(session.account_id.0)
            .bind(instant(session.created_at))
            .bind(instant(session.expires_at))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn remove_phone_session(&mut self, cookie_hash: &[u8]) -> Result<bool> {
        let result = sqlx::query("DELETE FROM phone_sessions WHERE cookie_hash = $1")
            .bind(cookie_hash)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn remove_phone_sessions_of(&mut self, account: AccountId) -> Result<u64> {
        let result = sqlx::query("DELETE FROM phone_sessions WHERE account_id = $1")
            .bind(account.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }

    async fn forget_phone_sessions(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM phone_sessions WHERE expires_at < $1")
            .bind(instant(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
