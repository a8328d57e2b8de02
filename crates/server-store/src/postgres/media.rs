use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{MediaId, ProfileId, SessionId},
};
use sqlx::postgres::PgRow;

use super::{
    PostgresTx,
    column::{Columns as _, clean, clean_or_none, failed, from_word, instant, word},
};
use crate::{
    Result,
    records::{MediaAmount, MediaRead, MediaRecord, MediaWrite},
};

fn media(row: &PgRow) -> Result<MediaRecord> {
    Ok(MediaRecord {
        id: MediaId(row.uuid("media_id")?),
        file: row.text("file")?,
        owner: ProfileId(row.uuid("owner")?),
        session_id: row.uuid_or_none("session_id")?.map(SessionId),
        kind: from_word("kind of media", row.text("kind")?)?,
        mime_type: row.text("mime_type")?,
        filename: row.text_or_none("filename")?,
        size_bytes: row.integer("size_bytes")?.unsigned_abs(),
        created_at: row.at("created_at")?,
        expires_at: row.at("expires_at")?,
    })
}

#[async_trait]
impl MediaRead for PostgresTx {
    async fn media(&mut self, id: MediaId) -> Result<Option<MediaRecord>> {
        let row = sqlx::query("SELECT * FROM media WHERE media_id = $1")
            .bind(id.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(media).transpose()
    }

    async fn media_by_file(&mut self, file: &str) -> Result<Option<MediaRecord>> {
        let row = sqlx::query("SELECT * FROM media WHERE file = $1")
            .bind(clean(file))
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(media).transpose()
    }

    async fn media_amount(&mut self, owner: Option<ProfileId>) -> Result<MediaAmount> {
        let row = sqlx::query(
            "SELECT count(*) AS files, CAST(COALESCE(sum(size_bytes), 0) AS bigint) AS bytes FROM media WHERE ($1::uuid IS NULL OR owner = $1)",
        )
        .bind(owner.map(|owner| owner.0))
        .fetch_one(self.connection())
        .await
        .map_err(failed)?;
        Ok(MediaAmount { files: row.integer("files")?.unsigned_abs(), bytes: row.integer("bytes")?.unsigned_abs() })
    }

    async fn overdue_media(&mut self, now: Timestamp, limit: u32) -> Result<Vec<MediaRecord>> {
        let rows = sqlx::query("SELECT * FROM media WHERE expires_at <= $1 ORDER BY expires_at, media_id LIMIT $2")
            .bind(instant(now))
            .bind(i64::from(limit))
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        rows.iter().map(media).collect()
    }
}

#[async_trait]
impl MediaWrite for PostgresTx {
    async fn insert_media(&mut self, media: &MediaRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO media (media_id, file, owner, session_id, kind, mime_type, filename, size_bytes, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(media.id.0)
        .bind(clean(&media.file))
        .bind(media.owner.0)
        .bind(media.session_id.map(|session| session.0))
        .bind(word(media.kind)?)
        .bind(clean(&media.mime_type))
        .bind(clean_or_none(media.filename.as_deref()))
        .bind(i64::try_from(media.size_bytes).unwrap_or(i64::MAX))
        .bind(instant(media.created_at))
        .bind(instant(media.expires_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn remove_media(&mut self, id: MediaId) -> Result<bool> {
        let result =
            sqlx::query("DELETE FROM media WHERE media_id = $1").bind(id.0).execute(self.connection()).await.map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn end_media_of(&mut self, session: SessionId, at: Timestamp) -> Result<u64> {
        let result = sqlx::query("UPDATE media SET expires_at = $1 WHERE session_id = $2 AND expires_at > $1")
            .bind(instant(at))
            .bind(session.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }

    async fn move_media(&mut self, from: ProfileId, to: ProfileId, session: SessionId) -> Result<()> {
        sqlx::query("UPDATE media SET owner = $1, session_id = $2 WHERE owner = $3")
            .bind(to.0)
            .bind(session.0)
            .bind(from.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }
}
