use async_trait::async_trait;
use protocol::Timestamp;
use sqlx::postgres::PgRow;

use super::{
    PostgresTx,
    column::{Columns as _, clean, failed, instant},
};
use crate::{
    Result,
    records::{VoiceReservationRead, VoiceReservationRecord, VoiceReservationWrite},
};

fn reservation(row: &PgRow) -> Result<VoiceReservationRecord> {
    Ok(VoiceReservationRecord {
        ticket_hash: row.bytes("ticket_hash")?,
        media_room: row.text("media_room")?,
        room: row.text("room")?,
        identity: row.text("identity")?,
        caller: row.bytes("caller")?,
        expires_at: row.at("expires_at")?,
    })
}

#[async_trait]
impl VoiceReservationRead for PostgresTx {
    async fn voice_reservation(&mut self, ticket_hash: &[u8]) -> Result<Option<VoiceReservationRecord>> {
        let row = sqlx::query("SELECT * FROM voice_reservations WHERE ticket_hash = $1")
            .bind(ticket_hash)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(reservation).transpose()
    }

    async fn voice_reservations_of(
        &mut self,
        caller: &[u8],
        room: &str,
        identity: &str,
        now: Timestamp,
    ) -> Result<Vec<VoiceReservationRecord>> {
        let rows = sqlx::query(
            "SELECT * FROM voice_reservations WHERE caller = $1 AND identity = $2 AND room = $3 AND expires_at > $4 LIMIT 2",
        )
        .bind(caller)
        .bind(clean(identity))
        .bind(clean(room))
        .bind(instant(now))
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        rows.iter().map(reservation).collect()
    }
}

#[async_trait]
impl VoiceReservationWrite for PostgresTx {
    async fn insert_voice_reservation(&mut self, reservation: &VoiceReservationRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO voice_reservations (ticket_hash, media_room, room, identity, caller, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&reservation.ticket_hash)
        .bind(clean(&reservation.media_room))
        .bind(clean(&reservation.room))
        .bind(clean(&reservation.identity))
        .bind(&reservation.caller)
        .bind(instant(reservation.expires_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn use_voice_reservation(&mut self, ticket_hash: &[u8]) -> Result<bool> {
        let result = sqlx::query("DELETE FROM voice_reservations WHERE ticket_hash = $1")
            .bind(ticket_hash)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn forget_voice_reservations(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM voice_reservations WHERE expires_at < $1")
            .bind(instant(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
