//! What becomes of an order's payment.

use protocol::{ErrorCode, checkout::PaymentOutcome, customer::Purchase};
use server_store::{
    StoreError,
    records::{CustomerRecord, OrderItem, OrderRecord, PaymentRecord},
};
use uuid::Uuid;

use super::checkout::{FROM, is_free, owner};
use crate::{catalogue, http::Failure, money::decimal, transaction::Tx};

/// How a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// Nobody has said.
    Pending,
    /// It was paid.
    Completed,
    /// It was not, and will not be.
    Failed,
}

/// What is to be done about a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Pay,
    GiveUp,
    /// It was told before.
    Nothing,
}

impl PaymentState {
    /// As it is kept.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }

    /// The state of that name; none for those of other programs, such as `refunded`.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        [Self::Pending, Self::Completed, Self::Failed].into_iter().find(|state| state.as_str() == name)
    }

    fn told(self, outcome: PaymentOutcome) -> Result<Step, SettlementError> {
        match (self, outcome) {
            (Self::Pending, PaymentOutcome::Completed) => Ok(Step::Pay),
            (Self::Pending, PaymentOutcome::Failed) => Ok(Step::GiveUp),
            (Self::Completed, PaymentOutcome::Completed) | (Self::Failed, PaymentOutcome::Failed) => Ok(Step::Nothing),
            (Self::Completed, PaymentOutcome::Failed) | (Self::Failed, PaymentOutcome::Completed) => {
                Err(SettlementError::ToldOtherwise)
            }
        }
    }
}

/// Why a payment stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum SettlementError {
    /// No such payment of that order, customer and amount.
    #[error("Order, customer, amount and payment do not fit a payment that is known here.")]
    Unknown,
    /// Something else was told before.
    #[error("Something else was told about this payment before.")]
    ToldOtherwise,
    /// The payment came too late.
    #[error("The payment came too late: the pieces of this order are gone, and it is cancelled. Give the money back.")]
    PiecesGone,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SettlementError> for Failure {
    fn from(error: SettlementError) -> Self {
        match error {
            SettlementError::Unknown | SettlementError::ToldOtherwise => Self::new(ErrorCode::Conflict, error.to_string()),
            SettlementError::PiecesGone => Self::new(ErrorCode::InsufficientStock, error.to_string()),
            SettlementError::Store(error) => error.into(),
        }
    }
}

/// What a payments service tells.
#[derive(Clone, Debug)]
pub struct Told {
    /// Of which order.
    pub order_id: String,
    /// Whose, where it says so.
    pub customer_id: Option<String>,
    /// Which payment.
    pub payment_id: String,
    /// In the smallest unit.
    pub amount_minor: i64,
    /// What the service calls it.
    pub transaction_id: Option<String>,
    /// What became of it.
    pub outcome: PaymentOutcome,
}

/// What was done about a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Now, or when it was told before.
    Done,
    /// The payment came too late; the order is cancelled now. Commit, and tell [`SettlementError::PiecesGone`].
    Cancelled,
}

/// Takes in what became of a payment. Paid: the pieces leave the shop and the purchase stands in the customer's record. Not
/// paid: the pieces are free again and the order is cancelled. Telling the same again changes nothing.
///
/// # Errors
/// Nothing known fits, or something else was told before.
pub async fn settle(tx: &mut Tx, told: &Told) -> Result<Settled, SettlementError> {
    let order = tx.order(&told.order_id).await?.ok_or(SettlementError::Unknown)?;
    let payment = tx.payment(&told.payment_id).await?.filter(|payment| payment.order_id == order.id);
    let payment = payment.ok_or(SettlementError::Unknown)?;
    let is_whose = told.customer_id.as_ref().is_none_or(|named| named.trim() == order.customer_id.0);
    // What was not paid has no amount.
    let is_amount = told.outcome == PaymentOutcome::Failed || told.amount_minor == payment.amount_minor;
    if !is_whose || !is_amount {
        return Err(SettlementError::Unknown);
    }
    let state = PaymentState::of(&payment.status).ok_or(SettlementError::ToldOtherwise)?;
    match state.told(told.outcome)? {
        Step::Nothing => Ok(Settled::Done),
        Step::Pay => pay(tx, order, payment, told).await,
        Step::GiveUp => {
            give_up(tx, order, payment, told).await?;
            Ok(Settled::Done)
        }
    }
}

async fn pay(tx: &mut Tx, order: OrderRecord, payment: PaymentRecord, told: &Told) -> Result<Settled, SettlementError> {
    // What other programs sold, they have counted themselves.
    if is_made_here(&payment.id) {
        if order.status == "cancelled" || !can_sell(tx, &order).await? {
            give_up(tx, order, payment, told).await?;
            return Ok(Settled::Cancelled);
        }
        sell(tx, &order).await?;
        note_purchase(tx, &order).await?;
    }
    keep(tx, payment, PaymentState::Completed, told).await?;
    Ok(Settled::Done)
}

/// Whether a checkout of this server made the payment of that id.
#[must_use]
pub fn is_made_here(payment_id: &str) -> bool {
    payment_id.strip_prefix("pay-").is_some_and(|id| id.parse::<Uuid>().is_ok())
}

/// Whether every piece is held for the order still, or free again.
async fn can_sell(tx: &mut Tx, order: &OrderRecord) -> Result<bool, StoreError> {
    let now = tx.state().lifetimes.now();
    for item in not_held(tx, order).await? {
        if !is_free(tx.reader(), &item.sku, item.quantity, now).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn not_held(tx: &mut Tx, order: &OrderRecord) -> Result<Vec<OrderItem>, StoreError> {
    let now = tx.state().lifetimes.now();
    let holds = tx.stock_holds_of(&owner(&order.id)).await?;
    let is_held = |item: &OrderItem| {
        holds.iter().any(|hold| hold.sku == item.sku && hold.quantity == item.quantity && now < hold.expires_at)
    };
    Ok(order.items.iter().filter(|item| !is_held(item)).cloned().collect())
}

async fn sell(tx: &mut Tx, order: &OrderRecord) -> Result<(), SettlementError> {
    let now = tx.state().lifetimes.now();
    for item in not_held(tx, order).await? {
        tx.sell_stock(&item.sku, FROM, item.quantity, now).await?.ok_or(SettlementError::PiecesGone)?;
    }
    for hold in tx.stock_holds_of(&owner(&order.id)).await? {
        if now < hold.expires_at {
            tx.sell_held(hold.id).await?;
        }
    }
    Ok(())
}

/// The purchase stands in the customer's record.
async fn note_purchase(tx: &mut Tx, order: &OrderRecord) -> Result<(), StoreError> {
    let Some(customer) = tx.customer(&order.customer_id).await? else { return Ok(()) };
    let currency = catalogue::currency(tx.reader()).await?;
    let date: String = order.created_at.to_string().chars().take(10).collect();
    let purchase = |item: &OrderItem| Purchase {
        order_id: order.id.clone(),
        sku: item.sku.0.clone(),
        qty: item.quantity.into(),
        amount: decimal(item.line_total_minor, &currency),
        date: date.clone(),
        rating: None,
    };
    let pieces: i64 = order.items.iter().map(|item| i64::from(item.quantity)).sum();
    let mut purchase_history = customer.purchase_history.clone();
    purchase_history.extend(order.items.iter().map(purchase));
    tx.put_customer(&CustomerRecord {
        total_spend_minor: customer.total_spend_minor.saturating_add(order.total_minor),
        items_purchased: customer.items_purchased.saturating_add(pieces),
        days_since_last_purchase: 0,
        purchase_history,
        ..customer
    })
    .await
}

async fn give_up(tx: &mut Tx, order: OrderRecord, payment: PaymentRecord, told: &Told) -> Result<(), StoreError> {
    for hold in tx.stock_holds_of(&owner(&order.id)).await? {
        tx.release_stock(hold.id).await?;
    }
    if order.status == "placed" {
        tx.put_order(&OrderRecord { status: "cancelled".into(), ..order }).await?;
    }
    keep(tx, payment, PaymentState::Failed, told).await
}

async fn keep(tx: &mut Tx, payment: PaymentRecord, state: PaymentState, told: &Told) -> Result<(), StoreError> {
    let transaction_id = told.transaction_id.clone().or(payment.transaction_id);
    tx.put_payment(&PaymentRecord { status: state.as_str().into(), transaction_id, ..payment }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_once_is_not_told_otherwise() {
        use PaymentOutcome::{Completed, Failed};
        for (state, outcome, step) in [
            (PaymentState::Pending, Completed, Some(Step::Pay)),
            (PaymentState::Pending, Failed, Some(Step::GiveUp)),
            (PaymentState::Completed, Completed, Some(Step::Nothing)),
            (PaymentState::Failed, Failed, Some(Step::Nothing)),
            (PaymentState::Completed, Failed, None),
            (PaymentState::Failed, Completed, None),
        ] {
            assert_eq!(state.told(outcome).ok(), step, "{state:?} {outcome:?}");
            assert_eq!(PaymentState::of(state.as_str()), Some(state));
        }
        assert_eq!(PaymentState::of("refunded"), None);
    }
}
