use async_trait::async_trait;
use protocol::{Timestamp, ids::ProfileId};

use super::{
    PostgresTx,
    column::{Columns as _, clean, failed, from_word, instant, json, word},
};
use crate::{
    Result,
    records::{ChatTaskRead, ChatTaskRecord, ChatTaskWrite},
};

#[async_trait]
impl ChatTaskRead for PostgresTx {
    async fn chat_task(&mut self, id: &str) -> Result<Option<ChatTaskRecord>> {
        let row = sqlx::query("SELECT * FROM chat_tasks WHERE task_id = $1")
            .bind(clean(id))
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(ChatTaskRecord {
            id: row.text("task_id")?,
            owner: ProfileId(row.uuid("owner")?),
            status: from_word("task status", row.text("status")?)?,
            result: row.json_or_none("chat answer", "result")?,
            error: row.text_or_none("error")?.map(|code| from_word("error code", code)).transpose()?,
            at: row.at("at")?,
        }))
    }
}

#[async_trait]
impl ChatTaskWrite for PostgresTx {
    async fn put_chat_task(&mut self, task: &ChatTaskRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO chat_tasks (task_id, owner, status, result, error, at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (task_id) DO UPDATE SET status = excluded.status, result = excluded.result, error = excluded.error, \
             at = excluded.at",
        )
        .bind(clean(&task.id))
        .bind(task.owner.0)
        .bind(word(task.status)?)
        .bind(task.result.as_ref().map(json).transpose()?)
        .bind(task.error.as_ref().map(word).transpose()?)
        .bind(instant(task.at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn forget_chat_tasks(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM chat_tasks WHERE at < $1")
            .bind(instant(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
