use protocol::catalogue::Product;

use crate::{
    Catalogue, Search,
    budget::Budget,
    criteria::{Criteria, Gender},
    vocabulary::{Occasion, singular},
};

/// Products looked at before the best three are chosen.
const LOOKED_AT: u32 = 60;

/// What was found, and what had to be let go of to find it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Found {
    /// The best first.
    pub(crate) products: Vec<Product>,
    /// Parts of the wish that these do not meet.
    pub(crate) dropped: Vec<Part>,
    /// Words that stand in no product.
    pub(crate) unknown: Vec<String>,
}

/// A part of a wish. In the order of letting go: what matters least to most people comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
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
pub(crate) async fn find<C: Catalogue + ?Sized>(shop: &mut C, wish: &Criteria) -> Result<Found, C::Error> {
    let (mut known, mut unknown) = (wish.clone(), Vec::new());
    known.words.clear();
    // Without anything else to go by, a word counts only where it is said of a product, not where a description mentions it.
    let alone = known.names_nothing();
    for word in &wish.words {
        let search = Search { words: vec![vec![word.clone()]], limit: LOOKED_AT, ..Search::default() };
        let found = shop.search(&search).await?;
        let counts = if alone { found.iter().any(|product| is_said(product, word)) } else { !found.is_empty() };
        if counts { known.words.push(word.clone()) } else { unknown.push(word.clone()) }
    }
    if !known.kinds.is_empty() && !has_titles(shop, &kinds(&known)).await? {
        // No product is called so; descriptions may still speak of it.
        known.words.extend(known.kinds.drain(..).filter_map(|kind| kind.said.first()).map(|&word| word.to_owned()));
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
        let mut products = search(shop, &wish).await?;
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

fn kinds(wish: &Criteria) -> Vec<String> {
    wish.kinds.iter().flat_map(|kind| kind.search).map(|&word| word.to_owned()).collect()
}

/// Whether the catalogue has products that are called so.
async fn has_titles<C: Catalogue + ?Sized>(shop: &mut C, kinds: &[String]) -> Result<bool, C::Error> {
    let search = Search { words: vec![kinds.to_vec()], limit: LOOKED_AT, ..Search::default() };
    Ok(shop.search(&search).await?.iter().any(|product| is_one(product, kinds)))
}

/// Whether the name, subcategory or category begins a word so.
fn is_one(product: &Product, kinds: &[String]) -> bool {
    titles(product).iter().any(|word| kinds.iter().any(|kind| word.starts_with(kind.as_str())))
}

fn sort_by_distance(products: &mut [Product], budget: Budget) {
    products.sort_by_key(|product| {
        let over = budget.most.map_or(0, |most| product.price_minor.saturating_sub(most).max(0));
        let under = budget.least.map_or(0, |least| least.saturating_sub(product.price_minor).max(0));
        over + under
    });
}

async fn search<C: Catalogue + ?Sized>(shop: &mut C, wish: &Criteria) -> Result<Vec<Product>, C::Error> {
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
    let kinds = kinds(wish);
    let colors: Vec<String> = wish.hues.iter().flat_map(|hue| owned(hue.search)).collect();
    // Of a long sentence about a garment, no product meets every word; more of them are better.
    let soft = wish.words.len() > 1 && !kinds.is_empty();
    let mut groups: Vec<Vec<String>> = wish.words.iter().filter(|_| !soft).map(|word| vec![word.clone()]).collect();
    groups.extend(wish.occasions.iter().map(|occasion| owned(occasion.search)));
    groups.extend((!kinds.is_empty()).then(|| kinds.clone()));
    let genders: &[&str] = match wish.gender {
        Some(Gender::Men) => &["men", "unisex"],
        Some(Gender::Women) => &["women", "unisex"],
        None => &[],
    };
    let search = Search {
        words: groups,
        colors: colors.clone(),
        genders: owned(genders),
        min_price_minor: wish.budget.least,
        max_price_minor: wish.budget.most,
        limit: LOOKED_AT,
    };
    let mut products = shop.search(&search).await?;
    // A description may mention jackets; what a customer who asks for jackets wants is one.
    products.retain(|product| kinds.is_empty() || is_one(product, &kinds));
    // The name of a product may hold a colour's letters; where the colour is stated, it decides.
    products.retain(|product| {
        colors.is_empty()
            || product.color.as_ref().is_none_or(|color| lower_words(color).iter().any(|word| colors.contains(word)))
    });
    products.retain(|product| !wish.without.iter().any(|word| mentions(product, word)));
    if let Some(size) = &wish.size {
        products.retain(|product| product.sizes().iter().any(|offered| offered.eq_ignore_ascii_case(size)));
    }
    // What is said of a product in one word weighs more than what its description mentions.
    products.sort_by_key(|product| {
        let unsaid = wish.words.iter().filter(|word| !is_said(product, word)).count();
        let not_for = wish.occasions.iter().filter(|occasion| !is_for(product, occasion)).count();
        (product.stock <= 0, not_for, unsaid)
    });
    if wish.cheap {
        products.sort_by_key(|product| (product.stock <= 0, product.price_minor));
    }
    Ok(products)
}

/// The products that are rated best.
pub(crate) async fn best_rated<C: Catalogue + ?Sized>(shop: &mut C, wish: &Criteria) -> Result<Vec<Product>, C::Error> {
    search(shop, &Criteria { words: Vec::new(), ..wish.clone() }).await
}

/// Whether an attribute of the product, such as its tags or material, says that it is for the occasion.
pub(crate) fn is_for(product: &Product, occasion: &Occasion) -> bool {
    product.attributes.values().any(|text| lower_words(text).iter().any(|word| occasion.search.contains(&word.as_str())))
}

/// Whether the word is said of the product: in its titles, colour, brand or attributes.
fn is_said(product: &Product, word: &str) -> bool {
    let texts = [product.color.as_ref(), product.brand.as_ref()].into_iter().flatten().chain(product.attributes.values());
    let said = texts.flat_map(|text| lower_words(text)).chain(titles(product));
    said.into_iter().any(|own| own == word || singular(&own) == word)
}

/// Whether the word stands anywhere in the product.
fn mentions(product: &Product, word: &str) -> bool {
    is_said(product, word) || lower_words(&product.description).iter().any(|own| own == word)
}

fn titles(product: &Product) -> Vec<String> {
    // A category such as "Dresses and Skirts" says of a skirt that it may be a dress.
    let category = Some(&product.category)
        .filter(|category| !lower_words(category).iter().any(|word| word == "and") && !category.contains(['&', ',']));
    let titles = [Some(&product.name), product.subcategory.as_ref(), category];
    titles.into_iter().flatten().flat_map(|title| title.split_whitespace()).map(str::to_lowercase).collect()
}

fn lower_words(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}
