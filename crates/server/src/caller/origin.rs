use axum::http::{HeaderMap, header};
use protocol::ErrorCode;

use crate::{http::Failure, state::AppState};

/// Refuses a call that a page of somebody else made. Browsers say where an unsafe call comes from; other programs need not.
///
/// # Errors
/// 403: the page is not ours.
pub(crate) fn from_own_page(headers: &HeaderMap, state: &AppState) -> Result<(), Failure> {
    let foreign_fetch = headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none");
    let own = match headers.get(header::ORIGIN) {
        None => true,
        Some(origin) => {
            origin.to_str().is_ok_and(|origin| state.addresses.is_own_origin(origin) || is_same_host(origin, headers))
        }
    };
    if own && !foreign_fetch {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::CsrfFailed, "This page does not belong to the shop. Open the shop's own page."))
}

/// As [`from_own_page`], but pages of other sites that an operator lets in may call as well.
///
/// # Errors
/// 403: the page is neither ours nor let in.
pub(crate) fn from_known_page(headers: &HeaderMap, state: &AppState) -> Result<(), Failure> {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    if origin.is_some_and(|origin| state.config.lets_page_in(origin)) { Ok(()) } else { from_own_page(headers, state) }
}

/// Whether the page came from the very host it calls. Browsers set both headers, pages neither.
pub(crate) fn is_same_host(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    authority.zip(host).is_some_and(|(authority, host)| authority.eq_ignore_ascii_case(host))
}
