use std::path::Path;

use indicatif::ProgressBar;
use protocol::{
    Timestamp,
    ids::{CustomerId, Sku},
};
use serde_json::{Map, Value};
use server_store::{
    StoreError,
    records::{OrderItem, OrderRecord},
};

use super::{
    Basis, Doubles, FileReport, ROWS_AT_ONCE, begin, list,
    table::{Row, Table, short},
};
use crate::state::AppState;

const FILE: &str = "orders.csv";
const NEEDS: &[&[&str]] = &[&["order_id"], &["customer_id"], &["items"], &["total_amount"], &["status"], &["created_at"]];
const STATUSES: &[&str] = &["placed", "shipped", "delivered", "cancelled"];

/// Reads the customers' orders.
pub(super) async fn import(
    state: &AppState,
    dir: &Path,
    basis: &Basis,
    progress: &ProgressBar,
) -> Result<Option<FileReport>, StoreError> {
    let table = match Table::open(dir, FILE, NEEDS) {
        Ok(table) => table,
        Err(why) => return Ok(why),
    };
    let mut report = FileReport::new(FILE);
    let mut doubles = Doubles::default();
    let orders = table.collect(&mut report, |row| {
        let order = read(row, basis)?;
        doubles.check(&order.id, row.number)?;
        Ok(order)
    });
    begin(progress, FILE, orders.len());
    for some in orders.chunks(ROWS_AT_ONCE) {
        let mut tx = state.write().await?;
        for (row, order) in some {
            progress.inc(1);
            if tx.customer(&order.customer_id).await?.is_none() {
                report.refuse(*row, format!("there is no customer {}", short(&order.customer_id.0)));
                continue;
            }
            tx.put_order(order).await?;
            report.taken += 1;
        }
        tx.commit().await?;
    }
    Ok(Some(report))
}

fn read(row: Row<'_>, basis: &Basis) -> Result<OrderRecord, String> {
    let items = list::parse(row.required(&["items"])?).map_err(|reason| format!("items is not readable: {reason}"))?;
    let Value::Array(items) = items else { return Err("items must be a list".into()) };
    let status = row.required(&["status"])?.to_lowercase();
    if !STATUSES.contains(&status.as_str()) {
        return Err(format!("status must be one of {}, not \"{}\"", STATUSES.join(", "), short(&status)));
    }
    Ok(OrderRecord {
        id: row.required(&["order_id"])?.to_owned(),
        customer_id: CustomerId::from(row.required(&["customer_id"])?),
        items: items.iter().map(|one| item(one, basis)).collect::<Result<_, _>>()?,
        total_minor: basis.price("total_amount", row.required(&["total_amount"])?)?,
        status,
        created_at: instant(row.required(&["created_at"])?)?,
        shipping_address: None,
    })
}

fn item(value: &Value, basis: &Basis) -> Result<OrderItem, String> {
    let Value::Object(object) = value else { return Err("each of items must be an object".into()) };
    let sku = object.get("sku").and_then(Value::as_str).filter(|sku| !sku.is_empty()).ok_or("each of items needs a sku")?;
    let quantity = ["qty", "quantity"].iter().find_map(|name| object.get(*name));
    let quantity =
        quantity.map_or(Some(1), Value::as_u64).and_then(|number| u32::try_from(number).ok()).filter(|number| *number > 0);
    let quantity = quantity.ok_or("qty must be a whole number above 0")?;
    let unit_price_minor = amount(object, "unit_price", basis)?.unwrap_or_default();
    let line_total_minor =
        amount(object, "line_total", basis)?.unwrap_or_else(|| unit_price_minor.saturating_mul(quantity.into()));
    Ok(OrderItem { sku: Sku::from(sku), quantity, unit_price_minor, line_total_minor })
}

/// An amount that stands in JSON as a number or a text. The number's own digits are read, so nothing is rounded.
fn amount(object: &Map<String, Value>, name: &str, basis: &Basis) -> Result<Option<i64>, String> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => basis.price(name, text).map(Some),
        Some(value) => basis.price(name, &value.to_string()).map(Some),
    }
}

/// An instant with or without a zone (then it is UTC), or a day.
pub(super) fn instant(text: &str) -> Result<Timestamp, String> {
    let text = text.replacen(' ', "T", 1);
    let shapes = [text.clone(), format!("{text}Z"), format!("{text}T00:00:00Z")];
    let read = shapes.iter().find_map(|shape| Timestamp::parse(shape).ok());
    read.ok_or_else(|| format!("created_at must be like 2026-02-12T10:00:00, not \"{}\"", short(&text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_without_a_zone_is_utc() {
        for text in ["2025-11-09T07:32:38.830321", "2025-11-09 07:32:38.830321", "2025-11-09T13:02:38.830321+05:30"] {
            assert_eq!(instant(text).unwrap().to_string(), "2025-11-09T07:32:38.830321Z", "{text}");
        }
        assert_eq!(instant("2025-11-09").unwrap().to_string(), "2025-11-09T00:00:00.000000Z");
        assert!(instant("last week").is_err());
    }
}
