use async_trait::async_trait;
use protocol::{Timestamp, ids::SessionId};

use super::{
    SqliteTx,
    column::{Columns as _, failed, micros},
};
use crate::{
    Result,
    records::{QrTokenRead, QrTokenRecord, QrTokenWrite},
};

#[async_trait]
impl QrTokenRead for SqliteTx {
    async fn qr_token(&mut self, token_hash: &[u8]) -> Result<Option<QrTokenRecord>> {
        let row = sqlx::query("SELECT * FROM qr_tokens WHERE token_hash = ?")
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
impl QrTokenWrite for SqliteTx {
    async fn put_qr_token(&mut self, token: &QrTokenRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO qr_tokens (token_hash, session_id, expires_at) VALUES (?, ?, ?) \
             ON CONFLICT (session_id) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at",
        )
        .bind(&token.token_hash)
        .bind(token.session_id.0)
        .bind(micros(token.expires_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn use_qr_token(&mut self, token_hash: &[u8]) -> Result<bool> {
        let result = sqlx::query("DELETE FROM qr_tokens WHERE token_hash = ?")
            .bind(token_hash)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn forget_qr_tokens(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM qr_tokens WHERE expires_at < ?")
            .bind(micros(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
