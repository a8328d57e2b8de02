use async_trait::async_trait;
use protocol::{Timestamp, ids::AccountId};

use super::{
    SqliteTx,
    column::{Columns as _, failed, micros},
};
use crate::{
    Result,
    records::{SignInAttemptRecord, SignInAttemptWrite},
};

#[async_trait]
impl SignInAttemptWrite for SqliteTx {
    async fn insert_sign_in_attempt(&mut self, attempt: &SignInAttemptRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO sign_in_attempts (state_hash, browser_hash, issuer, linking, expires_at) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(&attempt.state_hash)
        .bind(&attempt.browser_hash)
        .bind(&attempt.issuer)
        .bind(attempt.linking.map(|account| account.0))
        .bind(micros(attempt.expires_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn take_sign_in_attempt(&mut self, state_hash: &[u8], browser_hash: &[u8]) -> Result<Option<SignInAttemptRecord>> {
        let row = sqlx::query("DELETE FROM sign_in_attempts WHERE state_hash = ? AND browser_hash = ? RETURNING *")
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
        let result = sqlx::query("DELETE FROM sign_in_attempts WHERE expires_at < ?")
            .bind(micros(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
