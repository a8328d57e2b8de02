//! What makes trousers jeans: five pockets, rivets, wash and a turned-up hem.

use super::dye::Dye;
use super::{Look, detail};
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

/// The yellow thread of every seam.
pub const THREAD: Rgb = Rgb(206, 150, 84);
/// Rivets and button.
pub const COPPER: Rgb = Rgb(190, 130, 80);
/// Denim washed out.
const WASHED: Rgb = Rgb(236, 240, 244);

/// Front pockets with their rivets, and the coin pocket.
pub fn pockets(svg: &mut Svg, dye: &Dye) {
    let line = dye.tones.line;
    svg.faint(&curve::pair("M252 102C250 140 226 152 192 148"), line, 2.4, 80);
    svg.stitch(&curve::pair("M258 103C256 146 230 159 192 155"), THREAD);
    svg.faint("M356 116L384 112L382 138", line, 1.6, 70);
    detail::snaps(svg, 4, COPPER, &[(252, 106), (196, 148), (348, 106), (404, 148)]);
    detail::snaps(svg, 8, COPPER, &[(303, 90)]);
}

/// Washed thighs and knees, whiskers at the hip.
pub fn fading(svg: &mut Svg) {
    let wash = svg.radial(&[(0, WASHED, 42), (100, WASHED, 0)]);
    svg.ellipse([226, 340, 40, 170], wash);
    svg.ellipse([366, 340, 40, 170], wash);
    let whiskers = curve::folds(&[
        [290, 236, 260, 236, 226, 220, 4],
        [288, 254, 258, 258, 222, 246, 4],
        [310, 236, 340, 236, 374, 220, 4],
        [312, 254, 342, 258, 378, 246, 4],
    ]);
    svg.veil(&whiskers, WASHED, 30);
}

/// The hem, turned up so that the pale inside shows.
pub fn turn_up(svg: &mut Svg, look: Look, dye: &Dye) {
    let tones = dye.tones;
    let turn = "M176 612Q216 622 262 616L258 664Q220 670 180 660Z";
    svg.fill(&curve::pair(turn), look.colour.mix(WASHED, 55));
    svg.faint(&curve::pair(turn), tones.line, 1.6, 65);
    svg.stitch(&curve::pair("M178 622Q218 632 261 626"), THREAD);
}
