use std::collections::BTreeSet;

use axum::{Json, extract::State};
use protocol::{
    ErrorCode,
    assistant::{RecommendIntent, RecommendMetadata, RecommendRequest, RecommendResponse, RecommendedProduct},
    ids::{CustomerId, Sku},
    routes,
};
use server_store::{
    ReadTx, StoreError,
    records::{CustomerRecord, ProductFilter, ProductRecord, Scope},
};

use crate::{
    caller::{Caller, Credentials},
    catalogue,
    http::{Answer, Failure, JsonBody},
    loyalty, money, phone_number,
    state::AppState,
};

const DEFAULT_LIMIT: i64 = 5;
const MOST: i64 = 20;
/// Products that are looked at.
const LOOKED_AT: u32 = 2_000;
/// Ratings from which a product counts as liked by others.
const LIKED: f64 = 4.5;

/// Recommend products.
///
/// What is known of a customer is used for the caller's own session or account, for agents and for staff; for everybody else the answer is general
/// and hides whether there is such a customer.
#[utoipa::path(post, path = routes::RECOMMEND, tag = "assistant", request_body = RecommendRequest,
    responses((status = 200, body = RecommendResponse), (status = 404)),
    security((), ("session_token" = []), ("channel_key" = []), ("account" = []), ("bearer" = [])))]
pub(super) async fn recommend(
    State(state): State<AppState>,
    credentials: Credentials,
    body: JsonBody<RecommendRequest>,
) -> Answer<Json<RecommendResponse>> {
    let request = body.value;
    let wrong = |field: &str, detail: &str| Failure::field(field, ErrorCode::ValidationError, detail);
    if request.customer_id.trim().is_empty() {
        return Err(wrong("customer_id", "customer_id must not be blank"));
    }
    let limit = request.limit.unwrap_or(DEFAULT_LIMIT);
    let limit = usize::try_from(limit).ok().filter(|_| (1..=MOST).contains(&limit));
    let limit = limit.ok_or_else(|| wrong("limit", "limit must be from 1 to 20"))?;
    let caller = credentials.judge()?;
    let mut tx = state.read().await?;
    let customer = customer(&mut *tx, &state, &caller, &request.customer_id).await?;
    let currency = catalogue::currency(&mut *tx).await?;
    let mode = Mode::read(request.mode.as_deref());
    let ranked = ranked(&mut *tx, &request, mode, customer.as_ref(), &currency).await?;
    let bought = Bought::of(&mut *tx, customer.as_ref()).await?;
    let shown = |product: &ProductRecord| shown(product, &request, mode, &bought, &currency);
    let chosen: Vec<&ProductRecord> = ranked.iter().take(limit).collect();
    let first = chosen.first().copied();
    let others = || ranked.iter().filter(|product| !chosen.iter().any(|one| one.sku == product.sku));
    let upsell = first.and_then(|first| {
        others().find(|product| product.category == first.category && product.price_minor > first.price_minor).map(&shown)
    });
    let cross_sell = first.and_then(|first| others().find(|product| product.category != first.category).map(&shown));
    let (tier, reasoning) = match &customer {
        Some(customer) => {
            let name = customer.name.split_whitespace().next().unwrap_or_default();
            let tier = loyalty::tier::of(customer.loyalty_points);
            (tier, format!("Hi {name}! As a {tier} member, these are chosen by what you bought before and by what others like."))
        }
        None => (loyalty::tier::TIERS[0].0, "These are rated highest by our customers.".to_owned()),
    };
    Ok(Json(RecommendResponse {
        recommended_products: chosen.into_iter().map(&shown).collect(),
        upsell,
        cross_sell,
        personalized_reasoning: reasoning,
        metadata: RecommendMetadata {
            customer_id: customer
                .as_ref()
                .map_or_else(|| CustomerId(request.customer_id.clone()), |customer| customer.id.clone()),
            loyalty_tier: tier.to_owned(),
            mode: mode.name().to_owned(),
            past_purchases_count: customer.as_ref().map_or(0, |customer| customer.purchase_history.len() as u64),
            intent: request.intent.clone().unwrap_or_default(),
            timestamp: state.now(),
        },
    }))
}

/// The customer, if the caller may use what is known: none for everybody else, whether or not there is such a customer.
async fn customer(tx: &mut dyn ReadTx, state: &AppState, caller: &Caller, named: &str) -> Answer<Option<CustomerRecord>> {
    let named = named.trim();
    let mut found = tx.customer(&CustomerId::from(named)).await?;
    if found.is_none() {
        let country = catalogue::country(tx, &state.config).await?;
        if let Ok(phone) = phone_number::normalise(named, &country) {
            found = tx.customer_by_phone(&phone).await?;
        }
    }
    if caller.may(Scope::Agent) || (caller.token().is_none() && caller.is_staff(tx).await?) {
        let missing = || {
            Failure::new(
                ErrorCode::CustomerNotFound,
                format!("Customer {} not found", named.chars().take(60).collect::<String>()),
            )
        };
        return found.map(Some).ok_or_else(missing);
    }
    let Some(token) = caller.token() else {
        let own = caller.own_account().and_then(|account| account.record.customer_id.as_ref());
        return Ok(found.filter(|customer| Some(&customer.id) == own));
    };
    let own = caller.own(tx, state, token).await?;
    Ok(found.filter(|customer| !own.session.guest && !own.is_by_number_only() && customer.id == own.session.customer_id))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Normal,
    Gifts,
    Trends,
}

impl Mode {
    fn read(name: Option<&str>) -> Self {
        match name {
            Some("gifting_genius") => Self::Gifts,
            Some("trendseer") => Self::Trends,
            _ => Self::Normal,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Gifts => "gifting_genius",
            Self::Trends => "trendseer",
        }
    }
}

/// What the customer bought before.
#[derive(Default)]
struct Bought {
    skus: BTreeSet<Sku>,
    brands: BTreeSet<String>,
}

impl Bought {
    async fn of(tx: &mut dyn ReadTx, customer: Option<&CustomerRecord>) -> Result<Self, StoreError> {
        let Some(customer) = customer else { return Ok(Self::default()) };
        let skus: Vec<Sku> = customer.purchase_history.iter().map(|purchase| Sku::from(purchase.sku.as_str())).collect();
        let brands = tx.products(&skus).await?.into_iter().filter_map(|product| product.brand).collect();
        Ok(Self { skus: skus.into_iter().collect(), brands })
    }
}

/// What fits, in stock, the best first: brands bought before, then the rating.
async fn ranked(
    tx: &mut dyn ReadTx,
    request: &RecommendRequest,
    mode: Mode,
    customer: Option<&CustomerRecord>,
    currency: &str,
) -> Result<Vec<ProductRecord>, StoreError> {
    let none = RecommendIntent::default();
    let intent = request.intent.as_ref().unwrap_or(&none);
    let filled = |text: &Option<String>| text.as_ref().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let filter = ProductFilter {
        category: filled(&intent.category),
        min_price_minor: intent.budget_min.and_then(|least| money::from_decimal(least, currency)),
        max_price_minor: intent.budget_max.and_then(|most| money::from_decimal(most, currency)),
        ..ProductFilter::default()
    };
    let mut products = tx.list_products(&filter, LOOKED_AT, 0).await?.1;
    let gender = if mode == Mode::Gifts { filled(&request.recipient_gender) } else { None }.or_else(|| filled(&intent.gender));
    let in_cart = request.current_cart_skus.clone().unwrap_or_default();
    products.retain(|product| {
        let suits = gender.as_ref().is_none_or(|gender| {
            product.gender.as_ref().is_none_or(|own| own.eq_ignore_ascii_case(gender) || own.eq_ignore_ascii_case("unisex"))
        });
        let safe = !(mode == Mode::Gifts && request.safe_sizes_only.unwrap_or_default())
            || catalogue::card(product, currency).sizes.len() <= 1;
        product.stock > 0 && suits && safe && !in_cart.contains(&product.sku)
    });
    let bought = Bought::of(tx, customer).await?;
    let wished = request.preferred_brands.clone().unwrap_or_default();
    let mut words: Vec<String> = request.interests.clone().unwrap_or_default();
    words.extend(request.occasion.clone().or_else(|| intent.occasion.clone()));
    let rank = |product: &ProductRecord| {
        let brand = product.brand.as_deref().unwrap_or_default();
        let liked_brand = wished.iter().any(|wished| wished.eq_ignore_ascii_case(brand)) || bought.brands.contains(brand);
        let tags = product.attributes.get("tags").map(|tags| tags.to_lowercase()).unwrap_or_default();
        let fitting = words.iter().filter(|word| !word.is_empty() && tags.contains(&word.to_lowercase())).count();
        (mode != Mode::Trends && liked_brand, fitting)
    };
    products.sort_by(|one, other| {
        let rating = |product: &ProductRecord| product.rating.unwrap_or_default();
        rank(other).cmp(&rank(one)).then(rating(other).total_cmp(&rating(one))).then_with(|| one.sku.cmp(&other.sku))
    });
    Ok(products)
}

fn shown(product: &ProductRecord, request: &RecommendRequest, mode: Mode, bought: &Bought, currency: &str) -> RecommendedProduct {
    let brand = product.brand.clone().unwrap_or_default();
    let liked = product.rating.is_some_and(|rating| rating >= LIKED);
    let reason = if bought.skus.contains(&product.sku) {
        Some("You bought this before".to_owned())
    } else if bought.brands.contains(&brand) {
        Some("You bought this brand before".to_owned())
    } else {
        liked.then(|| "Rated highly by our customers".to_owned())
    };
    let gift = mode == Mode::Gifts;
    let whom = request.recipient_relation.as_deref().map(str::trim).filter(|whom| !whom.is_empty() && whom.chars().count() <= 40);
    let one_size = catalogue::card(product, currency).sizes.len() <= 1;
    RecommendedProduct {
        sku: product.sku.clone(),
        name: product.name.clone(),
        brand: product.brand.clone(),
        category: product.category.clone(),
        subcategory: product.subcategory.clone(),
        price: money::decimal(product.price_minor, currency),
        price_minor: product.price_minor,
        currency: currency.to_owned(),
        rating: product.rating,
        in_stock: true,
        image: product.image_url.clone(),
        image_url: product.image_url.clone(),
        personalized_reason: reason,
        gift_message: gift
            .then(|| whom.map_or_else(|| "With best wishes".to_owned(), |whom| format!("For my {whom}, with best wishes"))),
        gift_suitability: gift.then(|| if one_size { "No size to guess" } else { "Ask for the size" }.to_owned()),
        trend_capsule: (mode == Mode::Trends && liked).then(|| "Customers' favourites".to_owned()),
    }
}
