//! Everyday words of customers and what they mean in a catalogue.

/// A kind of product.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// As the shop says it.
    pub(crate) many: &'static str,
    /// What customers say, in the singular.
    pub(crate) said: &'static [&'static str],
    /// What stands in catalogues.
    pub(crate) search: &'static [&'static str],
}

/// A colour with the names that makers give it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hue {
    /// As the shop says it; also what customers say.
    pub(crate) name: &'static str,
    /// What stands in catalogues.
    pub(crate) search: &'static [&'static str],
}

macro_rules! kinds {
    ($($many:literal: [$($said:literal),+] => [$($search:literal),+];)*) => {
        &[$(Kind { many: $many, said: &[$($said),+], search: &[$($search),+] }),*]
    };
}

pub(crate) const KINDS: &[Kind] = kinds! {
    "shoes": ["shoe", "footwear", "zapato", "joota", "जूते", "जूता"] => ["footwear", "shoe"];
    "sneakers": ["sneaker", "trainer", "kicks", "keds"] => ["sneaker"];
    "boots": ["boot"] => ["boot"];
    "sandals": ["sandal", "slipper", "chappal", "flip-flop"] => ["sandal"];
    "loafers": ["loafer", "moccasin"] => ["loafer"];
    "derby shoes": ["derby", "derbies", "brogue"] => ["derby"];
    "jackets": ["jacket", "chaqueta", "जैकेट"] => ["jacket", "rainwear", "parka"];
    "coats": ["coat", "overcoat", "trench", "abrigo"] => ["coat"];
    "pieces of rainwear": ["raincoat", "rainwear", "windcheater", "parka"] => ["rainwear", "raincoat"];
    "blazers": ["blazer"] => ["blazer"];
    "T-shirts": ["t-shirt", "tshirt", "tee"] => ["t-shirt", "tee"];
    "shirts": ["shirt", "camisa", "kameez", "शर्ट", "कमीज़"] => ["shirt"];
    "tops": ["top", "blouse"] => ["blouse", "tops"];
    "sweaters": ["sweater", "pullover", "jumper", "jersey"] => ["sweater"];
    "knitwear": ["knitwear"] => ["knitwear"];
    "cardigans": ["cardigan"] => ["cardigan"];
    "hoodies": ["hoodie", "sweatshirt", "hoody"] => ["hoodie"];
    "kurtas": ["kurta", "kurti", "कुर्ता", "कुर्ती"] => ["kurta"];
    "ethnic wear": ["ethnic", "sherwani", "indian-wear"] => ["ethnic", "kurta"];
    "dresses": ["dress", "gown", "frock", "vestido"] => ["dress", "gown"];
    "skirts": ["skirt", "falda"] => ["skirt"];
    "trousers": ["trouser", "pant", "chino", "slacks", "bottom", "pantalón"] => ["trouser", "chino"];
    "jeans": ["jean"] => ["jean"];
    "shorts": ["shorts"] => ["shorts"];
    "bags": ["bag", "bolso", "bolsa"] => ["bag", "handbag", "backpack", "tote"];
    "handbags": ["handbag", "purse", "clutch"] => ["handbag"];
    "totes": ["tote"] => ["tote"];
    "backpacks": ["backpack", "rucksack"] => ["backpack", "rucksack"];
    "scarves": ["scarf", "scarves", "stole", "shawl", "dupatta", "muffler"] => ["scarf", "scarves", "stole"];
    "caps": ["cap", "hat", "beanie"] => ["cap", "hat", "beanie"];
    "belts": ["belt"] => ["belt"];
    "accessories": ["accessory", "accessories"] => ["accessories"];
};

macro_rules! hues {
    ($($name:literal: [$($search:literal),+];)*) => {
        &[$(Hue { name: $name, search: &[$($search),+] }),*]
    };
}

pub(crate) const HUES: &[Hue] = hues! {
    "green": ["green", "pine", "sage", "moss", "olive", "forest", "bottle", "palm", "leaf", "pistachio", "jade", "celadon", "fern", "emerald", "mint", "khaki"];
    "blue": ["blue", "navy", "indigo", "midnight", "ink", "sky", "peacock", "denim", "harbour", "glacier", "cobalt", "teal", "turquoise"];
    "navy": ["navy", "midnight", "ink"];
    "red": ["red", "brick", "oxblood", "wine", "garnet", "madder", "burgundy", "berry", "maroon", "crimson", "scarlet", "ruby"];
    "maroon": ["maroon", "oxblood", "wine", "burgundy", "garnet"];
    "pink": ["pink", "rose", "blush", "rani", "coral", "fuchsia"];
    "yellow": ["yellow", "mustard", "marigold", "ochre", "sunflower", "saffron", "lemon"];
    "orange": ["orange", "rust", "terracotta", "saffron", "coral", "apricot"];
    "brown": ["brown", "chestnut", "camel", "tan", "cognac", "cocoa", "umber", "espresso", "tobacco", "caramel", "saddle", "chocolate"];
    "black": ["black", "graphite", "ebony", "jet"];
    "white": ["white", "ivory", "cream", "chalk", "ecru"];
    "grey": ["grey", "gray", "charcoal", "slate", "fog", "heather", "graphite", "silver"];
    "beige": ["beige", "sand", "stone", "oat", "camel", "wheat", "natural", "ecru"];
    "purple": ["purple", "plum", "mulberry", "lilac", "violet", "lavender"];
};

/// Colours by other names.
const OTHER_HUES: &[(&[&str], &str)] = &[
    (&["gray", "gris"], "grey"),
    (&["rojo", "roja", "lal", "लाल"], "red"),
    (&["azul", "neela", "neeli", "नीला", "नीली", "नीले"], "blue"),
    (&["verde", "hara", "hari", "हरा", "हरी", "हरे"], "green"),
    (&["negro", "negra", "kala", "kali", "काला", "काली", "काले"], "black"),
    (&["blanco", "blanca", "safed", "सफ़ेद"], "white"),
    (&["amarillo", "amarilla", "peela", "peeli"], "yellow"),
    (&["rosa", "gulabi"], "pink"),
    (&["violet", "lilac"], "purple"),
    (&["cream", "offwhite", "off-white"], "white"),
];

/// What a product is for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Occasion {
    /// As the shop says it.
    pub(crate) phrase: Phrase,
    /// What customers say.
    pub(crate) said: &'static [&'static str],
    /// What stands in catalogues.
    pub(crate) search: &'static [&'static str],
}

/// Where an occasion stands in the shop's sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phrase {
    /// "warm jackets".
    Before(&'static str),
    /// "jackets for the rain".
    After(&'static str),
}

macro_rules! occasions {
    ($($place:ident $phrase:literal: [$($said:literal),+] => [$($search:literal),+];)*) => {
        &[$(Occasion { phrase: Phrase::$place($phrase), said: &[$($said),+], search: &[$($search),+] }),*]
    };
}

pub(crate) const OCCASIONS: &[Occasion] = occasions! {
    Before "warm": ["warm", "winter", "cold", "snow", "chilly", "freezing", "abrigado", "invierno"] => ["warm", "winter"];
    Before "festive": ["festival", "festive", "diwali", "puja", "eid", "haldi", "mehendi"] => ["festive", "diwali", "haldi", "mehendi"];
    Before "formal": ["formal", "smart", "dressy"] => ["formal"];
    Before "casual": ["casual", "everyday", "daily", "weekend", "relaxed"] => ["casual", "everyday", "weekend", "daily"];
    Before "handmade": ["handmade", "handloom", "handcrafted"] => ["handmade", "handloom"];
    After "for a wedding": ["marriage", "wedding", "shaadi", "shadi", "bridal", "baraat", "sangeet", "boda"] => ["wedding"];
    After "for the rain": ["rain", "rainy", "monsoon", "waterproof", "barsaat", "lluvia"] => ["rain", "waterproof", "monsoon"];
    After "for the heat": ["summer", "hot", "heat", "humid", "breathable", "airy", "verano"] => ["summer", "breathable"];
    After "for the office": ["office", "work", "interview", "meeting", "meetings", "oficina"] => ["office", "interview"];
    After "for an evening out": ["party", "evening", "date", "dinner", "fiesta"] => ["party", "evening"];
    After "for running": ["run", "running", "jogging", "jog"] => ["running"];
    After "for the gym": ["gym", "workout", "sport", "sports", "training", "yoga"] => ["gym", "sport", "yoga"];
    After "for the hills": ["trek", "treks", "trekking", "hike", "hikes", "hiking", "mountain", "mountains", "hill", "hills"] => ["hiking", "hills", "trail"];
    After "for a holiday": ["vacation", "holiday", "holidays", "beach", "goa"] => ["holiday", "beach"];
    After "for travelling": ["travel", "travelling", "traveling", "trip", "journey", "flight"] => ["travel"];
    After "to give": ["gift", "gifts", "present", "gifting", "regalo"] => ["gift"];
    After "in wool": ["woolen", "woollen", "wool"] => ["wool", "merino", "lambswool"];
};

/// A word without the ending of its plural.
pub(crate) fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 2) {
        return format!("{stem}y");
    }
    if let Some(stem) = word.strip_suffix("es").filter(|stem| ["ss", "sh", "ch", "x"].iter().any(|end| stem.ends_with(end))) {
        return stem.to_owned();
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with('s') && !stem.ends_with('\'') => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// The kind of product that a word names.
pub(crate) fn kind(word: &str) -> Option<&'static Kind> {
    let stem = singular(word);
    KINDS.iter().find(|kind| kind.said.iter().any(|said| *said == word || *said == stem))
}

/// The colour that a word names.
pub(crate) fn hue(word: &str) -> Option<&'static Hue> {
    let word = OTHER_HUES.iter().find(|(said, _)| said.contains(&word)).map_or(word, |(_, name)| name);
    HUES.iter().find(|hue| hue.name == word)
}

/// The occasion that a word names.
pub(crate) fn occasion(word: &str) -> Option<&'static Occasion> {
    OCCASIONS.iter().find(|occasion| occasion.said.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_and_other_words_name_the_same_kind() {
        for (word, many) in [
            ("jackets", "jackets"),
            ("jumper", "sweaters"),
            ("dresses", "dresses"),
            ("derbies", "derby shoes"),
            ("scarves", "scarves"),
            ("shorts", "shorts"),
            ("t-shirts", "T-shirts"),
        ] {
            assert_eq!(kind(word).map(|kind| kind.many), Some(many), "{word}");
        }
        assert_eq!(kind("democracy"), None);
    }

    #[test]
    fn a_hue_knows_the_names_of_makers() {
        assert!(hue("green").unwrap().search.contains(&"pine"));
        assert_eq!(hue("gray"), hue("grey"));
    }
}
