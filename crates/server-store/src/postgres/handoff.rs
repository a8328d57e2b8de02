use std::time::Duration;

use async_trait::async_trait;
use protocol::{
    Timestamp,
    handoff::HandoffEnd,
    ids::{AccountId, ClaimId, DeviceId, HandoffId, KioskSessionId},
};
use sqlx::postgres::{PgRow, types::PgInterval};
use time::OffsetDateTime;

use super::{
    PostgresTx,
    column::{Columns as _, failed, from_word, instant, word},
};
use crate::{
    Result, StoreError,
    records::{ClaimRecord, CodeRecord, HandoffRead, HandoffRecord, HandoffStatus, HandoffWrite, VisitRecord},
};

fn handoff(row: &PgRow) -> Result<HandoffRecord> {
    Ok(HandoffRecord {
        id: HandoffId(row.uuid("handoff_id")?),
        device_id: DeviceId(row.uuid("device_id")?),
        locale: from_word("locale", row.text("locale")?)?,
        ephemeral_key: row.bytes("ephemeral_key")?,
        status: from_word("handoff status", row.text("status")?)?,
        opened_at: row.at("opened_at")?,
        expires_at: row.at("expires_at")?,
        claim: claim(row)?,
        kiosk_session_id: row.uuid_or_none("kiosk_session_id")?.map(KioskSessionId),
        reason: row.text_or_none("reason")?.map(|reason| from_word("handoff end", reason)).transpose()?,
        over_at: row.at_or_none("over_at")?,
    })
}

fn claim(row: &PgRow) -> Result<Option<ClaimRecord>> {
    let Some(id) = row.uuid_or_none("claim_id")? else { return Ok(None) };
    let broken = |what| StoreError::Unreadable { what: "claim", cause: format!("it has no {what}") };
    Ok(Some(ClaimRecord {
        id: ClaimId(id),
        account_id: AccountId(row.uuid_or_none("account_id")?.ok_or_else(|| broken("account"))?),
        browser_hash: row.bytes("browser_hash")?,
        at: row.at_or_none("claimed_at")?.ok_or_else(|| broken("time"))?,
    }))
}

#[async_trait]
impl HandoffRead for PostgresTx {
    async fn handoff(&mut self, id: HandoffId) -> Result<Option<HandoffRecord>> {
        let row = sqlx::query("SELECT * FROM handoffs WHERE handoff_id = $1")
            .bind(id.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(handoff).transpose()
    }

    async fn live_handoff_of(&mut self, device: DeviceId) -> Result<Option<HandoffRecord>> {
        let row = sqlx::query("SELECT * FROM handoffs WHERE device_id = $1 AND status IN ('open', 'claimed')")
            .bind(device.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(handoff).transpose()
    }

    async fn handoff_by_code(&mut self, hash: &[u8]) -> Result<Option<(HandoffRecord, CodeRecord)>> {
        let row = sqlx::query("SELECT * FROM handoff_codes JOIN handoffs USING (handoff_id) WHERE code_hash = $1")
            .bind(hash)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        let code = CodeRecord {
            hash: row.bytes("code_hash")?,
            typed: row.flag("typed")?,
            accepted_from: row.at("accepted_from")?,
            accepted_until: row.at("accepted_until")?,
        };
        Ok(Some((handoff(&row)?, code)))
    }

    async fn handoff_by_claim(&mut self, claim: ClaimId) -> Result<Option<HandoffRecord>> {
        let row = sqlx::query("SELECT * FROM handoffs WHERE claim_id = $1")
            .bind(claim.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(handoff).transpose()
    }

    async fn latest_claim_of(&mut self, account: AccountId, browser_hash: &[u8]) -> Result<Option<HandoffRecord>> {
        let row = sqlx::query(
            "SELECT * FROM handoffs WHERE account_id = $1 AND browser_hash = $2 ORDER BY claimed_at DESC, claim_id DESC LIMIT 1",
        )
        .bind(account.0)
        .bind(browser_hash)
        .fetch_optional(self.connection())
        .await
        .map_err(failed)?;
        row.as_ref().map(handoff).transpose()
    }

    async fn visit(&mut self, ticket_hash: &[u8]) -> Result<Option<VisitRecord>> {
        let row = sqlx::query("SELECT * FROM visits WHERE ticket_hash = $1")
            .bind(ticket_hash)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(VisitRecord {
            ticket_hash: row.bytes("ticket_hash")?,
            handoff_id: HandoffId(row.uuid("handoff_id")?),
            browser_hash: row.bytes("browser_hash")?,
            made_at: row.at("made_at")?,
            expires_at: row.at("expires_at")?,
        }))
    }

    async fn handoffs_over(&mut self, account: AccountId, reason: HandoffEnd, since: Timestamp) -> Result<Vec<Timestamp>> {
        let rows: Vec<OffsetDateTime> = sqlx::query_scalar(
            "SELECT over_at FROM handoffs WHERE account_id = $1 AND reason = $2 AND over_at >= $3 ORDER BY over_at",
        )
        .bind(account.0)
        .bind(word(reason)?)
        .bind(instant(since))
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        Ok(rows.into_iter().map(Timestamp::from).collect())
    }

    async fn next_handoff_expiry(&mut self) -> Result<Option<Timestamp>> {
        let next: Option<OffsetDateTime> =
            sqlx::query_scalar("SELECT min(expires_at) FROM handoffs WHERE status IN ('open', 'claimed')")
                .fetch_one(self.connection())
                .await
                .map_err(failed)?;
        Ok(next.map(Timestamp::from))
    }

    async fn expired_handoffs(&mut self, now: Timestamp) -> Result<Vec<HandoffRecord>> {
        let rows = sqlx::query(
            "SELECT * FROM handoffs WHERE status IN ('open', 'claimed') AND expires_at <= $1 ORDER BY expires_at, handoff_id",
        )
        .bind(instant(now))
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        rows.iter().map(handoff).collect()
    }
}

#[async_trait]
impl HandoffWrite for PostgresTx {
    async fn insert_handoff(&mut self, handoff: &HandoffRecord, codes: &[CodeRecord]) -> Result<()> {
        sqlx::query(
            "INSERT INTO handoffs (handoff_id, device_id, locale, ephemeral_key, status, opened_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(handoff.id.0)
        .bind(handoff.device_id.0)
        .bind(word(handoff.locale)?)
        .bind(&handoff.ephemeral_key)
        .bind(word(handoff.status)?)
        .bind(instant(handoff.opened_at))
        .bind(instant(handoff.expires_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        for code in codes {
            sqlx::query(
                "INSERT INTO handoff_codes (code_hash, handoff_id, typed, accepted_from, accepted_until) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(&code.hash)
            .bind(handoff.id.0)
            .bind(code.typed)
            .bind(instant(code.accepted_from))
            .bind(instant(code.accepted_until))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        }
        Ok(())
    }

    async fn claim_handoff(&mut self, id: HandoffId, claim: &ClaimRecord) -> Result<bool> {
        let result = sqlx::query(
            "UPDATE handoffs SET status = 'claimed', claim_id = $1, account_id = $2, browser_hash = $3, claimed_at = $4 \
             WHERE handoff_id = $5 AND status = 'open' AND expires_at > $6",
        )
        .bind(claim.id.0)
        .bind(claim.account_id.0)
        .bind(&claim.browser_hash)
        .bind(instant(claim.at))
        .bind(id.0)
        .bind(instant(claim.at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn issue_handoff(&mut self, id: HandoffId, kiosk_session: KioskSessionId, at: Timestamp) -> Result<bool> {
        let result = sqlx::query(
            "UPDATE handoffs SET status = 'issued', kiosk_session_id = $1, over_at = $2 WHERE handoff_id = $3 AND status = 'claimed' AND expires_at > $4",
        )
        .bind(kiosk_session.0)
        .bind(instant(at))
        .bind(id.0)
        .bind(instant(at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn close_handoff(
        &mut self,
        id: HandoffId,
        from: HandoffStatus,
        to: HandoffStatus,
        reason: HandoffEnd,
        at: Timestamp,
    ) -> Result<bool> {
        let result =
            sqlx::query("UPDATE handoffs SET status = $1, reason = $2, over_at = $3 WHERE handoff_id = $4 AND status = $5")
                .bind(word(to)?)
                .bind(word(reason)?)
                .bind(instant(at))
                .bind(id.0)
                .bind(word(from)?)
                .execute(self.connection())
                .await
                .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn end_handoff(&mut self, id: HandoffId) -> Result<bool> {
        let result = sqlx::query("UPDATE handoffs SET status = 'ended' WHERE handoff_id = $1 AND status = 'issued'")
            .bind(id.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn insert_visit(&mut self, visit: &VisitRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO visits (ticket_hash, handoff_id, browser_hash, made_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&visit.ticket_hash)
        .bind(visit.handoff_id.0)
        .bind(&visit.browser_hash)
        .bind(instant(visit.made_at))
        .bind(instant(visit.expires_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn extend_visits(&mut self, browser_hash: &[u8], now: Timestamp, until: Timestamp, longest: Duration) -> Result<()> {
        sqlx::query(
            "UPDATE visits SET expires_at = greatest(expires_at, least($1, made_at + $2)) WHERE browser_hash = $3 AND expires_at > $4",
        )
        .bind(instant(until))
        .bind(PgInterval::try_from(longest).map_err(|error| StoreError::Unreadable { what: "duration", cause: error.to_string() })?)
        .bind(browser_hash)
        .bind(instant(now))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn carry_visits(&mut self, device: DeviceId, to: HandoffId, now: Timestamp) -> Result<()> {
        sqlx::query(
            "UPDATE visits SET handoff_id = $1 WHERE expires_at > $2 AND handoff_id IN (SELECT handoff_id FROM handoffs \
             WHERE device_id = $3 AND claim_id IS NULL AND reason IN ('expired', 'replaced'))",
        )
        .bind(to.0)
        .bind(instant(now))
        .bind(device.0)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn forget_handoffs(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM handoffs WHERE over_at < $1 AND status <> 'issued'")
            .bind(instant(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
