use std::path::Path;

use indicatif::ProgressBar;
use protocol::{ids::StoreId, shop::Store};
use server_store::StoreError;

use super::{
    Doubles, FileReport, ROWS_AT_ONCE, begin,
    table::{Row, Table},
};
use crate::state::AppState;

const FILE: &str = "stores.csv";
const NEEDS: &[&[&str]] = &[&["store_id"], &["name"]];

/// Reads the shop's stores.
pub(super) async fn import(state: &AppState, dir: &Path, progress: &ProgressBar) -> Result<Option<FileReport>, StoreError> {
    let table = match Table::open(dir, FILE, NEEDS) {
        Ok(table) => table,
        Err(why) => return Ok(why),
    };
    let mut report = FileReport::new(FILE);
    let mut doubles = Doubles::default();
    let stores = table.collect(&mut report, |row| {
        let store = read(row)?;
        doubles.check(&store.store_id.0, row.number)?;
        Ok(store)
    });
    begin(progress, FILE, stores.len());
    for some in stores.chunks(ROWS_AT_ONCE) {
        let mut tx = state.write().await?;
        for (_, store) in some {
            tx.put_store(store).await?;
            progress.inc(1);
        }
        tx.commit().await?;
        report.taken += some.len() as u64;
    }
    Ok(Some(report))
}

fn read(row: Row<'_>) -> Result<Store, String> {
    let text = |name: &str| row.text(&[name]).unwrap_or_default().to_owned();
    Ok(Store {
        store_id: StoreId::from(row.required(&["store_id"])?),
        name: row.required(&["name"])?.to_owned(),
        city: text("city"),
        address: text("address"),
        opening_hours: text("opening_hours"),
    })
}
