//! A dye on the cloth: the tones and the gradients every piece of one colour shares.

use crate::colour::{Rgb, Tones};
use crate::paint::Paint;
use crate::svg::Svg;

/// The paints of one colour. Light comes from the upper left.
#[derive(Clone, Copy, Debug)]
pub struct Dye {
    /// The plain tones.
    pub tones: Tones,
    /// A piece that hangs on the left, rounded, towards the light.
    pub lit: Paint,
    /// The front of the body.
    pub body: Paint,
    /// A piece on the right, turned away.
    pub shade: Paint,
    /// The colour of folds and the share of it, in percent, that a deep fold takes.
    crease: (Rgb, i32),
    /// The inside seen through a neck or an opening.
    pub inside: Paint,
}

impl Dye {
    /// The paints of `colour` in this picture.
    pub fn new(svg: &mut Svg, colour: Rgb) -> Self {
        let tones = Tones::of(colour);
        let Tones { light, base, dark, deep, .. } = tones;
        let half = base.mix(dark, 30);
        // On pale cloth folds darken a print as well, so they are a thin dark veil, not a pale one.
        let crease = if base.luma() > 208 { (Rgb(88, 76, 78), 48) } else { (deep, 100) };
        Self {
            tones,
            crease,
            lit: svg.linear([0, 10, 100, 40], &[(0, base, 100), (28, light, 100), (100, dark, 100)]),
            body: svg.linear([0, 0, 100, 45], &[(0, light, 100), (34, base, 100), (66, base, 100), (100, dark, 100)]),
            shade: svg.linear([0, 0, 100, 30], &[(0, dark, 100), (35, half, 100), (100, dark.mix(deep, 35), 100)]),
            inside: svg.linear([0, 0, 20, 100], &[(0, deep, 100), (100, dark.mix(deep, 40), 100)]),
        }
    }

    /// Folds as deep as `percent`.
    pub fn crease(&self, svg: &mut Svg, d: &str, percent: i32) {
        let (colour, share) = self.crease;
        svg.veil(d, colour, percent * share / 100);
    }
}
