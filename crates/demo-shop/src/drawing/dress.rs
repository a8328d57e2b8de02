//! Dresses: sleeveless with a belt, wrapped, or long and tiered.

use super::dye::Dye;
use super::weave::Weave;
use super::{Look, detail};
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

/// The cut of a dress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Sleeveless, belted, knee length, wide skirt.
    Belted,
    /// Wrapped, short fluted sleeves, midi length.
    Wrap,
    /// Thin straps, three tiers to the ankle.
    Tiered,
}

pub(super) fn draw(svg: &mut Svg, look: Look, cut: Cut) {
    svg.ground([300, 680, 190, 20]);
    let dye = Dye::new(svg, look.colour);
    let weave = Weave::new(svg, look, &dye.tones, 22);
    match cut {
        Cut::Belted => belted(svg, look, &dye, &weave),
        Cut::Wrap => wrap(svg, &dye, &weave),
        Cut::Tiered => tiered(svg, &dye, &weave),
    }
}

/// The pleats of a skirt hanging from a waist at height `top` to a hem at `bottom`.
fn fall(svg: &mut Svg, dye: &Dye, top: i32, bottom: i32) {
    let long = bottom - top;
    let at = |part: i32| top + long * part / 10;
    svg.veil(
        &curve::folds(&[
            [168, bottom, 204, at(6), 250, top + 6, 9],
            [222, bottom + 14, 240, at(6), 268, at(2), 8],
            [276, bottom + 18, 280, at(7), 286, at(3), 7],
            [334, bottom + 18, 326, at(6), 318, at(1), 9],
            [384, bottom + 12, 366, at(6), 338, top + 4, 11],
            [440, bottom, 404, at(6), 356, top + 8, 12],
        ]),
        dye.tones.deep,
        40,
    );
    svg.veil(
        &curve::folds(&[
            [196, bottom + 6, 228, at(6), 260, top + 12, 12],
            [250, bottom + 16, 262, at(7), 278, at(2), 9],
            [360, bottom + 14, 346, at(7), 328, at(3), 8],
        ]),
        dye.tones.light,
        45,
    );
}

fn belted(svg: &mut Svg, look: Look, dye: &Dye, weave: &Weave) {
    let tones = dye.tones;
    svg.fill("M244 60Q300 96 356 60L350 130L300 164L250 130Z", dye.inside);
    detail::label(svg, (300, 88), Rgb::CHALK);
    let bodice = curve::whole("M300 152C266 150 250 112 246 56L212 62C214 124 208 158 188 186C196 226 218 262 224 302L300 308");
    let skirt = curve::whole("M300 296L224 298C206 400 154 530 112 630C170 660 240 668 300 668");
    svg.fill(&skirt, dye.body);
    weave.on(svg, &skirt);
    svg.within(&skirt, |svg| {
        fall(svg, dye, 306, 648);
        svg.faint("M200 322Q300 340 400 322", tones.deep, 22.0, 28);
    });
    svg.stitch("M117 622C174 650 242 657 300 657C358 657 426 650 483 622", tones.thread);
    svg.fill(&bodice, dye.body);
    weave.on(svg, &bodice);
    svg.within(&bodice, |svg| {
        let darts = curve::folds(&[
            [250, 306, 252, 262, 262, 214, 6],
            [350, 306, 350, 262, 338, 212, 8],
            [194, 190, 222, 206, 244, 204, 6],
            [406, 190, 378, 208, 350, 206, 8],
            [230, 296, 244, 286, 268, 290, 5],
        ]);
        svg.veil(&darts, tones.deep, 40);
        svg.veil(&curve::folds(&[[230, 130, 238, 200, 236, 260, 14]]), tones.light, 45);
    });
    svg.faint(&curve::pair("M300 158C260 156 243 114 240 58M218 63C220 126 214 160 195 187"), tones.line, 1.5, 60);
    let belt = "M222 290Q300 304 378 290L380 318Q300 332 220 318Z";
    svg.moved("translate(0 5)", |svg| svg.veil(belt, tones.deep, 40));
    let leather = Dye::new(svg, look.trim);
    svg.fill(belt, leather.body);
    svg.stitch("M224 296Q300 309 376 296M223 312Q300 326 377 312", leather.tones.thread);
    detail::buckles(svg, (34, 32), Rgb::BRASS, &[(284, 296)]);
}

fn wrap(svg: &mut Svg, dye: &Dye, weave: &Weave) {
    let tones = dye.tones;
    let sleeve = "M212 84C174 92 146 140 120 214Q148 254 192 246L224 180Z";
    let other = curve::mirror(sleeve);
    svg.fill(sleeve, dye.lit);
    weave.left(svg, sleeve);
    svg.fill(&other, dye.shade);
    weave.right(svg, &other);
    let flutes = curve::folds(&[[142, 240, 158, 190, 190, 130, 6], [168, 250, 176, 210, 198, 160, 6]]);
    svg.both(|svg| dye.crease(svg, &flutes, 38));
    svg.fill("M248 68Q300 46 352 68L340 160L304 250L256 120Z", dye.inside);
    let skirt = curve::whole("M300 300L218 300C196 400 168 540 150 640C200 664 250 668 300 668");
    svg.fill(&skirt, dye.body);
    weave.on(svg, &skirt);
    svg.within(&skirt, |svg| {
        fall(svg, dye, 310, 650);
        svg.veil("M330 300C352 420 348 560 318 690H338C370 560 372 420 350 300Z", tones.deep, 34);
    });
    svg.faint("M332 312C352 420 348 560 322 667", tones.line, 2.2, 80);
    let right = curve::mirror("M300 214C282 180 258 120 250 66L206 84C208 140 200 170 190 200C198 240 214 270 218 306L304 312Z");
    let left = "M346 300C316 250 270 160 250 66L206 84C208 140 200 170 190 200C198 240 214 270 218 306L340 312Z";
    for (piece, paint) in [(right.as_str(), dye.shade), (left, dye.body)] {
        svg.fill(piece, paint);
        weave.on(svg, piece);
    }
    svg.within(left, |svg| {
        svg.veil(
            &curve::folds(&[
                [340, 302, 290, 256, 250, 200, 8],
                [300, 306, 260, 280, 226, 230, 7],
                [256, 306, 240, 290, 216, 276, 6],
                [194, 200, 220, 214, 240, 212, 7],
            ]),
            tones.deep,
            36,
        );
    });
    svg.faint("M346 300C316 250 270 160 250 66", tones.line, 2.4, 85);
    svg.faint("M338 286C308 240 262 156 243 70", tones.line, 1.4, 60);
    svg.faint("M206 84C208 140 200 170 190 200M394 84C392 140 400 170 410 200", tones.line, 1.6, 60);
    let sash = "M216 290Q300 308 384 290L386 320Q300 338 214 320Z";
    let ends = "M352 318C360 370 352 420 338 470L364 474C376 420 378 360 370 312ZM360 316C384 350 398 390 402 430L424 420C414 370 396 330 376 306Z";
    svg.moved("translate(0 5)", |svg| {
        svg.veil(&format!("{sash}{ends}"), tones.deep, 34);
    });
    svg.fill(ends, dye.lit);
    svg.faint(ends, tones.line, 1.4, 60);
    svg.fill(sash, dye.body);
    svg.faint(&format!("{sash}M220 305Q300 322 350 312"), tones.line, 1.5, 55);
    svg.fill("M346 294Q364 286 378 298Q382 316 370 326Q352 328 346 316Z", dye.lit);
    svg.faint("M346 294Q364 286 378 298Q382 316 370 326Q352 328 346 316Z", tones.line, 1.6, 75);
}

fn tiered(svg: &mut Svg, dye: &Dye, weave: &Weave) {
    let tones = dye.tones;
    svg.both(|svg| {
        svg.line("M262 46C272 50 276 84 274 116", tones.deep, 8.0);
        svg.line("M236 120C238 82 248 44 262 46", tones.base, 8.0);
    });
    svg.fill("M232 118Q300 104 368 118L360 150H240Z", dye.inside);
    let tiers = [
        curve::whole("M300 494L150 484C138 540 124 600 116 648C180 674 240 678 300 678"),
        curve::whole("M300 344L184 336C174 390 156 450 146 496C200 514 250 518 300 518"),
        curve::whole("M300 232L214 230C204 270 190 310 180 348C220 362 260 366 300 366"),
    ];
    for (index, tier) in tiers.iter().enumerate() {
        svg.fill(tier, dye.body);
        weave.on(svg, tier);
        let (top, bottom) = [(496, 664), (344, 506), (236, 356)][index];
        svg.within(tier, |svg| {
            fall(svg, dye, top, bottom);
            svg.stitch(&format!("M110 {}Q300 {} 490 {}", bottom - 14, bottom + 18, bottom - 14), tones.thread);
            svg.faint(&format!("M150 {top}Q300 {} 450 {top}", top + 24), tones.deep, 22.0, 30);
        });
    }
    let bodice =
        curve::whole("M300 136C276 132 250 120 232 112C226 140 216 160 204 178C210 200 212 220 213 240C240 250 270 252 300 252");
    svg.fill(&bodice, dye.body);
    weave.on(svg, &bodice);
    svg.veil(
        &curve::folds(&[
            [212, 182, 236, 196, 258, 192, 6],
            [388, 182, 364, 198, 338, 194, 8],
            [256, 250, 258, 222, 266, 192, 5],
            [344, 250, 344, 222, 336, 190, 6],
            [286, 250, 286, 230, 290, 214, 4],
            [314, 250, 316, 230, 312, 212, 4],
        ]),
        tones.deep,
        40,
    );
    svg.faint("M234 119C252 127 276 139 300 143C324 139 348 127 366 119", tones.line, 1.5, 70);
    svg.faint("M300 143V246", tones.line, 1.5, 60);
    detail::buttons(svg, 5, tones, &[(300, 162), (300, 190), (300, 218)]);
}
