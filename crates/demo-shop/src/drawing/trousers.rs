//! Everything with two legs: pleated trousers, chinos, jeans, shorts.

use super::dye::Dye;
use super::weave::Weave;
use super::{Look, detail, jeans};
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

/// The cut of trousers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Pleats and a pressed crease, tapered.
    Tailored,
    /// Straight, flat front.
    Chino,
    /// Wide, soft, high waist, tied.
    Wide,
    /// Five pockets, denim, straight.
    Jeans,
    /// Above the knee, turned-up hem.
    Shorts,
}

/// The left leg from the middle of the waist round the outside to the crotch.
const fn leg(cut: Cut) -> &'static str {
    match cut {
        Cut::Tailored | Cut::Chino => {
            "M300 62L206 58C192 130 180 190 180 250C178 400 188 530 194 658Q230 668 262 662C272 530 286 400 296 276L300 262"
        }
        Cut::Jeans => {
            "M300 62L204 58C190 130 176 190 176 250C172 400 176 530 180 660Q220 670 258 664C268 530 284 400 296 276L300 262"
        }
        Cut::Wide => {
            "M300 62L210 58C194 130 176 190 168 260C152 400 132 530 118 652Q190 674 270 664C276 530 288 400 297 286L300 270"
        }
        Cut::Shorts => {
            "M300 142L172 136C152 210 138 280 128 330C118 400 110 460 106 520Q180 552 278 544C284 500 292 450 297 404L300 392"
        }
    }
}

pub(super) fn draw(svg: &mut Svg, look: Look, cut: Cut) {
    let shorts = cut == Cut::Shorts;
    svg.ground(if shorts { [300, 610, 220, 22] } else { [300, 684, 180, 18] });
    let dye = Dye::new(svg, look.colour);
    let tones = dye.tones;
    let weave = Weave::flat(svg, look, &tones);
    let left = format!("{}Z", leg(cut));
    let right = curve::mirror(&left);
    // The back of the far hem shows inside each leg.
    for (piece, paint) in [(&right, dye.shade), (&left, dye.body)] {
        svg.fill(piece, paint);
        weave.on(svg, piece);
    }
    svg.within(&format!("{left}{right}"), |svg| {
        if cut == Cut::Jeans {
            jeans::fading(svg);
        }
        creases(svg, &dye, shorts);
    });
    if shorts {
        svg.moved("matrix(1.36 0 0 1.24 -108 65)", |svg| {
            top(svg, &dye, &weave, cut);
        });
        let hem = "M110 480Q186 508 284 500L278 544Q180 552 106 520Z";
        svg.faint(&curve::pair(hem), tones.line, 1.6, 65);
        svg.stitch(&curve::pair("M110 486Q186 514 283 506"), tones.thread);
    } else {
        top(svg, &dye, &weave, cut);
        hem(svg, look, &dye, cut);
    }
}

fn creases(svg: &mut Svg, dye: &Dye, shorts: bool) {
    let tones = dye.tones;
    let (knee, crotch) = if shorts { (470, 392) } else { (440, 268) };
    let y = crotch;
    dye.crease(
        svg,
        &curve::folds(&[
            [298, y - 4, 262, y + 4, 216, y - 26, 7],
            [298, y + 4, 268, y + 30, 228, y + 30, 6],
            [302, y - 4, 340, y + 2, 388, y - 30, 8],
            [302, y + 6, 336, y + 34, 376, y + 34, 7],
            [280, knee - 46, 256, knee - 30, 226, knee - 38, 5],
            [194, knee + 6, 222, knee + 22, 256, knee + 8, 5],
            [398, knee - 30, 372, knee - 8, 340, knee - 18, 6],
        ]),
        28,
    );
    dye.crease(
        svg,
        &curve::folds(&[
            [296, 280, 268, 470, 258, 690, 12],
            [408, 150, 412, 420, 402, 690, 14],
            [304, 280, 326, 470, 340, 690, 8],
        ]),
        32,
    );
    svg.veil(&curve::folds(&[[206, 200, 196, 400, 214, 640, 14], [338, 240, 344, 420, 352, 600, 10]]), tones.light, 30);
}

fn top(svg: &mut Svg, dye: &Dye, weave: &Weave, cut: Cut) {
    let tones = dye.tones;
    svg.fill("M206 58Q300 36 394 58Q300 80 206 58Z", dye.inside);
    detail::label(svg, (300, 49), if cut == Cut::Jeans { Rgb(168, 116, 66) } else { Rgb::CHALK });
    let band = "M206 57Q300 78 394 57L398 92Q300 114 202 92Z";
    svg.fill(band, dye.body);
    weave.on(svg, band);
    svg.faint(band, tones.line, 1.6, 65);
    let thread = if cut == Cut::Jeans { jeans::THREAD } else { tones.thread };
    svg.stitch("M208 63Q300 84 392 63M203 86Q300 108 397 86", thread);
    svg.faint("M300 74V262M300 230Q326 226 328 190V104", tones.line, 1.8, 75);
    svg.stitch("M296 236Q322 230 323 190V106", thread);
    for x in [228_i32, 256, 344, 372] {
        let dip = (300 - x).abs() / 14;
        svg.fill(&format!("M{} {}h9v40h-9Z", x - 4, 64 - dip + 6), tones.dark);
    }
    match cut {
        Cut::Jeans => jeans::pockets(svg, dye),
        Cut::Wide => {
            svg.line("M290 92Q270 150 276 206M310 92Q322 150 312 190", tones.light, 7.0);
            svg.ellipse([300, 92, 12, 9], tones.base);
        }
        Cut::Tailored | Cut::Chino | Cut::Shorts => {
            svg.faint(&curve::pair("M226 98L194 190"), tones.line, 2.4, 80);
            svg.stitch(&curve::pair("M232 99L200 192"), thread);
            detail::buttons(svg, 7, tones, &[(303, 90)]);
        }
    }
    if matches!(cut, Cut::Tailored | Cut::Wide) {
        let pleats = curve::folds(&[
            [246, 100, 238, 160, 232, 220, 6],
            [264, 102, 260, 160, 256, 210, 6],
            [354, 100, 362, 160, 366, 220, 7],
            [336, 102, 340, 160, 346, 210, 6],
        ]);
        svg.veil(&pleats, tones.deep, 55);
    }
}

fn hem(svg: &mut Svg, look: Look, dye: &Dye, cut: Cut) {
    let tones = dye.tones;
    match cut {
        Cut::Jeans => jeans::turn_up(svg, look, dye),
        Cut::Tailored => {
            svg.faint(&curve::pair("M236 200C224 330 222 500 228 664"), tones.line, 1.8, 60);
            svg.faint(&curve::pair("M193 632Q230 642 264 636"), tones.line, 1.6, 65);
        }
        Cut::Chino | Cut::Shorts => {
            svg.stitch(&curve::pair("M193 644Q230 654 263 648"), tones.thread);
        }
        Cut::Wide => {
            let fall = curve::folds(&[
                [160, 664, 176, 520, 208, 340, 8],
                [204, 670, 214, 540, 230, 380, 7],
                [440, 664, 424, 520, 392, 340, 10],
                [392, 670, 386, 540, 368, 380, 8],
            ]);
            svg.veil(&fall, tones.deep, 38);
            svg.stitch(&curve::pair("M121 638Q192 660 271 650"), tones.thread);
        }
    }
}
