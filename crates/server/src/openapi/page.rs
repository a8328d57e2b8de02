//! A page that shows the description. It comes whole from the program: it works without a network.

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse as _, Response},
};
use protocol::{ErrorCode, routes};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{Answer, Failure},
    state::AppState,
};

const PAGE: &str = include_str!("page/index.html");
const SCRIPT: &str = include_str!("page/page.js");
const STYLE: &str = include_str!("page/page.css");

/// The page runs only what came with it, and talks to its own server alone.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(page)).routes(routes!(part))
}

/// A page that shows this description.
#[utoipa::path(get, path = routes::DOCS, tag = "operation", responses((status = 200, content_type = "text/html", body = String)))]
async fn page() -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, POLICY)], PAGE).into_response()
}

/// A part of that page.
#[utoipa::path(get, path = routes::DOCS_PART, tag = "operation", params(("file" = String, Path)),
    responses((status = 200, content_type = "text/*", body = String), (status = 404)))]
async fn part(Path(file): Path<String>) -> Answer<Response> {
    let (kind, text) = match file.as_str() {
        "page.js" => ("text/javascript; charset=utf-8", SCRIPT),
        "page.css" => ("text/css; charset=utf-8", STYLE),
        _ => return Err(Failure::new(ErrorCode::NotFound, "Not Found")),
    };
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}
