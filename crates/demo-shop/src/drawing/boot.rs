//! Boots, a pair seen from the side.

use super::dye::Dye;
use super::{Look, detail};
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

/// The kind of boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Elastic sides, pull tab.
    Chelsea,
    /// Laced over the ankle, treaded sole.
    Laced,
}

const CHELSEA: &str = "M118 570C102 534 106 494 118 456C125 412 122 352 116 282Q196 298 282 278C280 334 284 380 306 412C332 446 384 456 436 466C490 474 530 496 542 530C546 546 546 560 544 570Z";
const LACED: &str = "M118 570C102 534 106 494 118 450C126 390 122 310 116 232Q196 248 284 228C280 300 284 356 304 396C328 436 380 450 434 462C490 472 530 494 542 528C546 546 546 560 544 570Z";

pub(super) fn draw(svg: &mut Svg, look: Look, kind: Kind) {
    svg.ground([370, 522, 236, 18]);
    svg.ground([308, 602, 258, 24]);
    let dye = Dye::new(svg, look.colour);
    let sole = Dye::new(svg, look.trim);
    svg.moved("translate(-38 -20)", |svg| {
        svg.twice("matrix(.92 0 0 .92 82 -36)", |svg| {
            soles(svg, &sole, kind);
            match kind {
                Kind::Chelsea => chelsea(svg, &dye),
                Kind::Laced => laced(svg, look, &dye),
            }
        });
    });
}

fn soles(svg: &mut Svg, sole: &Dye, kind: Kind) {
    let tones = sole.tones;
    svg.fill("M112 580H244L236 622H120Q110 600 112 580Z", sole.body);
    if kind == Kind::Laced {
        let lugs = [
            (120, 613),
            (148, 613),
            (176, 613),
            (204, 613),
            (256, 594),
            (294, 597),
            (332, 599),
            (370, 599),
            (408, 598),
            (446, 595),
            (484, 590),
        ];
        svg.stamp("lug", &lugs, |svg| svg.fill("M0 0H24L21 12H3Z", tones.deep));
    } else {
        svg.faint("M114 594H242M116 607H240", tones.deep, 2.0, 70);
    }
    svg.fill("M106 566C102 580 104 590 114 592H234C294 602 480 608 536 592C554 586 558 574 552 562Q320 580 106 566Z", sole.body);
    svg.veil("M106 583Q320 602 552 577Q546 589 536 592C480 608 294 602 234 592H114Q108 590 106 583Z", tones.deep, 55);
    svg.stitch("M112 575Q320 590 548 570", tones.thread);
}

fn leather(svg: &mut Svg, dye: &Dye, upper: &str, rim: i32) {
    let tones = dye.tones;
    svg.fill(&format!("M116 {}Q200 {} 282 {}Q200 {} 116 {}Z", rim + 2, rim - 30, rim - 2, rim + 26, rim + 2), dye.inside);
    svg.fill(upper, dye.body);
    svg.within(upper, |svg| {
        svg.veil("M100 546Q320 574 560 530V590H100Z", tones.deep, 42);
        svg.veil(&curve::folds(&[[420, 468, 500, 480, 532, 538, 11], [136, rim + 20, 150, 430, 134, 552, 10]]), tones.light, 70);
        svg.veil(&curve::folds(&[[458, 480, 508, 492, 526, 526, 5]]), Rgb::CHALK, 40);
        svg.veil(
            &curve::folds(&[
                [300, 402, 260, 422, 208, 420, 8],
                [312, 424, 276, 446, 222, 444, 7],
                [288, 362, 264, 380, 234, 380, 5],
                [412, 462, 418, 494, 452, 514, 7],
                [384, 478, 394, 508, 426, 526, 6],
            ]),
            tones.deep,
            42,
        );
    });
}

fn chelsea(svg: &mut Svg, dye: &Dye) {
    let tones = dye.tones;
    svg.line("M112 292C104 252 128 248 132 290", tones.dark, 9.0);
    leather(svg, dye, CHELSEA, 280);
    let gore = "M170 292Q204 294 238 287C238 340 244 392 234 446Q208 460 182 444C184 392 176 340 170 292Z";
    svg.fill(gore, tones.deep);
    svg.within(gore, |svg| {
        svg.faint("M180 280V460M189 280V460M198 280V460M207 280V460M216 280V460M225 280V460", tones.light, 2.0, 40);
    });
    svg.stitch("M163 294C169 342 177 394 175 450Q208 468 241 452C251 394 245 340 245 288", tones.thread);
    svg.faint("M236 450C262 486 254 530 250 568M182 448C176 490 174 530 184 568", tones.line, 1.8, 65);
    svg.line("M117 284Q198 299 281 280", tones.dark, 5.0);
}

fn laced(svg: &mut Svg, look: Look, dye: &Dye) {
    let tones = dye.tones;
    leather(svg, dye, LACED, 230);
    svg.fill("M234 236C238 212 256 194 280 192C298 198 302 232 302 262L318 392L352 440L300 412Z", dye.shade);
    let facing = "M224 242L284 228C280 300 284 356 304 396C322 418 350 434 386 446Q386 466 354 472C300 460 260 430 248 384C240 338 236 292 224 242Z";
    svg.moved("translate(-4 4)", |svg| svg.veil(facing, tones.deep, 40));
    svg.fill(facing, dye.lit);
    svg.faint(facing, tones.line, 1.8, 65);
    svg.stitch("M232 248C242 294 246 338 256 382C268 422 306 452 354 464", tones.thread);
    svg.line("M121 242Q180 252 226 243", tones.deep, 18.0);
    let seams = "M354 472C328 498 320 534 322 570M114 486C150 478 188 488 204 516C212 534 212 552 210 570M448 466C430 494 434 540 452 570";
    svg.faint(seams, tones.line, 1.8, 70);
    svg.stitch("M363 474C337 500 329 534 331 568M114 495C148 487 182 496 196 519C204 534 204 552 202 570M440 465C422 494 426 540 444 569", tones.thread);
    let cord = look.trim.mix(Rgb::CHALK, 55);
    svg.line(
        "M242 268L292 254M246 298L294 284M251 328L297 314M257 358L305 342M268 390L318 370M288 418L338 398M318 440L362 424",
        cord,
        6.0,
    );
    detail::snaps(svg, 5, Rgb::BRASS, &[(242, 268), (246, 298), (251, 328), (257, 358), (268, 390), (288, 418), (318, 440)]);
    svg.line(
        "M268 260C238 232 212 240 216 256C222 268 248 266 268 260C294 240 314 234 320 246C320 260 294 266 268 260",
        cord,
        4.5,
    );
}
