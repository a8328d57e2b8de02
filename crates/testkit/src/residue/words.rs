//! Words to look for, all at once.

use std::{collections::HashMap, ops::Range};

use super::encodings;

/// Words in all their encodings.
#[derive(Clone, Debug)]
pub struct Words {
    /// Every word, as given.
    all: Vec<String>,
    /// By their first two bytes: each needle, and which word it is of.
    needles: HashMap<[u8; 2], Vec<(usize, Vec<u8>)>>,
    /// Whether any needle begins with those two bytes. A process's memory is large, and nearly all of it is none.
    begins: Vec<bool>,
    longest: usize,
}

impl Words {
    /// Prepares `words`, each of two letters at least.
    #[must_use]
    pub fn new(words: &[&str]) -> Self {
        let mut made = Self {
            all: words.iter().map(|word| (*word).to_owned()).collect(),
            needles: HashMap::new(),
            begins: vec![false; 1 << 16],
            longest: 0,
        };
        for (word, text) in words.iter().enumerate() {
            for needle in encodings::of(text) {
                let Some(&[first, second]) = needle.first_chunk() else { continue };
                made.begins[place(first, second)] = true;
                made.longest = made.longest.max(needle.len());
                made.needles.entry([first, second]).or_default().push((word, needle));
            }
        }
        made
    }

    /// Every word, as given.
    #[must_use]
    pub fn all(&self) -> &[String] {
        &self.all
    }

    /// Bytes of the longest needle.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// Those that `content` contains.
    #[must_use]
    pub fn within(&self, content: &[u8]) -> Vec<&str> {
        let mut found = vec![false; self.all.len()];
        for (word, _) in self.places(content) {
            found[word] = true;
        }
        self.all.iter().zip(found).filter(|(_, found)| *found).map(|(word, _)| word.as_str()).collect()
    }

    /// Where which word stands in `content`.
    pub(super) fn places(&self, content: &[u8]) -> Vec<(usize, Range<usize>)> {
        let mut places = Vec::new();
        for (at, pair) in content.windows(2).enumerate() {
            if self.begins[place(pair[0], pair[1])] {
                let needles = self.needles.get(pair).into_iter().flatten();
                let here = needles.filter(|(_, needle)| content[at..].starts_with(needle));
                places.extend(here.map(|(word, needle)| (*word, at..at + needle.len())));
            }
        }
        places
    }
}

fn place(first: u8, second: u8) -> usize {
    usize::from(u16::from_be_bytes([first, second]))
}
