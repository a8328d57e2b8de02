//! The page itself. Opening it changes nothing and reads nothing, so that a link preview burns no code.

use axum::{
    body::Body,
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use protocol::{ErrorCode, routes};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::http::{Answer, Failure};

/// The page as `ui` builds it.
#[derive(RustEmbed)]
#[folder = "../../ui/dist/phone"]
#[allow_missing = true]
struct Built;

/// The page runs only what came with it, and is shown in no frame.
const POLICY: &str =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page, whatever code stands in its address: only the page's own script looks at it.
#[utoipa::path(get, path = routes::PHONE_PAGE, tag = "phones",
    responses((status = 200, content_type = "text/html", body = String), (status = 503)))]
pub(super) async fn get() -> Answer<Response> {
    page()
}

/// Where a phone lands after it scanned a kiosk.
///
/// Opening it changes nothing.
#[utoipa::path(get, path = routes::PHONE_PAGE_WITH_CODE, tag = "phones", params(("code" = String, Path)),
    responses((status = 200, content_type = "text/html", body = String), (status = 503)))]
pub(super) async fn get_scanned() -> Answer<Response> {
    page()
}

/// Where a customer without a camera types the eight letters.
#[utoipa::path(get, path = routes::PHONE_TYPED_PAGE, tag = "phones",
    responses((status = 200, content_type = "text/html", body = String), (status = 503)))]
pub(super) async fn get_typed() -> Answer<Response> {
    page()
}

/// Where who forgot a password asks for a link, or comes with one.
///
/// Opening it changes nothing; only the page's own script sees the token.
#[utoipa::path(get, path = routes::PASSWORD_RESET_PAGE, tag = "phones",
    responses((status = 200, content_type = "text/html", body = String), (status = 503)))]
pub(super) async fn get_reset() -> Answer<Response> {
    page()
}

/// Where a mailed link verifies an address.
///
/// Opening it changes nothing; only the page's own script sees the token.
#[utoipa::path(get, path = routes::EMAIL_CONFIRM_PAGE, tag = "phones",
    responses((status = 200, content_type = "text/html", body = String), (status = 503)))]
pub(super) async fn get_verify() -> Answer<Response> {
    page()
}

fn page() -> Answer<Response> {
    let page = Built::get("index.html").ok_or_else(|| {
        Failure::new(
            ErrorCode::ServiceUnavailable,
            "This server was built without its phone page. Build the page in ui/ first, then the server.",
        )
    })?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    Ok((headers, Body::from(page.data)).into_response())
}

/// What the page loads.
///
/// File names carry a hash of their content, so they are kept for ever.
#[utoipa::path(get, path = routes::PHONE_ASSET, tag = "phones", params(("path" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 404)))]
pub(super) async fn get_asset(Path(path): Path<String>) -> Answer<Response> {
    let not_found = || Failure::new(ErrorCode::NotFound, "Not Found");
    let path = format!("assets/{path}");
    let EmbeddedFile { data, .. } = Built::get(&path).ok_or_else(not_found)?;
    let kind = mime_guess::from_path(&path).first_or_octet_stream();
    let kind = HeaderValue::from_str(kind.as_ref()).map_err(|_| not_found())?;
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"))];
    Ok((headers, Body::from(data)).into_response())
}
