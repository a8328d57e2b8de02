//! The shop's own settings: name, money, languages, colours, what stands in the window.

use serde::Serialize;

/// The products in the window, by the number in their SKU: different kinds, different colours.
pub const FEATURED: [u32; 6] = [1001, 1054, 1077, 1035, 1100, 1086];

#[derive(Serialize)]
struct Settings {
    name: &'static str,
    country: &'static str,
    currency: &'static str,
    time_zone: &'static str,
    languages: [&'static str; 4],
    theme: Theme,
    featured: [String; 6],
    product_page_base: Option<&'static str>,
}

#[derive(Serialize)]
struct Theme {
    accent: &'static str,
    accent_ink: &'static str,
    paper: &'static str,
    ink: &'static str,
}

/// `shop.json`.
pub fn json() -> Vec<u8> {
    pretty(&Settings {
        name: "Maren & Co",
        country: "IN",
        currency: "INR",
        time_zone: "Asia/Kolkata",
        languages: ["en", "hi", "es", "ar"],
        theme: Theme { accent: "#1f4d3f", accent_ink: "#ffffff", paper: "#faf7f0", ink: "#1c1b19" },
        featured: FEATURED.map(|sku| format!("SKU-{sku}")),
        product_page_base: None,
    })
}

/// Indented JSON with a final line break.
pub fn pretty(value: &impl Serialize) -> Vec<u8> {
    // Plain structs with text keys always serialise.
    let mut text = serde_json::to_vec_pretty(value).unwrap_or_default();
    text.push(b'\n');
    text
}
