use async_trait::async_trait;
use protocol::{Timestamp, ids::ProfileId};

use super::{
    SqliteTx,
    column::{Columns as _, failed, from_json, from_word, json, micros, word},
};
use crate::{
    Result,
    records::{ChatTaskRead, ChatTaskRecord, ChatTaskWrite},
};

#[async_trait]
impl ChatTaskRead for SqliteTx {
    async fn chat_task(&mut self, id: &str) -> Result<Option<ChatTaskRecord>> {
        let row = sqlx::query("SELECT * FROM chat_tasks WHERE task_id = ?")
            .bind(id)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(ChatTaskRecord {
            id: row.text("task_id")?,
            owner: ProfileId(row.uuid("owner")?),
            status: from_word("task status", row.text("status")?)?,
            result: row.text_or_none("result")?.map(|text| from_json("chat answer", &text)).transpose()?,
            error: row.text_or_none("error")?.map(|code| from_word("error code", code)).transpose()?,
            at: row.at("at")?,
        }))
    }
}

#[async_trait]
impl ChatTaskWrite for SqliteTx {
    async fn put_chat_task(&mut self, task: &ChatTaskRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO chat_tasks (task_id, owner, status, result, error, at) VALUES (?, ?, ?, ?, ?, ?) \
             ON CONFLICT (task_id) DO UPDATE SET status = excluded.status, result = excluded.result, error = excluded.error, \
             at = excluded.at",
        )
        .bind(&task.id)
        .bind(task.owner.0)
        .bind(word(task.status)?)
        .bind(task.result.as_ref().map(json).transpose()?)
        .bind(task.error.as_ref().map(word).transpose()?)
        .bind(micros(task.at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn forget_chat_tasks(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM chat_tasks WHERE at < ?")
            .bind(micros(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
