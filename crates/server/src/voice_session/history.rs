use axum::{
    Json,
    extract::{Path, State},
    http::Uri,
};
use protocol::{
    ErrorCode,
    ids::{AccountId, VoiceSessionId},
    routes,
    voice_session::{HistoryEntry, HistoryPage},
};
use server_store::{ReadTx, records::CountedVoiceSession};

use super::{page, wire};
use crate::{
    caller::Account,
    http::{Answer, Failure},
    state::AppState,
};

/// The account's spoken conversations, newest first.
#[utoipa::path(get, path = routes::ACCOUNT_HISTORY, tag = "spoken conversations", params(("limit" = Option<i64>, Query, description = "At most 100; default 20."), ("offset" = Option<i64>, Query, description = "How many to leave out.")), responses((status = 200, body = HistoryPage), (status = 400), (status = 401)), security(("account" = []), ("bearer" = [])))]
pub(super) async fn get_list(State(state): State<AppState>, account: Account, uri: Uri) -> Answer<Json<HistoryPage>> {
    let page = page::read(&uri)?;
    let (count, found) = state.read().await?.voice_sessions_of(account.record.id, page).await?;
    Ok(Json(HistoryPage {
        count,
        next: page::next(routes::ACCOUNT_HISTORY, page, count),
        previous: page::previous(routes::ACCOUNT_HISTORY, page),
        results: found.into_iter().map(wire::item).collect(),
    }))
}

/// One of them, word for word.
#[utoipa::path(get, path = routes::ACCOUNT_HISTORY_ENTRY, tag = "spoken conversations", params(("session_id" = String, Path)), responses((status = 200, body = HistoryEntry), (status = 401), (status = 404)), security(("account" = []), ("bearer" = [])))]
pub(super) async fn get_entry(
    State(state): State<AppState>,
    account: Account,
    Path(id): Path<String>,
) -> Answer<Json<HistoryEntry>> {
    let mut tx = state.read().await?;
    let found = own(&mut *tx, account.record.id, &id).await?;
    let said = tx.utterances_of(found.session.id).await?;
    Ok(Json(wire::entry(found.session, said)))
}

/// The account's own conversation of that id. Somebody else's is as unknown as none.
pub(super) async fn own(tx: &mut dyn ReadTx, account: AccountId, id: &str) -> Answer<CountedVoiceSession> {
    let Ok(id) = id.parse::<VoiceSessionId>() else { return Err(not_found()) };
    tx.voice_session(id).await?.filter(|found| found.session.account_id == Some(account)).ok_or_else(not_found)
}

pub(super) fn not_found() -> Failure {
    Failure::new(ErrorCode::SessionNotFound, "Session not found")
}
