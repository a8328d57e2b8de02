use async_trait::async_trait;
use protocol::Timestamp;
use sqlx::sqlite::SqliteRow;

use super::{
    SqliteTx,
    column::{Columns as _, failed, micros},
};
use crate::{
    Result,
    records::{VoiceReservationRead, VoiceReservationRecord, VoiceReservationWrite},
};

fn reservation(row: &SqliteRow) -> Result<VoiceReservationRecord> {
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
impl VoiceReservationRead for SqliteTx {
    async fn voice_reservation(&mut self, ticket_hash: &[u8]) -> Result<Option<VoiceReservationRecord>> {
        let row = sqlx::query("SELECT * FROM voice_reservations WHERE ticket_hash = ?")
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
            "SELECT * FROM voice_reservations WHERE caller = ? AND identity = ? AND room = ? AND expires_at > ? LIMIT 2",
        )
        .bind(caller)
        .bind(identity)
        .bind(room)
        .bind(micros(now))
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        rows.iter().map(reservation).collect()
    }
}

#[async_trait]
impl VoiceReservationWrite for SqliteTx {
    async fn insert_voice_reservation(&mut self, reservation: &VoiceReservationRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO voice_reservations (ticket_hash, media_room, room, identity, caller, expires_at) \
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(&reservation.ticket_hash)
        .bind(&reservation.media_room)
        .bind(&reservation.room)
        .bind(&reservation.identity)
        .bind(&reservation.caller)
        .bind(micros(reservation.expires_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn use_voice_reservation(&mut self, ticket_hash: &[u8]) -> Result<bool> {
        let result = sqlx::query("DELETE FROM voice_reservations WHERE ticket_hash = ?")
            .bind(ticket_hash)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn forget_voice_reservations(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM voice_reservations WHERE expires_at < ?")
            .bind(micros(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
