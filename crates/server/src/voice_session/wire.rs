use protocol::voice_session::{HistoryEntry, HistoryItem, Utterance};
use server_store::records::{CountedVoiceSession, UtteranceRecord, VoiceSessionRecord};

pub(super) fn item(counted: CountedVoiceSession) -> HistoryItem {
    let CountedVoiceSession { session, utterances } = counted;
    HistoryItem {
        id: session.id,
        room: session.room,
        started_at: session.started_at,
        ended_at: session.ended_at,
        utterance_count: utterances,
        system_prompt: session.system_prompt,
    }
}

pub(super) fn entry(session: VoiceSessionRecord, said: Vec<UtteranceRecord>) -> HistoryEntry {
    let length = session.ended_at.map(|ended| ended.since(session.started_at));
    HistoryEntry {
        id: session.id,
        room: session.room,
        started_at: session.started_at,
        ended_at: session.ended_at,
        duration_ms: length.map(|length| u64::try_from(length.as_millis()).unwrap_or(u64::MAX)),
        system_prompt: session.system_prompt,
        metadata: session.metadata.unwrap_or_default(),
        utterances: said.into_iter().map(utterance).collect(),
    }
}

pub(super) fn utterance(said: UtteranceRecord) -> Utterance {
    Utterance {
        id: said.id,
        session: said.session,
        seq: said.seq,
        role: said.role,
        text: said.text,
        event: said.event,
        is_final: true,
        created_at: said.created_at,
    }
}
