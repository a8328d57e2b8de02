use std::collections::BTreeMap;

use protocol::{
    ids::Sku,
    order::{Order, OrderLine, Payment},
};
use server_store::{
    ReadTx, StoreError,
    records::{OrderRecord, PaymentRecord, ProductRecord},
};

use crate::money::decimal;

/// Orders as the documented API shows them, their items enriched from the catalogue.
///
/// # Errors
/// The store failed.
pub async fn order(tx: &mut dyn ReadTx, orders: &[OrderRecord], currency: &str) -> Result<Vec<Order>, StoreError> {
    let mut skus: Vec<Sku> = orders.iter().flat_map(|order| &order.items).map(|item| item.sku.clone()).collect();
    skus.sort_unstable();
    skus.dedup();
    let mut products = BTreeMap::new();
    for some in skus.chunks(500) {
        products.extend(tx.products(some).await?.into_iter().map(|product| (product.sku.clone(), product)));
    }
    Ok(orders.iter().map(|order| shown(order, &products, currency)).collect())
}

fn shown(order: &OrderRecord, products: &BTreeMap<Sku, ProductRecord>, currency: &str) -> Order {
    let line = |item: &server_store::records::OrderItem| {
        let product = products.get(&item.sku);
        OrderLine {
            sku: item.sku.clone(),
            qty: item.quantity,
            unit_price: decimal(item.unit_price_minor, currency),
            unit_price_minor: item.unit_price_minor,
            line_total: decimal(item.line_total_minor, currency),
            line_total_minor: item.line_total_minor,
            currency: currency.to_owned(),
            name: product.map(|product| product.name.clone()),
            image: product.map(|product| product.image_url.clone()),
            brand: product.and_then(|product| product.brand.clone()),
            category: product.map(|product| product.category.clone()),
            color: product.and_then(|product| product.color.clone()),
        }
    };
    Order {
        order_id: order.id.clone(),
        customer_id: order.customer_id.clone(),
        items: order.items.iter().map(line).collect(),
        total_amount: decimal(order.total_minor, currency),
        total_amount_minor: order.total_minor,
        currency: currency.to_owned(),
        status: order.status.clone(),
        created_at: order.created_at,
        shipping_address: order.shipping_address.clone(),
    }
}

pub(super) fn payment(record: &PaymentRecord, currency: &str) -> Payment {
    Payment {
        payment_id: record.id.clone(),
        order_id: record.order_id.clone(),
        customer_id: record.customer_id.clone(),
        amount: decimal(record.amount_minor, currency),
        amount_minor: record.amount_minor,
        currency: currency.to_owned(),
        method: record.method.clone(),
        status: record.status.clone(),
        created_at: record.created_at,
        transaction_id: record.transaction_id.clone(),
    }
}
