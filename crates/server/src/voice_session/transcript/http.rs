use axum::{
    extract::{
        Path, State,
        ws::{WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::Uri,
    response::Response,
};
use protocol::{ErrorCode, routes};
use server_store::records::Topic;

use super::{
    super::{reserve::wrong, starter::Claimant},
    PROTOCOL,
    socket::Transcript,
};
use crate::{
    http::{Answer, Failure},
    state::AppState,
};

/// Bytes that are read from a socket at once. Clients say `ping` and nothing else.
const READ_BUFFER: usize = 1_024;
/// Longest message of a client in bytes.
const LONGEST_MESSAGE: usize = 1_024;
/// What stands in an address ends up in logs, so nothing that proves anything may stand there.
const SECRETS: [&str; 8] =
    ["ticket", "token", "access_token", "session_token", "sessionid", "voice_session", "key", "channel_key"];

/// Follow the transcript of a conversation while it is spoken.
///
/// A WebSocket. The server sends text frames of JSON, each a `TranscriptEvent`; what was said before comes first. The client
/// says `ping` about every 20 seconds. For whoever began the conversation (cookie `voice_session`, header `X-Voice-Ticket`, or
/// the subprotocols `vitrine.transcript` and `vitrine.ticket.<ticket>`), its account, staff and the shop's agent.
#[utoipa::path(get, path = routes::TRANSCRIPT, tag = "spoken conversations",
    params(("session_id" = String, Path), ("after" = Option<i64>, Query, description = "Leave out what was said up to this `seq`.")),
    responses((status = 101), (status = 400), (status = 401), (status = 403), (status = 404), (status = 422), (status = 429)),
    security(("voice_session" = []), ("voice_ticket" = []), ("account" = []), ("bearer" = []), ("channel_key" = [])))]
pub(in super::super) async fn get(
    State(state): State<AppState>,
    claimant: Claimant,
    Path(id): Path<String>,
    uri: Uri,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Answer<Response> {
    let after = after(&uri)?;
    let id = claimant.judge(&state, &id).await?.id;
    let upgrade = upgrade.map_err(|_| Failure::new(ErrorCode::BadRequest, "This address is a WebSocket; open it as one."))?;
    let full = || Failure::too_often(10, "Too many listen to this conversation. Close another page of it first.");
    let listener = state.transcripts.listen(id).ok_or_else(full)?;
    let follower = state.bus.follow(&[Topic::Transcript(id)]);
    let transcript = Transcript { id, follower, listener, sent: after, waiting: Vec::new(), state };
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(LONGEST_MESSAGE)
        .max_frame_size(LONGEST_MESSAGE);
    Ok(upgrade.on_upgrade(async move |socket: WebSocket| {
        let done = transcript.run(socket).await;
        tracing::debug!(?done, "a transcript was closed");
    }))
}

/// From where on the client wants to hear what was said.
fn after(uri: &Uri) -> Answer<i64> {
    let mut after = 0;
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        if SECRETS.contains(&name.to_ascii_lowercase().as_str()) {
            let sentence = "Addresses end up in logs. Send the ticket in the header X-Voice-Ticket, or keep the cookie.";
            return Err(Failure::new(ErrorCode::BadRequest, sentence));
        }
        if name == "after" && !value.is_empty() {
            after = value.parse().map_err(|_| wrong("after", "after must be a whole number"))?;
        }
    }
    // Nothing comes before the first or after the last.
    Ok(after.clamp(0, i64::MAX - 1))
}
