//! A buttoned shirt with a turned-down or a band collar.

use super::dye::Dye;
use super::torso::Torso;
use super::weave::Weave;
use super::{Look, detail};
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

/// The cut of a shirt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Turned-down collar, long sleeves.
    Classic,
    /// Standing band, long sleeves.
    Band,
    /// Open resort collar, short sleeves.
    Camp,
}

const FIT: Torso = Torso { hem: (168, 562), drop: 48, ..Torso::REGULAR };
const SHORT: &str = "M166 134C132 146 112 176 102 210L70 328Q108 350 154 348L176 316L192 190Z";
/// The left half of a turned-down collar.
const LEAF: &str = "M258 80C264 110 282 138 300 150L262 204C248 180 234 150 228 118C234 100 246 88 258 80Z";
const CAMP: &str = "M256 84C262 118 280 160 300 190L240 214L254 176L222 158C224 126 238 98 256 84Z";

pub(super) fn draw(svg: &mut Svg, look: Look, cut: Cut) {
    svg.ground([300, 656, 190, 22]);
    let dye = Dye::new(svg, look.colour);
    let tones = dye.tones;
    let weave = Weave::new(svg, look, &tones, FIT.tilt());
    if cut == Cut::Camp {
        let right = curve::mirror(SHORT);
        svg.fill(SHORT, dye.lit);
        weave.left(svg, SHORT);
        svg.fill(&right, dye.shade);
        weave.right(svg, &right);
        let creases = curve::folds(&[[172, 296, 136, 280, 124, 226, 9], [154, 344, 134, 320, 132, 284, 7]]);
        svg.both(|svg| dye.crease(svg, &creases, 34));
        svg.faint(&curve::pair("M75 312Q112 332 157 330"), tones.line, 1.6, 70);
    } else {
        FIT.draw_sleeves(svg, &dye, &weave);
        cuffs(svg, &dye);
    }

    let neckline = match cut {
        Cut::Camp => "M300 200C284 178 262 140 248 106",
        Cut::Classic | Cut::Band => "M300 156C280 144 260 130 248 106",
    };
    let tail = "C176 576 202 582 222 596C250 612 276 614 300 614";
    let front = curve::whole(&FIT.half(neckline, tail));
    svg.fill("M246 106Q258 70 300 70Q342 70 354 106L300 208Z", dye.inside);
    svg.fill(&front, dye.body);
    weave.on(svg, &front);
    svg.within(&front, |svg| FIT.draw_front_folds(svg, &dye));
    svg.faint(&curve::pair(&FIT.armhole()), tones.line, 2.0, 70);
    svg.stitch("M172 570C204 578 236 604 300 604C364 604 396 578 428 570", tones.thread);
    placket(svg, &dye, if cut == Cut::Camp { 200 } else { 152 });
    if cut != Cut::Band {
        pocket(svg, &dye, &weave);
    }
    collar(svg, &dye, &weave, cut);
}

fn cuffs(svg: &mut Svg, dye: &Dye) {
    let left = FIT.cuff(46, 3);
    let right = curve::mirror(&left);
    svg.fill(&left, dye.lit);
    svg.fill(&right, dye.shade);
    svg.both(|svg| svg.faint(&left, dye.tones.line, 1.6, 60));
    detail::buttons(svg, 5, dye.tones, &[(118, 510), (482, 510)]);
}

fn placket(svg: &mut Svg, dye: &Dye, top: i32) {
    svg.veil(&format!("M316 {top}H324V612H316Z"), dye.tones.deep, 30);
    svg.faint(&format!("M286 {top}V613M316 {top}V613"), dye.tones.line, 1.5, 60);
    svg.stitch(&format!("M291 {top}V612M311 {top}V612"), dye.tones.thread);
    let places: Vec<(i32, i32)> = (0..6).map(|row| (301, top + 38 + row * 76)).filter(|(_, y)| *y < 590).collect();
    detail::buttons(svg, 7, dye.tones, &places);
}

fn pocket(svg: &mut Svg, dye: &Dye, weave: &Weave) {
    let shape = "M342 236H406V300L374 316L342 300Z";
    svg.moved("translate(4 6)", |svg| svg.veil(shape, dye.tones.deep, 30));
    svg.fill(shape, dye.body);
    weave.on(svg, shape);
    svg.faint(shape, dye.tones.line, 1.5, 60);
    svg.stitch("M342 252H406", dye.tones.thread);
}

fn collar(svg: &mut Svg, dye: &Dye, weave: &Weave, cut: Cut) {
    let tones = dye.tones;
    if cut == Cut::Band {
        svg.fill("M252 84Q300 98 348 84L344 74Q300 86 256 74Z", tones.dark);
        let band = "M254 74C246 84 243 96 244 108C258 136 280 152 300 160L303 136C282 122 264 100 254 74Z";
        let other = curve::mirror(band);
        for piece in [&other, &band.to_owned()] {
            svg.fill(piece, dye.body);
            weave.on(svg, piece);
            svg.faint(piece, tones.line, 1.6, 70);
        }
        detail::buttons(svg, 5, tones, &[(298, 149)]);
        return;
    }
    let leaf = if cut == Cut::Camp { CAMP } else { LEAF };
    let other = curve::mirror(leaf);
    svg.fill("M258 80Q300 68 342 80Q340 92 336 102Q300 88 264 102Q260 92 258 80Z", tones.dark);
    detail::label(svg, (300, 90), Rgb::CHALK);
    svg.moved("translate(4 7)", |svg| {
        svg.veil(leaf, tones.deep, 30);
        svg.veil(&other, tones.deep, 30);
    });
    for (piece, paint) in [(leaf, dye.lit), (other.as_str(), dye.body)] {
        svg.fill(piece, paint);
        weave.on(svg, piece);
        svg.faint(piece, tones.line, 1.6, 70);
    }
    if cut == Cut::Classic {
        detail::buttons(svg, 7, tones, &[(300, 158)]);
        svg.both(|svg| svg.stitch("M236 122C242 150 252 174 263 192L291 151", tones.thread));
    }
}
