//! A kurta: long, slit at the sides, half placket, standing band.

use super::dye::Dye;
use super::torso::Torso;
use super::weave::Weave;
use super::{Look, detail};
use crate::colour::Tones;
use crate::curve;
use crate::svg::Svg;

/// The cut of a kurta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Straight, buttoned placket.
    Straight,
    /// Straight, with embroidery round placket, neck and cuffs.
    Embroidered,
    /// Flared below the waist, with a border at the hem.
    Flared,
}

const FIT: Torso = Torso {
    neck: (258, 82),
    shoulder: (188, 106),
    underarm: (196, 230),
    waist: (198, 350),
    hem: (180, 640),
    drop: 8,
    cuff_out: (108, 424),
    cuff_in: (154, 436),
};
const FLARE: Torso = Torso { waist: (212, 322), hem: (134, 636), drop: 24, ..FIT };

pub(super) fn draw(svg: &mut Svg, look: Look, cut: Cut) {
    svg.ground([300, 676, 180, 20]);
    let fit = if cut == Cut::Flared { FLARE } else { FIT };
    let dye = Dye::new(svg, look.colour);
    let tones = dye.tones;
    let weave = Weave::new(svg, look, &tones, fit.tilt());
    fit.draw_sleeves(svg, &dye, &weave);
    bands(svg, look, cut, &fit);

    let front = fit.front("M300 132C284 122 268 108 258 82");
    svg.fill("M254 84Q264 60 300 60Q336 60 346 84L300 140Z", dye.inside);
    svg.fill(&front, dye.body);
    weave.on(svg, &front);
    svg.within(&front, |svg| {
        fit.draw_front_folds(svg, &dye);
        let (x, flare) = if cut == Cut::Flared { (222, 60) } else { (226, 14) };
        let drape = curve::folds(&[
            [x, 650, x, 520, x + flare / 2, 400, 7],
            [x + 40, 656, x + 40, 560, x + 26 + flare / 3, 440, 5],
            [600 - x, 650, 600 - x, 540, 600 - x - flare / 2, 380, 10],
            [560 - x, 656, 560 - x, 560, 574 - x - flare / 3, 430, 7],
        ]);
        dye.crease(svg, &drape, 34);
        if cut == Cut::Flared {
            svg.line("M120 606Q300 654 480 606", look.trim, 26.0);
            svg.stitch("M120 590Q300 638 480 590M120 622Q300 670 480 622", tones.thread);
        }
    });
    svg.faint(&curve::pair(&fit.armhole()), tones.line, 1.8, 70);
    if cut != Cut::Flared {
        svg.faint(&curve::pair("M186 640Q202 560 194 486"), tones.deep, 2.0, 80);
    }
    placket(svg, look, &dye, &weave, cut);
}

fn bands(svg: &mut Svg, look: Look, cut: Cut, fit: &Torso) {
    if cut == Cut::Straight {
        return;
    }
    let left = fit.cuff(26, 1);
    svg.fill(&curve::pair(&left), look.trim);
}

fn placket(svg: &mut Svg, look: Look, dye: &Dye, weave: &Weave, cut: Cut) {
    let tones = dye.tones;
    let band = "M287 122H313V310L300 322L287 310Z";
    let rich = cut != Cut::Straight;
    svg.veil("M313 126H320V316L304 326Z", tones.deep, 35);
    if rich {
        svg.fill(band, look.trim);
    } else {
        svg.fill(band, dye.body);
        weave.on(svg, band);
    }
    svg.faint(band, tones.line, 1.5, 70);
    let neck = "M262 66C252 70 249 80 250 90C264 116 282 130 300 138L303 114C286 104 272 88 262 66Z";
    svg.fill("M261 66Q300 50 339 66L337 80Q300 66 263 80Z", if rich { Tones::of(look.trim).dark } else { tones.dark });
    for piece in [curve::mirror(neck), neck.to_owned()] {
        if rich {
            svg.fill(&piece, look.trim);
        } else {
            svg.fill(&piece, dye.body);
        }
        svg.faint(&piece, tones.line, 1.5, 70);
    }
    if cut == Cut::Embroidered {
        embroidery(svg, look);
    }
    let dyed = if rich { Tones::of(look.trim) } else { tones };
    detail::buttons(svg, 5, dyed, &[(300, 146), (300, 184), (300, 222), (300, 260), (300, 298)]);
}

/// Leaves up both sides of the placket.
fn embroidery(svg: &mut Svg, look: Look) {
    let stem = "M279 150L279 330Q286 350 300 356";
    let leaves: Vec<(i32, i32)> = (0..8).map(|row| (279, 164 + row * 22)).collect();
    svg.both(|svg| {
        svg.stamp("leaf", &leaves, |svg| {
            svg.fill("M0 0q-16-2-18-18q16 2 18 18", look.trim);
        });
    });
    svg.line(&curve::pair(stem), look.trim, 2.0);
    svg.fill("M300 340Q312 354 300 372Q288 354 300 340Z", look.trim);
}
