//! What is known of each route before it is called: the credentials it takes, and its figures.

use std::collections::HashMap;

use axum::http::{HeaderMap, Method, header};
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::metrics::{Metrics, RouteFigures};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Every route by its pattern and method.
#[derive(Debug)]
pub(super) struct Table {
    routes: HashMap<String, [Option<Route>; METHODS.len()]>,
    unknown: Route,
}

/// One route.
#[derive(Debug)]
pub(super) struct Route {
    /// What a caller can show there.
    pub(super) accepts: Accepts,
    /// What is counted of it.
    pub(super) figures: RouteFigures,
}

/// Kinds of credentials, by their names in the description.
const CREDENTIALS: [&str; 6] = ["session_token", "channel_key", "device", "bearer", "account", "guest"];

/// The kinds that a route takes, in the order of [`CREDENTIALS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Accepts([bool; CREDENTIALS.len()]);

impl Table {
    /// The routes of a description.
    pub(super) fn of(api: &OpenApi, metrics: &Metrics) -> Self {
        let api = serde_json::to_value(api).unwrap_or_default();
        let mut routes = HashMap::new();
        for (path, item) in api["paths"].as_object().into_iter().flatten() {
            let of_method = |method: &str| {
                let operation = item.get(method)?;
                let figures = metrics.route(path, method);
                Some(Route { accepts: Accepts::of(operation), figures })
            };
            routes.insert(path.clone(), METHODS.map(of_method));
        }
        Self { routes, unknown: Route { accepts: Accepts::default(), figures: metrics.route("-", "-") } }
    }

    /// The route that answers, or what stands for all calls that no route takes.
    pub(super) fn find(&self, pattern: Option<&str>, method: &Method) -> &Route {
        let place = match *method {
            Method::GET | Method::HEAD => 0,
            Method::POST => 1,
            Method::PUT => 2,
            Method::PATCH => 3,
            Method::DELETE => 4,
            _ => return &self.unknown,
        };
        pattern.and_then(|pattern| self.routes.get(pattern)).and_then(|methods| methods[place].as_ref()).unwrap_or(&self.unknown)
    }
}

impl Accepts {
    fn of(operation: &Value) -> Self {
        let sets = operation["security"].as_array().map(Vec::as_slice).unwrap_or_default();
        Self(CREDENTIALS.map(|name| sets.iter().any(|set| set.get(name).is_some())))
    }

    /// Whether there is anything at all that a caller can show.
    pub(super) fn something(self) -> bool {
        self != Self::default()
    }

    /// Whether one of these is in `headers`; whether it is good is for others to judge.
    pub(super) fn any_in(self, headers: &HeaderMap) -> bool {
        let Self([session_token, channel_key, device, bearer, account, guest]) = self;
        (session_token && headers.contains_key("x-session-token"))
            || (channel_key && headers.contains_key("x-channel-key"))
            || (device && headers.contains_key("dpop"))
            || (bearer && headers.contains_key(header::AUTHORIZATION))
            || (account && has_cookie(headers, b"sessionid="))
            || (guest && has_cookie(headers, b"guest_session="))
    }
}

fn has_cookie(headers: &HeaderMap, beginning: &[u8]) -> bool {
    let has = |line: &[u8]| line.windows(beginning.len()).any(|window| window == beginning);
    headers.get_all(header::COOKIE).iter().any(|line| has(line.as_bytes()))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use serde_json::json;

    use super::*;
    use crate::http::areas;

    #[test]
    fn a_credential_counts_only_where_the_route_takes_it() {
        let session = Accepts::of(&json!({"security": [{}, {"session_token": []}]}));
        let account = Accepts::of(&json!({"security": [{"account": []}]}));
        let nobody = Accepts::of(&json!({}));
        let with = |name: &'static str, value: &'static str| -> HeaderMap {
            [(name.parse().unwrap(), HeaderValue::from_static(value))].into_iter().collect()
        };
        assert!(session.any_in(&with("x-session-token", "x")) && !session.any_in(&with("x-channel-key", "x")));
        assert!(account.any_in(&with("cookie", "a=b; sessionid=x")) && !account.any_in(&with("cookie", "a=b")));
        assert!(!nobody.any_in(&with("x-session-token", "x")) && !nobody.something());
    }

    #[test]
    fn every_described_route_is_known_under_the_pattern_that_answers() {
        let (_, api) = areas().split_for_parts();
        let table = Table::of(&api, &Metrics::new().unwrap());
        assert!(table.find(Some("/session/restore"), &Method::GET).accepts.0[0]);
        assert!(!table.find(Some("/products"), &Method::GET).accepts.something());
        assert!(std::ptr::eq(table.find(Some("/products"), &Method::DELETE), &raw const table.unknown));
        assert!(table.routes.keys().any(|path| path.contains("{*")), "the rest of a path is written as the router does");
    }
}
