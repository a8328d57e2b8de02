use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::router;
use crate::{assistant::answer, config::is_loopback, event, handoff, mail, node, state::AppState};

/// Serves, and ends what expires, until `state.shutdown` is cancelled; open streams end then, and requests under way are answered.
///
/// # Errors
/// The listener failed.
pub async fn serve(listener: TcpListener, state: AppState) -> std::io::Result<()> {
    warn_without_tls(&state);
    tokio::spawn(handoff::expiry::run(state.clone()));
    event::tail(state.clone()).await;
    event::keep_swept(state.clone());
    node::keep_swept(state.clone());
    answer::keep_resuming(state.clone());
    mail::keep_sending(state.clone());
    let stop = state.shutdown.clone();
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await
}

/// Cookies of phones travel in the clear where the public address is not https.
fn warn_without_tls(state: &AppState) {
    let loopback = state.config.public_url.as_ref().is_none_or(is_loopback);
    let public = state.config.public_origin();
    if !public.starts_with("https:") && (!loopback || !state.config.listen.ip().is_loopback()) {
        tracing::warn!(
            public,
            "phones send passwords and cookies unencrypted; put a proxy with TLS in front and set public_url to its https address"
        );
    }
}
