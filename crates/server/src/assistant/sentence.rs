//! The shop's voice: plain sentences that can also be spoken.

use protocol::session::CartLine;
use server_store::records::ProductRecord;

use super::{
    criteria::Criteria,
    search::{Found, Without},
};
use crate::money;

/// The sentence over what was found.
pub(super) fn found(found: &Found, shown: &[ProductRecord], criteria: &Criteria, currency: &str) -> String {
    let names: Vec<String> = shown.iter().map(|product| with_price(product, currency)).collect();
    let list = join(&names);
    match found.without {
        Without::Nothing => match shown {
            [one] => format!("I found one: the {}.", with_price(one, currency)),
            _ => format!("{} {} for you: the {list}.", capital(&number(shown.len())), wished(criteria, shown, currency)),
        },
        Without::Words => format!("I did not find exactly that. Perhaps the {list}."),
        Without::Budget => format!("Nothing {} at that price. The closest I have: the {list}.", of_kind(criteria)),
        Without::Hue => format!("Not in {} just now. These come close: the {list}.", hues(criteria)),
        Without::BudgetAndHue => format!("Nothing in {} at that price. The closest I have: the {list}.", hues(criteria)),
    }
}

/// When nothing was found.
pub(super) fn nothing(currency: &str) -> String {
    format!(
        "I found nothing for that in the shop. Try a kind of garment, a colour or a price, such as warm jackets under {}.",
        money::shown(600_000, currency)
    )
}

/// What is in the cart.
pub(super) fn cart(lines: &[CartLine], currency: &str) -> String {
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
    let together = if lines.len() == 1 && lines[0].quantity == 1 { format!("It is {total}.") } else { format!("Together {total}.") };
    format!("In your cart: {}. {together}", join(&names))
}

/// After something was put into the cart; `sizes` where the size is still to be told.
pub(super) fn added(product: &ProductRecord, quantity: u32, size: Option<&str>, sizes: &[String]) -> String {
    let size = size.map(|size| format!(" in {size}")).unwrap_or_default();
    let done = match quantity {
        1 => format!("The {}{size} is in your cart.", product.name),
        many => format!("{} of the {}{size} are in your cart.", capital(&number(many as usize)), product.name),
    };
    if sizes.is_empty() { done } else { format!("{done} Which size shall I note: {}?", join_or(sizes)) }
}

fn with_price(product: &ProductRecord, currency: &str) -> String {
    let color = product.color.as_ref().map(|color| format!(" in {}", color.to_lowercase())).unwrap_or_default();
    format!("{}{color} at {}", product.name, money::shown(product.price_minor, currency))
}

fn wished(criteria: &Criteria, shown: &[ProductRecord], currency: &str) -> String {
    let kind = match criteria.kinds.as_slice() {
        [kind] => kind.many.to_owned(),
        _ => shared_kind(shown).unwrap_or_else(|| "things".into()),
    };
    let mut text = kind;
    if !criteria.hues.is_empty() {
        text.push_str(" in ");
        text.push_str(&hues(criteria));
    }
    if let Some(gender) = criteria.gender {
        text.push_str(" for ");
        text.push_str(gender.name());
    }
    match (criteria.budget.least, criteria.budget.most) {
        (Some(least), Some(most)) => text.push_str(&format!(" from {} to {}", money::shown(least, currency), money::shown(most, currency))),
        (None, Some(most)) => text.push_str(&format!(" under {}", money::shown(most, currency))),
        (Some(least), None) => text.push_str(&format!(" over {}", money::shown(least, currency))),
        (None, None) => {}
    }
    text
}

fn shared_kind(shown: &[ProductRecord]) -> Option<String> {
    let first = shown.first()?.subcategory.as_ref()?;
    shown.iter().all(|product| product.subcategory.as_ref() == Some(first)).then(|| first.to_lowercase())
}

fn of_kind(criteria: &Criteria) -> String {
    match criteria.kinds.as_slice() {
        [kind] => format!("among the {}", kind.many),
        _ => "like that".into(),
    }
}

fn hues(criteria: &Criteria) -> String {
    join_or(&criteria.hues.iter().map(|hue| hue.name.to_owned()).collect::<Vec<_>>())
}

fn join(names: &[String]) -> String {
    enumerate(names, "and")
}

fn join_or(names: &[String]) -> String {
    enumerate(names, "or")
}

fn enumerate(names: &[String], last: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., end] => format!("{} {last} {end}", rest.join(", ")),
    }
}

fn number(count: usize) -> String {
    let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    words.get(count).map_or_else(|| count.to_string(), |&word| word.to_owned())
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
