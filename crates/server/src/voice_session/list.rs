use axum::{Json, extract::State, http::Uri};
use protocol::{
    routes,
    voice_session::{HistoryItem, Utterance},
};

use super::{page, wire};
use crate::{caller::role::Manager, http::Answer, state::AppState};

/// Every spoken conversation of an account, for managers.
#[utoipa::path(get, path = routes::VOICE_SESSIONS, tag = "spoken conversations", params(("limit" = Option<i64>, Query, description = "At most 100; default 20."), ("offset" = Option<i64>, Query, description = "How many to leave out.")), responses((status = 200, body = Vec<HistoryItem>), (status = 400), (status = 401), (status = 403)), security(("account" = []), ("bearer" = [])))]
pub(super) async fn get_sessions(State(state): State<AppState>, _: Manager, uri: Uri) -> Answer<Json<Vec<HistoryItem>>> {
    let found = state.read().await?.voice_sessions(page::read(&uri)?).await?;
    Ok(Json(found.into_iter().map(wire::item).collect()))
}

/// Everything said in them, for managers.
#[utoipa::path(get, path = routes::UTTERANCES, tag = "spoken conversations", params(("limit" = Option<i64>, Query, description = "At most 100; default 20."), ("offset" = Option<i64>, Query, description = "How many to leave out.")), responses((status = 200, body = Vec<Utterance>), (status = 400), (status = 401), (status = 403)), security(("account" = []), ("bearer" = [])))]
pub(super) async fn get_utterances(State(state): State<AppState>, _: Manager, uri: Uri) -> Answer<Json<Vec<Utterance>>> {
    let found = state.read().await?.utterances(page::read(&uri)?).await?;
    Ok(Json(found.into_iter().map(wire::utterance).collect()))
}
