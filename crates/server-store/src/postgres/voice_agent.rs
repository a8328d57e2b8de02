use async_trait::async_trait;
use protocol::Timestamp;
use sqlx::postgres::PgRow;

use super::{
    PostgresTx,
    column::{Columns as _, clean, clean_or_none, failed, instant},
};
use crate::{
    Result,
    records::{VoiceAgentRead, VoiceAgentRecord, VoiceAgentWrite, VoiceReports},
};

fn agent(row: &PgRow) -> Result<VoiceAgentRecord> {
    Ok(VoiceAgentRecord {
        name: row.text("name")?,
        stt: row.text_or_none("stt")?,
        tts: row.text_or_none("tts")?,
        llm: row.text_or_none("llm")?,
        tts_voice: row.text_or_none("tts_voice")?,
        ready: row.flag("ready")?,
        seen_at: row.at("seen_at")?,
    })
}

#[async_trait]
impl VoiceAgentRead for PostgresTx {
    async fn voice_agents(&mut self) -> Result<Vec<VoiceAgentRecord>> {
        let rows = sqlx::query("SELECT * FROM voice_agents ORDER BY seen_at DESC, name")
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        rows.iter().map(agent).collect()
    }

    async fn voice_reports(&mut self) -> Result<Option<VoiceReports>> {
        let row = sqlx::query("SELECT * FROM voice_reports").fetch_optional(self.connection()).await.map_err(failed)?;
        row.map(|row| {
            let utterances = u64::try_from(row.integer("utterances")?).unwrap_or_default();
            Ok(VoiceReports { last_at: row.at("last_at")?, utterances })
        })
        .transpose()
    }
}

#[async_trait]
impl VoiceAgentWrite for PostgresTx {
    async fn put_voice_agent(&mut self, agent: &VoiceAgentRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO voice_agents (name, stt, tts, llm, tts_voice, ready, seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (name) DO UPDATE SET stt = excluded.stt, tts = excluded.tts, llm = excluded.llm, \
             tts_voice = excluded.tts_voice, ready = excluded.ready, seen_at = excluded.seen_at",
        )
        .bind(clean(&agent.name))
        .bind(clean_or_none(agent.stt.as_deref()))
        .bind(clean_or_none(agent.tts.as_deref()))
        .bind(clean_or_none(agent.llm.as_deref()))
        .bind(clean_or_none(agent.tts_voice.as_deref()))
        .bind(agent.ready)
        .bind(instant(agent.seen_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn forget_voice_agents(&mut self, before: Timestamp) -> Result<u64> {
        let result = sqlx::query("DELETE FROM voice_agents WHERE seen_at < $1")
            .bind(instant(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }

    async fn count_voice_report(&mut self, at: Timestamp, utterances: u64) -> Result<()> {
        sqlx::query(
            "INSERT INTO voice_reports (one, last_at, utterances) VALUES (1, $1, $2) ON CONFLICT (one) DO UPDATE SET \
             last_at = excluded.last_at, utterances = voice_reports.utterances + excluded.utterances",
        )
        .bind(instant(at))
        .bind(i64::try_from(utterances).unwrap_or(i64::MAX))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }
}
