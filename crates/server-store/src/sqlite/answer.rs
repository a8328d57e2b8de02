use async_trait::async_trait;
use protocol::ids::{EntryId, SessionId, StoreId};

use super::{
    SqliteTx,
    column::{Columns as _, failed, micros},
};
use crate::{
    Result,
    records::{AnswerRead, AnswerWrite, AwaitedAnswer},
};

#[async_trait]
impl AnswerRead for SqliteTx {
    async fn awaited_answers(&mut self) -> Result<Vec<AwaitedAnswer>> {
        let rows = sqlx::query("SELECT * FROM awaited_answers ORDER BY at, entry_id")
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        rows.iter()
            .map(|row| {
                Ok(AwaitedAnswer {
                    entry_id: EntryId(row.uuid("entry_id")?),
                    session_id: SessionId(row.uuid("session_id")?),
                    store_id: row.text_or_none("store_id")?.map(StoreId),
                    at: row.at("at")?,
                })
            })
            .collect()
    }
}

#[async_trait]
impl AnswerWrite for SqliteTx {
    async fn await_answer(&mut self, awaited: &AwaitedAnswer) -> Result<()> {
        sqlx::query("INSERT INTO awaited_answers (entry_id, session_id, store_id, at) VALUES (?, ?, ?, ?)")
            .bind(awaited.entry_id.0)
            .bind(awaited.session_id.0)
            .bind(awaited.store_id.as_ref().map(|id| id.0.as_str()))
            .bind(micros(awaited.at))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn settle_answer(&mut self, session: SessionId, entry: EntryId) -> Result<bool> {
        let result = sqlx::query("DELETE FROM awaited_answers WHERE entry_id = ? AND session_id = ?")
            .bind(entry.0)
            .bind(session.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }
}
