//! Where there is a product, and in which sizes.

use server_store::{ReadTx, StoreError, records::ProductRecord};

use super::{
    Question, Reply, cart,
    criteria::Criteria,
    sentence::{self, join, number},
};

/// Sizes named one by one; of more, the first and the last.
const FEW_SIZES: usize = 3;

/// Answers where there is a product.
pub(super) async fn answer(tx: &mut dyn ReadTx, question: &Question, product: &ProductRecord) -> Result<Reply, StoreError> {
    let mut here = None;
    let mut elsewhere = Vec::new();
    let counts = tx.inventory(&product.sku).await?;
    if let Some(store) = &question.store {
        let location = format!("store:{store}");
        here = Some(counts.iter().filter(|count| count.location == location).map(|count| count.quantity).sum::<i64>());
    }
    let stores = tx.stores().await?;
    for count in counts.iter().filter(|count| count.quantity > 0) {
        let store = count.location.strip_prefix("store:");
        if store.is_some() && store == question.store.as_ref().map(AsRef::as_ref) {
            continue;
        }
        let place = match store {
            Some(id) => stores.iter().find(|store| store.store_id.0 == id).map(|store| format!("at {}", store.name)),
            None => Some("online".to_owned()),
        };
        elsewhere.extend(place.map(|place| format!("{} {place}", pieces(count.quantity))));
    }
    let are = if counts.iter().filter(|count| count.quantity > 0).map(|count| count.quantity).eq([1]) { "is" } else { "are" };
    let mut text = match (here, elsewhere.as_slice()) {
        (None | Some(0), []) => format!("The {} is out of stock everywhere just now.", sentence::named(product)),
        (Some(0), others) => {
            format!("The {} is not in this store just now; there {are} {}.", sentence::named(product), join(others))
        }
        (Some(here), []) => format!("Of the {} this store has {}.", sentence::named(product), pieces(here)),
        (Some(here), others) => {
            format!("Of the {} this store has {}, and there {are} {}.", sentence::named(product), pieces(here), join(others))
        }
        (None, others) => format!("Of the {} there {are} {}.", sentence::named(product), join(others)),
    };
    text.push_str(&about_sizes(question, product));
    Ok(Reply {
        text,
        intent: "inventory",
        cards: vec![super::catalogue_assistant::card_of(tx, question, product).await?],
        ..Reply::default()
    })
}

/// Stock is counted by product, so a size is said to be made, never to be there.
fn about_sizes(question: &Question, product: &ProductRecord) -> String {
    let sizes = cart::sizes(product);
    let (Some(first), Some(last)) = (sizes.first(), sizes.last()) else { return String::new() };
    let wanted = cart::size_in(&question.message, &sizes);
    if let Some(size) = wanted {
        return format!(" It is made in {size}; the counts are of all sizes together.");
    }
    let range = if sizes.len() <= FEW_SIZES { join(&sizes) } else { format!("{first} to {last}") };
    match Criteria::read(&question.message, &question.currency).size {
        Some(size) => format!(" It is not made in {}, only in {range}.", size.to_uppercase()),
        None => format!(" It is made in {range}."),
    }
}

fn pieces(count: i64) -> String {
    usize::try_from(count).map(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_pieces_are_counted_in_words() {
        assert_eq!(pieces(3), "three");
        assert_eq!(pieces(12), "12");
    }
}
