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

/// Whether the page came from the very host it calls. Browsers set both headers, pages neither.
fn is_same_host(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    authority.zip(host).is_some_and(|(authority, host)| authority.eq_ignore_ascii_case(host))
}
