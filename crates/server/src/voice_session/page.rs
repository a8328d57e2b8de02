use axum::http::Uri;
use protocol::ErrorCode;
use server_store::records::Page;

use crate::http::{Answer, Failure};

/// Entries of a page that nobody asked another size for.
const USUAL: u32 = 20;
/// Most entries of a page.
const MOST: u32 = 100;

/// Which part of a list an address asks for with `limit` and `offset`.
///
/// # Errors
/// 400: one of them is no number.
pub(super) fn read(uri: &Uri) -> Answer<Page> {
    let query = uri.query().unwrap_or_default();
    let mut page = Page { limit: USUAL, offset: 0 };
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "limit" => page.limit = limit(number(&value)?),
            "offset" => page.offset = u64::try_from(number(&value)?).unwrap_or_default(),
            _ => {}
        }
    }
    Ok(page)
}

fn limit(wanted: i64) -> u32 {
    if wanted < 1 { USUAL } else { u32::try_from(wanted).unwrap_or(MOST).min(MOST) }
}

/// A number of any size; those that are too large to count with are as large as it gets.
fn number(text: &str) -> Answer<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Failure::new(ErrorCode::ValidationError, "Invalid pagination parameters").as_wrong_value());
    }
    let huge = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    Ok(text.parse().unwrap_or(huge))
}

/// The address of the page after this one, if there is any.
pub(super) fn next(path: &str, page: Page, count: u64) -> Option<String> {
    let offset = page.offset.saturating_add(page.limit.into());
    (offset < count).then(|| address(path, page.limit, offset))
}

/// The address of the page before this one, if there is any.
pub(super) fn previous(path: &str, page: Page) -> Option<String> {
    (page.offset > 0).then(|| address(path, page.limit, page.offset.saturating_sub(page.limit.into())))
}

fn address(path: &str, limit: u32, offset: u64) -> String {
    format!("{path}?limit={limit}&offset={offset}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Option<(u32, u64)> {
        read(&format!("/api/users/history{query}").parse().unwrap()).ok().map(|page| (page.limit, page.offset))
    }

    #[test]
    fn a_page_is_kept_within_its_bounds() {
        for (query, page) in [
            ("", (20, 0)),
            ("?limit=5&offset=10", (5, 10)),
            ("?limit=101", (100, 0)),
            ("?limit=0", (20, 0)),
            ("?limit=-3&offset=-7", (20, 0)),
            ("?limit=99999999999999999999&offset=99999999999999999999", (100, i64::MAX.unsigned_abs())),
            ("?other=x", (20, 0)),
        ] {
            assert_eq!(asked(query), Some(page), "{query}");
        }
        for query in ["?limit=ten", "?offset=", "?limit=1.5", "?limit=%20", "?offset=1e3", "?limit=--1"] {
            assert_eq!(asked(query), None, "{query}");
        }
    }

    #[test]
    fn pages_lead_to_each_other() {
        let page = |limit, offset| Page { limit, offset };
        assert_eq!(next("/x", page(20, 0), 45).as_deref(), Some("/x?limit=20&offset=20"));
        assert_eq!(next("/x", page(20, 40), 45), None);
        assert_eq!(next("/x", page(20, u64::MAX), 45), None);
        assert_eq!(previous("/x", page(20, 0)), None);
        assert_eq!(previous("/x", page(20, 10)).as_deref(), Some("/x?limit=20&offset=0"));
        assert_eq!(previous("/x", page(20, 40)).as_deref(), Some("/x?limit=20&offset=20"));
    }
}
