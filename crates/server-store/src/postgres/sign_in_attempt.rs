use async_trait::async_trait;
use protocol::{Timestamp, ids::AccountId};

use super::{
    PostgresTx,
    column::{Columns as _, failed, instant},
};
use crate::{
    Result,
    records::{SignInAttemptRecord, SignInAttemptWrite},
};

#[async_trait]
impl SignInAttemptWrite for PostgresTx {
    async fn insert_sign_in_attempt(&mut self, attempt: &SignInAttemptRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO sign_in_attempts (state_hash, browser_hash, issuer, linking, expires_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&attempt.state_hash)
        .bind(&attempt.browser_hash)
        .bind(&attempt.issuer)
        .bind(attempt.linking.map(|account| account.0))
        .bind(instant(attempt.expires_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn take_sign_in_attempt(&mut self, state_hash: &[u8], browser_hash: &[u8]) -> Result<Option<SignInAttemptRecord>> {
        let row = sqlx::query("DELETE FROM sign_in_attempts WHERE state_hash = $1 AND browser_hash = $2 RETURNING *")
            .bind(state_hash)
            .bind(browser_hash)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(SignInAttemptRecord {
            state_hash: row.bytes("state_hash")?,
            browser_hash: row.bytes("browser_hash")?,
            issuer: row.text("issuer")?,
            linking: row.uuid_or_none("linking")?.map(AccountId),
            expires_at: row.at("expires_at")?,
        }))
    }

    async fn forget_sign_in_attempts(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM sign_in_attempts WHERE expires_at < $1")
            .bind(instant(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
