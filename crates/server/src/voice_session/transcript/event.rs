use protocol::{
    ErrorCode, Timestamp,
    transcript::{ERROR, SESSION_ENDED, TranscriptEvent},
    voice_session::{Speaker, VoiceEnd},
};
use server_store::records::UtteranceRecord;

/// Something that was said for good.
pub(in super::super) fn said(utterance: UtteranceRecord) -> TranscriptEvent {
    TranscriptEvent {
        id: utterance.sent_id.unwrap_or_else(|| utterance.id.to_string()),
        seq: utterance.seq,
        at: utterance.created_at,
        role: utterance.role,
        text: Some(utterance.text),
        event: None,
        reason: None,
        code: None,
        is_final: true,
        last: true,
    }
}

/// The conversation is over.
pub(in super::super) fn ended(seq: i64, at: Timestamp, reason: VoiceEnd) -> TranscriptEvent {
    TranscriptEvent { reason: Some(reason), ..happened("end", SESSION_ENDED, seq, at) }
}

/// The transcript cannot go on.
pub(super) fn failed(seq: i64, at: Timestamp) -> TranscriptEvent {
    TranscriptEvent { code: Some(ErrorCode::ServiceUnavailable), ..happened("error", ERROR, seq, at) }
}

fn happened(id: &str, event: &str, seq: i64, at: Timestamp) -> TranscriptEvent {
    TranscriptEvent {
        id: id.to_owned(),
        seq,
        at,
        role: Speaker::Event,
        text: None,
        event: Some(event.to_owned()),
        reason: None,
        code: None,
        is_final: true,
        last: true,
    }
}
