//! How soon a search is answered from the kiosk's own copy of the catalogue.

use std::time::Instant;

use anyhow::{Result, ensure};
use kiosk_store::{Shelf, ShelfSearch};
use serde::Serialize;
use testkit::bench::Quantiles;

use crate::Options;

/// Products that a screen of results has room for.
const SCREEN: u32 = 24;
/// What the assistant looks at.
const LOOKED_AT: u32 = 40;

#[derive(Debug, Serialize)]
pub struct Search {
    pub products: u64,
    pub searches: usize,
    /// Words as somebody types them: each search is the text so far.
    pub typed_ms: Quantiles,
    /// As the assistant asks: words with others of the same meaning, a colour, a price.
    pub asked_ms: Quantiles,
    /// The very first search after the files were opened.
    pub first_ms: f64,
}

pub async fn measure(shelf: &dyn Shelf, options: &Options) -> Result<Search> {
    let products = shelf.state().await?.products;
    ensure!(products > 0, "the copy of the catalogue is empty");
    let typed = typed(options.searches);
    let began = Instant::now();
    shelf.search(&typed[0]).await?;
    let first_ms = began.elapsed().as_secs_f64() * 1_000.0;
    Ok(Search {
        products,
        searches: options.searches,
        typed_ms: time(shelf, &typed).await?,
        asked_ms: time(shelf, &asked(options.searches)).await?,
        first_ms,
    })
}

async fn time(shelf: &dyn Shelf, searches: &[ShelfSearch]) -> Result<Quantiles> {
    let (mut times, mut found) = (Vec::new(), 0);
    for search in searches {
        let began = Instant::now();
        found += shelf.search(search).await?.len();
        times.push(u32::try_from(began.elapsed().as_micros())?);
    }
    ensure!(found > searches.len(), "hardly anything was found");
    Ok(Quantiles::of(times))
}

/// Texts that grow as they are typed.
fn typed(count: usize) -> Vec<ShelfSearch> {
    const TEXTS: [&str; 12] = [
        "jacket",
        "quilted jacket pine",
        "shirt",
        "white linen shirt",
        "SKU-1042",
        "LOT-031007",
        "saffron kurta",
        "running shoes",
        "harrowick",
        "dress",
        "monsoon trousers",
        "leather belt brown",
    ];
    let growing = TEXTS.iter().flat_map(|text| (2..=text.len()).map(|length| ShelfSearch::typed(&text[..length], SCREEN)));
    growing.cycle().take(count).collect()
}

/// Wishes of customers.
fn asked(count: usize) -> Vec<ShelfSearch> {
    let groups = |words: &[&[&str]]| words.iter().map(|group| group.iter().map(|word| (*word).to_owned()).collect()).collect();
    let wishes = [
        ShelfSearch { words: groups(&[&["shoe", "sneaker", "trainer"]]), ..ShelfSearch::default() },
        ShelfSearch { words: groups(&[&["shirt", "blouse", "kurta"], &["festive", "wedding"]]), ..ShelfSearch::default() },
        ShelfSearch {
            words: groups(&[&["jacket", "coat"]]),
            colors: vec!["pine".into(), "green".into()],
            max_price_minor: Some(600_000),
            ..ShelfSearch::default()
        },
        ShelfSearch { words: groups(&[&["warm", "winter"]]), genders: vec!["Women".into()], ..ShelfSearch::default() },
        ShelfSearch {
            words: groups(&[&["dress", "skirt"]]),
            min_price_minor: Some(100_000),
            max_price_minor: Some(400_000),
            ..ShelfSearch::default()
        },
    ];
    wishes.into_iter().cycle().take(count).map(|wish| ShelfSearch { limit: LOOKED_AT, ..wish }).collect()
}
