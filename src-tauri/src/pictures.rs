//! `picture://localhost/images/…`: the shop's pictures, from the core.

use std::borrow::Cow;

use kiosk_core::{KioskHandle, Picture};
use protocol::{ApiError, ErrorCode};
use tauri::{
    Manager as _, Runtime, UriSchemeContext, UriSchemeResponder,
    http::{Request, Response, StatusCode, header},
};

/// The address's scheme.
pub(crate) const SCHEME: &str = "picture";

/// Answers one request of the page.
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands a scheme its context by value")]
pub(crate) fn answer<R: Runtime>(context: UriSchemeContext<'_, R>, request: Request<Vec<u8>>, responder: UriSchemeResponder) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn(async move {
        let found = match app.try_state::<KioskHandle>() {
            Some(kiosk) => kiosk.picture(request.uri().path()).await,
            None => Err(ApiError::new(ErrorCode::ServiceUnavailable, "The kiosk is starting.")),
        };
        responder.respond(response(found));
    });
}

fn response(found: Result<Picture, ApiError>) -> Response<Cow<'static, [u8]>> {
    let mut response = Response::new(Cow::Borrowed(&[][..]));
    match found {
        Ok(picture) => {
            if let Ok(kind) = picture.content_type.parse() {
                response.headers_mut().insert(header::CONTENT_TYPE, kind);
            }
            response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, header::HeaderValue::from_static("nosniff"));
            *response.body_mut() = Cow::Owned(picture.bytes.to_vec());
        }
        Err(problem) => {
            tracing::debug!(code = ?problem.code, "a picture is missing");
            *response.status_mut() = StatusCode::NOT_FOUND;
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_goes_out_under_its_own_type() {
        let picture = Picture { content_type: "image/svg+xml".into(), bytes: (&b"<svg/>"[..]).into() };
        let response = response(Ok(picture));
        assert_eq!(
            (response.status(), response.headers()[header::CONTENT_TYPE].as_bytes()),
            (StatusCode::OK, &b"image/svg+xml"[..])
        );
        assert_eq!(response.body().as_ref(), b"<svg/>");
    }

    #[test]
    fn what_cannot_be_had_is_not_found() {
        for code in [ErrorCode::NotFound, ErrorCode::ServerUnreachable] {
            assert_eq!(response(Err(ApiError::new(code, "no"))).status(), StatusCode::NOT_FOUND);
        }
    }
}
