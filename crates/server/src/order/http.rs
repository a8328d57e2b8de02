use axum::{
    Json,
    extract::{Path, Query, State},
};
use protocol::{
    ErrorCode,
    customer::Customer,
    ids::CustomerId,
    order::{CustomerPage, Order, OrderPage},
    routes,
};
use serde::Deserialize;
use server_store::records::{OrderFilter, Scope};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{buying, payments, wire};
use crate::{
    caller::{Credentials, Sees},
    catalogue,
    http::{Answer, Failure, Page},
    session,
    state::AppState,
};

/// The documented data endpoints about people.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(customers))
        .routes(routes!(customer))
        .routes(routes!(orders))
        .routes(routes!(order))
        .routes(routes!(payments::list))
        .routes(routes!(buying::checkout))
        .routes(routes!(buying::post_payment))
}

fn no_customer() -> Failure {
    Failure::new(ErrorCode::CustomerNotFound, "Customer not found")
}

/// Customers: everybody for agents and staff, oneself for customers.
#[utoipa::path(get, path = routes::CUSTOMERS, tag = "customers", params(Page),
    responses((status = 200, body = CustomerPage), (status = 401), (status = 403), (status = 404), (status = 422)),
    security(("session_token" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn customers(
    State(state): State<AppState>,
    credentials: Credentials,
    Query(page): Query<Page>,
) -> Answer<Json<CustomerPage>> {
    let (limit, offset) = page.read()?;
    let caller = credentials.judge()?;
    let mut tx = state.read().await?;
    let currency = catalogue::currency(&mut *tx).await?;
    let (total, found) = match caller.sees(&mut *tx, &state, Scope::Agent).await? {
        Sees::All => (tx.customer_count().await?, tx.list_customers(limit, offset).await?),
        Sees::Only(own) => {
            let own = match own {
                Some(id) => tx.customer(&id).await?,
                None => None,
            };
            (u64::from(own.is_some()), own.into_iter().filter(|_| offset == 0).collect())
        }
    };
    let customers = found.iter().map(|customer| session::wire_customer(customer, &currency)).collect();
    Ok(Json(CustomerPage { total, limit, offset, customers }))
}

/// One customer.
#[utoipa::path(get, path = routes::CUSTOMER, tag = "customers", params(("customer_id" = String, Path)),
    responses((status = 200, body = Customer), (status = 401), (status = 403), (status = 404)),
    security(("session_token" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn customer(State(state): State<AppState>, credentials: Credentials, Path(id): Path<String>) -> Answer<Json<Customer>> {
    let caller = credentials.judge()?;
    let mut tx = state.read().await?;
    let id = CustomerId(id);
    if !caller.sees(&mut *tx, &state, Scope::Agent).await?.sees(&id) {
        return Err(no_customer());
    }
    let currency = catalogue::currency(&mut *tx).await?;
    let found = tx.customer(&id).await?.ok_or_else(no_customer)?;
    Ok(Json(session::wire_customer(&found, &currency)))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct OrdersWanted {
    /// 1 to 10 000; default 20.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 10_000)]
    limit: Option<String>,
    /// How many to leave out; default 0.
    #[param(value_type = Option<u32>)]
    offset: Option<String>,
    /// Whose.
    customer_id: Option<String>,
    /// `placed`, `shipped`, `delivered` or `cancelled`.
    status: Option<String>,
}

/// Orders, newest first: everybody's for agents and staff, one's own for customers.
#[utoipa::path(get, path = routes::ORDERS, tag = "customers", params(OrdersWanted),
    responses((status = 200, body = OrderPage), (status = 401), (status = 403), (status = 404), (status = 422)),
    security(("session_token" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn orders(
    State(state): State<AppState>,
    credentials: Credentials,
    Query(wanted): Query<OrdersWanted>,
) -> Answer<Json<OrderPage>> {
    let (limit, offset) = Page { limit: wanted.limit, offset: wanted.offset }.read()?;
    let filled = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let caller = credentials.judge()?;
    let mut tx = state.read().await?;
    let sees = caller.sees(&mut *tx, &state, Scope::Agent).await?;
    let asked = filled(wanted.customer_id).map(CustomerId);
    if asked.as_ref().is_some_and(|id| !sees.sees(id)) {
        return Err(no_customer());
    }
    let whose = match sees {
        Sees::All => asked,
        // A guest has no orders.
        Sees::Only(None) => return Ok(Json(OrderPage { total: 0, limit, offset, orders: Vec::new() })),
        Sees::Only(own) => own,
    };
    let filter = OrderFilter { customer_id: whose, status: filled(wanted.status).map(|status| status.to_lowercase()) };
    let (total, found) = tx.list_orders(&filter, limit, offset).await?;
    let currency = catalogue::currency(&mut *tx).await?;
    let orders = wire::order(&mut *tx, &found, &currency).await?;
    Ok(Json(OrderPage { total, limit, offset, orders }))
}

/// One order.
#[utoipa::path(get, path = routes::ORDER, tag = "customers", params(("order_id" = String, Path)),
    responses((status = 200, body = Order), (status = 401), (status = 403), (status = 404)),
    security(("session_token" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn order(State(state): State<AppState>, credentials: Credentials, Path(id): Path<String>) -> Answer<Json<Order>> {
    let caller = credentials.judge()?;
    let mut tx = state.read().await?;
    let sees = caller.sees(&mut *tx, &state, Scope::Agent).await?;
    let found = tx.order(&id).await?.filter(|order| sees.sees(&order.customer_id));
    let currency = catalogue::currency(&mut *tx).await?;
    let found: Vec<_> = found.into_iter().collect();
    let shown = wire::order(&mut *tx, &found, &currency).await?.pop();
    shown.map(Json).ok_or_else(|| Failure::new(ErrorCode::NotFound, "Order not found"))
}
