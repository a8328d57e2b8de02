use crate::criteria::words;

/// What a customer wants with a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Hello.
    Greet,
    /// Thank you, goodbye.
    Thank,
    /// What can you do?
    Help,
    /// What is in my cart?
    ShowCart,
    /// Empty my cart.
    ClearCart,
    /// Put something in.
    Add {
        /// What.
        which: Which,
        /// How many.
        quantity: u32,
        /// It may also be a search, such as "buy a jacket".
        unsure: bool,
    },
    /// Take something out.
    Remove(Which),
    /// Others than those.
    More,
    /// Others that cost less than those.
    Cheaper,
    /// Where and in which sizes there is one.
    Stock(Which),
    /// Something about products.
    Search,
}

/// Which product is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// The first, second or third of those shown last, from 0.
    Shown(usize),
    /// The last of those shown last.
    LastShown,
    /// The one just spoken of.
    It,
    /// The one named in the message.
    Named,
}

const GREETINGS: &[&str] =
    &["hi", "hello", "hey", "namaste", "namaskar", "morning", "afternoon", "evening", "greetings", "hola", "salaam"];
const THANKS: &[&str] =
    &["thanks", "thank", "thankyou", "thx", "cheers", "bye", "goodbye", "dhanyavaad", "shukriya", "great", "perfect"];
const FILLERS: &[&str] = &[
    "good", "there", "you", "so", "much", "very", "a", "lot", "that's", "is", "all", "for", "now", "ok", "okay", "the", "help",
    "your", "and",
];
const CARTS: &[&str] = &["cart", "bag", "basket", "trolley"];

impl Wish {
    /// Reads a message.
    pub(crate) fn read(message: &str) -> Self {
        let words = words(message);
        let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        let text = words.join(" ");
        let says = |phrases: &[&str]| phrases.iter().any(|phrase| format!(" {text} ").contains(&format!(" {phrase} ")));
        let only = |list: &[&str]| {
            !words.is_empty() && words.iter().all(|word| list.contains(&word.as_str()) || FILLERS.contains(&word.as_str()))
        };

        if has(GREETINGS) && only(GREETINGS) {
            return Self::Greet;
        }
        if has(THANKS) && only(THANKS) {
            return Self::Thank;
        }
        let cart = has(CARTS);
        if cart
            && says(&["empty", "clear", "remove everything", "remove all"])
            && !says(&["is empty", "is it empty"])
            && has(&["my", "the"])
        {
            return Self::ClearCart;
        }
        if says(&["remove", "delete", "take out", "drop"]) {
            return Self::Remove(which(&words));
        }
        if says(&["add", "put"]) {
            return Self::Add { which: which(&words), quantity: quantity(&words), unsure: false };
        }
        if says(&["i'll take", "i will take", "i take", "i'll have", "i will have", "buy", "get me", "give me", "i'll buy"]) {
            return Self::Add { which: which(&words), quantity: quantity(&words), unsure: true };
        }
        let asks_cart = says(&["my cart", "my basket", "my bag", "the cart", "the basket"]) || (cart && words.len() == 1);
        if asks_cart
            && (words.len() <= 2
                || says(&["what", "what's", "show", "see", "how much", "how many", "total", "check", "list", "is in", "in my"]))
        {
            return Self::ShowCart;
        }
        if says(&["what can you do", "how does this work", "how do you work", "who are you"]) || text == "help" {
            return Self::Help;
        }
        let asks_stock = says(&[
            "in stock",
            "available",
            "left",
            "how many",
            "which store",
            "in this store",
            "in your store",
            "here",
            "come in",
            "comes in",
            "have it in",
            "have this in",
            "have that in",
            "what sizes",
            "which sizes",
            "what size",
            "which size",
            "my size",
        ]);
        let points = which(&words);
        if asks_stock {
            return Self::Stock(points);
        }
        let amount = words.iter().any(|word| word.bytes().any(|byte| byte.is_ascii_digit()));
        if !amount
            && words.len() <= 8
            && says(&["cheaper", "less expensive", "lower price", "costs less", "for less", "more affordable", "too expensive"])
        {
            return Self::Cheaper;
        }
        if !amount
            && words.len() <= 5
            && (says(&["more", "others", "other ones", "something else", "anything else", "different ones"]))
        {
            return Self::More;
        }
        Self::Search
    }
}

fn which(words: &[String]) -> Which {
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if has(&["first", "1st"]) {
        Which::Shown(0)
    } else if has(&["second", "2nd"]) {
        Which::Shown(1)
    } else if has(&["third", "3rd"]) {
        Which::Shown(2)
    } else if has(&["last"]) {
        Which::LastShown
    } else if has(&["it", "this", "that", "them", "these", "one"]) || words.len() == 1 {
        // "in this store" points at no product.
        let places = words
            .windows(2)
            .filter(|pair| ["this", "that"].contains(&pair[0].as_str()) && ["store", "shop"].contains(&pair[1].as_str()));
        let pointing = words.iter().filter(|word| ["it", "this", "that", "them", "these", "one"].contains(&word.as_str()));
        if words.len() > 1 && pointing.count() <= places.count() { Which::Named } else { Which::It }
    } else {
        Which::Named
    }
}

/// "two of the first", "add 3": a small number that is no size.
fn quantity(words: &[String]) -> u32 {
    let spoken = ["one", "two", "three", "four", "five", "six"];
    let after_size = |place: usize| place > 0 && words[place - 1] == "size";
    for (place, word) in words.iter().enumerate() {
        if after_size(place) {
            continue;
        }
        if let Some(number) = word.parse::<u32>().ok().filter(|number| (1..=20).contains(number)) {
            return number;
        }
        if let Some(number) = spoken.iter().position(|spoken| spoken == word).filter(|number| *number > 0) {
            return u32::try_from(number + 1).unwrap_or(1);
        }
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyday_messages_are_understood() {
        let add = |which, quantity, unsure| Wish::Add { which, quantity, unsure };
        for (message, wish) in [
            ("Hi", Wish::Greet),
            ("Good morning", Wish::Greet),
            ("hello there", Wish::Greet),
            ("Thanks a lot", Wish::Thank),
            ("What is in my cart?", Wish::ShowCart),
            ("show me my cart", Wish::ShowCart),
            ("How much is in the basket", Wish::ShowCart),
            ("Empty my cart", Wish::ClearCart),
            ("add the first one", add(Which::Shown(0), 1, false)),
            ("Add it", add(Which::It, 1, false)),
            ("add two of the second one please", add(Which::Shown(1), 2, false)),
            ("Please add the Hill Walk Derby", add(Which::Named, 1, false)),
            ("put the third one in my cart", add(Which::Shown(2), 1, false)),
            ("I'll take it", add(Which::It, 1, true)),
            ("remove the first one", Wish::Remove(Which::Shown(0))),
            ("show me more", Wish::More),
            ("something cheaper please", Wish::Cheaper),
            ("no more than 4000", Wish::Search),
            ("do you have it in 42?", Wish::Stock(Which::It)),
            ("how many are left of the first one", Wish::Stock(Which::Shown(0))),
            ("warm jackets in this store", Wish::Stock(Which::Named)),
            ("jackets under 4000", Wish::Search),
            ("Hello, do you have boots?", Wish::Search),
            ("a bag for my laptop", Wish::Search),
        ] {
            assert_eq!(Wish::read(message), wish, "{message}");
        }
    }
}
