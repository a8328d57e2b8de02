//! What the shop says to a message.

use protocol::{
    catalogue::{Product, ProductCard},
    ids::Sku,
    session::Sender,
};

use crate::{
    Catalogue, Place, Question, Reply, cart,
    criteria::{Criteria, words},
    plain_words::QUESTIONS,
    pointing::{self, REMEMBERED, last_shown},
    reason::reason,
    search::{self, Found},
    sentence, stock,
    wish::{Which, Wish},
};

const MOST_CARDS: usize = 3;
/// Products whose stock is counted before the best three are chosen.
const COUNTED: usize = 24;
/// Products of one kind looked at for something cheaper.
const OF_ONE_KIND: u32 = 500;
/// A message with more words stands for itself, and narrows nothing said before.
const NARROWING: usize = 6;

/// Answers a message from the catalogue alone: everyday shapes of sentences, and full-text search.
///
/// # Errors
/// The catalogue could not be read.
pub async fn reply<C: Catalogue + ?Sized>(shop: &mut C, question: &Question) -> Result<Reply, C::Error> {
    if let Some(reply) = cart::note_size(shop, question).await? {
        return Ok(reply);
    }
    Ok(match Wish::read(&question.message) {
        Wish::Greet => talk(&greeting(question)),
        Wish::Thank => talk("With pleasure. I am here if you want to see anything else."),
        Wish::Help => talk(
            "Tell me what you are looking for: a garment, a colour, an occasion or a price. I can also tell you what is in your cart and add things to it.",
        ),
        Wish::ShowCart => cart::show(question),
        Wish::ClearCart => cart::clear(question),
        Wish::Remove(which) => cart::remove(shop, question, which).await?,
        Wish::Add { which, quantity, unsure } => match pointing::meant(shop, question, which).await? {
            Some(product) => cart::add(&product, quantity, question),
            None if unsure || !Criteria::read(&question.message, &question.currency).names_nothing() => {
                look(shop, question).await?
            }
            None => talk("Which one shall I add? Tell me its name, or say the first, the second or the third one."),
        },
        Wish::Stock(which) => {
            let product = match which {
                Which::Named => pointing::named(shop, &question.message).await?.into_iter().next(),
                which => pointing::meant(shop, question, which).await?,
            };
            match product {
                Some(product) => stock::answer(shop, question, &product).await?,
                None => look(shop, question).await?,
            }
        }
        Wish::Cheaper => cheaper(shop, question).await?,
        Wish::More => more(shop, question).await?,
        Wish::Search => look(shop, question).await?,
    })
}

fn talk(text: &str) -> Reply {
    Reply { text: text.to_owned(), intent: "support", ..Reply::default() }
}

fn greeting(question: &Question) -> String {
    let name = question.customer.as_ref().map(|customer| customer.first_name.trim()).filter(|name| !name.is_empty());
    let name = name.map(|name| format!(", {name}"));
    format!("Hello{}. What are you looking for today?", name.unwrap_or_default())
}

fn looks(message: &str) -> bool {
    matches!(Wish::read(message), Wish::Search | Wish::Stock(Which::Named))
}

/// What was looked for before, with the place of the message.
fn looked_for(question: &Question) -> Option<(usize, Criteria)> {
    let before = &question.before;
    let searches = before.iter().enumerate().rev().take(REMEMBERED);
    let searches = searches.filter(|(_, entry)| entry.sender == Sender::User && looks(&entry.message));
    let mut wishes = searches.map(|(place, entry)| (place, Criteria::read(&entry.message, &question.currency)));
    wishes.find(|(_, wish)| !wish.names_nothing() && !wish.only_narrows())
}

/// Looks for what the message names.
async fn look<C: Catalogue + ?Sized>(shop: &mut C, question: &Question) -> Result<Reply, C::Error> {
    let named = pointing::named(shop, &question.message).await?;
    let wish = Criteria::read(&question.message, &question.currency);
    if !named.is_empty() {
        return show_named(shop, question, named).await;
    }
    if wish.asks_for_ideas(&question.message) {
        return ideas(shop, question, &wish).await;
    }
    let narrows = wish.only_narrows() && question.message.split_whitespace().count() <= NARROWING;
    let wish = match looked_for(question).filter(|_| narrows) {
        Some((_, before)) => wish.or(&before),
        None => wish,
    };
    let found = search::find(shop, &wish).await?;
    show(shop, question, &wish, found).await
}

/// What other customers rate best.
async fn ideas<C: Catalogue + ?Sized>(shop: &mut C, question: &Question, wish: &Criteria) -> Result<Reply, C::Error> {
    let products = search::best_rated(shop, wish).await?;
    if products.is_empty() {
        return Ok(Reply { text: sentence::nothing(&[], &question.currency), intent: "fallback", ..Reply::default() });
    }
    let shown = choose(shop, question, products).await?;
    let first = shown.first().map(|first| sentence::about_first(first, &shown, &question.currency)).unwrap_or_default();
    let text = format!("These are rated highest by our customers. {first}");
    Ok(Reply { text, cards: cards(shop, question, &shown, wish.budget.most).await?, intent: "trend", ..Reply::default() })
}

/// A product by its name, in all its colours.
async fn show_named<C: Catalogue + ?Sized>(shop: &mut C, question: &Question, products: Vec<Product>) -> Result<Reply, C::Error> {
    let shown: Vec<Product> = products.into_iter().take(MOST_CARDS).collect();
    let colors: Vec<String> =
        shown.iter().filter_map(|product| product.color.as_ref().map(|color| color.to_lowercase())).collect();
    let text = match shown.as_slice() {
        [first, _, ..] if colors.len() > 1 => {
            format!(
                "The {} comes in {}. {}",
                first.name,
                sentence::join(&colors),
                sentence::about_first(first, &shown, &question.currency)
            )
        }
        [first, ..] => sentence::about_first(first, &shown, &question.currency),
        [] => sentence::nothing(&[], &question.currency),
    };
    Ok(Reply { text, cards: cards(shop, question, &shown, None).await?, intent: "recommendation", ..Reply::default() })
}

/// The same search as before, without what was shown.
async fn more<C: Catalogue + ?Sized>(shop: &mut C, question: &Question) -> Result<Reply, C::Error> {
    let Some((place, wish)) = looked_for(question) else { return look(shop, question).await };
    let already: Vec<Sku> = question.before[place..].iter().flat_map(|entry| last_shown(std::slice::from_ref(entry))).collect();
    let mut found = search::find(shop, &wish).await?;
    found.products.retain(|product| !already.contains(&product.sku));
    if found.products.is_empty() {
        return Ok(talk("That was all I have of those. Shall we look for something else?"));
    }
    show(shop, question, &wish, found).await
}

/// Things like those shown last that cost less than each of them.
async fn cheaper<C: Catalogue + ?Sized>(shop: &mut C, question: &Question) -> Result<Reply, C::Error> {
    let own = Criteria::read(&question.message, &question.currency);
    let last = shop.products(&last_shown(&question.before)).await?;
    let lowest = last.iter().map(|product| product.price_minor).min();
    let Some(lowest) = lowest.filter(|_| own.kinds.is_empty() && own.words.is_empty()) else {
        return look(shop, question).await;
    };
    let below = lowest - 1;
    let mut products = Vec::new();
    if let Some((_, mut wish)) = looked_for(question) {
        wish.budget.most = Some(below);
        wish.budget.least = None;
        let found = search::find(shop, &wish).await?;
        if found.dropped.is_empty() && found.unknown.is_empty() {
            products = found.products;
        }
    }
    if products.is_empty() {
        if let Some(Product { category, subcategory, .. }) = last.first() {
            products = shop.of_kind(category, subcategory.as_deref(), below, OF_ONE_KIND).await?;
        }
        products.retain(|product| product.stock > 0);
        products.sort_by(|one, other| other.rating.unwrap_or_default().total_cmp(&one.rating.unwrap_or_default()));
    }
    products.retain(|product| product.price_minor <= below);
    if products.is_empty() {
        let kind = sentence::shared_kind(&last).unwrap_or_else(|| "of these".into());
        let kind = if kind == "of these" { kind } else { format!("of the {kind}") };
        return Ok(talk(&format!("Those are the least expensive {kind} I have. Shall we look at another kind?")));
    }
    let shown = choose(shop, question, products).await?;
    let text = sentence::cheaper(&shown, &question.currency);
    Ok(Reply { text, cards: cards(shop, question, &shown, None).await?, intent: "recommendation", ..Reply::default() })
}

async fn show<C: Catalogue + ?Sized>(
    shop: &mut C,
    question: &Question,
    wish: &Criteria,
    mut found: Found,
) -> Result<Reply, C::Error> {
    let begins = words(&question.message).into_iter().next().unwrap_or_default();
    let about_products = !wish.kinds.is_empty() || !wish.hues.is_empty() || !wish.occasions.is_empty();
    let missed = found.products.is_empty() || !found.unknown.is_empty();
    if missed && !about_products && QUESTIONS.contains(&begins.as_str()) {
        return Ok(talk("That I do not know; please ask somebody in the store. I can help you to find something here."));
    }
    if found.products.is_empty() {
        let text = if wish.names_nothing() && found.unknown.is_empty() {
            "Tell me a little more: a garment, a colour, an occasion or a price.".into()
        } else {
            sentence::nothing(&found.unknown, &question.currency)
        };
        return Ok(Reply { text, intent: "fallback", ..Reply::default() });
    }
    let products = std::mem::take(&mut found.products);
    // What comes closest, or costs least, is not put behind another of its colour.
    let ordered = wish.cheap || !found.dropped.is_empty();
    let shown = if ordered { products.into_iter().take(MOST_CARDS).collect() } else { choose(shop, question, products).await? };
    let text = sentence::found(&found, &shown, wish, &question.message, &question.currency);
    let gift = wish.occasions.iter().any(|occasion| occasion.search.contains(&"gift"));
    let cards = cards(shop, question, &shown, wish.budget.most).await?;
    Ok(Reply { text, cards, intent: if gift { "gifting" } else { "recommendation" }, ..Reply::default() })
}

/// The best three: what this store has before what it lacks, and different things before one thing in three colours.
async fn choose<C: Catalogue + ?Sized>(shop: &mut C, question: &Question, found: Vec<Product>) -> Result<Vec<Product>, C::Error> {
    let mut names: Vec<String> = Vec::new();
    let mut ranked = Vec::with_capacity(found.len().min(COUNTED));
    for product in found.into_iter().take(COUNTED) {
        let absent = in_store(shop, question, &product).await? == Some(0);
        let again = names.contains(&product.name);
        names.push(product.name.clone());
        ranked.push(((absent, again), product));
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    Ok(ranked.into_iter().take(MOST_CARDS).map(|(_, product)| product).collect())
}

/// Pieces in the store where the customer stands.
async fn in_store<C: Catalogue + ?Sized>(shop: &mut C, question: &Question, product: &Product) -> Result<Option<i64>, C::Error> {
    let Some(store) = &question.store else { return Ok(None) };
    let counts = shop.counts(&product.sku).await?;
    Ok(Some(counts.iter().filter(|count| count.place == Place::Store(store.clone())).map(|count| count.pieces).sum()))
}

/// A product's card as this customer sees it here.
pub(crate) async fn card_of<C: Catalogue + ?Sized>(
    shop: &mut C,
    question: &Question,
    product: &Product,
) -> Result<ProductCard, C::Error> {
    let in_this_store = in_store(shop, question, product).await?;
    Ok(ProductCard { in_this_store, ..product.card() })
}

async fn cards<C: Catalogue + ?Sized>(
    shop: &mut C,
    question: &Question,
    shown: &[Product],
    most: Option<i64>,
) -> Result<Vec<ProductCard>, C::Error> {
    let in_cart: Vec<Sku> = question.cart.iter().map(|line| line.sku.clone()).collect();
    let in_cart = shop.products(&in_cart).await?;
    let bought = question.customer.as_ref().map(|customer| customer.bought.as_slice()).unwrap_or_default();
    let bought = shop.products(bought).await?;
    let mut cards = Vec::with_capacity(shown.len());
    for product in shown {
        let card = card_of(shop, question, product).await?;
        let personalized_reason = reason(product, card.in_this_store, question, &in_cart, &bought, most);
        cards.push(ProductCard { personalized_reason, ..card });
    }
    Ok(cards)
}
