//! The outlines of one picture. One drawn more than once, as by its dye, its cloth and the clip of
//! its folds, is written once and pointed to.

use std::fmt::Write;

/// Opens and closes the number of an outline in text under construction; never in finished text.
const MARK: char = '\u{1}';

/// The outlines drawn so far.
#[derive(Debug)]
pub struct Outlines {
    sku: u32,
    all: Vec<Outline>,
}

#[derive(Debug)]
struct Outline {
    d: String,
    uses: usize,
}

impl Outline {
    /// Whether writing it once and pointing to it makes the picture smaller.
    fn shared(&self) -> bool {
        let pointer = "<use href=\"#o1001-10\"".len();
        let definition = "<path id=\"o1001-10\" d=\"\"/>".len() + self.d.len();
        definition + self.uses * pointer < self.uses * ("<path d=\"\"".len() + self.d.len())
    }
}

impl Outlines {
    /// None yet.
    pub const fn new(sku: u32) -> Self {
        Self { sku, all: Vec::new() }
    }

    /// Stands for `<path d="…"` until it is known how often the outline is drawn.
    pub fn mark(&mut self, d: &str) -> String {
        let known = self.all.iter().position(|outline| outline.d == d);
        let number = known.unwrap_or_else(|| {
            self.all.push(Outline { d: d.to_owned(), uses: 0 });
            self.all.len() - 1
        });
        if let Some(outline) = self.all.get_mut(number) {
            outline.uses += 1;
        }
        format!("{MARK}{number}{MARK}")
    }

    /// The definitions of the shared outlines, and `text` with all marks replaced.
    pub fn write(&self, text: &str) -> (String, String) {
        let sku = self.sku;
        let mut shared = String::new();
        for (number, outline) in self.all.iter().enumerate().filter(|(_, outline)| outline.shared()) {
            let _ = write!(shared, "<path id=\"o{sku}-{number}\" d=\"{}\"/>", outline.d);
        }
        let mut out = String::with_capacity(text.len());
        for (index, part) in text.split(MARK).enumerate() {
            let number: Option<usize> = if index % 2 == 1 { part.parse().ok() } else { None };
            match number.and_then(|number| self.all.get(number)) {
                Some(outline) if outline.shared() => {
                    let _ = write!(out, "<use href=\"#o{sku}-{part}\"");
                }
                Some(outline) => {
                    let _ = write!(out, "<path d=\"{}\"", outline.d);
                }
                None => out.push_str(part),
            }
        }
        (shared, out)
    }
}
