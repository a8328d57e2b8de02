use axum::{
    extract::State,
    http::{Extensions, HeaderMap, header},
    response::IntoResponse,
};
use protocol::{ErrorCode, routes};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Config,
    http::{Answer, Failure, Peer},
    state::AppState,
};

/// For monitoring.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(metrics))
}

/// Figures for monitoring, as Prometheus reads them.
///
/// Only for this machine and for the addresses that an operator lists; others find nothing here.
#[utoipa::path(get, path = routes::METRICS, tag = "operation",
    responses((status = 200, content_type = "text/plain", body = String), (status = 404)))]
async fn metrics(State(state): State<AppState>, request: axum::extract::Request) -> Answer<impl IntoResponse> {
    if !may_read(request.extensions(), request.headers(), &state.config) {
        return Err(Failure::new(ErrorCode::NotFound, "Not Found"));
    }
    let text = state.metrics.text(&state).await.map_err(Failure::internal)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}

/// Whoever comes through a proxy that nobody listed looks like this machine, so a call that was passed on counts as such only
/// from a proxy that says for whom.
fn may_read(extensions: &Extensions, headers: &HeaderMap, config: &Config) -> bool {
    let direct = Peer::direct(extensions);
    let peer = Peer::of(extensions, headers, config).0.to_canonical();
    let passed_on = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via"]
        .iter()
        .any(|name| headers.contains_key(*name));
    if passed_on && !config.proxies.contains(&direct) {
        return false;
    }
    if config.proxies.contains(&direct) && peer == direct {
        // A proxy that does not say for whom.
        return config.metrics_from.contains(&direct);
    }
    peer.is_loopback() || config.metrics_from.contains(&peer)
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, SocketAddr};

    use axum::extract::ConnectInfo;

    use super::*;

    fn reads(from: [u8; 4], headers: &[(&'static str, &str)], config: &Config) -> bool {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::from((from, 40_000))));
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        may_read(&extensions, &headers, config)
    }

    #[test]
    fn this_machine_and_listed_addresses_may_read() {
        let config = Config { metrics_from: vec![IpAddr::from([192, 0, 2, 7])], ..Config::at("x") };
        assert!(reads([127, 0, 0, 1], &[], &config) && reads([192, 0, 2, 7], &[], &config));
        assert!(!reads([192, 0, 2, 8], &[], &config));
    }

    #[test]
    fn a_call_that_was_passed_on_is_not_of_this_machine() {
        let unlisted = Config::at("x");
        for name in ["x-forwarded-for", "forwarded", "via", "x-real-ip"] {
            assert!(!reads([127, 0, 0, 1], &[(name, "127.0.0.1")], &unlisted), "{name}");
        }
        let listed = Config { proxies: vec![[127, 0, 0, 1].into()], ..Config::at("x") };
        assert!(!reads([127, 0, 0, 1], &[], &listed), "it does not say for whom");
        assert!(!reads([127, 0, 0, 1], &[("x-forwarded-for", "203.0.113.7")], &listed));
        let monitored = Config { metrics_from: vec![[203, 0, 113, 7].into()], ..listed };
        assert!(reads([127, 0, 0, 1], &[("x-forwarded-for", "198.51.100.1, 203.0.113.7")], &monitored));
        assert!(
            !reads([127, 0, 0, 1], &[("x-forwarded-for", "203.0.113.7, 198.51.100.1")], &monitored),
            "anybody can write the first"
        );
    }
}
