//! A soft blouse with full sleeves.

use super::Look;
use super::detail;
use super::dye::Dye;
use super::torso::Torso;
use super::weave::Weave;
use crate::curve;
use crate::svg::Svg;

/// The neck of a blouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neck {
    /// A ribbon tied in a bow.
    Bow,
    /// A small V with gathered yoke.
    Vee,
}

const FIT: Torso = Torso {
    neck: (250, 104),
    shoulder: (176, 130),
    underarm: (184, 270),
    waist: (188, 420),
    hem: (166, 580),
    drop: 14,
    ..Torso::REGULAR
};
/// A sleeve gathered at the shoulder, full above the cuff.
const SLEEVE: &str = "M178 128C138 132 122 172 112 224C98 300 62 380 54 446C54 478 74 494 84 496L134 504C148 496 156 470 158 446C160 390 176 330 192 286L200 180Z";
const CUFF: &str = "M82 492Q108 504 136 502L130 546Q104 548 84 538Z";

pub(super) fn draw(svg: &mut Svg, look: Look, neck: Neck) {
    svg.ground([300, 652, 186, 22]);
    let dye = Dye::new(svg, look.colour);
    let tones = dye.tones;
    let weave = Weave::new(svg, look, &tones, 14);
    let right = curve::mirror(SLEEVE);
    svg.fill(SLEEVE, dye.lit);
    weave.left(svg, SLEEVE);
    svg.fill(&right, dye.shade);
    weave.right(svg, &right);
    let gathers = curve::folds(&[
        [92, 494, 82, 440, 104, 372, 6],
        [108, 498, 106, 430, 126, 340, 7],
        [126, 500, 132, 440, 146, 380, 6],
        [180, 136, 152, 170, 140, 214, 5],
        [178, 134, 166, 170, 162, 206, 4],
        [180, 272, 158, 260, 142, 220, 8],
    ]);
    svg.both(|svg| dye.crease(svg, &gathers, 36));
    svg.fill(CUFF, dye.lit);
    svg.fill(&curve::mirror(CUFF), dye.shade);
    svg.faint(&curve::pair(CUFF), tones.line, 1.5, 65);
    detail::buttons(svg, 5, tones, &[(126, 522)]);
    detail::buttons(svg, 5, tones, &[(474, 522)]);

    let line = match neck {
        Neck::Bow => "M300 148C278 142 258 128 250 104",
        Neck::Vee => "M300 220C290 180 262 140 250 104",
    };
    svg.fill("M250 104Q300 74 350 104L336 160L300 226L264 160Z", dye.inside);
    let front = FIT.front(line);
    svg.fill(&front, dye.body);
    weave.on(svg, &front);
    svg.within(&front, |svg| {
        FIT.draw_front_folds(svg, &dye);
        let drape = curve::folds(&[
            [240, 150, 250, 260, 238, 360, 6],
            [360, 150, 352, 260, 366, 370, 8],
            [266, 600, 262, 500, 272, 400, 7],
            [336, 600, 344, 500, 330, 380, 9],
            [214, 140, 222, 200, 214, 260, 5],
            [386, 140, 378, 200, 388, 250, 6],
        ]);
        svg.veil(&drape, tones.deep, 28);
    });
    svg.faint(&curve::pair(&FIT.armhole()), tones.line, 1.8, 60);
    svg.stitch("M170 568Q300 592 430 568", tones.thread);
    match neck {
        Neck::Bow => bow(svg, &dye),
        Neck::Vee => vee(svg, &dye),
    }
}

fn vee(svg: &mut Svg, dye: &Dye) {
    let tones = dye.tones;
    svg.within("M200 126L249 106L300 220L351 106L400 126V300H200Z", |svg| {
        let neckline = curve::pair("M300 222C290 180 262 140 250 104");
        svg.line(&neckline, tones.base, 14.0);
    });
    svg.faint(&curve::pair("M300 227C288 186 258 144 246 106"), tones.line, 1.5, 70);
    svg.faint("M300 226V576", tones.line, 1.6, 70);
    detail::buttons(svg, 6, tones, &[(300, 250), (300, 304), (300, 358), (300, 412), (300, 466), (300, 520)]);
}

fn bow(svg: &mut Svg, dye: &Dye) {
    let tones = dye.tones;
    let band = "M252 88Q300 112 348 88L354 116Q300 152 246 116Z";
    svg.fill("M252 88Q300 66 348 88L330 108H270Z", dye.inside);
    svg.fill(band, dye.body);
    svg.faint(band, tones.line, 1.5, 60);
    let tails = "M294 146C282 200 256 250 248 306L284 316C290 260 300 210 304 160ZM304 150C312 210 334 250 344 290L312 304C304 250 298 210 296 160Z";
    let loops = "M298 142C262 112 222 112 216 134C214 160 226 182 240 180C262 176 284 160 298 142ZM302 142C334 110 376 114 382 136C384 162 372 180 356 178C336 174 316 160 302 142Z";
    svg.moved("translate(4 8)", |svg| {
        svg.veil(&format!("{tails}{loops}"), tones.deep, 34);
    });
    svg.fill(tails, dye.body);
    svg.faint(tails, tones.line, 1.5, 55);
    svg.fill(loops, dye.lit);
    svg.faint(loops, tones.line, 1.5, 55);
    svg.veil(
        &curve::folds(&[
            [294, 144, 258, 138, 230, 152, 6],
            [306, 144, 340, 136, 370, 152, 7],
            [296, 170, 282, 220, 268, 290, 5],
            [304, 170, 316, 220, 326, 280, 5],
        ]),
        tones.deep,
        40,
    );
    svg.fill("M288 130Q300 124 313 131Q318 146 312 158Q300 164 289 157Q284 144 288 130Z", dye.lit);
    svg.faint("M288 130Q300 124 313 131Q318 146 312 158Q300 164 289 157Q284 144 288 130Z", tones.line, 1.5, 70);
}
