//! Reads what a customer wants to spend.

use protocol::money;

/// Limits of a price in the smallest unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Budget {
    pub(crate) least: Option<i64>,
    pub(crate) most: Option<i64>,
}

/// Takes amounts and the words about them out of `words`.
pub(crate) fn take(words: &mut Vec<String>, currency: &str) -> Budget {
    let mut budget = Budget::default();
    let mut place = 0;
    while place < words.len() {
        // A sign may stand apart from its number, as in "rs 4000".
        let apart = is_sign(&words[place]) && words.get(place + 1).is_some_and(|next| amount(next, currency).is_some());
        let number = if apart { place + 1 } else { place };
        let Some((minor, marked)) = amount(&words[number], currency) else {
            place += 1;
            continue;
        };
        let before: Vec<&str> = words[..place].iter().rev().take(3).map(String::as_str).collect();
        let after: Vec<&str> = words[number + 1..].iter().take(2).map(String::as_str).collect();
        let Some((meaning, used)) = meaning(&before, &after, marked || apart) else {
            place += 1;
            continue;
        };
        let mut last = number;
        match meaning {
            Meaning::Most => budget.most = Some(minor),
            Meaning::Least => budget.least = Some(minor),
            Meaning::About => budget = Budget { least: Some(minor - minor / 5), most: Some(minor + minor / 5) },
            Meaning::Between => {
                budget.least = Some(minor);
                // "between 2000 and 4000": the second number is two words on, or three with its sign apart.
                if let Some(offset) =
                    (2..=3).find(|offset| words.get(number + offset).is_some_and(|word| amount(word, currency).is_some()))
                {
                    last = number + offset;
                    budget.most = amount(&words[last], currency).map(|(minor, _)| minor);
                }
            }
        }
        let trailing = after.first().is_some_and(|word| ["or", "rupees", "rupee", "rs", "dollars", "bucks"].contains(word));
        if trailing && last == number {
            last += if after.first() == Some(&"or") { after.len() } else { 1 };
        }
        words.drain(place - used..=last);
        place -= used;
    }
    budget
}

enum Meaning {
    Most,
    Least,
    About,
    Between,
}

/// What the words around an amount make of it, and how many before it belong to it. `before` is nearest first.
fn meaning(before: &[&str], after: &[&str], marked: bool) -> Option<(Meaning, usize)> {
    let nearest = |words: &[&str]| {
        before.iter().zip(words.iter().rev()).filter(|(a, b)| a == b).count() == words.len() && before.len() >= words.len()
    };
    let cues: &[(&[&str], Meaning)] = &[
        (&["no", "more", "than"], Meaning::Most),
        (&["not", "more", "than"], Meaning::Most),
        (&["not", "over"], Meaning::Most),
        (&["less", "than"], Meaning::Most),
        (&["cheaper", "than"], Meaning::Most),
        (&["lower", "than"], Meaning::Most),
        (&["up", "to"], Meaning::Most),
        (&["at", "most"], Meaning::Most),
        (&["budget", "of"], Meaning::Most),
        (&["budget", "is"], Meaning::Most),
        (&["under"], Meaning::Most),
        (&["below"], Meaning::Most),
        (&["upto"], Meaning::Most),
        (&["within"], Meaning::Most),
        (&["max"], Meaning::Most),
        (&["maximum"], Meaning::Most),
        (&["budget"], Meaning::Most),
        (&["more", "than"], Meaning::Least),
        (&["at", "least"], Meaning::Least),
        (&["over"], Meaning::Least),
        (&["above"], Meaning::Least),
        (&["between"], Meaning::Between),
        (&["around"], Meaning::About),
        (&["about"], Meaning::About),
        (&["roughly"], Meaning::About),
    ];
    for (words, meaning) in cues {
        if nearest(words) {
            let meaning = match meaning {
                Meaning::Most => Meaning::Most,
                Meaning::Least => Meaning::Least,
                Meaning::About => Meaning::About,
                Meaning::Between => Meaning::Between,
            };
            return Some((meaning, words.len()));
        }
    }
    let or = |words: &[&str]| after.first() == Some(&"or") && after.get(1).is_some_and(|word| words.contains(word));
    if or(&["more", "above"]) {
        return Some((Meaning::Least, 0));
    }
    (marked || or(&["less", "under", "below", "cheaper"])).then_some((Meaning::Most, 0))
}

fn is_sign(word: &str) -> bool {
    matches!(word, "₹" | "$" | "€" | "£" | "rs" | "rs." | "inr" | "usd")
}

/// The amount of a word such as `4000`, `₹3,000`, `4k` or `rs.500/-`, and whether it is marked as money.
fn amount(word: &str, currency: &str) -> Option<(i64, bool)> {
    let mut rest = word;
    for sign in ["₹", "$", "€", "£", "rs.", "rs", "inr"] {
        rest = rest.strip_prefix(sign).unwrap_or(rest);
    }
    let mut marked = rest.len() != word.len();
    if let Some(shorter) = rest.strip_suffix("/-") {
        (rest, marked) = (shorter, true);
    }
    let (digits, thousands) = rest.strip_suffix('k').map_or((rest, 1), |digits| (digits, 1_000));
    let minor = money::parse(digits, currency)?;
    (minor > 0).then_some((minor.checked_mul(thousands)?, marked))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<i64>, Option<i64>, String) {
        let mut words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let budget = take(&mut words, "INR");
        (budget.least.map(|minor| minor / 100), budget.most.map(|minor| minor / 100), words.join(" "))
    }

    #[test]
    fn everyday_budgets_are_understood() {
        for (text, least, most, rest) in [
            ("jackets under 4000", None, Some(4_000), "jackets"),
            ("something below ₹3,000 please", None, Some(3_000), "something please"),
            ("shoes less than rs 2500", None, Some(2_500), "shoes"),
            ("no more than 4k for a coat", None, Some(4_000), "for a coat"),
            ("coat 5000 or less", None, Some(5_000), "coat"),
            ("₹1500 shirt", None, Some(1_500), "shirt"),
            ("bags over 2000", Some(2_000), None, "bags"),
            ("between 2000 and 4000 boots", Some(2_000), Some(4_000), "boots"),
            ("dress around 3000", Some(2_400), Some(3_600), "dress"),
            ("my budget is 2,000", None, Some(2_000), "my"),
        ] {
            assert_eq!(read(text), (least, most, rest.to_owned()), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_no_budget() {
        assert_eq!(read("size 42 boots"), (None, None, "size 42 boots".to_owned()));
        assert_eq!(read("2 of them"), (None, None, "2 of them".to_owned()));
    }
}
