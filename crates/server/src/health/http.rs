use axum::{Json, extract::State};
use protocol::{
    ErrorCode,
    health::{Health, Ready},
    routes,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{Answer, Failure},
    state::AppState,
};

/// For monitors and balancers.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(health)).routes(routes!(ready))
}

/// Whether the server is alive.
///
/// `ready` is false while it cannot do its work; see `/ready`. `samples` tells whether customers were imported.
#[utoipa::path(get, path = routes::HEALTH, tag = "operation", responses((status = 200, body = Health)))]
async fn health(State(state): State<AppState>) -> Json<Health> {
    let samples = match state.read().await {
        Ok(mut tx) => tx.customer_count().await.ok().map(|count| count > 0),
        Err(_) => None,
    };
    let ready = samples.is_some() && !state.shutdown.is_cancelled();
    Json(Health { status: "healthy".into(), ready, samples: samples.unwrap_or_default() })
}

/// Whether the server can do its work.
///
/// 503 while its database does not answer or is not the one it was built for, and from the moment it is told to stop, so that a
/// balancer sends nobody any more.
#[utoipa::path(get, path = routes::READY, tag = "operation", responses((status = 200, body = Ready), (status = 503)))]
async fn ready(State(state): State<AppState>) -> Answer<Json<Ready>> {
    let not = |detail: &str| Failure::new(ErrorCode::ServiceUnavailable, detail);
    if state.shutdown.is_cancelled() {
        return Err(not("The server is stopping."));
    }
    let current = tokio::time::timeout(PATIENCE, state.store.is_current()).await;
    match current {
        Ok(Ok(true)) => Ok(Json(Ready { status: "ready".into() })),
        Ok(Ok(false)) => Err(not("The database was changed by another version of this program.")),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            Err(not("The database does not answer."))
        }
        Err(_) => Err(not("The database does not answer in time.")),
    }
}

/// A database that takes longer than this to say its version does not answer.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);
