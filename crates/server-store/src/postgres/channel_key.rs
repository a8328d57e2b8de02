use async_trait::async_trait;
use protocol::ids::ChannelKeyId;
use sqlx::postgres::PgRow;

use super::{
    PostgresTx,
    column::{Columns as _, clean, failed, from_word, instant, json, word},
};
use crate::{
    Result,
    records::{ChannelKeyRead, ChannelKeyRecord, ChannelKeyWrite},
};

fn key(row: &PgRow) -> Result<ChannelKeyRecord> {
    Ok(ChannelKeyRecord {
        id: ChannelKeyId(row.uuid("key_id")?),
        name: row.text("name")?,
        key_hash: row.bytes("key_hash")?,
        channel: row.text_or_none("channel")?.map(|name| from_word("channel", name)).transpose()?,
        scopes: row.json("scopes", "scopes")?,
        created_at: row.at("created_at")?,
    })
}

#[async_trait]
impl ChannelKeyRead for PostgresTx {
    async fn channel_key(&mut self, key_hash: &[u8]) -> Result<Option<ChannelKeyRecord>> {
        let row = sqlx::query("SELECT * FROM channel_keys WHERE key_hash = $1")
            .bind(key_hash)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(key).transpose()
    }

    async fn channel_keys(&mut self) -> Result<Vec<ChannelKeyRecord>> {
        let rows = sqlx::query("SELECT * FROM channel_keys ORDER BY name").fetch_all(self.connection()).await.map_err(failed)?;
        rows.iter().map(key).collect()
    }
}

#[async_trait]
impl ChannelKeyWrite for PostgresTx {
    async fn insert_channel_key(&mut self, key: &ChannelKeyRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO channel_keys (key_id, name, key_hash, channel, scopes, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(key.id.0)
        .bind(clean(&key.name))
        .bind(&key.key_hash)
        .bind(key.channel.map(word).transpose()?)
        .bind(json(&key.scopes)?)
        .bind(instant(key.created_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn remove_channel_key(&mut self, name: &str) -> Result<bool> {
        let result = sqlx::query("DELETE FROM channel_keys WHERE name = $1")
            .bind(clean(name))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }
}
