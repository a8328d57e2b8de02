//! A T-shirt: ribbed neck, set-in sleeves, twin-needle hems.

use super::dye::Dye;
use super::torso::Torso;
use super::weave::Weave;
use super::{Cloth, Look, detail};
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

/// The neck of a T-shirt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neck {
    /// Round, with a chest pocket.
    Pocket,
    /// Round.
    Crew,
    /// A shallow V.
    Vee,
}

const FIT: Torso = Torso {
    neck: (238, 118),
    shoulder: (154, 150),
    underarm: (164, 306),
    waist: (165, 450),
    hem: (158, 604),
    drop: 10,
    ..Torso::REGULAR
};

const SLEEVE: &str = "M160 148C126 160 104 190 92 222L54 326Q96 352 148 352L172 320L190 200Z";
const HEM: &str = "M58 314Q100 340 150 339";

pub(super) fn draw(svg: &mut Svg, look: Look, neck: Neck) {
    svg.ground([300, 656, 190, 22]);
    let dye = Dye::new(svg, look.colour);
    let tones = dye.tones;
    let weave = Weave::new(svg, look, &tones, 18);
    let (line, back) = match neck {
        Neck::Vee => ("M300 222C280 200 250 160 238 118", "M238 118Q300 92 362 118Q346 170 300 222Q254 170 238 118Z"),
        Neck::Crew | Neck::Pocket => {
            ("M300 172C266 172 244 152 238 118", "M238 118Q300 92 362 118C356 152 334 172 300 172C266 172 244 152 238 118Z")
        }
    };
    let right = curve::mirror(SLEEVE);
    svg.fill(SLEEVE, dye.lit);
    weave.left(svg, SLEEVE);
    svg.fill(&right, dye.shade);
    weave.right(svg, &right);
    let creases =
        curve::folds(&[[168, 306, 132, 286, 118, 236, 9], [150, 346, 128, 320, 124, 286, 7], [112, 350, 102, 326, 104, 300, 5]]);
    svg.both(|svg| {
        dye.crease(svg, &creases, 34);
        svg.stitch(HEM, tones.thread);
    });

    let front = FIT.front(line);
    svg.fill(back, dye.inside);
    detail::label(svg, (300, 112), Rgb::CHALK);
    svg.fill(&front, dye.body);
    weave.on(svg, &front);
    svg.within(&front, |svg| FIT.draw_front_folds(svg, &dye));
    svg.faint(&curve::pair(&FIT.armhole()), tones.line, 2.0, 70);
    svg.stitch("M159 592Q230 603 300 603Q370 603 441 592", tones.thread);
    collar(svg, look, &dye, line);
    if neck == Neck::Pocket {
        let pocket = "M344 236H408V296L376 312L344 296Z";
        svg.veil("M348 242H412V302L378 318L348 302Z", tones.deep, 30);
        svg.fill(pocket, dye.body);
        weave.on(svg, pocket);
        svg.faint(pocket, tones.line, 1.5, 60);
        svg.stitch("M344 248H408M349 248V293L376 306L403 293V248", tones.thread);
    }
}

fn collar(svg: &mut Svg, look: Look, dye: &Dye, line: &str) {
    let tones = dye.tones;
    let ring = curve::pair(line);
    // Striped shirts have a collar in the colour of the stripes.
    let collar = if look.cloth == Cloth::Stripe { look.trim } else { tones.base };
    // The band ends at the shoulder seams.
    svg.within("M198 134L238 114Q300 84 362 114L402 134V300H198Z", |svg| {
        svg.faint(&ring, tones.deep, 26.0, 28);
        svg.line(&ring, collar, 18.0);
        svg.faint(&ring, tones.dark, 1.5, 80);
        svg.line("M236 117Q300 91 364 117", collar.mix(tones.dark, 30), 9.0);
    });
}
