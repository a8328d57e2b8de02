//! Looking for a product by its picture.

use axum::{
    extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request, State, multipart::MultipartError},
    http::StatusCode,
    response::Response,
};
use bytes::Bytes;
use protocol::{ErrorCode, routes};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{Answer, Failure, with_error},
    state::AppState,
};

/// Largest picture in bytes.
const LARGEST: usize = 5 * 1024 * 1024;
/// What the form takes besides the picture.
const FORM: usize = 64 * 1024;
const FIELD: &str = "image";

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(visual_search)).layer(DefaultBodyLimit::max(LARGEST + FORM))
}

/// The form of a visual search.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read piece by piece")]
struct VisualSearch {
    /// JPEG, PNG, WebP or GIF, at most 5 MB.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    image: String,
}

/// Look for a product by its picture. There is no engine for it here.
#[utoipa::path(post, path = routes::VISUAL_SEARCH, tag = "assistant", request_body(content_type = "multipart/form-data", content = VisualSearch),
    responses((status = 200, body = Object, description = "What an engine finds."), (status = 502, description = "The engine failed."), (status = 503)))]
async fn visual_search(State(state): State<AppState>, request: Request) -> Response {
    let answer = match picture(request, &state).await {
        Ok(_) => Err(Failure::new(ErrorCode::ServiceUnavailable, "Visual search is not available here.")),
        Err(failure) => Err(failure),
    };
    with_error(answer.map_err(|failure| failure.with("success", false.into())))
}

/// The picture that was sent.
async fn picture(request: Request, state: &AppState) -> Answer<Bytes> {
    let no_form =
        |_| Failure::field(FIELD, ErrorCode::ValidationError, "Send the picture as multipart/form-data, in the field image.");
    let mut form = Multipart::from_request(request, state).await.map_err(no_form)?;
    while let Some(field) = form.next_field().await.map_err(|error| unreadable(&error))? {
        if field.name() != Some(FIELD) {
            continue;
        }
        let picture = field.bytes().await.map_err(|error| unreadable(&error))?;
        if picture.len() > LARGEST {
            return Err(too_large());
        }
        if picture.is_empty() {
            return Err(Failure::field(FIELD, ErrorCode::ValidationError, "image is empty"));
        }
        if !is_picture(&picture) {
            return Err(Failure::new(ErrorCode::UnsupportedMediaType, "Send a picture as JPEG, PNG, WebP or GIF."));
        }
        return Ok(picture);
    }
    Err(Failure::field(FIELD, ErrorCode::ValidationError, "image is required"))
}

fn too_large() -> Failure {
    Failure::new(ErrorCode::PayloadTooLarge, "The picture is too large; send at most 5 MB.")
}

fn unreadable(error: &MultipartError) -> Failure {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    Failure::field(FIELD, ErrorCode::ValidationError, "The form could not be read to its end; send it again.")
}

/// What a picture is, its first bytes say; the name and type that a client gives it do not count.
fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xd8\xff")
        || bytes.starts_with(b"\x89PNG\r\n\x1a\n")
        || bytes.starts_with(b"GIF87a")
        || bytes.starts_with(b"GIF89a")
        || (bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use serde_json::json;

    use super::*;
    use crate::testing::{Reply, TestServer, request};

    async fn send(server: &TestServer, name: &str, content: &[u8]) -> Reply {
        let mut body =
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"a.gif\"\r\n\r\n").into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let headers = [("content-type", "multipart/form-data; boundary=edge")];
        server.send(request("POST", routes::VISUAL_SEARCH, &headers).body(Body::from(body)).unwrap()).await
    }

    #[tokio::test]
    async fn a_picture_is_judged_before_it_is_said_that_nobody_looks_at_it() {
        let server = TestServer::start().await;
        let mut large = b"GIF89a".to_vec();
        large.resize(LARGEST + 1, 0);
        let larger = vec![0; LARGEST + FORM + 1];
        let cases: [(&str, &[u8], u16, &str); 8] = [
            (FIELD, b"GIF89a...", 503, "service_unavailable"),
            (FIELD, b"\xff\xd8\xff\xe0...", 503, "service_unavailable"),
            (FIELD, b"<svg onload=alert(1)>", 415, "unsupported_media_type"),
            (FIELD, b"", 422, "validation_error"),
            ("picture", b"GIF89a...", 422, "validation_error"),
            (FIELD, &large, 413, "payload_too_large"),
            (FIELD, &larger, 413, "payload_too_large"),
            (FIELD, &large[..LARGEST], 503, "service_unavailable"),
        ];
        for (name, content, status, code) in cases {
            let body = send(&server, name, content).await.expect(status);
            assert_eq!((&body["code"], &body["success"]), (&json!(code), &json!(false)), "{name} of {} bytes", content.len());
            assert_eq!(body["error"], body["detail"]);
        }
        let body = server.post(routes::VISUAL_SEARCH, &[], &json!({"image": "aGVsbG8="})).await.expect(422);
        assert_eq!(body["errors"][0]["field"], json!("image"));
    }
}
