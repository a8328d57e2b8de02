use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use protocol::{
    ErrorCode,
    ids::CustomerId,
    loyalty::{
        ActivePromotion, ActivePromotions, AddPointsRequest, AddPointsResponse, ApplicablePromotion, ApplyRequest, ApplyResponse,
        CalculateDiscountsRequest, CalculateDiscountsResponse, CalculatePointsRequest, CalculatePointsResponse,
        CheckPromotionsRequest, CheckPromotionsResponse, CouponResponse, EarnResponse, PointsResponse, TierResponse,
    },
    routes,
};
use serde::Deserialize;
use server_store::{
    ReadTx,
    records::{CustomerRecord, PromotionRecord, Scope},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    operations::{self, LoyaltyError, share},
    promotion, tier,
};
use crate::{
    caller::{Caller, Credentials, Own},
    catalogue,
    http::{Answer, Failure, JsonBody, OptionalJsonBody},
    money::{decimal, from_decimal},
    session,
    state::AppState,
};

/// Most points of one change.
const MOST_POINTS: i64 = 1_000_000;
/// Longest reason or order id in characters.
const LONGEST: usize = 100;

/// The documented loyalty endpoints.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(points))
        .routes(routes!(tier_of))
        .routes(routes!(add_points))
        .routes(routes!(earn))
        .routes(routes!(validate_coupon))
        .routes(routes!(apply))
        .routes(routes!(check_promotions))
        .routes(routes!(active_promotions))
        .routes(routes!(available_promotions))
        .routes(routes!(calculate_points))
        .routes(routes!(calculate_discounts))
}

/// Whom a request is about, and how far the caller may go.
struct About {
    /// None where there is no such customer.
    customer: Option<CustomerRecord>,
    /// The caller's own live session, where the caller is the customer.
    own: Option<Own>,
}

impl About {
    /// The customer of that id: anybody for a service with the scope and for staff, oneself for who holds a session or an
    /// account.
    async fn of(tx: &mut dyn ReadTx, state: &AppState, caller: &Caller, user: &CustomerId) -> Answer<Self> {
        if caller.may(Scope::Loyalty) {
            return Ok(Self { customer: tx.customer(user).await?, own: None });
        }
        let Some(token) = caller.token() else { return Self::of_account(tx, state, caller, user).await };
        let own = caller.own(tx, state, token).await?;
        if own.session.customer_id != *user {
            return Err(LoyaltyError::CustomerNotFound.into());
        }
        own.more_than_a_number()?;
        let customer = if own.session.guest { None } else { tx.customer(user).await? };
        Ok(Self { customer, own: Some(own) })
    }

    async fn of_account(tx: &mut dyn ReadTx, state: &AppState, caller: &Caller, user: &CustomerId) -> Answer<Self> {
        if caller.is_staff(tx).await? {
            return Ok(Self { customer: tx.customer(user).await?, own: None });
        }
        let account = caller.own_account().ok_or_else(|| caller.not_allowed())?;
        if account.record.customer_id.as_ref() != Some(user) {
            return Err(LoyaltyError::CustomerNotFound.into());
        }
        let own = account.session(tx, state.now()).await?;
        Ok(Self { customer: tx.customer(user).await?, own })
    }

    fn points(&self) -> i64 {
        self.customer.as_ref().map_or(0, |customer| customer.loyalty_points)
    }
}

fn wrong(field: &str, detail: String) -> Failure {
    Failure::field(field, ErrorCode::ValidationError, detail)
}

/// An amount above 0 in the smallest unit.
fn amount(field: &str, value: f64, currency: &str) -> Answer<i64> {
    let minor = from_decimal(value, currency).filter(|minor| *minor > 0);
    minor.ok_or_else(|| wrong(field, format!("{field} must be an amount above 0")))
}

fn short(field: &str, text: Option<String>) -> Answer<Option<String>> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > LONGEST) {
        return Err(wrong(field, format!("{field} may have at most {LONGEST} characters")));
    }
    Ok(text)
}

/// A customer's points.
#[utoipa::path(get, path = routes::LOYALTY_POINTS, tag = "loyalty", params(("user_id" = String, Path)),
    responses((status = 200, body = PointsResponse), (status = 401), (status = 403), (status = 404)),
    security(("session_token" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn points(
    State(state): State<AppState>,
    credentials: Credentials,
    Path(user): Path<String>,
) -> Answer<Json<PointsResponse>> {
    let caller = credentials.judge()?;
    let mut tx = state.read().await?;
    let user_id = CustomerId(user);
    let points = About::of(&mut *tx, &state, &caller, &user_id).await?.points();
    Ok(Json(PointsResponse { user_id, points }))
}

/// A customer's tier.
#[utoipa::path(get, path = routes::LOYALTY_TIER, tag = "loyalty", params(("user_id" = String, Path)),
    responses((status = 200, body = TierResponse), (status = 401), (status = 403), (status = 404)),
    security(("session_token" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn tier_of(
    State(state): State<AppState>,
    credentials: Credentials,
    Path(user): Path<String>,
) -> Answer<Json<TierResponse>> {
    let caller = credentials.judge()?;
    let mut tx = state.read().await?;
    let user_id = CustomerId(user);
    let about = About::of(&mut *tx, &state, &caller, &user_id).await?;
    let points = about.points();
    let tier = tier::of(points);
    let benefits = operations::rules(&mut *tx).await?.tiers.remove(tier).unwrap_or_default().benefits;
    let next = tier::next(points);
    Ok(Json(TierResponse {
        user_id,
        points,
        tier: tier.to_owned(),
        benefits,
        next_tier: next.map(|(name, _)| name.to_owned()),
        points_to_next_tier: next.map_or(0, |(_, away)| away),
        source: if about.customer.is_some() { "supabase" } else { "default" }.to_owned(),
    }))
}

/// Give points. An order id or an `Idempotency-Key` keeps them from being given twice.
#[utoipa::path(post, path = routes::LOYALTY_ADD_POINTS, tag = "loyalty", request_body = AddPointsRequest,
    responses((status = 200, body = AddPointsResponse), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
    security(("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn add_points(
    State(state): State<AppState>,
    credentials: Credentials,
    body: JsonBody<AddPointsRequest>,
) -> Answer<Response> {
    let request = body.value;
    if !(1..=MOST_POINTS).contains(&request.points) {
        return Err(wrong("points", format!("points must be from 1 to {MOST_POINTS}")));
    }
    let reason = short("reason", request.reason)?.unwrap_or_else(|| "purchase".into());
    let order_id = short("order_id", request.order_id)?;
    credentials.with_account(&state).await.judge()?.require_or_staff(&state, Scope::Loyalty).await?;
    check_once(order_id.is_some() || body.idempotency.is_given())?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let new_balance = operations::credit(&mut tx, &request.user_id, request.points, &reason, order_id).await?;
    let response = AddPointsResponse {
        success: true,
        user_id: request.user_id,
        points_added: request.points,
        new_balance,
        reason,
        timestamp: tx.now(),
    };
    body.idempotency.finish(tx, StatusCode::OK, &response).await
}

fn check_once(is_known: bool) -> Answer<()> {
    if is_known {
        return Ok(());
    }
    let detail = "Send an order_id or the header Idempotency-Key, so that nothing is credited twice.";
    Err(Failure::new(ErrorCode::BadRequest, detail))
}

#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct Purchase {
    /// Whose.
    #[param(required = true)]
    user_id: Option<String>,
    /// Above 0, in the shop's currency.
    #[param(required = true, value_type = f64)]
    amount_spent: Option<String>,
    /// The order that the points are for.
    order_id: Option<String>,
}

/// Give the points of a purchase. An order id or an `Idempotency-Key` keeps them from being given twice.
#[utoipa::path(post, path = routes::LOYALTY_EARN, tag = "loyalty", params(Purchase), request_body = Option<Object>,
    responses((status = 200, body = EarnResponse), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409), (status = 422)),
    security(("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn earn(
    State(state): State<AppState>,
    credentials: Credentials,
    Query(purchase): Query<Purchase>,
    body: OptionalJsonBody<serde_json::Value>,
) -> Answer<Response> {
    let required = |field: &str| wrong(field, format!("{field} is required"));
    let user_id = short("user_id", purchase.user_id)?.map(CustomerId).ok_or_else(|| required("user_id"))?;
    let spent = purchase.amount_spent.ok_or_else(|| required("amount_spent"))?;
    let spent: f64 = spent.trim().parse().map_err(|_| wrong("amount_spent", "amount_spent must be a number".into()))?;
    let order_id = short("order_id", purchase.order_id)?;
    credentials.with_account(&state).await.judge()?.require_or_staff(&state, Scope::Loyalty).await?;
    check_once(order_id.is_some() || body.idempotency.is_given())?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let currency = catalogue::currency(tx.reader()).await?;
    let spent_minor = amount("amount_spent", spent, &currency)?;
    let customer = tx.customer(&user_id).await?.ok_or(LoyaltyError::CustomerNotFound)?;
    let before = customer.loyalty_points;
    let rules = operations::rules(tx.reader()).await?;
    let (points_earned, bonus_points) = operations::earned(&rules, spent_minor, &currency, before);
    let total_points = points_earned + bonus_points;
    let new_balance = operations::credit(&mut tx, &user_id, total_points, "purchase", order_id).await?;
    let (tier_before, tier_after) = (tier::of(before).to_owned(), tier::of(new_balance).to_owned());
    let message = if tier_before == tier_after {
        format!("You earned {total_points} points.")
    } else {
        format!("You earned {total_points} points and are {tier_after} now.")
    };
    let response = EarnResponse {
        success: true,
        user_id,
        amount_spent: decimal(spent_minor, &currency),
        amount_spent_minor: spent_minor,
        currency,
        points_earned,
        bonus_points,
        total_points,
        new_balance,
        tier_before,
        tier_after,
        message,
        timestamp: tx.now(),
    };
    body.idempotency.finish(tx, StatusCode::OK, &response).await
}

/// Whether there is such a coupon. Needs a session or an account, so that codes are not tried out in the dark.
#[utoipa::path(get, path = routes::LOYALTY_COUPON, tag = "loyalty", params(("code" = String, Path)),
    responses((status = 200, body = CouponResponse), (status = 401), (status = 403), (status = 404), (status = 429)),
    security(("session_token" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn validate_coupon(
    State(state): State<AppState>,
    credentials: Credentials,
    Path(code): Path<String>,
) -> Answer<Json<CouponResponse>> {
    let caller = credentials.judge()?;
    let mut tx = state.read().await?;
    if !caller.may(Scope::Loyalty) {
        match caller.token() {
            Some(token) => drop(caller.own(&mut *tx, &state, token).await?),
            None if caller.own_account().is_some() => {}
            None => return Err(caller.not_allowed()),
        }
        let wait = state.limits.coupons.take(caller.peer.into());
        wait.map_err(|seconds| Failure::too_often(seconds, "Too many coupons were tried. Try again in a moment."))?;
    }
    let currency = catalogue::currency(&mut *tx).await?;
    let found = operations::coupon(&mut *tx, &code).await?;
    let least = found.as_ref().map_or(0, |coupon| coupon.min_purchase_minor);
    Ok(Json(CouponResponse {
        valid: found.is_some(),
        coupon_code: code.trim().to_uppercase().chars().take(LONGEST).collect(),
        discount_percent: found.as_ref().map_or(0, |coupon| coupon.discount_percent),
        min_purchase: decimal(least, &currency),
        min_purchase_minor: least,
        message: found.map_or_else(
            || "Invalid coupon code".to_owned(),
            |coupon| format!("{} % off from {}", coupon.discount_percent, crate::money::shown(least, &currency)),
        ),
        currency,
    }))
}

/// Use a coupon and points up for a cart; a refusal costs nothing.
#[utoipa::path(post, path = routes::LOYALTY_APPLY, tag = "loyalty", request_body = ApplyRequest,
    responses((status = 200, body = ApplyResponse), (status = 400), (status = 401), (status = 403), (status = 404)),
    security(("session_token" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn apply(State(state): State<AppState>, credentials: Credentials, body: JsonBody<ApplyRequest>) -> Answer<Response> {
    let request = body.value;
    let points = request.loyalty_points_used.unwrap_or(0);
    if !(0..=MOST_POINTS).contains(&points) {
        return Err(wrong("loyalty_points_used", format!("loyalty_points_used must be from 0 to {MOST_POINTS}")));
    }
    let code = short("applied_coupon", request.applied_coupon)?;
    let caller = credentials.judge()?;
    let mut tx = state.write().await?;
    let currency = catalogue::currency(tx.reader()).await?;
    let sent = amount("cart_total", request.cart_total, &currency)?;
    let about = About::of(tx.reader(), &state, &caller, &request.user_id).await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let customer = about.customer.ok_or(LoyaltyError::CustomerNotFound)?;
    let total = match &about.own {
        Some(own) => cart_total(tx.reader(), own).await?.unwrap_or(sent),
        None => sent,
    };
    let applied = operations::apply(&mut tx, &customer, total, code.as_deref(), points).await?;
    let saved = crate::money::shown(applied.from_coupon + applied.from_points, &currency);
    let shown = |minor: i64| decimal(minor, &currency);
    let response = ApplyResponse {
        success: true,
        original_total: shown(total),
        original_total_minor: total,
        discount_from_coupon: shown(applied.from_coupon),
        discount_from_coupon_minor: applied.from_coupon,
        discount_from_points: shown(applied.from_points),
        discount_from_points_minor: applied.from_points,
        final_total: shown(applied.final_total),
        final_total_minor: applied.final_total,
        currency: currency.clone(),
        coupon_applied: applied.coupon,
        points_used: applied.points_used,
        points_remaining: applied.points_remaining,
        message: format!("You save {saved}."),
    };
    body.idempotency.finish(tx, StatusCode::OK, &response).await
}

/// What the catalogue makes of the session's cart; none for an empty one.
async fn cart_total(tx: &mut dyn ReadTx, own: &Own) -> Answer<Option<i64>> {
    let lines = session::operations::show_cart(tx, &own.session).await?;
    let total = lines.iter().map(|line| line.price_minor.saturating_mul(line.quantity.into())).sum();
    Ok(Some(total).filter(|total| *total > 0))
}

/// Which promotions fit a cart now.
#[utoipa::path(post, path = routes::LOYALTY_CHECK_PROMOTIONS, tag = "loyalty", request_body = CheckPromotionsRequest,
    responses((status = 200, body = CheckPromotionsResponse), (status = 401), (status = 403), (status = 404)),
    security(("session_token" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn check_promotions(
    State(state): State<AppState>,
    credentials: Credentials,
    body: JsonBody<CheckPromotionsRequest>,
) -> Answer<Json<CheckPromotionsResponse>> {
    let request = body.value;
    let caller = credentials.judge()?;
    let mut tx = state.read().await?;
    let currency = catalogue::currency(&mut *tx).await?;
    let total = amount("cart_total", request.cart_total, &currency)?;
    About::of(&mut *tx, &state, &caller, &request.user_id).await?;
    let fitting = operations::fitting_promotions(&mut *tx, state.now(), total, request.category.as_deref()).await?;
    let shown = |(promotion, savings): &(PromotionRecord, i64)| ApplicablePromotion {
        name: promotion.name.clone(),
        discount: promotion.discount_percent,
        condition: promotion::condition(promotion, &currency),
        savings: decimal(*savings, &currency),
        savings_minor: *savings,
        currency: currency.clone(),
    };
    let applicable_promotions: Vec<ApplicablePromotion> = fitting.iter().map(shown).collect();
    let best_promotion = applicable_promotions.first().cloned();
    let total_savings_minor = best_promotion.as_ref().map_or(0, |best| best.savings_minor);
    let message = match &best_promotion {
        Some(best) => format!("{} saves {}.", best.name, crate::money::shown(total_savings_minor, &currency)),
        None => "No promotion fits this cart now.".to_owned(),
    };
    Ok(Json(CheckPromotionsResponse {
        applicable_promotions,
        best_promotion,
        total_savings: decimal(total_savings_minor, &currency),
        total_savings_minor,
        currency,
        message,
    }))
}

/// The promotions that run now.
#[utoipa::path(get, path = routes::LOYALTY_ACTIVE_PROMOTIONS, tag = "loyalty", responses((status = 200, body = ActivePromotions)))]
async fn active_promotions(State(state): State<AppState>) -> Answer<Json<ActivePromotions>> {
    Ok(Json(promotions_now(&state).await?))
}

/// The promotions that run now, under the name that some clients know.
#[utoipa::path(get, path = routes::LOYALTY_AVAILABLE_PROMOTIONS, tag = "loyalty", responses((status = 200, body = ActivePromotions)))]
async fn available_promotions(State(state): State<AppState>) -> Answer<Json<ActivePromotions>> {
    Ok(Json(promotions_now(&state).await?))
}

async fn promotions_now(state: &AppState) -> Answer<ActivePromotions> {
    let mut tx = state.read().await?;
    let currency = catalogue::currency(&mut *tx).await?;
    let timestamp = state.now();
    let running = operations::active_promotions(&mut *tx, timestamp).await?;
    let shown = |promotion: PromotionRecord| ActivePromotion {
        condition: promotion::condition(&promotion, &currency),
        name: promotion.name,
        discount: promotion.discount_percent,
        min_purchase: decimal(promotion.min_purchase_minor, &currency),
        min_purchase_minor: promotion.min_purchase_minor,
        currency: currency.clone(),
        category: promotion.category,
        description: promotion.description,
    };
    let promotions: Vec<ActivePromotion> = running.into_iter().map(shown).collect();
    Ok(ActivePromotions { active_count: promotions.len() as u64, promotions, timestamp })
}

/// The points that a purchase would give. Nothing is credited.
#[utoipa::path(post, path = routes::LOYALTY_CALCULATE_POINTS, tag = "loyalty", request_body = CalculatePointsRequest,
    responses((status = 200, body = CalculatePointsResponse), (status = 401), (status = 403), (status = 404)),
    security(("session_token" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn calculate_points(
    State(state): State<AppState>,
    credentials: Credentials,
    body: JsonBody<CalculatePointsRequest>,
) -> Answer<Json<CalculatePointsResponse>> {
    let request = body.value;
    if !(1..=100_000).contains(&request.items_count) {
        return Err(wrong("items_count", "items_count must be from 1 to 100000".into()));
    }
    let caller = credentials.judge()?;
    let mut tx = state.read().await?;
    let currency = catalogue::currency(&mut *tx).await?;
    let spent = amount("purchase_amount", request.purchase_amount, &currency)?;
    let points = About::of(&mut *tx, &state, &caller, &request.user_id).await?.points();
    let rules = operations::rules(&mut *tx).await?;
    let (points_earned, tier_bonus) = operations::earned(&rules, spent, &currency, points);
    let total_points = points_earned + tier_bonus;
    let message = format!("This purchase gives {total_points} points.");
    Ok(Json(CalculatePointsResponse { points_earned, tier_bonus, special_bonus: 0, total_points, message }))
}

/// What comes off a cart: the tier's discount and the better of coupon and promotion. Nothing is used up.
#[utoipa::path(post, path = routes::LOYALTY_CALCULATE_DISCOUNTS, tag = "loyalty", request_body = CalculateDiscountsRequest,
    responses((status = 200, body = CalculateDiscountsResponse), (status = 401), (status = 403), (status = 404)),
    security(("session_token" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
async fn calculate_discounts(
    State(state): State<AppState>,
    credentials: Credentials,
    body: JsonBody<CalculateDiscountsRequest>,
) -> Answer<Json<CalculateDiscountsResponse>> {
    let request = body.value;
    let caller = credentials.judge()?;
    let mut tx = state.read().await?;
    let currency = catalogue::currency(&mut *tx).await?;
    let total = amount("cart_total", request.cart_total, &currency)?;
    let about = About::of(&mut *tx, &state, &caller, &request.user_id).await?;
    let rules = operations::rules(&mut *tx).await?;
    let percent = rules.tiers.get(tier::of(about.points())).map_or(0, |tier| tier.discount_percent.min(100));
    let of_tier = share(total, percent).min(total);
    let coupon = operations::best_coupon(&mut *tx, &request.user_id, total).await?;
    let promotion = operations::fitting_promotions(&mut *tx, state.now(), total, None).await?.into_iter().next();
    let (of_coupon, of_promotion) =
        (coupon.as_ref().map_or(0, |(_, savings)| *savings), promotion.as_ref().map_or(0, |(_, savings)| *savings));
    // Only the better one counts.
    let (of_coupon, of_promotion) = if of_coupon >= of_promotion { (of_coupon, 0) } else { (0, of_promotion) };
    let off = (of_tier + of_coupon + of_promotion).min(total);
    let shown = |minor: i64| decimal(minor, &currency);
    Ok(Json(CalculateDiscountsResponse {
        success: true,
        original_total: shown(total),
        original_total_minor: total,
        tier_discount_percent: percent,
        tier_discount_amount: shown(of_tier),
        tier_discount_amount_minor: of_tier,
        best_coupon: coupon.map(|(coupon, _)| coupon.code),
        coupon_discount_amount: shown(of_coupon),
        coupon_discount_amount_minor: of_coupon,
        best_promotion: promotion.map(|(promotion, _)| promotion.name),
        promotion_discount_amount: shown(of_promotion),
        promotion_discount_amount_minor: of_promotion,
        total_discount_amount: shown(off),
        total_discount_amount_minor: off,
        final_total: shown(total - off),
        final_total_minor: total - off,
        message: format!("You save {}.", crate::money::shown(off, &currency)),
        currency,
    }))
}
