use server_store::{
    ReadTx, StoreError,
    records::{ProductRecord, ProductSearch},
};

use super::{
    budget::Budget,
    criteria::{Criteria, Gender},
    vocabulary::Occasion,
};
use crate::catalogue;

/// Products looked at before the best three are chosen.
const LOOKED_AT: u32 = 60;

/// What was found, and what had to be let go of to find it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Found {
    /// The best first.
    pub(super) products: Vec<ProductRecord>,
    /// Parts of the wish that these do not meet.
    pub(super) dropped: Vec<Part>,
    /// Words that stand in no product.
    pub(super) unknown: Vec<String>,
}

/// A part of a wish. In the order of letting go: what matters least to most people comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Words,
    Size,
    Budget,
    Occasions,
    Hues,
    Gender,
}

const PARTS: [Part; 6] = [Part::Words, Part::Size, Part::Budget, Part::Occasions, Part::Hues, Part::Gender];

impl Part {
    fn is_in(self, wish: &Criteria) -> bool {
        match self {
            Self::Words => !wish.words.is_empty(),
            Self::Size => wish.size.is_some(),
            Self::Budget => wish.budget != Budget::default(),
            Self::Occasions => !wish.occasions.is_empty(),
            Self::Hues => !wish.hues.is_empty(),
            Self::Gender => wish.gender.is_some(),
        }
    }

    fn drop_from(self, wish: &mut Criteria) {
        match self {
            Self::Words => wish.words.clear(),
            Self::Size => wish.size = None,
            Self::Budget => wish.budget = Budget::default(),
            Self::Occasions => wish.occasions.clear(),
            Self::Hues => wish.hues.clear(),
            Self::Gender => wish.gender = None,
        }
    }
}

/// Looks for products. Where nothing meets the whole wish, lets go of one part, then of two, then of all that can be spared.
pub(super) async fn find(tx: &mut dyn ReadTx, wish: &Criteria) -> Result<Found, StoreError> {
    let (mut known, mut unknown) = (wish.clone(), Vec::new());
    known.words.clear();
    for word in &wish.words {
        let alone = ProductSearch { words: vec![vec![word.clone()]], limit: 1, ..ProductSearch::default() };
        if tx.search_products(&alone).await?.is_empty() { unknown.push(word.clone()) } else { known.words.push(word.clone()) }
    }
    // A wish of which nothing is left would show anything at all.
    if known.names_nothing() && (known.budget == Budget::default() || !unknown.is_empty()) {
        return Ok(Found { unknown, ..Found::default() });
    }
    let parts: Vec<Part> = PARTS.into_iter().filter(|part| part.is_in(&known)).collect();
    let mut tries: Vec<Vec<Part>> = vec![Vec::new()];
    tries.extend(parts.iter().map(|part| vec![*part]));
    tries.extend(parts.iter().enumerate().flat_map(|(place, one)| parts[place + 1..].iter().map(|other| vec![*one, *other])));
    if parts.len() > 2 {
        tries.push(parts);
    }
    for dropped in tries {
        let mut wish = known.clone();
        for part in &dropped {
            part.drop_from(&mut wish);
        }
        if wish.names_nothing() && !dropped.is_empty() {
            continue;
        }
        let mut products = search(tx, &wish).await?;
        if products.is_empty() {
            continue;
        }
        if dropped.contains(&Part::Budget) {
            sort_by_distance(&mut products, known.budget);
        }
        return Ok(Found { products, dropped, unknown });
    }
    Ok(Found { unknown, ..Found::default() })
}

fn sort_by_distance(products: &mut [ProductRecord], budget: Budget) {
    products.sort_by_key(|product| {
        let over = budget.most.map_or(0, |most| product.price_minor.saturating_sub(most).max(0));
        let under = budget.least.map_or(0, |least| least.saturating_sub(product.price_minor).max(0));
        over + under
    });
}

async fn search(tx: &mut dyn ReadTx, wish: &Criteria) -> Result<Vec<ProductRecord>, StoreError> {
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let kinds: Vec<String> = wish.kinds.iter().flat_map(|kind| owned(kind.search)).collect();
    let colors: Vec<String> = wish.hues.iter().flat_map(|hue| owned(hue.search)).collect();
    let mut groups: Vec<Vec<String>> = wish.words.iter().map(|word| vec![word.clone()]).collect();
    groups.extend(wish.occasions.iter().map(|occasion| owned(occasion.search)));
    groups.extend((!kinds.is_empty()).then(|| kinds.clone()));
    let genders: &[&str] = match wish.gender {
        Some(Gender::Men) => &["men", "unisex"],
        Some(Gender::Women) => &["women", "unisex"],
        None => &[],
    };
    let search = ProductSearch {
        words: groups,
        colors: colors.clone(),
        genders: owned(genders),
        min_price_minor: wish.budget.least,
        max_price_minor: wish.budget.most,
        limit: LOOKED_AT,
    };
    let mut products = tx.search_products(&search).await?;
    // A description may mention jackets; what a customer who asks for jackets wants is one.
    if !kinds.is_empty() {
        let is_one = |product: &ProductRecord| titles(product).iter().any(|word| kinds.iter().any(|kind| word.starts_with(kind.as_str())));
        if products.iter().any(is_one) {
            products.retain(is_one);
        }
    }
    // The name of a product may hold a colour's letters; where the colour is stated, it decides.
    products.retain(|product| {
        colors.is_empty() || product.color.as_ref().is_none_or(|color| lower_words(color).iter().any(|word| colors.contains(word)))
    });
    if let Some(size) = &wish.size {
        products.retain(|product| catalogue::card(product, "").sizes.iter().any(|offered| offered.eq_ignore_ascii_case(size)));
    }
    // What is said of a product in one word weighs more than what its description mentions.
    products.sort_by_key(|product| {
        let titles = titles(product);
        let untitled = wish.words.iter().filter(|word| !titles.iter().any(|title| title.starts_with(word.as_str()))).count();
        let unsaid = wish.occasions.iter().filter(|occasion| !is_for(product, occasion)).count();
        (product.stock <= 0, unsaid, untitled)
    });
    if wish.cheap {
        products.sort_by_key(|product| (product.stock <= 0, product.price_minor));
    }
    Ok(products)
}

/// Whether an attribute of the product, such as its tags or material, says that it is for the occasion.
pub(super) fn is_for(product: &ProductRecord, occasion: &Occasion) -> bool {
    product.attributes.values().any(|text| lower_words(text).iter().any(|word| occasion.search.contains(&word.as_str())))
}

fn titles(product: &ProductRecord) -> Vec<String> {
    let titles = [Some(&product.name), product.subcategory.as_ref(), Some(&product.category)];
    titles.into_iter().flatten().flat_map(|title| title.split_whitespace()).map(str::to_lowercase).collect()
}

fn lower_words(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}
