//! Placing an order: the pieces are held and the order is kept, or nothing is changed.

use std::{collections::BTreeMap, time::Duration};

use protocol::{
    ErrorCode, Timestamp,
    checkout::{CheckedItem, PaymentMethod},
    ids::Sku,
};
use serde_json::{Map, Value};
use server_store::{
    ReadTx, StoreError,
    records::{OrderItem, OrderRecord, PaymentRecord, SessionRecord, StockHoldRecord},
};

use super::settlement::PaymentState;
use crate::{
    http::Failure,
    session::{self, SessionError},
    stock::operations::{self as stock, Pieces, StockError},
    transaction::Tx,
};

/// Orders are sent, so their pieces come from here.
pub(super) const FROM: &str = "online";
/// So long the pieces of an order wait for its payment.
const PAID_WITHIN: Duration = Duration::from_mins(15);
/// The same where the money is paid at the door.
const PAID_AT_THE_DOOR_WITHIN: Duration = Duration::from_hours(30 * 24);
/// The same basket again within this time is one that was sent twice, unless the caller says otherwise with keys.
const SAME_WITHIN: Duration = Duration::from_secs(10);
/// Most orders of one customer that wait for their payment, so that nobody empties the shop without paying.
const MOST_WAITING: u32 = 10;
/// Seconds to wait where there are too many.
const WAIT_SECONDS: u32 = 60;
/// How often the next second is tried where an order of this second is there already.
const TRIES: u32 = 600;

/// What somebody wants to buy.
#[derive(Clone, Debug)]
pub struct Basket {
    /// Each product once, with its pieces.
    pub items: Vec<(Sku, u32)>,
    /// How it will be paid.
    pub method: PaymentMethod,
    /// Where it goes, as sent.
    pub address: Option<Map<String, Value>>,
    /// The same basket may come twice by mistake.
    pub may_be_double: bool,
}

/// An order that stands.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The order.
    pub order: OrderRecord,
    /// What is to be paid.
    pub payment: PaymentRecord,
    /// Its pieces.
    pub holds: Vec<StockHoldRecord>,
}

/// What became of a basket.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It is an order.
    Placed(Box<Placed>),
    /// Too few pieces are free. Drop the transaction.
    Short {
        /// Each product.
        items: Vec<CheckedItem>,
        /// What it would have cost, in the smallest unit.
        total_minor: i64,
    },
}

/// Why a basket is refused.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// Nobody to send it to.
    #[error("Please sign in to place an order.")]
    CustomerRequired,
    /// Too many orders wait for their payment.
    #[error("Too many orders wait for their payment. Pay for one, or wait until one is over.")]
    TooManyWaiting,
    /// Too many orders at the same time.
    #[error("Too many orders at once. Try again in a moment.")]
    TooMany,
    /// The session refuses it.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The stock refuses it.
    #[error(transparent)]
    Stock(#[from] StockError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CheckoutError> for Failure {
    fn from(error: CheckoutError) -> Self {
        match error {
            CheckoutError::CustomerRequired => Self::new(ErrorCode::CustomerRequired, error.to_string()),
            CheckoutError::TooManyWaiting | CheckoutError::TooMany => Self::too_often(WAIT_SECONDS, error.to_string()),
            CheckoutError::Session(error) => error.into(),
            CheckoutError::Stock(error) => error.into(),
            CheckoutError::Store(error) => error.into(),
        }
    }
}

/// Places an order of the session's customer at the prices of the catalogue: its pieces are held, its payment waits, and what
/// was bought leaves the cart.
///
/// # Errors
/// A guest, no such product, or too many orders that wait.
pub async fn place(tx: &mut Tx, session: &mut SessionRecord, basket: &Basket) -> Result<Outcome, CheckoutError> {
    if session.guest {
        return Err(CheckoutError::CustomerRequired);
    }
    let items = priced(tx.reader(), basket).await?;
    let total_minor = items.iter().fold(0_i64, |sum, item| sum.saturating_add(item.line_total_minor));
    if let Some(placed) = same_again(tx, session, &items, basket).await? {
        return Ok(Outcome::Placed(Box::new(placed)));
    }
    let now = tx.state().lifetimes.now();
    if waiting(tx.reader(), session, now).await? >= MOST_WAITING {
        return Err(CheckoutError::TooManyWaiting);
    }
    give_own_holds_back(tx, session, basket).await?;
    let checked = check(tx.reader(), basket, now).await?;
    if checked.iter().any(|item| !item.available) {
        return Ok(Outcome::Short { items: checked, total_minor });
    }
    if let Some(address) = &basket.address {
        session::operations::keep_address(tx, session, address).await?;
    }
    let order = OrderRecord {
        id: free_id(tx, session).await?,
        customer_id: session.customer_id.clone(),
        shipping_address: address(tx.reader(), session).await?,
        items,
        total_minor,
        status: "placed".into(),
        created_at: tx.now(),
    };
    let life = if basket.method == PaymentMethod::CashOnDelivery { PAID_AT_THE_DOOR_WITHIN } else { PAID_WITHIN };
    let mut holds = Vec::with_capacity(basket.items.len());
    for (sku, quantity) in &basket.items {
        let pieces = Pieces { sku: sku.clone(), location: FROM.into(), quantity: *quantity };
        holds.push(stock::hold(tx, owner(&order.id), pieces, life).await?.0);
    }
    let payment = PaymentRecord {
        id: format!("pay-{}", tx.state().new_id()),
        order_id: order.id.clone(),
        customer_id: order.customer_id.clone(),
        amount_minor: total_minor,
        method: basket.method.as_str().into(),
        status: PaymentState::Pending.as_str().into(),
        created_at: order.created_at,
        transaction_id: None,
    };
    tx.put_order(&order).await?;
    tx.put_payment(&payment).await?;
    session::operations::take_bought(tx, session, &basket.items, &order.id).await?;
    Ok(Outcome::Placed(Box::new(Placed { order, payment, holds })))
}

/// Who holds the pieces of an order.
pub(super) fn owner(order_id: &str) -> String {
    format!("order:{order_id}")
}

async fn priced(tx: &mut dyn ReadTx, basket: &Basket) -> Result<Vec<OrderItem>, CheckoutError> {
    let skus: Vec<Sku> = basket.items.iter().map(|(sku, _)| sku.clone()).collect();
    let prices: BTreeMap<Sku, i64> =
        tx.products(&skus).await?.into_iter().map(|product| (product.sku, product.price_minor)).collect();
    let item = |(sku, quantity): &(Sku, u32)| {
        let unit_price_minor = *prices.get(sku).ok_or_else(|| SessionError::ProductNotFound(sku.clone()))?;
        let line_total_minor = unit_price_minor.saturating_mul((*quantity).into());
        Ok(OrderItem { sku: sku.clone(), quantity: *quantity, unit_price_minor, line_total_minor })
    };
    basket.items.iter().map(item).collect()
}

/// The order that the same basket became a moment ago.
async fn same_again(
    tx: &mut Tx,
    session: &SessionRecord,
    items: &[OrderItem],
    basket: &Basket,
) -> Result<Option<Placed>, CheckoutError> {
    if !basket.may_be_double {
        return Ok(None);
    }
    let now = tx.now();
    let last = tx.orders_of(&session.customer_id, 1).await?.pop();
    let same = |order: &OrderRecord| order.items == items && now.since(order.created_at) <= SAME_WITHIN;
    let Some(order) = last.filter(same) else { return Ok(None) };
    let payment = tx.payments_of(&order.id).await?.pop();
    let is_same = |payment: &PaymentRecord| {
        payment.method == basket.method.as_str() && PaymentState::of(&payment.status) == Some(PaymentState::Pending)
    };
    let Some(payment) = payment.filter(is_same) else { return Ok(None) };
    let holds = tx.stock_holds_of(&owner(&order.id)).await?;
    Ok(Some(Placed { order, payment, holds }))
}

/// How many of the customer's newest orders hold pieces.
async fn waiting(tx: &mut dyn ReadTx, session: &SessionRecord, now: Timestamp) -> Result<u32, StoreError> {
    let mut waiting = 0;
    for order in tx.orders_of(&session.customer_id, 5 * MOST_WAITING).await? {
        waiting += u32::from(tx.live_holds_of(&owner(&order.id), now).await? > 0);
    }
    Ok(waiting)
}

/// What the session itself holds of the basket is for the basket.
async fn give_own_holds_back(tx: &mut Tx, session: &SessionRecord, basket: &Basket) -> Result<(), StoreError> {
    for hold in tx.stock_holds_of(&format!("session:{}", session.id)).await? {
        if hold.location == FROM && basket.items.iter().any(|(sku, _)| *sku == hold.sku) {
            tx.release_stock(hold.id).await?;
        }
    }
    Ok(())
}

async fn check(tx: &mut dyn ReadTx, basket: &Basket, now: Timestamp) -> Result<Vec<CheckedItem>, StoreError> {
    let mut checked = Vec::with_capacity(basket.items.len());
    for (sku, quantity) in &basket.items {
        let available = is_free(tx, sku, *quantity, now).await?;
        checked.push(CheckedItem { sku: sku.clone(), quantity: *quantity, available });
    }
    Ok(checked)
}

/// Whether so many pieces are free where orders are sent from.
pub(super) async fn is_free(tx: &mut dyn ReadTx, sku: &Sku, quantity: u32, now: Timestamp) -> Result<bool, StoreError> {
    let free = tx.free_stock(sku, now).await?;
    Ok(free.iter().any(|count| count.location == FROM && count.quantity >= i64::from(quantity)))
}

/// `ORD-<second>-<first eight of the customer's id>`; where that is taken, of the next second that is free.
async fn free_id(tx: &mut Tx, session: &SessionRecord) -> Result<String, CheckoutError> {
    let whose: String = session.customer_id.0.chars().take(8).collect();
    let now = tx.now();
    for tries in 0..TRIES {
        let at = now.plus(Duration::from_secs(tries.into())).to_string();
        let second: String = at.chars().filter(char::is_ascii_digit).take(14).collect();
        let id = format!("ORD-{second}-{whose}");
        if tx.order(&id).await?.is_none() {
            return Ok(id);
        }
    }
    Err(CheckoutError::TooMany)
}

/// Where the order goes: as the session says, else as the customer's record does.
async fn address(tx: &mut dyn ReadTx, session: &SessionRecord) -> Result<Option<BTreeMap<String, String>>, StoreError> {
    if session.state.shipping_address.is_some() {
        return Ok(session.state.shipping_address.clone());
    }
    let Some(customer) = tx.customer(&session.customer_id).await? else { return Ok(None) };
    let parts = [("city", customer.city), ("landmark", customer.address_landmark), ("building", customer.building_name)];
    let known: BTreeMap<String, String> =
        parts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name.to_owned(), text)).collect();
    Ok(Some(known).filter(|known| !known.is_empty()))
}
