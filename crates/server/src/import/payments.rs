use std::path::Path;

use indicatif::ProgressBar;
use protocol::ids::CustomerId;
use server_store::{StoreError, records::PaymentRecord};

use super::{
    Basis, Doubles, FileReport, ROWS_AT_ONCE, begin,
    orders::instant,
    table::{Row, Table, short},
};
use crate::state::AppState;

const FILE: &str = "payments.csv";
const AMOUNT: &[&str] = &["amount", "amount_paid"];
const METHOD: &[&str] = &["method", "payment_method"];
const WHEN: &[&str] = &["created_at", "timestamp", "date"];
const NEEDS: &[&[&str]] = &[&["payment_id"], &["order_id"], AMOUNT, WHEN];

/// Reads the payments of orders.
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
    let payments = table.collect(&mut report, |row| {
        let payment = read(row, basis)?;
        doubles.check(&payment.id, row.number)?;
        Ok(payment)
    });
    begin(progress, FILE, payments.len());
    for some in payments.chunks(ROWS_AT_ONCE) {
        let mut tx = state.write().await?;
        for (row, payment) in some {
            progress.inc(1);
            let Some(order) = tx.order(&payment.order_id).await? else {
                report.refuse(*row, format!("there is no order {}", short(&payment.order_id)));
                continue;
            };
            // Whose it is, the order says.
            tx.put_payment(&PaymentRecord { customer_id: order.customer_id, ..payment.clone() }).await?;
            report.taken += 1;
        }
        tx.commit().await?;
    }
    Ok(Some(report))
}

fn read(row: Row<'_>, basis: &Basis) -> Result<PaymentRecord, String> {
    let word = |names: &[&str], default: &str| row.text(names).unwrap_or(default).to_lowercase();
    Ok(PaymentRecord {
        id: row.required(&["payment_id"])?.to_owned(),
        order_id: row.required(&["order_id"])?.to_owned(),
        customer_id: CustomerId::from(""),
        amount_minor: basis.price("amount", row.required(AMOUNT)?)?,
        method: word(METHOD, ""),
        status: word(&["status"], "completed"),
        created_at: instant(row.required(WHEN)?)?,
        transaction_id: None,
    })
}
