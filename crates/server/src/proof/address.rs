use url::{Host, Origin, Url};

use crate::Config;

/// Addresses under which this server is itself. A request's `Host` header is no evidence, because whoever relays a proof
/// writes it; so only what the operator configured counts, and the loopback addresses of a server that listens there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    origins: Vec<Origin>,
}

impl Addresses {
    /// The addresses of a server with this config.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let port = config.listen.port();
        let mut texts = vec![config.public_origin(), format!("http://{}", config.listen)];
        if config.listen.ip().is_loopback() || config.listen.ip().is_unspecified() {
            texts.extend(["127.0.0.1", "[::1]", "localhost"].map(|host| format!("http://{host}:{port}")));
        }
        let mut origins = Vec::new();
        for origin in texts.iter().filter_map(|text| Url::parse(text).ok()).map(|url| url.origin()) {
            if !origins.contains(&origin) {
                origins.push(origin);
            }
        }
        Self { origins }
    }

    /// Whether `text` is the address of `path` on this server. Query and fragment do not count (RFC 9449 section 4.3).
    #[must_use]
    pub fn is_address_of(&self, text: &str, path: &str) -> bool {
        let Ok(mut url) = Url::parse(text) else { return false };
        if !url.username().is_empty() || url.password().is_some() || !self.origins.contains(&url.origin()) {
            return false;
        }
        url.set_query(None);
        url.set_fragment(None);
        let claimed = url.clone();
        // The same spelling rules for both paths.
        url.set_path(path);
        url == claimed
    }

    /// Whether a page of this origin, as a browser's `Origin` header names it, is ours.
    #[must_use]
    pub fn is_own_origin(&self, text: &str) -> bool {
        Url::parse(text).is_ok_and(|url| {
            matches!(url.host(), Some(Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_))) && self.origins.contains(&url.origin())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behind_proxy() -> Addresses {
        let mut config = Config::at("data");
        config.public_url = Some("https://shop.example".parse().unwrap());
        Addresses::new(&config)
    }

    #[test]
    fn the_public_address_and_loopback_are_ours() {
        let addresses = behind_proxy();
        assert!(addresses.is_address_of("https://shop.example/v1/events", "/v1/events"));
        assert!(addresses.is_address_of("https://SHOP.example:443/v1/events?after=3#x", "/v1/events"));
        assert!(addresses.is_address_of("http://localhost:7070/v1/events", "/v1/events"));
        assert!(addresses.is_address_of("http://127.0.0.1:7070/v1/events", "/v1/events"));
    }

    #[test]
    fn another_host_scheme_port_or_path_is_not() {
        let addresses = behind_proxy();
        for address in [
            "https://evil.example/v1/events",
            "http://shop.example/v1/events",
            "https://shop.example:8443/v1/events",
            "https://shop.example/v1/speech",
            "https://shop.example/v1/events/",
            "https://user@shop.example/v1/events",
            "http://127.0.0.1:7071/v1/events",
            "/v1/events",
            "",
        ] {
            assert!(!addresses.is_address_of(address, "/v1/events"), "{address}");
        }
    }

    #[test]
    fn only_our_own_pages_are_ours() {
        let addresses = behind_proxy();
        assert!(addresses.is_own_origin("https://shop.example"));
        assert!(!addresses.is_own_origin("https://evil.example"));
        assert!(!addresses.is_own_origin("null"));
    }
}
