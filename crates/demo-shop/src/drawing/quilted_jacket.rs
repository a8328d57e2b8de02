//! A quilted jacket with a corduroy collar, snaps and piped pockets.

use super::dye::Dye;
use super::torso::Torso;
use super::weave::Weave;
use super::{Cloth, Look, detail};
use crate::colour::Rgb;
use crate::curve;
use crate::paint::Paint;
use crate::svg::Svg;

const FIT: Torso = Torso {
    neck: (244, 118),
    shoulder: (154, 150),
    underarm: (164, 304),
    waist: (162, 446),
    hem: (152, 612),
    drop: 6,
    cuff_out: (62, 532),
    cuff_in: (126, 548),
};
const LEAF: &str = "M254 86C258 118 276 142 300 160L268 216C244 196 222 160 216 128C224 108 238 94 254 86Z";
const FLAP: &str = "M186 448L262 452L262 482Q224 490 185 478Z";

/// Diamond quilting: every diamond lit on its upper left, drawn in at its seams.
fn quilting(svg: &mut Svg, dye: &Dye, degrees: i32) -> (Paint, Paint, Paint) {
    let tones = dye.tones;
    let tile = format!(
        "<path d=\"M2 25Q14 20 20 4Q30 18 16 30Q8 32 2 25\" fill=\"{0}\" opacity=\".3\"/><path d=\"M37 27Q25 31 20 48Q14 38 24 30Q32 22 37 27\" fill=\"{1}\" opacity=\".28\"/><path d=\"M0 26L20 0L40 26L20 52Z\" stroke=\"{1}\" stroke-width=\"2\"/>",
        tones.light, tones.deep
    );
    let straight = svg.pattern((40, 52), &tile);
    (straight, svg.turned(straight, degrees), svg.turned(straight, -degrees))
}

/// The quilted jacket; the second colour is the corduroy of the collar.
pub(super) fn draw(svg: &mut Svg, look: Look) {
    svg.ground([300, 664, 200, 22]);
    let dye = Dye::new(svg, look.colour);
    let trim = Dye::new(svg, look.trim);
    let tones = dye.tones;
    let (quilt, left_quilt, right_quilt) = quilting(svg, &dye, FIT.tilt());
    let ribs = Weave::of(svg, Cloth::Corduroy, look, &trim.tones, 0);
    let left = FIT.sleeve();
    let right = curve::mirror(&left);
    svg.fill(&left, dye.lit);
    svg.fill(&left, left_quilt);
    svg.fill(&right, dye.shade);
    svg.fill(&right, right_quilt);
    let bend =
        curve::folds(&[[146, 420, 118, 410, 92, 376, 8], [152, 316, 120, 290, 110, 232, 11], [140, 470, 110, 470, 84, 440, 6]]);
    svg.both(|svg| svg.veil(&bend, tones.deep, 40));
    svg.both(|svg| svg.fill(&FIT.cuff(26, 2), trim.body));

    svg.fill("M244 118Q256 84 300 84Q344 84 356 118L300 200Z", trim.inside);
    let front = FIT.front("M300 180C278 164 254 146 244 118");
    svg.fill(&front, dye.body);
    svg.within(&front, |svg| {
        svg.fill("M140 100H460V630H140Z", quilt);
        FIT.draw_front_folds(svg, &dye);
        svg.line("M152 608Q300 624 448 608", look.trim, 9.0);
    });
    svg.faint(&curve::pair(&FIT.armhole()), tones.deep, 3.0, 75);
    svg.veil("M318 160H326V618H318Z", tones.deep, 40);
    let fly = "M284 160H318V617H284Z";
    svg.fill(fly, dye.body);
    svg.line(fly, look.trim, 3.0);
    detail::snaps(svg, 8, Rgb::BRASS, &[(301, 232), (301, 308), (301, 384), (301, 460), (301, 536), (301, 600)]);
    svg.both(|svg| {
        svg.moved("translate(0 7)", |svg| svg.veil(FLAP, tones.deep, 45));
        svg.fill(FLAP, dye.body);
        svg.line(FLAP, look.trim, 3.0);
        detail::snaps(svg, 8, Rgb::BRASS, &[(224, 470)]);
    });
    collar(svg, &trim, &ribs, tones.deep);
}

fn collar(svg: &mut Svg, dye: &Dye, ribs: &Weave, shadow: Rgb) {
    let other = curve::mirror(LEAF);
    svg.moved("translate(4 8)", |svg| {
        svg.veil(LEAF, shadow, 40);
        svg.veil(&other, shadow, 40);
    });
    svg.fill("M254 86Q300 70 346 86L340 112Q300 96 260 112Z", dye.tones.dark);
    detail::label(svg, (300, 98), Rgb::CHALK);
    for (leaf, paint) in [(LEAF, dye.lit), (other.as_str(), dye.body)] {
        svg.fill(leaf, paint);
        ribs.on(svg, leaf);
        svg.faint(leaf, dye.tones.line, 1.6, 70);
    }
}
