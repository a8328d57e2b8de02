//! Coupons, promotions and what loyalty brings.

/// `code,discount_percent,min_purchase,description`.
pub const COUPONS: [[&str; 4]; 5] = [
    ["NEW50", "50", "2000", "Half off your first large order"],
    ["SAVE15", "15", "750", "A little off for everybody"],
    ["WELCOME25", "25", "1500", "Welcome to Maren & Co"],
    ["MAREN10", "10", "500", "With thanks from Maren & Co"],
    ["MAREN20", "20", "1000", "With many thanks from Maren & Co"],
];

/// `name,discount_percent,min_purchase,days,from,until,category,description`.
pub const PROMOTIONS: [[&str; 8]; 5] = [
    ["Early bird", "15", "500", "", "06:00", "10:00", "", "For those who shop before work"],
    ["Lunch hour", "10", "300", "", "12:00", "14:00", "", "A quick find at noon"],
    ["After work", "20", "1000", "", "17:00", "20:00", "", "The evening is yours"],
    ["Weekend", "25", "1500", "sat|sun", "", "", "", "Two days for the whole family"],
    ["Night owl", "30", "2000", "", "00:00", "02:00", "", "For those who cannot sleep"],
];

/// `loyalty.toml`.
pub const LOYALTY: &str = r#"# One point for each so many rupees; a point is worth one rupee.
spend_per_point = 10

# What each tier gets beyond points.
[tiers.Silver]
discount_percent = 2
benefits = { delivery = "free from 1,500" }

[tiers.Gold]
discount_percent = 5
bonus_percent = 10
benefits = { delivery = "free", alterations = "one a season" }

[tiers.Platinum]
discount_percent = 8
bonus_percent = 20
benefits = { delivery = "free", alterations = "free" }
"#;
