use std::collections::BTreeMap;

use protocol::{
    event::EventBody,
    ids::{OpKey, Sku},
    session::CartLine,
};
use serde_json::json;
use server_store::{
    ReadTx, StoreError,
    records::{CartItem, SessionRecord, Topic},
};

use super::{SessionError, action::last_action, token};
use crate::{catalogue, event, money, transaction::Tx};

/// Most pieces of one line.
pub(super) const MOST_PIECES: u32 = 99;
pub(super) const MOST_LINES: usize = 100;
/// Options one line can have, such as a size.
const MOST_OPTIONS: usize = 8;

/// Chosen options such as `size`.
pub type Options = BTreeMap<String, String>;

/// Adds pieces of a product. A line of the same product and options grows, to 99 pieces at most.
///
/// # Errors
/// No such product, an impossible quantity, or a full cart.
pub async fn add_to_cart(
    tx: &mut Tx,
    session: &mut SessionRecord,
    sku: &Sku,
    quantity: u32,
    options: Options,
    op: Option<OpKey>,
) -> Result<(), SessionError> {
    if !(1..=MOST_PIECES).contains(&quantity) {
        return Err(SessionError::BadRequest("'quantity' must be from 1 to 99".into()));
    }
    check_options(&options)?;
    let product = tx.product(sku).await?.ok_or_else(|| SessionError::ProductNotFound(sku.clone()))?;
    if let Some(line) = line_of(session, sku, &options) {
        line.quantity = (line.quantity + quantity).min(MOST_PIECES);
    } else if session.state.cart.len() >= MOST_LINES {
        return Err(SessionError::BadRequest("The cart is full; remove something first.".into()));
    } else {
        session.state.cart.push(CartItem {
            sku: sku.clone(),
            quantity,
            options: options.clone(),
            price_minor: product.price_minor,
        });
    }
    let mut item = json!({"sku": sku, "quantity": quantity});
    if !options.is_empty() {
        item["options"] = json!(options);
    }
    session.state.last_action = Some(last_action("add_to_cart", tx.now(), [("item", item)]));
    changed(tx, session, op).await
}

/// Sets how many pieces a line has; 0 removes it. What is not there and is not to be there stays so.
///
/// # Errors
/// No such product or an impossible quantity.
pub async fn set_quantity(
    tx: &mut Tx,
    session: &mut SessionRecord,
    sku: &Sku,
    quantity: u32,
    options: Options,
    op: Option<OpKey>,
) -> Result<(), SessionError> {
    if quantity > MOST_PIECES {
        return Err(SessionError::BadRequest("'quantity' must be from 0 to 99".into()));
    }
    check_options(&options)?;
    if quantity == 0 {
        session.state.cart.retain(|line| line.sku != *sku || line.options != options);
    } else if let Some(line) = line_of(session, sku, &options) {
        line.quantity = quantity;
    } else {
        return add_to_cart(tx, session, sku, quantity, options, op).await;
    }
    session.state.last_action = Some(last_action("set_quantity", tx.now(), [("sku", json!(sku)), ("quantity", json!(quantity))]));
    changed(tx, session, op).await
}

/// Removes a product: the line with these options, or every line of it without any.
///
/// # Errors
/// The store failed.
pub async fn remove_from_cart(
    tx: &mut Tx,
    session: &mut SessionRecord,
    sku: &Sku,
    options: Option<&Options>,
) -> Result<(), SessionError> {
    let before = session.state.cart.len();
    session.state.cart.retain(|line| line.sku != *sku || options.is_some_and(|options| line.options != *options));
    if session.state.cart.len() == before {
        return Ok(());
    }
    session.state.last_action = Some(last_action("remove_from_cart", tx.now(), [("sku", json!(sku))]));
    changed(tx, session, None).await
}

/// Empties the cart.
///
/// # Errors
/// The store failed.
pub async fn clear_cart(tx: &mut Tx, session: &mut SessionRecord) -> Result<(), SessionError> {
    session.state.cart.clear();
    session.state.last_action = Some(last_action("clear_cart", tx.now(), []));
    changed(tx, session, None).await
}

/// Takes what was bought with an order out of the cart; more of it than was bought stays.
///
/// # Errors
/// The store failed.
pub async fn take_bought(
    tx: &mut Tx,
    session: &mut SessionRecord,
    bought: &[(Sku, u32)],
    order_id: &str,
) -> Result<(), SessionError> {
    for (sku, quantity) in bought {
        let mut left = *quantity;
        for line in session.state.cart.iter_mut().filter(|line| line.sku == *sku) {
            let taken = left.min(line.quantity);
            line.quantity -= taken;
            left -= taken;
        }
    }
    session.state.cart.retain(|line| line.quantity > 0);
    session.state.last_action = Some(last_action("checkout", tx.now(), [("order_id", json!(order_id))]));
    changed(tx, session, None).await
}

/// The cart with names, pictures and prices of the catalogue as it is now. Products that are gone are left out.
///
/// # Errors
/// The store failed.
pub async fn show_cart(tx: &mut dyn ReadTx, session: &SessionRecord) -> Result<Vec<CartLine>, StoreError> {
    if session.state.cart.is_empty() {
        return Ok(Vec::new());
    }
    let currency = catalogue::currency(tx).await?;
    show_cart_in(tx, session, &currency).await
}

/// As [`show_cart`], for who knows the shop's currency.
pub(super) async fn show_cart_in(
    tx: &mut dyn ReadTx,
    session: &SessionRecord,
    currency: &str,
) -> Result<Vec<CartLine>, StoreError> {
    let skus: Vec<Sku> = session.state.cart.iter().map(|line| line.sku.clone()).collect();
    let products: BTreeMap<Sku, _> =
        tx.products(&skus).await?.into_iter().map(|product| (product.sku.clone(), product)).collect();
    let line = |item: &CartItem| {
        let product = products.get(&item.sku)?;
        Some(CartLine {
            sku: item.sku.clone(),
            name: product.name.clone(),
            quantity: item.quantity,
            price: money::decimal(product.price_minor, currency),
            price_minor: product.price_minor,
            currency: currency.to_owned(),
            image_url: product.image_url.clone(),
            options: item.options.clone(),
            price_changed: product.price_minor != item.price_minor,
        })
    };
    Ok(session.state.cart.iter().filter_map(line).collect())
}

fn line_of<'a>(session: &'a mut SessionRecord, sku: &Sku, options: &Options) -> Option<&'a mut CartItem> {
    session.state.cart.iter_mut().find(|line| line.sku == *sku && line.options == *options)
}

fn check_options(options: &Options) -> Result<(), SessionError> {
    let fits = options.len() <= MOST_OPTIONS && options.iter().all(|(name, value)| name.len() <= 40 && value.len() <= 100);
    if fits { Ok(()) } else { Err(SessionError::BadRequest("'options' are too many or too long".into())) }
}

async fn changed(tx: &mut Tx, session: &mut SessionRecord, op: Option<OpKey>) -> Result<(), SessionError> {
    token::save(tx, session).await?;
    let cart = show_cart(tx.reader(), session).await?;
    let body = EventBody::CartChanged { session_id: session.id, cart, op, version: session.version };
    event::append(tx, Topic::Session(session.id), &body).await?;
    Ok(())
}
