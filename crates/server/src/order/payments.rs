use axum::{
    Json,
    extract::{Query, State},
};
use protocol::{order::PaymentPage, routes};
use server_store::records::Scope;

use super::wire;
use crate::{
    caller::Credentials,
    catalogue,
    http::{Answer, Page},
    state::AppState,
};

/// Payments, newest first, for services that handle them and for staff.
#[utoipa::path(get, path = routes::PAYMENTS, tag = "customers", params(Page),
    responses((status = 200, body = PaymentPage), (status = 401), (status = 403), (status = 422)),
    security(("channel_key" = []), ("account" = []), ("bearer" = [])))]
pub(super) async fn list(
    State(state): State<AppState>,
    credentials: Credentials,
    Query(page): Query<Page>,
) -> Answer<Json<PaymentPage>> {
    let (limit, offset) = page.read()?;
    credentials.with_account(&state).await.judge()?.require_or_staff(&state, Scope::Payments).await?;
    let mut tx = state.read().await?;
    let currency = catalogue::currency(&mut *tx).await?;
    let (total, found) = tx.list_payments(limit, offset).await?;
    let payments = found.iter().map(|payment| wire::payment(payment, &currency)).collect();
    Ok(Json(PaymentPage { total, limit, offset, payments }))
}
