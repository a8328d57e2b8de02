//! The cloth's tile laid on body and sleeves, each along its own grain.

use super::{Cloth, Look, cloth};
use crate::colour::Tones;
use crate::paint::Paint;
use crate::svg::Svg;

/// The tile of one garment, straight and along both sleeves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weave {
    straight: Option<Paint>,
    left: Option<Paint>,
    right: Option<Paint>,
}

impl Weave {
    /// The tile of `look`; `tilt` is the angle of the sleeves in degrees, 0 when there are none.
    pub fn new(svg: &mut Svg, look: Look, tones: &Tones, tilt: i32) -> Self {
        let straight = cloth::tile(svg, look.cloth, tones, look.trim);
        let turned =
            |svg: &mut Svg, degrees: i32| straight.map(|paint| if tilt == 0 { paint } else { svg.turned(paint, degrees) });
        let left = turned(svg, tilt);
        let right = turned(svg, -tilt);
        Self { straight, left, right }
    }

    /// Lays the cloth on a piece of the body.
    pub fn on(&self, svg: &mut Svg, d: &str) {
        lay(svg, d, self.straight);
    }

    /// Lays the cloth on a piece of the left sleeve.
    pub fn left(&self, svg: &mut Svg, d: &str) {
        lay(svg, d, self.left);
    }

    /// Lays the cloth on a piece of the right sleeve.
    pub fn right(&self, svg: &mut Svg, d: &str) {
        lay(svg, d, self.right);
    }

    /// A weave without a sleeve, for trousers, skirts and bags.
    pub fn flat(svg: &mut Svg, look: Look, tones: &Tones) -> Self {
        Self::new(svg, look, tones, 0)
    }

    /// The tile of another cloth in the same colours: the ribbing of a knitted hem.
    pub fn of(svg: &mut Svg, cloth: Cloth, look: Look, tones: &Tones, tilt: i32) -> Self {
        Self::new(svg, Look { cloth, ..look }, tones, tilt)
    }
}

fn lay(svg: &mut Svg, d: &str, paint: Option<Paint>) {
    if let Some(paint) = paint {
        svg.fill(d, paint);
    }
}
