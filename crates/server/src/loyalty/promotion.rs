//! Which promotions run now, in the shop's own time.

use protocol::Timestamp;
use server_store::{ReadTx, StoreError, records::PromotionRecord};

/// A day of the week, 1 (Monday) to 7, and minutes after midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LocalTime {
    day: u8,
    minute: u32,
}

impl LocalTime {
    /// The local time of an instant. A zone that nobody knows is UTC.
    pub(super) fn at(now: Timestamp, time_zone: &str) -> Self {
        let zone = jiff::tz::TimeZone::get(time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let instant = jiff::Timestamp::from_millisecond(now.unix_millis()).unwrap_or_default();
        let local = instant.to_zoned(zone);
        let part = |number: i8| u32::try_from(number).unwrap_or_default();
        Self {
            day: u8::try_from(local.weekday().to_monday_one_offset()).unwrap_or(1),
            minute: part(local.hour()) * 60 + part(local.minute()),
        }
    }
}

/// The promotions that run now, in order of name.
pub(super) async fn active(tx: &mut dyn ReadTx, now: Timestamp) -> Result<Vec<PromotionRecord>, StoreError> {
    let time_zone = tx.shop().await?.map_or_else(|| "UTC".into(), |shop| shop.time_zone);
    let local = LocalTime::at(now, &time_zone);
    let mut promotions = tx.promotions().await?;
    promotions.retain(|promotion| runs(promotion, local));
    Ok(promotions)
}

fn runs(promotion: &PromotionRecord, now: LocalTime) -> bool {
    let on = |day: u8| promotion.days.is_empty() || promotion.days.contains(&day);
    let (from, until) = (promotion.from_minute, promotion.until_minute);
    if from < until {
        return on(now.day) && (from..until).contains(&now.minute);
    }
    // It runs over midnight and belongs to the day on which it began.
    let yesterday = if now.day == 1 { 7 } else { now.day - 1 };
    (on(now.day) && now.minute >= from) || (on(yesterday) && now.minute < until)
}

/// When it runs and from which total, for people.
pub(super) fn condition(promotion: &PromotionRecord, currency: &str) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let time = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
    let names: Vec<&str> = promotion.days.iter().filter_map(|day| DAYS.get(usize::from(*day).checked_sub(1)?)).copied().collect();
    let whole_day = promotion.from_minute == 0 && promotion.until_minute == 24 * 60;
    let hours = format!("{}-{}", time(promotion.from_minute), time(promotion.until_minute));
    let least = crate::money::shown(promotion.min_purchase_minor, currency);
    let when = match (names.is_empty(), whole_day) {
        (true, true) => "any time".to_owned(),
        (true, false) => hours,
        (false, true) => names.join(", "),
        (false, false) => format!("{} {hours}", names.join(", ")),
    };
    format!("{when}, from {least}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn promotion(days: &[u8], from_minute: u32, until_minute: u32) -> PromotionRecord {
        PromotionRecord {
            name: "x".into(),
            discount_percent: 10,
            min_purchase_minor: 50_000,
            days: days.into(),
            from_minute,
            until_minute,
            category: None,
            description: String::new(),
        }
    }

    fn at(day: u8, hour: u32, minute: u32) -> LocalTime {
        LocalTime { day, minute: hour * 60 + minute }
    }

    #[test]
    fn hours_begin_with_their_first_minute_and_end_before_their_last() {
        let morning = promotion(&[], 6 * 60, 10 * 60);
        for (hour, minute, is_on) in [(5, 59, false), (6, 0, true), (9, 59, true), (10, 0, false)] {
            assert_eq!(runs(&morning, at(3, hour, minute)), is_on, "{hour}:{minute}");
        }
        let weekend = promotion(&[6, 7], 0, 24 * 60);
        assert!(runs(&weekend, at(6, 0, 0)) && runs(&weekend, at(7, 23, 59)) && !runs(&weekend, at(1, 0, 0)));
    }

    #[test]
    fn hours_over_midnight_belong_to_the_day_on_which_they_began() {
        let friday_night = promotion(&[5], 22 * 60, 2 * 60);
        assert!(runs(&friday_night, at(5, 23, 0)) && runs(&friday_night, at(6, 1, 59)));
        assert!(!runs(&friday_night, at(5, 1, 0)) && !runs(&friday_night, at(6, 23, 0)));
        let sunday_night = promotion(&[7], 22 * 60, 2 * 60);
        assert!(runs(&sunday_night, at(1, 1, 0)), "the week goes on");
    }

    #[test]
    fn the_shops_own_time_counts() {
        // Thursday, 2026-02-12T10:00:00Z.
        let now = Timestamp::from_unix_millis(1_770_890_400_000);
        assert_eq!(LocalTime::at(now, "Asia/Kolkata"), at(4, 15, 30));
        assert_eq!(LocalTime::at(now, "America/Chicago"), at(4, 4, 0));
        assert_eq!(LocalTime::at(now, "Pacific/Kiritimati"), at(5, 0, 0));
        assert_eq!(LocalTime::at(now, "Nowhere/Land"), at(4, 10, 0));
    }

    #[test]
    fn a_condition_reads_like_a_sign() {
        assert_eq!(condition(&promotion(&[], 6 * 60, 10 * 60), "INR"), "06:00-10:00, from ₹500");
        assert_eq!(condition(&promotion(&[6, 7], 0, 24 * 60), "USD"), "Sat, Sun, from $500.00");
    }
}
