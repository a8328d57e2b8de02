use std::path::Path;

use indicatif::ProgressBar;
use protocol::{customer::Purchase, ids::CustomerId};
use serde_json::Value;
use server_store::{StoreError, records::CustomerRecord};

use super::{
    Basis, Doubles, FileReport, ROWS_AT_ONCE, begin, list,
    table::{Row, Table, short},
};
use crate::{phone_number, state::AppState};

const FILE: &str = "customers.csv";
const NEEDS: &[&[&str]] = &[&["customer_id"], &["name"], &["phone_number"]];
const TIERS: &[&str] = &["Bronze", "Silver", "Gold", "Platinum"];
const OLDEST: u16 = 150;

/// Reads the customers; answers also whom it took.
pub(super) async fn import(
    state: &AppState,
    dir: &Path,
    basis: &Basis,
    progress: &ProgressBar,
) -> Result<(Option<FileReport>, Vec<CustomerId>), StoreError> {
    let table = match Table::open(dir, FILE, NEEDS) {
        Ok(table) => table,
        Err(why) => return Ok((why, Vec::new())),
    };
    let mut report = FileReport::new(FILE);
    let mut doubles = Doubles::default();
    let customers = table.collect(&mut report, |row| {
        let customer = read(row, basis)?;
        doubles.check(&customer.id.0, row.number)?;
        Ok(customer)
    });
    begin(progress, FILE, customers.len());
    let mut taken = Vec::with_capacity(customers.len());
    for some in customers.chunks(ROWS_AT_ONCE) {
        let mut tx = state.write().await?;
        for (row, customer) in some {
            progress.inc(1);
            let owner = if customer.phone.is_empty() { None } else { tx.customer_by_phone(&customer.phone).await? };
            if let Some(owner) = owner.filter(|owner| owner.id != customer.id) {
                report.refuse(*row, format!("customer {} has this phone number already", owner.id));
                continue;
            }
            tx.put_customer(customer).await?;
            taken.push(customer.id.clone());
        }
        tx.commit().await?;
    }
    report.taken = taken.len() as u64;
    Ok((Some(report), taken))
}

fn read(row: Row<'_>, basis: &Basis) -> Result<CustomerRecord, String> {
    let text = |name: &str| row.text(&[name]).unwrap_or_default().to_owned();
    let id = row.required(&["customer_id"])?;
    if !id.bytes().all(|byte| byte.is_ascii_digit()) || id.len() > 18 {
        return Err(format!("customer_id must be a number such as 101, not \"{}\"", short(id)));
    }
    let phone = row.text(&["phone_number"]).map(|typed| phone_number::normalise(typed, &basis.country)).transpose();
    let age = row
        .whole(&["age"])?
        .map(|age| u16::try_from(age).ok().filter(|age| *age <= OLDEST).ok_or("age must be from 0 to 150"))
        .transpose()?;
    let tier = row.text(&["loyalty_tier"]).unwrap_or("Bronze");
    let tier = TIERS.iter().find(|known| known.eq_ignore_ascii_case(tier));
    let spent = row.text(&["total_spend"]).map(|text| basis.money("total_spend", text)).transpose()?;
    let or_default = |name: &str, default: &str| row.text(&[name]).unwrap_or(default).to_owned();
    Ok(CustomerRecord {
        id: CustomerId::from(id),
        name: row.required(&["name"])?.to_owned(),
        age,
        gender: text("gender"),
        phone: phone.map_err(|_| format!("phone_number is no possible number of {}", basis.country))?.unwrap_or_default(),
        city: text("city"),
        building_name: text("building_name"),
        address_landmark: text("address_landmark"),
        loyalty_tier: (*tier.ok_or_else(|| format!("loyalty_tier must be one of {}", TIERS.join(", ")))?).to_owned(),
        loyalty_points: row.count(&["loyalty_points"])?,
        device_preference: or_default("device_preference", "web"),
        total_spend_minor: spent.unwrap_or_default(),
        items_purchased: row.count(&["items_purchased"])?,
        average_rating: row.rating(&["average_rating"])?.unwrap_or_default(),
        days_since_last_purchase: row.count(&["days_since_last_purchase"])?,
        satisfaction: or_default("satisfaction", "Neutral"),
        purchase_history: row.text(&["purchase_history"]).map(history).transpose()?.unwrap_or_default(),
    })
}

fn history(text: &str) -> Result<Vec<Purchase>, String> {
    let wrong = |reason: String| format!("purchase_history is not readable: {reason}");
    match list::parse(text).map_err(wrong)? {
        Value::Null => Ok(Vec::new()),
        value => serde_json::from_value(value).map_err(|error| wrong(error.to_string())),
    }
}
