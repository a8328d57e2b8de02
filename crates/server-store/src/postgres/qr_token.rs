use async_trait::async_trait;
use protocol::{Timestamp, ids::SessionId};

use super::{
    PostgresTx,
    column::{Columns as _, failed, instant},
};
use crate::{
    Result,
    records::{QrTokenRead, QrTokenRecord, QrTokenWrite},
};

#[async_trait]
impl QrTokenRead for PostgresTx {
    async fn qr_token(&mut self, token_hash: &[u8]) -> Result<Option<QrTokenRecord>> {
        let row = sqlx::query("SELECT * FROM qr_tokens WHERE token_hash = $1")
            .bind(token_hash)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.map(|row| {
            Ok(QrTokenRecord {
                token_hash: row.bytes("token_hash")?,
                session_id: SessionId(row.uuid("session_id")?),
                expires_at: row.at("expires_at")?,
            })
        })
        .transpose()
    }
}

#[async_trait]
impl QrTokenWrite for PostgresTx {
    async fn put_qr_token(&mut self, token: &QrTokenRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO qr_tokens (token_hash, session_id, expires_at) VALUES ($1, $2, $3) \
             ON CONFLICT (session_id) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at",
        )
        .bind(&token.token_hash)
        .bind(token.session_id.0)
        .bind(instant(token.expires_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn use_qr_token(&mut self, token_hash: &[u8]) -> Result<bool> {
        let result = sqlx::query("DELETE FROM qr_tokens WHERE token_hash = $1")
            .bind(token_hash)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn forget_qr_tokens(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM qr_tokens WHERE expires_at < $1")
            .bind(instant(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
