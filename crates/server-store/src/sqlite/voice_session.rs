use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{AccountId, UtteranceId, VoiceSessionId},
};
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::{
    SqliteTx,
    column::{Columns as _, failed, from_json, from_word, json, micros, word},
};
use crate::{
    Result,
    records::{CountedVoiceSession, Page, UtteranceRecord, VoiceSessionRead, VoiceSessionRecord, VoiceSessionWrite},
};

fn session(row: &SqliteRow) -> Result<CountedVoiceSession> {
    let session = VoiceSessionRecord {
        id: VoiceSessionId(row.uuid("voice_session_id")?),
        account_id: row.uuid_or_none("account_id")?.map(AccountId),
        starter_hash: row.bytes_or_none("starter_hash")?,
        media_room: row.text_or_none("media_room")?,
        identity: row.text_or_none("identity")?,
        room: row.text("room")?,
        system_prompt: row.text("system_prompt")?,
        voice: row.text_or_none("voice")?.map(|word| from_word("voice", word)).transpose()?,
        language: row.text_or_none("language")?.map(|word| from_word("language", word)).transpose()?,
        topics: from_json("topics", &row.text("topics")?)?,
        started_at: row.at("started_at")?,
        ended_at: row.at_or_none("ended_at")?,
        end_reason: row.text_or_none("end_reason")?.map(|word| from_word("end of a conversation", word)).transpose()?,
        last_seq: row.integer("last_seq")?,
        last_sent_seq: row.integer("last_sent_seq")?,
        metadata: row.text_or_none("metadata")?.map(|text| from_json("metadata", &text)).transpose()?,
    };
    Ok(CountedVoiceSession { session, utterances: u64::try_from(row.integer("utterances")?).unwrap_or_default() })
}

fn utterance(row: &SqliteRow) -> Result<UtteranceRecord> {
    Ok(UtteranceRecord {
        id: UtteranceId(row.uuid("utterance_id")?),
        session: VoiceSessionId(row.uuid("voice_session_id")?),
        seq: row.integer("seq")?,
        sent_seq: row.integer_or_none("sent_seq")?,
        sent_id: row.text_or_none("sent_id")?,
        role: from_word("speaker", row.text("role")?)?,
        text: row.text("text")?,
        event: row.text_or_none("event")?,
        created_at: row.at("created_at")?,
    })
}

fn offset(page: Page) -> i64 {
    i64::try_from(page.offset).unwrap_or(i64::MAX)
}

#[async_trait]
impl VoiceSessionRead for SqliteTx {
    async fn voice_session(&mut self, id: VoiceSessionId) -> Result<Option<CountedVoiceSession>> {
        let row = sqlx::query(
            "SELECT *, (SELECT count(*) FROM utterances AS u WHERE u.voice_session_id = s.voice_session_id) AS utterances \
             FROM voice_sessions AS s WHERE s.voice_session_id = ?",
        )
        .bind(id.0)
        .fetch_optional(self.connection())
        .await
        .map_err(failed)?;
        row.as_ref().map(session).transpose()
    }

    async fn voice_session_in(&mut self, media_room: &str) -> Result<Option<CountedVoiceSession>> {
        let row = sqlx::query(
            "SELECT *, (SELECT count(*) FROM utterances AS u WHERE u.voice_session_id = s.voice_session_id) AS utterances \
             FROM voice_sessions AS s WHERE s.media_room = ?",
        )
        .bind(media_room)
        .fetch_optional(self.connection())
        .await
        .map_err(failed)?;
        row.as_ref().map(session).transpose()
    }

    async fn voice_sessions_of(&mut self, account: AccountId, page: Page) -> Result<(u64, Vec<CountedVoiceSession>)> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(DISTINCT s.voice_session_id) FROM voice_sessions AS s JOIN utterances AS u USING (voice_session_id) \
             WHERE s.account_id = ?",
        )
        .bind(account.0)
        .fetch_one(self.connection())
        .await
        .map_err(failed)?;
        let rows = sqlx::query(
            "SELECT s.*, count(*) AS utterances FROM voice_sessions AS s JOIN utterances AS u USING (voice_session_id) \
             WHERE s.account_id = ? GROUP BY s.voice_session_id ORDER BY s.started_at DESC, s.voice_session_id DESC LIMIT ? OFFSET ?",
        )
        .bind(account.0)
        .bind(page.limit)
        .bind(offset(page))
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        Ok((u64::try_from(count).unwrap_or_default(), rows.iter().map(session).collect::<Result<_>>()?))
    }

    async fn voice_sessions(&mut self, page: Page) -> Result<Vec<CountedVoiceSession>> {
        let rows = sqlx::query(
            "SELECT s.*, count(*) AS utterances FROM voice_sessions AS s JOIN utterances AS u USING (voice_session_id) \
             WHERE s.account_id IS NOT NULL GROUP BY s.voice_session_id ORDER BY s.started_at DESC, s.voice_session_id DESC LIMIT ? OFFSET ?",
        )
        .bind(page.limit)
        .bind(offset(page))
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        rows.iter().map(session).collect()
    }

    async fn utterances_of(&mut self, session: VoiceSessionId) -> Result<Vec<UtteranceRecord>> {
        let rows = sqlx::query("SELECT * FROM utterances WHERE voice_session_id = ? ORDER BY coalesce(sent_seq, seq), seq")
            .bind(session.0)
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        rows.iter().map(utterance).collect()
    }

    async fn utterances_after(&mut self, session: VoiceSessionId, seq: i64) -> Result<Vec<UtteranceRecord>> {
        let rows = sqlx::query("SELECT * FROM utterances WHERE voice_session_id = ? AND seq > ? ORDER BY seq")
            .bind(session.0)
            .bind(seq)
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        rows.iter().map(utterance).collect()
    }

    async fn has_utterance(&mut self, session: VoiceSessionId, sent_id: &str) -> Result<bool> {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM utterances WHERE voice_session_id = ? AND sent_id = ?)")
            .bind(session.0)
            .bind(sent_id)
            .fetch_one(self.connection())
            .await
            .map_err(failed)
    }

    async fn utterances(&mut self, page: Page) -> Result<Vec<UtteranceRecord>> {
        let rows = sqlx::query(
            "SELECT u.* FROM utterances AS u JOIN voice_sessions AS s USING (voice_session_id) WHERE s.account_id IS NOT NULL \
             ORDER BY s.started_at DESC, s.voice_session_id DESC, u.seq DESC LIMIT ? OFFSET ?",
        )
        .bind(page.limit)
        .bind(offset(page))
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        rows.iter().map(utterance).collect()
    }
}

#[async_trait]
impl VoiceSessionWrite for SqliteTx {
    async fn put_voice_session(&mut self, session: &VoiceSessionRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO voice_sessions (voice_session_id, account_id, starter_hash, media_room, identity, room, system_prompt, voice, \
             language, topics, started_at, ended_at, end_reason, last_seq, last_sent_seq, metadata) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (voice_session_id) DO UPDATE SET \
             account_id = excluded.account_id, starter_hash = excluded.starter_hash, media_room = excluded.media_room, \
             identity = excluded.identity, room = excluded.room, system_prompt = excluded.system_prompt, voice = excluded.voice, \
             language = excluded.language, topics = excluded.topics, ended_at = excluded.ended_at, end_reason = excluded.end_reason, \
             last_seq = excluded.last_seq, last_sent_seq = excluded.last_sent_seq, \
             metadata = excluded.metadata",
        )
        .bind(session.id.0)
        .bind(session.account_id.map(|id| id.0))
        .bind(&session.starter_hash)
        .bind(&session.media_room)
        .bind(&session.identity)
        .bind(&session.room)
        .bind(&session.system_prompt)
        .bind(session.voice.map(word).transpose()?)
        .bind(session.language.map(word).transpose()?)
        .bind(json(&session.topics)?)
        .bind(micros(session.started_at))
        .bind(session.ended_at.map(micros))
        .bind(session.end_reason.map(word).transpose()?)
        .bind(session.last_seq)
        .bind(session.last_sent_seq)
        .bind(session.metadata.as_ref().map(json).transpose()?)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn append_utterance(&mut self, utterance: &UtteranceRecord) -> Result<bool> {
        let result = sqlx::query(
            "INSERT INTO utterances (utterance_id, voice_session_id, seq, sent_seq, sent_id, role, text, event, created_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(utterance.id.0)
        .bind(utterance.session.0)
        .bind(utterance.seq)
        .bind(utterance.sent_seq)
        .bind(&utterance.sent_id)
        .bind(word(utterance.role)?)
        .bind(&utterance.text)
        .bind(&utterance.event)
        .bind(micros(utterance.created_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn forget_utterances(&mut self, id: VoiceSessionId) -> Result<()> {
        sqlx::query("DELETE FROM utterances WHERE voice_session_id = ?")
            .bind(id.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn forget_anonymous_voice_sessions(&mut self, before: Timestamp) -> Result<Vec<VoiceSessionId>> {
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "DELETE FROM voice_sessions WHERE account_id IS NULL AND started_at < ? RETURNING voice_session_id",
        )
        .bind(micros(before))
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        Ok(ids.into_iter().map(VoiceSessionId).collect())
    }
}
