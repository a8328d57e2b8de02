use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use protocol::{
    ErrorCode,
    checkout::{
        CheckedItem, CheckoutRequest, CheckoutResponse, CheckoutStatus, CheckoutSteps, HoldsStep, InventoryStep, PaymentOutcome,
        PaymentStep, PlainStep, PostPaymentRequest, PostPaymentResponse, StepStatus,
    },
    ids::Sku,
    routes,
};
use server_store::records::Scope;

use super::{
    checkout::{self, Basket, Outcome, Placed},
    settlement::{self, Settled, SettlementError, Told},
};
use crate::{
    caller::Credentials,
    catalogue,
    http::{Answer, Failure, JsonBody, with_error},
    money::{decimal, from_decimal},
    state::AppState,
    stock::operations::shown,
};

/// Most lines of an order, as of a cart.
const MOST_LINES: usize = 100;
/// Most pieces of one product, as of one line of a cart.
const MOST_PIECES: i64 = 99;
/// Longest id in characters.
const LONGEST_ID: usize = 100;

/// Place an order of the session's own customer.
///
/// Prices are the catalogue's, whatever is sent. The pieces are held and the order is kept, or nothing is changed and `status`
/// says `failed`. A placed order waits for its payment, which a payments service tells at `/api/post-payment`. Errors carry the
/// sentence in `error` too.
#[utoipa::path(post, path = routes::CHECKOUT, tag = "customers", request_body = CheckoutRequest,
    responses((status = 200, body = CheckoutResponse), (status = 400), (status = 401), (status = 403), (status = 404), (status = 429)),
    security((), ("session_token" = []), ("session_token" = [], "device" = []), ("account" = []), ("bearer" = [])))]
pub(super) async fn checkout(
    State(state): State<AppState>,
    credentials: Credentials,
    body: Answer<JsonBody<CheckoutRequest>>,
) -> Response {
    let answer = match body {
        Ok(body) => try_checkout(&state, credentials, body).await,
        Err(failure) => Err(failure),
    };
    with_error(answer)
}

async fn try_checkout(state: &AppState, credentials: Credentials, body: JsonBody<CheckoutRequest>) -> Answer<Response> {
    let basket = basket(&body)?;
    let caller = credentials.judge()?;
    let mut tx = state.write().await?;
    let token = body.value.session_token.as_deref().map(str::trim).filter(|token| !token.is_empty());
    let mut own = match token {
        Some(token) => caller.use_own(&mut tx, token).await?,
        None => caller.use_own_session(&mut tx).await?,
    };
    own.more_than_a_number()?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let currency = catalogue::currency(tx.reader()).await?;
    match checkout::place(&mut tx, &mut own.session, &basket).await? {
        Outcome::Placed(placed) => {
            let answer = body.idempotency.finish(tx, StatusCode::OK, &completed(&placed, &basket, currency)).await;
            // Pieces are held for a time that somebody has to watch.
            state.begun.notify_one();
            answer
        }
        Outcome::Short { items, total_minor } => Ok(Json(failed(items, total_minor, &basket, currency)).into_response()),
    }
}

fn basket(body: &JsonBody<CheckoutRequest>) -> Answer<Basket> {
    let wrong = |field: &str, detail: String| Failure::field(field, ErrorCode::ValidationError, detail);
    let request = &body.value;
    if !(1..=MOST_LINES).contains(&request.items.len()) {
        return Err(wrong("items", format!("items must have 1 to {MOST_LINES} lines")));
    }
    let mut order: Vec<Sku> = Vec::new();
    let mut pieces: BTreeMap<Sku, i64> = BTreeMap::new();
    for item in &request.items {
        let sku = Sku::from(item.sku.0.trim());
        if sku.0.is_empty() {
            return Err(wrong("items.sku", "sku must not be blank".into()));
        }
        let sum = pieces.entry(sku.clone()).or_default();
        if !order.contains(&sku) {
            order.push(sku);
        }
        *sum = sum.saturating_add(item.quantity);
        if item.quantity < 1 || *sum > MOST_PIECES {
            return Err(wrong("items.quantity", format!("quantity must be from 1 to {MOST_PIECES}")));
        }
    }
    let counted = |sku: Sku| {
        let quantity = pieces.get(&sku).and_then(|quantity| u32::try_from(*quantity).ok()).unwrap_or_default();
        (sku, quantity)
    };
    Ok(Basket {
        items: order.into_iter().map(counted).collect(),
        method: request.payment_method.kind,
        address: request.shipping_address.clone(),
        may_be_double: !body.idempotency.is_given(),
    })
}

fn completed(placed: &Placed, basket: &Basket, currency: String) -> CheckoutResponse {
    let checked = |(sku, quantity): &(Sku, u32)| CheckedItem { sku: sku.clone(), quantity: *quantity, available: true };
    let done = StepStatus::Completed;
    CheckoutResponse {
        status: CheckoutStatus::Completed,
        order_id: Some(placed.order.id.clone()),
        steps: CheckoutSteps {
            verify_inventory: InventoryStep { status: done, items: basket.items.iter().map(checked).collect() },
            holds: HoldsStep {
                status: done,
                hold_ids: placed.holds.iter().map(|hold| shown(hold.id)).collect(),
                expires_at: placed.holds.iter().map(|hold| hold.expires_at).min(),
            },
            payment: PaymentStep {
                status: StepStatus::Pending,
                payment_id: Some(placed.payment.id.clone()),
                method: basket.method,
            },
            orders_csv: PlainStep { status: done },
            fulfillment: PlainStep { status: StepStatus::Pending },
        },
        message: "Order placed successfully".into(),
        total_amount: decimal(placed.order.total_minor, &currency),
        total_amount_minor: placed.order.total_minor,
        currency,
    }
}

fn failed(items: Vec<CheckedItem>, total_minor: i64, basket: &Basket, currency: String) -> CheckoutResponse {
    let skipped = StepStatus::Skipped;
    CheckoutResponse {
        status: CheckoutStatus::Failed,
        order_id: None,
        steps: CheckoutSteps {
            verify_inventory: InventoryStep { status: StepStatus::Failed, items },
            holds: HoldsStep { status: skipped, hold_ids: Vec::new(), expires_at: None },
            payment: PaymentStep { status: skipped, payment_id: None, method: basket.method },
            orders_csv: PlainStep { status: skipped },
            fulfillment: PlainStep { status: skipped },
        },
        message: "Order failed".into(),
        total_amount: decimal(total_minor, &currency),
        total_amount_minor: total_minor,
        currency,
    }
}

/// Tell what became of a payment, for services that handle payments.
///
/// Order, customer, amount and payment must fit a payment that is known here. Telling the same again changes nothing.
#[utoipa::path(post, path = routes::POST_PAYMENT, tag = "customers", request_body = PostPaymentRequest,
    responses((status = 200, body = PostPaymentResponse), (status = 401), (status = 403), (status = 409)),
    security(("channel_key" = [])))]
pub(super) async fn post_payment(
    State(state): State<AppState>,
    credentials: Credentials,
    body: JsonBody<PostPaymentRequest>,
) -> Answer<Response> {
    let request = body.value;
    let long = |text: &str| text.chars().count() > LONGEST_ID;
    if request.transaction_id.as_deref().is_some_and(long) {
        let detail = format!("transaction_id may have at most {LONGEST_ID} characters");
        return Err(Failure::field("transaction_id", ErrorCode::ValidationError, detail));
    }
    credentials.judge()?.require(Scope::Payments)?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let currency = catalogue::currency(tx.reader()).await?;
    let amount_minor = from_decimal(request.amount_paid, &currency).filter(|minor| *minor >= 0);
    let amount_minor = amount_minor
        .ok_or_else(|| Failure::field("amount_paid", ErrorCode::ValidationError, "amount_paid must be an amount of money"))?;
    let outcome = request.status.unwrap_or_default();
    let told = Told {
        order_id: request.order_id.trim().to_owned(),
        customer_id: request.customer_id,
        payment_id: request.payment_id.trim().to_owned(),
        amount_minor,
        transaction_id: request.transaction_id.filter(|id| !id.trim().is_empty()),
        outcome,
    };
    if settlement::settle(&mut tx, &told).await? == Settled::Cancelled {
        tx.commit().await?;
        return Err(SettlementError::PiecesGone.into());
    }
    let (message, agents): (_, &[&str]) = match outcome {
        PaymentOutcome::Completed if !settlement::is_made_here(&told.payment_id) => ("Payment received.", &[]),
        PaymentOutcome::Completed => ("Payment received; the order goes on.", &["inventory", "post_purchase"]),
        PaymentOutcome::Failed => ("The order is cancelled, and its pieces are free again.", &["inventory"]),
    };
    let response = PostPaymentResponse {
        status: "success".into(),
        order_id: told.order_id,
        message: message.into(),
        processing_started: outcome == PaymentOutcome::Completed,
        agents_triggered: agents.iter().map(|name| (*name).to_owned()).collect(),
        payment_status: outcome,
    };
    body.idempotency.finish(tx, StatusCode::OK, &response).await
}
