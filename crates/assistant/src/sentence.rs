//! The shop's voice: plain sentences that can also be spoken.

use protocol::{catalogue::Product, money, session::CartLine};

use crate::{
    criteria::Criteria,
    search::{Found, Part, is_for},
    vocabulary::Phrase,
};

/// A message with so few words is about each of them.
const FEW_WORDS: usize = 5;

/// The sentences over what was found.
pub(crate) fn found(found: &Found, shown: &[Product], wish: &Criteria, message: &str, currency: &str) -> String {
    let Some(first) = shown.first() else { return nothing(&found.unknown, currency) };
    if !found.dropped.is_empty() {
        let comes = format!("the {} comes closest.", with_price(first, currency));
        return if found.dropped.contains(&Part::Words) {
            format!("Nothing here meets all of that. Leaving out {}, {comes}", parts(found, wish))
        } else {
            format!("I have no {}. Leaving out {}, {comes}", wished(wish, &phrases(wish), &[], currency), parts(found, wish))
        };
    }
    let occasions: Vec<Phrase> = wish
        .occasions
        .iter()
        .filter(|occasion| shown.iter().all(|product| is_for(product, occasion)))
        .map(|occasion| occasion.phrase)
        .collect();
    let things = wished(wish, &occasions, shown, currency);
    let lead = if found.unknown.is_empty() || message.split_whitespace().count() > FEW_WORDS {
        match shown.len() {
            1 => return format!("One fits: the {}.", with_price(first, currency)),
            count => format!("Here are {} {things}.", number(count)),
        }
    } else {
        let unknown = join_or(&found.unknown);
        if let [one] = shown {
            return format!("Nothing here is called {unknown}. The {} comes closest.", with_price(one, currency));
        }
        format!("Nothing here is called {unknown}, but there are {things}.")
    };
    format!("{lead} {}", about_first(first, shown, currency))
}

/// A true sentence about the first of several.
pub(crate) fn about_first(first: &Product, shown: &[Product], currency: &str) -> String {
    let others = || shown.iter().filter(|other| other.sku != first.sku);
    let text = format!("The {} is {}", named(first), money::shown(first.price_minor, currency));
    let rating = |product: &Product| product.rating.unwrap_or_default();
    if others().next().is_some() && others().all(|other| other.price_minor > first.price_minor) {
        format!("{text}, the least expensive of them.")
    } else if others().next().is_some() && others().all(|other| rating(other) < rating(first)) {
        format!("{text}, the best rated of them.")
    } else {
        format!("{text}.")
    }
}

/// When nothing was found.
pub(crate) fn nothing(unknown: &[String], currency: &str) -> String {
    let for_what = if unknown.is_empty() || unknown.len() > 3 { "that".to_owned() } else { join_or(unknown) };
    format!(
        "I found nothing for {for_what} in the shop. Try a kind of garment, a colour or a price, such as warm jackets under {}.",
        money::shown(600_000, currency)
    )
}

/// When something costs less than what was shown before.
pub(crate) fn cheaper(shown: &[Product], currency: &str) -> String {
    match shown {
        [] => String::new(),
        [one] => format!("For less there is the {}.", with_price(one, currency)),
        [first, ..] => format!(
            "Here are {} {} for less. {}",
            number(shown.len()),
            shared_kind(shown).unwrap_or_else(|| "pieces".into()),
            about_first(first, shown, currency)
        ),
    }
}

/// What is in the cart.
pub(crate) fn cart(lines: &[CartLine], currency: &str) -> String {
    if lines.is_empty() {
        return "Your cart is empty. Tell me what you are looking for.".into();
    }
    let names: Vec<String> = lines
        .iter()
        .map(|line| {
            let size = line.options.get("size").map(|size| format!(" in {size}")).unwrap_or_default();
            match line.quantity {
                1 => format!("the {}{size}", line.name),
                many => format!("{} of the {}{size}", number(many as usize), line.name),
            }
        })
        .collect();
    let total: i64 = lines.iter().map(|line| line.price_minor * i64::from(line.quantity)).sum();
    let total = money::shown(total, currency);
    let together =
        if lines.len() == 1 && lines[0].quantity == 1 { format!("It is {total}.") } else { format!("Together {total}.") };
    format!("In your cart: {}. {together}", join(&names))
}

/// After something was put into the cart.
pub(crate) fn added(product: &Product, quantity: u32, size: Option<&str>) -> String {
    let size = size.map(|size| format!(" in {size}")).unwrap_or_default();
    match quantity {
        1 => format!("The {}{size} is in your cart.", product.name),
        many => format!("{} of the {}{size} are in your cart.", capital(&number(many as usize)), product.name),
    }
}

/// A product with its colour, as in "Quilted Field Jacket in pine".
pub(crate) fn named(product: &Product) -> String {
    let color = product.color.as_ref().map(|color| format!(" in {}", color.to_lowercase())).unwrap_or_default();
    format!("{}{color}", product.name)
}

fn with_price(product: &Product, currency: &str) -> String {
    format!("{} at {}", named(product), money::shown(product.price_minor, currency))
}

/// What the customer asked for: "warm jackets for women in green under ₹6,000".
fn wished(wish: &Criteria, occasions: &[Phrase], shown: &[Product], currency: &str) -> String {
    let kinds: Vec<String> = wish.kinds.iter().map(|kind| kind.many.to_owned()).collect();
    let mut words: Vec<String> = Vec::new();
    words.extend(
        occasions.iter().filter_map(|phrase| if let Phrase::Before(text) = phrase { Some((*text).to_owned()) } else { None }),
    );
    words.push(if kinds.is_empty() { shared_kind(shown).unwrap_or_else(|| "pieces".into()) } else { join_or(&kinds) });
    words.extend(
        occasions.iter().filter_map(|phrase| if let Phrase::After(text) = phrase { Some((*text).to_owned()) } else { None }),
    );
    words.extend(wish.gender.map(|gender| format!("for {}", gender.name())));
    words.extend((!wish.hues.is_empty()).then(|| format!("in {}", hues(wish))));
    words.extend(wish.size.as_ref().map(|size| format!("in size {}", size.to_uppercase())));
    words.extend(match (wish.budget.least, wish.budget.most) {
        (Some(least), Some(most)) => Some(format!("from {} to {}", money::shown(least, currency), money::shown(most, currency))),
        (None, Some(most)) => Some(format!("up to {}", money::shown(most, currency))),
        (Some(least), None) => Some(format!("from {}", money::shown(least, currency))),
        (None, None) => None,
    });
    words.join(" ")
}

fn phrases(wish: &Criteria) -> Vec<Phrase> {
    wish.occasions.iter().map(|occasion| occasion.phrase).collect()
}

fn parts(found: &Found, wish: &Criteria) -> String {
    let names: Vec<String> = found
        .dropped
        .iter()
        .map(|part| match part {
            Part::Words => join(&wish.words),
            Part::Size => "the size".into(),
            Part::Budget => "the price".into(),
            Part::Occasions => "the occasion".into(),
            Part::Hues => "the colour".into(),
            Part::Gender => "whom it is for".into(),
        })
        .collect();
    join(&names)
}

/// The subcategory that all of them share.
pub(crate) fn shared_kind(shown: &[Product]) -> Option<String> {
    let first = shown.first()?.subcategory.as_ref()?;
    shown.iter().all(|product| product.subcategory.as_ref() == Some(first)).then(|| first.to_lowercase())
}

fn hues(wish: &Criteria) -> String {
    join_or(&wish.hues.iter().map(|hue| hue.name.to_owned()).collect::<Vec<_>>())
}

/// "a, b and c".
pub(crate) fn join(names: &[String]) -> String {
    enumerate(names, "and")
}

/// "a, b or c".
pub(crate) fn join_or(names: &[String]) -> String {
    enumerate(names, "or")
}

fn enumerate(names: &[String], last: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., end] => format!("{} {last} {end}", rest.join(", ")),
    }
}

/// A small count in words.
pub(crate) fn number(count: usize) -> String {
    let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    words.get(count).map_or_else(|| count.to_string(), |&word| word.to_owned())
}

/// The text with a capital letter.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
