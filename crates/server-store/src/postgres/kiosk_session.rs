use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{ClaimId, DeviceId, HandoffId, KioskSessionId, SessionId},
    kiosk_session::EndReason,
};
use sqlx::postgres::PgRow;
use time::OffsetDateTime;

use super::{
    PostgresTx,
    column::{Columns as _, failed, from_word, instant, one_row, word},
};
use crate::{
    Result,
    records::{KioskSessionRead, KioskSessionRecord, KioskSessionWrite},
};

fn hold(row: &PgRow) -> Result<KioskSessionRecord> {
    let reason = row.text_or_none("reason")?.map(|reason| from_word("end reason", reason)).transpose()?;
    Ok(KioskSessionRecord {
        id: KioskSessionId(row.uuid("kiosk_session_id")?),
        token_hash: row.bytes("token_hash")?,
        device_id: DeviceId(row.uuid("device_id")?),
        session_id: SessionId(row.uuid("session_id")?),
        handoff_id: row.uuid_or_none("handoff_id")?.map(HandoffId),
        claim_id: row.uuid_or_none("claim_id")?.map(ClaimId),
        assurance: from_word("assurance", row.text("assurance")?)?,
        started_at: row.at("started_at")?,
        absolute_at: row.at("absolute_at")?,
        expires_at: row.at("expires_at")?,
        end: row.at_or_none("ended_at")?.zip(reason),
    })
}

#[async_trait]
impl KioskSessionRead for PostgresTx {
    async fn kiosk_session(&mut self, id: KioskSessionId) -> Result<Option<KioskSessionRecord>> {
        let row = sqlx::query("SELECT * FROM kiosk_sessions WHERE kiosk_session_id = $1")
            .bind(id.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(hold).transpose()
    }

    async fn kiosk_session_by_token(&mut self, token_hash: &[u8]) -> Result<Option<KioskSessionRecord>> {
        let row = sqlx::query("SELECT * FROM kiosk_sessions WHERE token_hash = $1")
            .bind(token_hash)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(hold).transpose()
    }

    async fn kiosk_session_of(&mut self, device: DeviceId) -> Result<Option<KioskSessionRecord>> {
        let row = sqlx::query("SELECT * FROM kiosk_sessions WHERE device_id = $1 AND ended_at IS NULL")
            .bind(device.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(hold).transpose()
    }

    async fn kiosk_sessions_on(&mut self, session: SessionId) -> Result<Vec<KioskSessionRecord>> {
        let rows = sqlx::query(
            "SELECT * FROM kiosk_sessions WHERE session_id = $1 AND ended_at IS NULL ORDER BY started_at, kiosk_session_id",
        )
        .bind(session.0)
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        rows.iter().map(hold).collect()
    }

    async fn next_kiosk_session_expiry(&mut self) -> Result<Option<Timestamp>> {
        let next: Option<OffsetDateTime> =
            sqlx::query_scalar("SELECT min(expires_at) FROM kiosk_sessions WHERE ended_at IS NULL")
                .fetch_one(self.connection())
                .await
                .map_err(failed)?;
        Ok(next.map(Timestamp::from))
    }

    async fn overdue_kiosk_sessions(&mut self, now: Timestamp) -> Result<Vec<KioskSessionRecord>> {
        let rows = sqlx::query(
            "SELECT * FROM kiosk_sessions WHERE ended_at IS NULL AND expires_at <= $1 ORDER BY expires_at, kiosk_session_id",
        )
        .bind(instant(now))
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        rows.iter().map(hold).collect()
    }
}

#[async_trait]
impl KioskSessionWrite for PostgresTx {
    async fn insert_kiosk_session(&mut self, hold: &KioskSessionRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO kiosk_sessions (kiosk_session_id, token_hash, device_id, session_id, handoff_id, claim_id, assurance, started_at, \
             absolute_at, expires_at, ended_at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(hold.id.0)
        .bind(&hold.token_hash)
        .bind(hold.device_id.0)
        .bind(hold.session_id.0)
        .bind(hold.handoff_id.map(|id| id.0))
        .bind(hold.claim_id.map(|id| id.0))
        .bind(word(hold.assurance)?)
        .bind(instant(hold.started_at))
        .bind(instant(hold.absolute_at))
        .bind(instant(hold.expires_at))
        .bind(hold.end.map(|(at, _)| instant(at)))
        .bind(hold.end.map(|(_, reason)| word(reason)).transpose()?)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn extend_kiosk_session(&mut self, id: KioskSessionId, expires_at: Timestamp) -> Result<()> {
        let result = sqlx::query(
            "UPDATE kiosk_sessions SET expires_at = least($1, absolute_at) WHERE kiosk_session_id = $2 AND ended_at IS NULL",
        )
        .bind(instant(expires_at))
        .bind(id.0)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        one_row(&result)
    }

    async fn end_kiosk_session(&mut self, id: KioskSessionId, reason: EndReason, at: Timestamp) -> Result<bool> {
        let result =
            sqlx::query("UPDATE kiosk_sessions SET ended_at = $1, reason = $2 WHERE kiosk_session_id = $3 AND ended_at IS NULL")
                .bind(instant(at))
                .bind(word(reason)?)
                .bind(id.0)
                .execute(self.connection())
                .await
                .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn forget_kiosk_sessions(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM kiosk_sessions WHERE ended_at < $1")
            .bind(instant(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
