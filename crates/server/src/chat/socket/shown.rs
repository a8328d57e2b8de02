//! An entry of a conversation as sockets hear it.

use protocol::{
    ids::SessionId,
    session::{ChatEntry, Sender},
};
use serde_json::{Map, Value, json};
use server_store::records::ProfileRecord;

use crate::profile;

/// Pieces in which an answer is written.
const MOST_PIECES: usize = 20;
/// What of an answer is there to show.
const SHOWN: [&str; 4] = ["cards", "buttons", "ui_hint", "request_id"];

/// Whether the answer changed the profile of whoever asked.
pub(super) fn changed_profile(entry: &ChatEntry) -> bool {
    entry.metadata.as_ref().is_some_and(|metadata| metadata.get("profile_changed") == Some(&json!(true)))
}

/// The events of an entry, in order.
pub(super) fn entry(session: SessionId, entry: &ChatEntry, profile: Option<ProfileRecord>) -> Vec<(&'static str, Value)> {
    if entry.sender == Sender::User {
        let echo = json!({"session_id": session, "message": {"id": entry.id, "role": "user", "content": entry.message,
            "channel": entry.channel, "timestamp": entry.timestamp}});
        return vec![("chat:echo", echo)];
    }
    let noted = entry.metadata.iter().flatten().filter(|(name, _)| SHOWN.contains(&name.as_str()));
    let mut data: Map<String, Value> = noted.map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Some(profile) = profile {
        data.insert("consumer_profile".into(), json!(profile::wire_profile(profile)));
    }
    let mut events: Vec<(&'static str, Value)> =
        pieces(&entry.message).into_iter().map(|piece| ("chat:stream", json!({"session_id": session, "token": piece}))).collect();
    events.push(("chat:response", json!({"session_id": session, "content": entry.message, "data": data})));
    let message = json!({"role": "assistant", "content": entry.message, "data": data});
    events.push(("new_message", json!({"session_id": session, "message": message})));
    events
}

/// The words of an answer in a few pieces, which together are the answer.
fn pieces(text: &str) -> Vec<String> {
    let words: Vec<&str> = text.split_inclusive(' ').collect();
    words.chunks(words.len().div_ceil(MOST_PIECES).max(1)).map(<[&str]>::concat).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_of_an_answer_are_the_answer() {
        for text in ["", "Hello.", "One two  three\nfour ", &"word ".repeat(500)] {
            let pieces = pieces(text);
            assert!(pieces.len() <= MOST_PIECES, "{}", pieces.len());
            assert_eq!(pieces.concat(), text);
        }
    }
}
