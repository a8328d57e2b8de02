//! Derby shoes and loafers, a pair seen from the side.

use super::Look;
use super::dye::Dye;
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

/// The kind of leather shoe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Open lacing, stitched welt.
    Derby,
    /// Slip-on with a strap across the instep.
    Loafer,
}

const DERBY: &str = "M82 568C66 542 62 506 71 476C75 460 84 450 97 450C132 474 192 478 230 456L262 420C304 452 348 476 402 488C452 496 506 504 534 530C548 544 552 558 552 568Z";
const LOAFER: &str = "M82 568C66 544 62 512 72 486C78 472 92 466 106 474C152 504 218 506 266 480L302 462C338 478 378 492 420 498C470 504 514 512 538 534C550 546 552 558 552 568Z";

pub(super) fn draw(svg: &mut Svg, look: Look, kind: Kind) {
    svg.ground([340, 424, 248, 16]);
    svg.ground([306, 580, 272, 22]);
    let dye = Dye::new(svg, look.colour);
    let sole = Dye::new(svg, look.trim);
    svg.moved("translate(-8 -36)", |svg| {
        svg.twice("matrix(.92 0 0 .92 64 -106)", |svg| {
            soles(svg, &sole);
            match kind {
                Kind::Derby => derby(svg, &dye),
                Kind::Loafer => loafer(svg, &dye),
            }
        });
    });
}

fn soles(svg: &mut Svg, sole: &Dye) {
    let tones = sole.tones;
    svg.fill("M80 580H208L202 614H88Q78 598 80 580Z", sole.body);
    svg.faint("M84 591H206M86 602H204", tones.deep, 2.0, 70);
    svg.fill("M194 580C240 604 330 614 430 610C500 606 548 596 560 576L546 566H180Z", tones.deep);
    svg.fill("M70 563C68 575 70 584 80 586H194C254 594 490 602 546 588C560 582 564 570 559 561Q300 576 70 563Z", sole.body);
    svg.stitch("M78 574Q300 590 552 571", tones.thread);
}

fn leather(svg: &mut Svg, dye: &Dye, upper: &str) {
    let tones = dye.tones;
    svg.fill(upper, dye.body);
    svg.within(upper, |svg| {
        svg.veil("M60 546Q300 572 560 534V590H60Z", tones.deep, 45);
        svg.veil(&curve::folds(&[[410, 494, 500, 506, 538, 550, 11], [84, 470, 70, 510, 92, 556, 8]]), tones.light, 80);
        svg.veil(&curve::folds(&[[452, 506, 506, 514, 530, 542, 5]]), Rgb::CHALK, 45);
        svg.veil(
            &curve::folds(&[
                [396, 492, 408, 516, 446, 530, 6],
                [372, 508, 386, 532, 420, 544, 6],
                [404, 520, 420, 534, 448, 540, 4],
            ]),
            tones.deep,
            45,
        );
    });
}

fn derby(svg: &mut Svg, dye: &Dye) {
    let tones = dye.tones;
    svg.fill("M86 460C124 434 196 432 242 438L240 470Q166 496 96 460Z", dye.inside);
    svg.fill("M222 454C228 430 244 402 266 396C286 398 302 414 308 438L282 464Z", dye.shade);
    leather(svg, dye, DERBY);
    // The quarter lies over the vamp and carries the lacing.
    let quarter = "M82 568C66 542 62 506 71 476C75 460 84 450 97 450C132 474 192 478 230 456L262 420C296 446 332 466 372 478C384 494 374 510 348 516C320 526 302 546 298 568Z";
    svg.moved("translate(5 4)", |svg| {
        svg.within(DERBY, |svg| svg.veil(quarter, tones.deep, 40));
    });
    svg.fill(quarter, dye.body);
    svg.faint(quarter, tones.line, 1.8, 60);
    svg.stitch("M268 432C300 454 332 472 366 483C374 494 364 504 342 509C312 520 294 542 289 566", tones.thread);
    svg.faint("M140 468C132 504 138 540 158 567M462 498C448 526 452 548 466 568", tones.line, 1.8, 70);
    svg.stitch("M148 470C140 504 146 540 166 566M454 497C440 526 444 548 458 567", tones.thread);
    svg.line("M82 460Q90 450 99 454C132 478 192 482 232 459L262 426", tones.dark, 4.0);
    let lace = tones.base.mix(Rgb(30, 20, 16), 55);
    svg.line("M252 474L280 436M278 490L308 456M304 501L334 470M328 508L356 480", lace, 6.5);
    svg.line("M252 474h.1M278 490h.1M304 501h.1M328 508h.1", Rgb::SHADOW, 6.0);
    svg.line(
        "M280 436C252 412 228 418 232 434C238 446 262 442 280 436C304 418 320 410 330 420C332 434 306 442 280 436M276 440Q258 456 254 480M284 440Q292 456 288 470",
        lace,
        4.5,
    );
}

fn loafer(svg: &mut Svg, dye: &Dye) {
    let tones = dye.tones;
    svg.fill("M84 482C120 450 232 450 298 462L274 494Q190 520 100 486Z", dye.inside);
    leather(svg, dye, LOAFER);
    svg.line("M80 480Q90 468 106 475C152 505 218 507 266 481", tones.dark, 4.5);
    svg.fill(
        "M278 474L302 462C338 478 378 492 420 498C468 502 496 508 504 526C450 536 380 530 330 510C306 500 288 490 278 474Z",
        dye.lit,
    );
    svg.faint("M278 474C288 490 306 500 330 510C380 530 450 536 504 526", tones.line, 3.0, 85);
    svg.stitch("M280 486Q300 504 332 518C384 538 450 543 502 534", tones.thread);
    svg.fill("M262 482C262 462 276 448 302 450L312 466L290 492Z", dye.shade);
    let strap = "M272 482C296 464 316 458 336 466C352 474 372 482 390 488C384 510 356 540 330 568H262C280 546 298 520 306 504C296 500 284 494 272 482Z";
    svg.moved("translate(5 4)", |svg| {
        svg.within(LOAFER, |svg| svg.veil(strap, tones.deep, 40));
    });
    svg.fill(strap, dye.body);
    svg.faint(strap, tones.line, 1.8, 65);
    svg.line("M318 488Q338 498 360 502", tones.deep, 8.0);
    svg.stitch("M382 492C372 514 350 540 324 566M312 508C302 524 288 546 272 566", tones.thread);
    svg.faint("M142 488C134 516 140 544 158 568", tones.line, 1.8, 70);
}
