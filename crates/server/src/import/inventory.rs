use std::{collections::HashSet, path::Path};

use indicatif::ProgressBar;
use protocol::ids::{Sku, StoreId};
use server_store::{StoreError, records::InventoryRecord};

use super::{
    Doubles, FileReport, KnownProducts, ROWS_AT_ONCE, begin,
    table::{Row, Table, short},
};
use crate::state::AppState;

const FILE: &str = "inventory.csv";
const NEEDS: &[&[&str]] = &[&["sku"], &["location"], &["quantity"]];

/// Reads the stock of each location.
pub(super) async fn import(state: &AppState, dir: &Path, progress: &ProgressBar) -> Result<Option<FileReport>, StoreError> {
    let table = match Table::open(dir, FILE, NEEDS) {
        Ok(table) => table,
        Err(why) => return Ok(why),
    };
    let stores: HashSet<StoreId> = state.read().await?.stores().await?.into_iter().map(|store| store.store_id).collect();
    let mut report = FileReport::new(FILE);
    let mut doubles = Doubles::default();
    let counts = table.collect(&mut report, |row| {
        let count = read(row, &stores)?;
        doubles.check(&format!("{} at {}", count.sku, count.location), row.number)?;
        Ok(count)
    });
    begin(progress, FILE, counts.len());
    let mut products = KnownProducts::default();
    for some in counts.chunks(ROWS_AT_ONCE) {
        let mut tx = state.write().await?;
        for (row, count) in some {
            if products.has(tx.reader(), &count.sku).await? {
                tx.put_inventory(count).await?;
                report.taken += 1;
            } else {
                report.refuse(*row, format!("there is no product {}", short(&count.sku.0)));
            }
            progress.inc(1);
        }
        tx.commit().await?;
    }
    Ok(Some(report))
}

fn read(row: Row<'_>, stores: &HashSet<StoreId>) -> Result<InventoryRecord, String> {
    let location = row.required(&["location"])?;
    match location.strip_prefix("store:") {
        Some(id) if !stores.contains(&StoreId::from(id)) => return Err(format!("there is no store {}", short(id))),
        None if location != "online" => {
            return Err(format!("location must be online or store:<id>, not \"{}\"", short(location)));
        }
        _ => {}
    }
    row.required(&["quantity"])?;
    Ok(InventoryRecord {
        sku: Sku::from(row.required(&["sku"])?),
        location: location.to_owned(),
        quantity: row.count(&["quantity"])?,
    })
}
