//! Colours and the tones a dye shows in light and shade. Whole-number arithmetic, so that every
//! machine writes the same picture.

use std::fmt;

/// An sRGB colour, 8 bits a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// The colour of shadows on the ground.
    pub const SHADOW: Self = Self(40, 34, 30);
    /// Paper white, for laces, labels and soles.
    pub const CHALK: Self = Self(247, 243, 235);
    /// Brass of buckles and rivets.
    pub const BRASS: Self = Self(196, 158, 92);
    /// Steel of snaps and zips.
    pub const STEEL: Self = Self(176, 178, 180);

    /// Reads `#rrggbb`; a digit that is none counts as zero.
    #[must_use]
    pub const fn hex(text: &str) -> Self {
        let b = text.as_bytes();
        if b.len() != 7 {
            return Self(0, 0, 0);
        }
        Self(digit(b[1]) * 16 + digit(b[2]), digit(b[3]) * 16 + digit(b[4]), digit(b[5]) * 16 + digit(b[6]))
    }

    /// Brightness as the eye weighs it, 0 to 255.
    #[must_use]
    pub fn luma(self) -> u32 {
        (u32::from(self.0) * 54 + u32::from(self.1) * 183 + u32::from(self.2) * 19) / 256
    }

    /// This colour with `percent` of `other` mixed in.
    #[must_use]
    pub fn mix(self, other: Self, percent: u32) -> Self {
        self.join(other, |a, b| (a * (100 - percent.min(100)) + b * percent.min(100) + 50) / 100)
    }

    fn multiply(self, other: Self) -> Self {
        self.join(other, |a, b| (a * b + 127) / 255)
    }

    fn screen(self, other: Self) -> Self {
        self.join(other, |a, b| 255 - ((255 - a) * (255 - b) + 127) / 255)
    }

    fn join(self, other: Self, rule: impl Fn(u32, u32) -> u32) -> Self {
        let channel = |a: u8, b: u8| u8::try_from(rule(a.into(), b.into())).unwrap_or(u8::MAX);
        Self(channel(self.0, other.0), channel(self.1, other.1), channel(self.2, other.2))
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

const fn digit(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        _ => 0,
    }
}

/// One dye in light and shade, from the lit edge to the inside of a fold.
#[derive(Clone, Copy, Debug)]
pub struct Tones {
    /// Where the light falls.
    pub light: Rgb,
    /// The dye itself.
    pub base: Rgb,
    /// Turned away from the light.
    pub dark: Rgb,
    /// In folds, openings and under collars.
    pub deep: Rgb,
    /// Seams; lighter than the cloth when the cloth is nearly black.
    pub line: Rgb,
    /// Sewing thread.
    pub thread: Rgb,
}

impl Tones {
    /// The tones of a dye.
    #[must_use]
    pub fn of(base: Rgb) -> Self {
        let luma = base.luma();
        let nearly_black = luma < 52;
        let nearly_white = luma > 208;
        let (dark, deep) = if nearly_white {
            (Rgb(222, 216, 212), Rgb(178, 170, 168))
        } else if nearly_black {
            (Rgb(170, 166, 178), Rgb(110, 104, 120))
        } else {
            (Rgb(190, 180, 190), Rgb(128, 116, 132))
        };
        // Light brings out the dye itself and only a little of its own warmth.
        let light = if nearly_black {
            base.screen(Rgb(40, 39, 42))
        } else {
            base.screen(base.multiply(Rgb(64, 64, 64))).screen(Rgb(26, 23, 17))
        };
        let deep = base.multiply(deep);
        Self {
            light,
            base,
            dark: base.multiply(dark),
            deep,
            line: if nearly_black { base.screen(Rgb(64, 62, 66)) } else { deep },
            thread: if luma < 130 { base.screen(Rgb(86, 82, 74)) } else { base.multiply(Rgb(176, 166, 160)) },
        }
    }
}
