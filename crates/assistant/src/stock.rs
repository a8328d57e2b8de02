//! Where there is a product, and in which sizes.

use protocol::catalogue::Product;

use crate::{
    Catalogue, Place, Question, Reply, cart,
    criteria::Criteria,
    sentence::{self, join, number},
};

/// Sizes named one by one; of more, the first and the last.
const FEW_SIZES: usize = 3;

/// Answers where there is a product.
pub(crate) async fn answer<C: Catalogue + ?Sized>(
    shop: &mut C,
    question: &Question,
    product: &Product,
) -> Result<Reply, C::Error> {
    let mut here = None;
    let mut elsewhere = Vec::new();
    let counts = shop.counts(&product.sku).await?;
    if let Some(store) = &question.store {
        let store = Place::Store(store.clone());
        here = Some(counts.iter().filter(|count| count.place == store).map(|count| count.pieces).sum::<i64>());
    }
    let stores = shop.stores().await?;
    for count in counts.iter().filter(|count| count.pieces > 0) {
        let place = match &count.place {
            Place::Store(id) if Some(id) == question.store.as_ref() => continue,
            Place::Store(id) => stores.iter().find(|store| store.store_id == *id).map(|store| format!("at {}", store.name)),
            Place::Online => Some("online".to_owned()),
            Place::Elsewhere => Some("elsewhere".to_owned()),
        };
        elsewhere.extend(place.map(|place| format!("{} {place}", pieces(count.pieces))));
    }
    let are = if counts.iter().filter(|count| count.pieces > 0).map(|count| count.pieces).eq([1]) { "is" } else { "are" };
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
        cards: vec![crate::reply::card_of(shop, question, product).await?],
        ..Reply::default()
    })
}

/// Stock is counted by product, so a size is said to be made, never to be there.
fn about_sizes(question: &Question, product: &Product) -> String {
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
