use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use protocol::{ErrorCode, routes};
use tokio_util::io::ReaderStream;

use crate::{
    http::{Answer, Failure},
    state::AppState,
};

/// Browsers may keep a picture so long before they ask again.
const FRESH: &str = "public, max-age=86400";

/// A picture of a product.
#[utoipa::path(get, path = routes::IMAGE, tag = "catalogue", params(("file" = String, Path)),
    responses((status = 200, content_type = "image/*", body = Vec<u8>), (status = 304, description = "It has not changed."),
        (status = 404)))]
pub(super) async fn image(State(state): State<AppState>, Path(name): Path<String>, headers: HeaderMap) -> Answer<Response> {
    let missing = || Failure::new(ErrorCode::NotFound, "Not Found");
    if !is_plain(&name) {
        return Err(missing());
    }
    let path = state.config.images().join(&name);
    // A link could lead out of the folder.
    let about = tokio::fs::symlink_metadata(&path).await.map_err(|_| missing())?;
    if !about.is_file() {
        return Err(missing());
    }
    let changed = about.modified().ok().and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok()).unwrap_or_default();
    let tag = format!("\"{:x}-{:x}\"", about.len(), changed.as_nanos());
    let kept = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if kept.is_some_and(|kept| kept.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag), (header::CACHE_CONTROL, FRESH.into())]).into_response());
    }
    let file = tokio::fs::File::open(&path).await.map_err(|_| missing())?;
    let kind = mime_guess::from_path(&path).first_or_octet_stream();
    let fields = [
        (header::CONTENT_TYPE, kind.to_string()),
        (header::CONTENT_LENGTH, about.len().to_string()),
        (header::ETAG, tag),
        (header::CACHE_CONTROL, FRESH.into()),
        // A drawing may style itself, but nothing in it runs or loads.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; sandbox".into()),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".into()),
    ];
    Ok((fields, Body::from_stream(ReaderStream::new(file))).into_response())
}

/// A name that stays in its folder on every system.
#[must_use]
pub fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 200
        && !name.starts_with('.')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | ' '))
}
