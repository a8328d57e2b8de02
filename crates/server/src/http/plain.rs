use axum::{
    http::header,
    response::{IntoResponse as _, Response},
};
use protocol::ErrorCode;

use super::Failure;

/// What the web framework refuses by itself, in plain text, becomes JSON like every other refusal.
pub(super) fn as_json(response: Response) -> Response {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let plain = response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !plain {
        return response;
    }
    let code = match status.as_u16() {
        404 => ErrorCode::NotFound,
        405 => ErrorCode::MethodNotAllowed,
        413 => ErrorCode::PayloadTooLarge,
        415 => ErrorCode::UnsupportedMediaType,
        500.. => ErrorCode::InternalError,
        _ => ErrorCode::BadRequest,
    };
    let detail = match code {
        ErrorCode::InternalError => "Something went wrong. Please try again.",
        ErrorCode::BadRequest => "The address or a header of the request cannot be read.",
        _ => status.canonical_reason().unwrap_or_default(),
    };
    Failure::new(code, detail).with_status(status).into_response()
}
