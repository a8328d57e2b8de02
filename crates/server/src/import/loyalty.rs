use std::path::Path;

use indicatif::ProgressBar;
use server_store::{
    StoreError,
    records::{CouponRecord, LoyaltyRules, PromotionRecord},
};

use super::{
    Basis, Doubles, FileReport, begin,
    table::{Row, Table, short},
};
use crate::{loyalty::tier::TIERS, state::AppState};

const COUPONS: &str = "coupons.csv";
const PROMOTIONS: &str = "promotions.csv";
const RULES: &str = "loyalty.toml";
const COUPON_NEEDS: &[&[&str]] = &[&["code"], &["discount_percent"]];
const PROMOTION_NEEDS: &[&[&str]] = &[&["name"], &["discount_percent"]];
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY_MINUTES: u32 = 24 * 60;

/// Reads the coupons. One that is no longer in the file is withdrawn.
pub(super) async fn import_coupons(
    state: &AppState,
    dir: &Path,
    basis: &Basis,
    progress: &ProgressBar,
) -> Result<Option<FileReport>, StoreError> {
    let table = match Table::open(dir, COUPONS, COUPON_NEEDS) {
        Ok(table) => table,
        Err(why) => return Ok(why),
    };
    let mut report = FileReport::new(COUPONS);
    let mut doubles = Doubles::default();
    let coupons = table.collect(&mut report, |row| {
        let coupon = CouponRecord {
            code: row.required(&["code"])?.to_uppercase(),
            discount_percent: percent(row)?,
            min_purchase_minor: least(row, basis)?,
            description: row.text(&["description"]).unwrap_or_default().to_owned(),
        };
        doubles.check(&coupon.code, row.number)?;
        Ok(coupon)
    });
    begin(progress, COUPONS, coupons.len());
    let mut tx = state.write().await?;
    for (_, coupon) in &coupons {
        tx.put_coupon(coupon).await?;
        progress.inc(1);
    }
    let codes: Vec<String> = coupons.iter().map(|(_, coupon)| coupon.code.clone()).collect();
    tx.keep_coupons(&codes).await?;
    tx.commit().await?;
    report.taken = coupons.len() as u64;
    Ok(Some(report))
}

/// Reads the promotions. One that is no longer in the file is withdrawn.
pub(super) async fn import_promotions(
    state: &AppState,
    dir: &Path,
    basis: &Basis,
    progress: &ProgressBar,
) -> Result<Option<FileReport>, StoreError> {
    let table = match Table::open(dir, PROMOTIONS, PROMOTION_NEEDS) {
        Ok(table) => table,
        Err(why) => return Ok(why),
    };
    let mut report = FileReport::new(PROMOTIONS);
    let mut doubles = Doubles::default();
    let promotions = table.collect(&mut report, |row| {
        let promotion = PromotionRecord {
            name: row.required(&["name"])?.to_owned(),
            discount_percent: percent(row)?,
            min_purchase_minor: least(row, basis)?,
            days: row.text(&["days"]).map(days).transpose()?.unwrap_or_default(),
            from_minute: row.text(&["from"]).map(minute).transpose()?.unwrap_or(0),
            until_minute: row.text(&["until"]).map(minute).transpose()?.unwrap_or(DAY_MINUTES),
            category: row.text(&["category"]).map(str::to_owned),
            description: row.text(&["description"]).unwrap_or_default().to_owned(),
        };
        doubles.check(&promotion.name, row.number)?;
        Ok(promotion)
    });
    begin(progress, PROMOTIONS, promotions.len());
    let mut tx = state.write().await?;
    for (_, promotion) in &promotions {
        tx.put_promotion(promotion).await?;
        progress.inc(1);
    }
    let names: Vec<String> = promotions.iter().map(|(_, promotion)| promotion.name.clone()).collect();
    tx.keep_promotions(&names).await?;
    tx.commit().await?;
    report.taken = promotions.len() as u64;
    Ok(Some(report))
}

/// Reads what the shop gives for loyalty.
pub(super) async fn import_rules(state: &AppState, dir: &Path) -> Result<Option<FileReport>, StoreError> {
    let path = dir.join(RULES);
    if !path.exists() {
        return Ok(None);
    }
    let read = std::fs::read_to_string(&path).map_err(|error| error.to_string());
    let rules = match read.and_then(|text| toml::from_str(&text).map_err(|error| error.to_string())).and_then(check) {
        Ok(rules) => rules,
        Err(problem) => return Ok(Some(FileReport::unreadable(RULES, problem))),
    };
    let mut tx = state.write().await?;
    tx.put_loyalty_rules(&rules).await?;
    tx.commit().await?;
    Ok(Some(FileReport { taken: 1, ..FileReport::new(RULES) }))
}

fn check(rules: LoyaltyRules) -> Result<LoyaltyRules, String> {
    if rules.spend_per_point == 0 {
        return Err("spend_per_point must be above 0".into());
    }
    let names = TIERS.map(|(name, _)| name);
    for (name, tier) in &rules.tiers {
        if !names.contains(&name.as_str()) {
            return Err(format!("there is no tier {}; the tiers are {}", short(name), names.join(", ")));
        }
        if tier.discount_percent > 100 || tier.bonus_percent > 1_000 {
            return Err(format!("{name} gives too much; discount_percent is at most 100, bonus_percent at most 1000"));
        }
    }
    Ok(rules)
}

fn percent(row: Row<'_>) -> Result<u32, String> {
    let percent = row.whole(&["discount_percent"])?.and_then(|percent| u32::try_from(percent).ok());
    percent.filter(|percent| (1..=100).contains(percent)).ok_or_else(|| "discount_percent must be from 1 to 100".to_owned())
}

fn least(row: Row<'_>, basis: &Basis) -> Result<i64, String> {
    row.text(&["min_purchase"]).map_or(Ok(0), |text| basis.price("min_purchase", text))
}

/// Days such as `sat|sun`, as numbers from 1 (Monday).
fn days(text: &str) -> Result<Vec<u8>, String> {
    let day = |name: &str| {
        let name = name.trim().to_lowercase();
        let place = (1..).zip(DAYS).find(|(_, day)| !name.is_empty() && name.starts_with(day));
        place.map(|(number, _)| number).ok_or_else(|| format!("days must be like sat|sun, not \"{}\"", short(&name)))
    };
    text.split(['|', ';', ' ']).filter(|name| !name.trim().is_empty()).map(day).collect()
}

/// A time such as `06:30`, in minutes after midnight; `24:00` is the end of the day.
fn minute(text: &str) -> Result<u32, String> {
    let (hours, minutes) = text.split_once(':').unwrap_or((text, "0"));
    let parts = hours.trim().parse::<u32>().ok().zip(minutes.trim().parse::<u32>().ok());
    let minute = parts.filter(|(_, minutes)| *minutes < 60).map(|(hours, minutes)| hours * 60 + minutes);
    minute.filter(|minute| *minute <= DAY_MINUTES).ok_or_else(|| format!("a time must be like 06:30, not \"{}\"", short(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_days_are_read_as_people_write_them() {
        assert_eq!((minute("06:30"), minute("6"), minute("24:00")), (Ok(390), Ok(360), Ok(1_440)));
        for text in ["", "25:00", "24:01", "6:60", "noon", "-1:00"] {
            assert!(minute(text).is_err(), "{text}");
        }
        assert_eq!(days("sat|sun"), Ok(vec![6, 7]));
        assert_eq!(days("Monday; fri"), Ok(vec![1, 5]));
        assert!(days("someday").is_err());
    }
}
