//! What tailoring shares: notched lapels and the buttons of a sleeve.

use super::detail;
use super::dye::Dye;
use super::torso::Torso;
use super::weave::Weave;
use crate::colour::Tones;
use crate::curve;
use crate::svg::Svg;

/// The left collar and lapel, as drawn for the blazer.
const LAPEL: &str = "M258 74C262 140 278 250 302 352C262 316 226 262 208 208L236 190L202 176C212 132 232 96 258 74Z";
const COLLAR: &str = "M258 74C240 88 220 120 208 158L202 176L236 190C240 150 250 112 262 94Z";

/// Three buttons at the end of each sleeve.
pub fn sleeve_buttons(svg: &mut Svg, fit: &Torso, tones: Tones) {
    let (x, y) = fit.cuff_in;
    svg.both(|svg| {
        detail::buttons(svg, 4, tones, &[(x - 6, y - 18), (x - 4, y - 33), (x - 2, y - 48)]);
    });
}

/// Collar and lapels, meeting at the middle of the chest.
pub(super) fn draw(svg: &mut Svg, dye: &Dye, weave: &Weave) {
    let tones = dye.tones;
    svg.fill("M258 74Q300 56 342 74L338 98Q300 82 262 98Z", tones.dark);
    let right = curve::mirror(LAPEL);
    svg.moved("translate(3 8)", |svg| {
        svg.veil(LAPEL, tones.deep, 38);
        svg.veil(&right, tones.deep, 38);
    });
    for (lapel, paint) in [(right.as_str(), dye.body), (LAPEL, dye.lit)] {
        svg.fill(lapel, paint);
        weave.on(svg, lapel);
        svg.faint(lapel, tones.line, 1.8, 70);
    }
    svg.both(|svg| {
        svg.fill(COLLAR, dye.body);
        svg.faint(COLLAR, tones.line, 1.8, 70);
    });
    svg.line("M222 212L234 206", tones.line, 2.0);
}
