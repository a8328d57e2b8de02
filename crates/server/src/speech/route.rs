use axum::{
    body::Body,
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse as _, Response},
};
use protocol::{
    ErrorCode, routes,
    speech::{MAX_CHARACTERS, SpeechRequest},
};

use super::Mute;
use crate::{
    http::{Answer, Failure, JsonBody},
    proof::Device,
    state::AppState,
};

/// Speak a text.
///
/// 16-bit mono PCM, streamed as it is rendered.
#[utoipa::path(post, path = routes::SPEECH, tag = "kiosks", request_body = SpeechRequest,
    responses((status = 200, content_type = "audio/wav", body = Vec<u8>)), security(("device" = [])))]
pub(super) async fn post(State(state): State<AppState>, device: Device, body: JsonBody<SpeechRequest>) -> Answer<Response> {
    let request = body.value;
    state
        .limits
        .speech
        .take(device.id)
        .map_err(|seconds| Failure::too_often(seconds, "Too much to say. Try again in a moment."))?;
    if request.input.chars().count() > MAX_CHARACTERS {
        return Err(Failure::field(
            "input",
            ErrorCode::ValidationError,
            format!("The text is too long. Send at most {MAX_CHARACTERS} characters."),
        ));
    }
    let sound = state.voices.wav(&request.input, request.locale).await.map_err(|mute| {
        let code = if mute == Mute::Nothing { ErrorCode::ValidationError } else { ErrorCode::VoiceUnavailable };
        Failure::new(code, mute.to_string())
    })?;
    Ok(([(CONTENT_TYPE, "audio/wav")], Body::from_stream(sound)).into_response())
}
