//! The description of the API (OpenAPI), collected from the handlers themselves, and a page that shows it.
//!
//! A route joins the router together with its description or not at all ([`utoipa_axum`]). What holds for every route is
//! added here, once ([`complete`]): error bodies, ids, common refusals, credentials.

mod complete;
mod page;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Extension,
    body::Bytes,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use complete::complete;
use protocol::routes;
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{key, state::AppState};

/// The description as it is served.
#[derive(Clone, Debug)]
pub struct Document {
    text: Bytes,
    tag: Arc<str>,
}

impl Document {
    /// Completes and writes a description.
    #[must_use]
    pub fn of(api: &OpenApi) -> Self {
        let text = complete(api).to_string().into_bytes();
        let tag = format!("\"{}\"", &key::hex(&key::sha256(&text))[..16]);
        Self { text: text.into(), tag: tag.into() }
    }

    /// JSON.
    #[must_use]
    pub fn text(&self) -> &Bytes {
        &self.text
    }
}

/// The description and its page.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(document)).merge(page::routes())
}

/// This description.
#[utoipa::path(get, path = routes::OPENAPI, tag = "operation",
    responses((status = 200, body = Object), (status = 304, description = "It has not changed.")))]
async fn document(Extension(document): Extension<Document>, headers: HeaderMap) -> Response {
    let fields = [(header::ETAG, &*document.tag), (header::CACHE_CONTROL, "no-cache")];
    let kept = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if kept.is_some_and(|kept| kept.split(',').any(|one| one.trim().trim_start_matches("W/") == &*document.tag)) {
        return (StatusCode::NOT_MODIFIED, fields).into_response();
    }
    (fields, [(header::CONTENT_TYPE, "application/json")], document.text).into_response()
}
