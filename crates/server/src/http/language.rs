use axum::http::{HeaderMap, header};
use protocol::shop::Locale;

/// Languages of a request that are looked at.
const MOST: usize = 20;

/// The language that the caller likes best of those that we write; none where none is named.
#[must_use]
pub fn wanted_language(headers: &HeaderMap) -> Option<Locale> {
    let list = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(f32, Locale)> = None;
    for part in list.split(',').take(MOST) {
        let (tag, weight) = part.split_once(";q=").unwrap_or((part, "1"));
        let weight = weight.trim().parse().unwrap_or(0.0);
        let Some(locale) = locale(tag.trim()) else { continue };
        if weight > best.map_or(0.0, |(weight, _)| weight) {
            best = Some((weight, locale));
        }
    }
    best.map(|(_, locale)| locale)
}

fn locale(tag: &str) -> Option<Locale> {
    match tag.split('-').next()?.to_ascii_lowercase().as_str() {
        "en" => Some(Locale::En),
        "hi" => Some(Locale::Hi),
        "es" => Some(Locale::Es),
        "ar" => Some(Locale::Ar),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_best_liked_language_that_we_write_is_chosen() {
        for (sent, chosen) in [
            ("es-MX,es;q=0.9,en;q=0.8", Some(Locale::Es)),
            ("de, fr;q=0.9, ar;q=0.5, en;q=0.4", Some(Locale::Ar)),
            ("en;q=0.2, hi-IN;q=0.7", Some(Locale::Hi)),
            ("de", None),
            ("en;q=0", None),
            ("en;q=x", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(sent));
            assert_eq!(wanted_language(&headers), chosen, "{sent}");
        }
        assert_eq!(wanted_language(&HeaderMap::new()), None);
    }
}
