//! A scarf looped once, with fringed ends.

use super::dye::Dye;
use super::weave::Weave;
use super::{Cloth, Look};
use crate::curve;
use crate::svg::Svg;

/// A scarf looped once, with fringed ends.
pub(super) fn draw(svg: &mut Svg, look: Look) {
    svg.ground([306, 672, 180, 20]);
    let dye = Dye::new(svg, look.colour);
    let tones = dye.tones;
    let weave = Weave::new(svg, look, &tones, 12);
    let across = Weave::new(svg, look, &tones, -28);
    let back = "M316 290C346 380 370 480 378 592L474 584C464 460 440 360 396 270Z";
    let front = "M214 290C210 380 184 490 158 594L272 622C292 510 322 400 338 300Z";
    let under = "M160 190C170 300 236 374 300 376C368 372 432 300 444 190Z";
    for (end, paint) in [(back, dye.shade), (front, dye.body)] {
        svg.fill(end, paint);
        if end == front {
            weave.left(svg, end);
        } else {
            weave.right(svg, end);
        }
        svg.within(end, |svg| svg.veil(under, tones.deep, 60));
    }
    fringe(svg, look, &dye);
    dye.crease(
        svg,
        &curve::folds(&[
            [250, 370, 240, 470, 208, 602, 7],
            [296, 370, 284, 470, 246, 612, 7],
            [372, 360, 400, 450, 410, 586, 8],
            [404, 350, 434, 440, 444, 584, 7],
            [224, 370, 214, 430, 196, 480, 6],
        ]),
        40,
    );
    svg.fill("M214 130Q300 84 388 130C396 210 350 260 302 260C254 260 204 210 214 130Z", dye.inside);
    // Behind the neck, then the two turns in front, the upper one over the lower.
    let behind = "M192 178C192 104 240 74 302 74C366 74 416 106 429 180L364 164C356 130 330 120 302 120C274 120 246 130 238 164Z";
    let lower = "M172 176C158 270 214 350 300 352C388 350 444 270 428 174C410 134 388 122 372 140C376 200 350 240 302 240C252 240 226 202 228 142C212 122 184 136 172 176Z";
    let upper = "M206 112C172 150 186 250 256 290C322 318 400 292 424 236C438 196 432 150 412 128C408 190 378 232 322 236C262 238 226 190 236 108Q220 96 206 112Z";
    for (piece, paint) in [(behind, dye.shade), (lower, dye.body), (upper, dye.body)] {
        if piece == upper {
            svg.within(lower, |svg| {
                svg.moved("translate(0 14)", |svg| svg.veil(upper, tones.deep, 60));
            });
        }
        svg.fill(piece, paint);
        across.left(svg, piece);
    }
    dye.crease(
        svg,
        &curve::folds(&[
            [206, 140, 214, 240, 300, 268, 9],
            [224, 128, 232, 220, 316, 252, 7],
            [416, 170, 404, 250, 320, 276, 9],
            [420, 220, 390, 290, 290, 300, 5],
            [190, 240, 220, 322, 300, 334, 7],
            [416, 272, 380, 330, 306, 330, 8],
            [226, 110, 260, 90, 310, 96, 5],
            [384, 130, 360, 98, 320, 104, 6],
        ]),
        46,
    );
    svg.veil(&curve::folds(&[[198, 150, 206, 240, 270, 278, 7], [186, 210, 206, 310, 280, 340, 6]]), tones.light, 55);
}

fn fringe(svg: &mut Svg, look: Look, dye: &Dye) {
    let left = (0..9).map(|row| {
        let (x, y) = (164 + row * 13, 595 + row * 3);
        format!("M{x} {y}q-6 24 -10 48M{x} {y}q2 26 -2 50")
    });
    let right = (0..7).map(|row| format!("M{} 588q4 26 2 48m-2 -50q8 24 10 46", 382 + row * 14));
    let threads: String = left.chain(right).collect();
    svg.line(&threads, if look.cloth == Cloth::Stripe { look.trim } else { dye.tones.dark }, 3.0);
}
