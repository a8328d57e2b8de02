//! A conversation lives, and then it is over for good.

use protocol::{Timestamp, transcript::TranscriptEvent, voice_session::VoiceEnd};
use server_store::{
    StoreError,
    records::{Topic, VoiceSessionRecord},
};

use super::transcript;
use crate::transaction::Tx;

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// It is being held.
    Live,
    /// It is over.
    Ended {
        /// Since when.
        at: Timestamp,
        /// Why; conversations of older programs do not say.
        reason: VoiceEnd,
    },
}

/// The conversation is over already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the conversation is over already")]
pub(super) struct IsOver;

impl Stage {
    pub(super) fn of(session: &VoiceSessionRecord) -> Self {
        match session.ended_at {
            Some(at) => Self::Ended { at, reason: session.end_reason.unwrap_or(VoiceEnd::Finished) },
            None => Self::Live,
        }
    }

    /// The stage after it ends.
    ///
    /// # Errors
    /// It has ended.
    pub(super) fn end(self, at: Timestamp, reason: VoiceEnd) -> Result<Self, IsOver> {
        match self {
            Self::Live => Ok(Self::Ended { at, reason }),
            Self::Ended { .. } => Err(IsOver),
        }
    }
}

/// Ends a conversation; answers what is announced to its listeners, or that it was over before. Of an anonymous
/// one nothing that was said remains.
///
/// # Errors
/// The store failed.
pub(super) async fn end(
    tx: &mut Tx,
    session: &mut VoiceSessionRecord,
    at: Timestamp,
    reason: VoiceEnd,
) -> Result<Result<TranscriptEvent, IsOver>, StoreError> {
    if let Err(over) = Stage::of(session).end(at, reason) {
        return Ok(Err(over));
    }
    session.ended_at = Some(at);
    session.end_reason = Some(reason);
    session.last_seq += 1;
    if session.account_id.is_none() {
        tx.forget_utterances(session.id).await?;
        session.starter_hash = None;
        session.identity = None;
        session.system_prompt = String::new();
        session.topics = Vec::new();
        session.metadata = None;
    }
    tx.put_voice_session(session).await?;
    tx.touch(Topic::Transcript(session.id));
    Ok(Ok(transcript::ended(session.last_seq, at, reason)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_ends_once() {
        let at = Timestamp::from_unix_millis(7);
        let ended = Stage::Live.end(at, VoiceEnd::Stopped).unwrap();
        assert_eq!(ended, Stage::Ended { at, reason: VoiceEnd::Stopped });
        assert_eq!(ended.end(at, VoiceEnd::Finished), Err(IsOver));
    }
}
