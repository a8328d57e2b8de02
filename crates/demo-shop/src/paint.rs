//! What shapes are filled and lines are drawn with, as SVG writes it.

use std::fmt::{self, Display, Write};

use crate::colour::Rgb;

/// The number of a definition in a picture's `<defs>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Id {
    /// Number in the SKU; makes the id unique across pictures shown on one page.
    pub sku: u32,
    /// Running number of the definition.
    pub number: usize,
}

impl Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "p{}-{}", self.sku, self.number)
    }
}

/// What fills or strokes a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// One opaque colour.
    Solid(Rgb),
    /// A gradient or pattern of the same picture.
    Defined(Id),
}

impl From<Rgb> for Paint {
    fn from(colour: Rgb) -> Self {
        Self::Solid(colour)
    }
}

impl Display for Paint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Solid(colour) => write!(out, "{colour}"),
            Self::Defined(id) => write!(out, "url(#{id})"),
        }
    }
}

/// A share of one, given in percent, as short as SVG allows: `.3`.
pub struct Share(pub i32);

impl Display for Share {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            whole if whole % 100 == 0 => write!(out, "{}", whole / 100),
            tens if tens % 10 == 0 => write!(out, ".{}", tens / 10),
            percent => write!(out, ".{percent:02}"),
        }
    }
}

/// Width of stitches and seams, in user units.
pub const THIN: f32 = 1.6;

/// The width of a line, left out when it is thin anyway.
pub struct Width(pub f32);

impl Display for Width {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if (self.0 - THIN).abs() < 0.25 { Ok(()) } else { write!(out, " stroke-width=\"{}\"", self.0) }
    }
}

/// One stop of a gradient: position in percent, colour, opacity in percent.
pub type Stop = (i32, Rgb, i32);

/// The stops of a gradient.
pub fn stops_text(stops: &[Stop]) -> String {
    let mut text = String::new();
    for (at, colour, opacity) in stops {
        let _ = write!(text, "<stop offset=\"{}\" stop-color=\"{colour}\"", Share(*at));
        if *opacity < 100 {
            let _ = write!(text, " stop-opacity=\"{}\"", Share(*opacity));
        }
        text.push_str("/>");
    }
    text
}
