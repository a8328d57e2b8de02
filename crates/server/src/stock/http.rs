use std::time::Duration;

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use protocol::{
    ErrorCode,
    ids::{Sku, StoreId},
    routes,
    stock::{HoldRequest, HoldResponse, ReleaseRequest, ReleaseResponse, SaleRequest, SaleResponse, StockLevels, StockPage},
};
use server_store::records::Scope;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::operations::{self, Pieces, Releases};
use crate::{
    caller::{Caller, Credentials},
    http::{Answer, Failure, JsonBody, Page},
    state::AppState,
    transaction::Tx,
};

/// Most pieces of one hold, as of one line of a cart.
const MOST_PIECES: i64 = 99;
/// Seconds of a hold whose caller named none.
const DEFAULT_TTL: i64 = 300;
const LONGEST_TTL: i64 = 900;
/// Longest name of a place in characters.
const LONGEST_LOCATION: usize = 80;

/// The documented inventory endpoints.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(hold))
        .routes(routes!(release))
        .routes(routes!(sale))
}

/// Stock of every product, for kiosks, services and staff.
#[utoipa::path(get, path = routes::INVENTORY, tag = "stock", params(Page),
    responses((status = 200, body = StockPage), (status = 401), (status = 403), (status = 422)),
    security(("channel_key" = []), ("device" = []), ("account" = []), ("bearer" = [])))]
async fn list(State(state): State<AppState>, credentials: Credentials, Query(page): Query<Page>) -> Answer<Json<StockPage>> {
    let (limit, offset) = page.read()?;
    let caller = credentials.with_account(&state).await.judge()?;
    if caller.device.is_none() {
        caller.require_or_staff(&state, Scope::Stock).await?;
    }
    let mut tx = state.read().await?;
    let (total, page) = tx.list_stock(state.lifetimes.now(), limit, offset).await?;
    let stores: Vec<StoreId> = tx.stores().await?.into_iter().map(|store| store.store_id).collect();
    let inventory = page.iter().map(|(sku, counts)| operations::sum_up(sku, &stores, counts)).collect();
    Ok(Json(StockPage { total, limit, offset, inventory }))
}

/// Stock of one product.
///
/// An unknown product has none.
#[utoipa::path(get, path = routes::INVENTORY_OF, tag = "stock", params(("sku" = String, Path)),
    responses((status = 200, body = StockLevels)))]
async fn one(State(state): State<AppState>, Path(sku): Path<String>) -> Answer<Json<StockLevels>> {
    let mut tx = state.read().await?;
    Ok(Json(operations::levels(&mut *tx, &Sku(sku), state.lifetimes.now()).await?))
}

/// Hold pieces for somebody, for a while.
#[utoipa::path(post, path = routes::HOLD, tag = "stock", request_body = HoldRequest,
    responses((status = 200, body = HoldResponse), (status = 401), (status = 403), (status = 404), (status = 409), (status = 429)),
    security(("session_token" = []), ("channel_key" = []), ("device" = []), ("account" = []), ("bearer" = [])))]
async fn hold(State(state): State<AppState>, credentials: Credentials, body: JsonBody<HoldRequest>) -> Answer<Response> {
    let request = body.value;
    let pieces = pieces(request.sku, request.quantity, request.location)?;
    let ttl = request.ttl.unwrap_or(DEFAULT_TTL);
    let seconds = u64::try_from(ttl).ok().filter(|_| (1..=LONGEST_TTL).contains(&ttl));
    let seconds = seconds.ok_or_else(|| {
        Failure::field("ttl", ErrorCode::ValidationError, format!("ttl must be from 1 to {LONGEST_TTL} seconds"))
    })?;
    let caller = credentials.judge()?;
    let mut tx = state.write().await?;
    let owner = owners(&mut tx, &caller).await?.swap_remove(0);
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let (hold, remaining_stock) = operations::hold(&mut tx, owner, pieces, Duration::from_secs(seconds)).await?;
    let response = HoldResponse {
        hold_id: operations::shown(hold.id),
        sku: hold.sku,
        quantity: hold.quantity,
        location: hold.location,
        remaining_stock,
        expires_at: hold.expires_at,
        status: "active".into(),
    };
    let answer = body.idempotency.finish(tx, StatusCode::OK, &response).await;
    state.begun.notify_one();
    answer
}

/// Give held pieces back: one's own, or as staff anybody's.
#[utoipa::path(post, path = routes::RELEASE, tag = "stock", request_body = ReleaseRequest,
    responses((status = 200, body = ReleaseResponse), (status = 401), (status = 403), (status = 404)),
    security(("session_token" = []), ("channel_key" = []), ("device" = []), ("account" = []), ("bearer" = [])))]
async fn release(State(state): State<AppState>, credentials: Credentials, body: JsonBody<ReleaseRequest>) -> Answer<Response> {
    let caller = credentials.with_account(&state).await.judge()?;
    let mut tx = state.write().await?;
    let releases =
        if caller.is_staff(tx.reader()).await? { Releases::Any } else { Releases::Of(owners(&mut tx, &caller).await?) };
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let restored_stock = operations::release(&mut tx, &releases, &body.value.hold_id).await?;
    let response = ReleaseResponse { hold_id: body.value.hold_id.trim().to_owned(), status: "released".into(), restored_stock };
    body.idempotency.finish(tx, StatusCode::OK, &response).await
}

/// Sell pieces, as a till would.
#[utoipa::path(post, path = routes::SIMULATE_SALE, tag = "stock", request_body = SaleRequest,
    responses((status = 200, body = SaleResponse), (status = 401), (status = 403), (status = 409)),
    security(("channel_key" = [])))]
async fn sale(State(state): State<AppState>, credentials: Credentials, body: JsonBody<SaleRequest>) -> Answer<Response> {
    let request = body.value;
    let pieces = pieces(request.sku, request.quantity, request.location)?;
    credentials.judge()?.require(Scope::Stock)?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let remaining_stock = operations::sell(&mut tx, &pieces).await?;
    let response = SaleResponse {
        sku: pieces.sku,
        quantity_sold: pieces.quantity,
        location: pieces.location,
        remaining_stock,
        status: "sold".into(),
    };
    body.idempotency.finish(tx, StatusCode::OK, &response).await
}

fn pieces(sku: Sku, quantity: i64, location: Option<String>) -> Answer<Pieces> {
    let wrong = |field: &str, detail: String| Failure::field(field, ErrorCode::ValidationError, detail);
    if sku.0.trim().is_empty() {
        return Err(wrong("sku", "sku must not be blank".into()));
    }
    let counted = u32::try_from(quantity).ok().filter(|_| (1..=MOST_PIECES).contains(&quantity));
    let quantity = counted.ok_or_else(|| wrong("quantity", format!("quantity must be from 1 to {MOST_PIECES}")))?;
    let location = location.unwrap_or_else(|| "online".into());
    let is_place = location == "online" || location.strip_prefix("store:").is_some_and(|id| !id.trim().is_empty());
    if !is_place || location.chars().count() > LONGEST_LOCATION {
        return Err(wrong("location", "location must be online or store:<id>".into()));
    }
    Ok(Pieces { sku, location, quantity })
}

/// As whom the caller holds stock; the first of these owns what is held now.
async fn owners(tx: &mut Tx, caller: &Caller) -> Answer<Vec<String>> {
    let mut owners = Vec::new();
    if let Some(channel) = caller.channel.as_ref().filter(|channel| channel.has(Scope::Stock)) {
        owners.push(format!("channel:{}", channel.id));
    }
    if let Some(device) = &caller.device {
        owners.push(format!("device:{}", device.id));
    }
    if caller.token().is_some() || (owners.is_empty() && caller.own_account().is_some()) {
        owners.push(format!("session:{}", caller.use_own_session(tx).await?.session.id));
    }
    if owners.is_empty() && caller.demo {
        owners.push("demo".into());
    }
    if owners.is_empty() { Err(caller.not_allowed()) } else { Ok(owners) }
}
