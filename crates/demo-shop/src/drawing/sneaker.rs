//! Sneakers, a pair seen from the side.

use super::Look;
use super::dye::Dye;
use super::weave::Weave;
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

/// The kind of sneaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Smooth upper on a flat cup sole.
    Court,
    /// Knitted upper on a thick, treaded sole.
    Runner,
}

const UPPER: &str = "M78 568C64 540 60 500 72 460C77 442 92 434 108 446C138 476 194 480 232 454L266 408C310 448 362 478 418 490C468 498 520 508 540 538C548 550 550 560 550 568Z";
const FACING: &str = "M224 458L264 404L424 490Q414 514 386 516C326 504 270 484 224 458Z";
const LACES: &str = "M264 470L292 428M294 483L324 448M324 494L354 465M354 503L384 480";

pub(super) fn draw(svg: &mut Svg, look: Look, kind: Kind) {
    svg.ground([336, 424, 250, 18]);
    svg.ground([306, 582, 276, 24]);
    let dye = Dye::new(svg, look.colour);
    let trim = Dye::new(svg, look.trim);
    let sole = Dye::new(svg, if kind == Kind::Court { Rgb(240, 233, 219) } else { Rgb::CHALK });
    let weave = Weave::flat(svg, look, &dye.tones);
    svg.moved("translate(-6 -34)", |svg| {
        svg.twice("matrix(.92 0 0 .92 62 -110)", |svg| {
            match kind {
                Kind::Court => cup_sole(svg, &sole, &trim),
                Kind::Runner => treaded_sole(svg, &sole, &trim),
            }
            upper(svg, &dye, &trim, &weave, kind);
            laces(svg, &dye);
        });
    });
}

fn cup_sole(svg: &mut Svg, sole: &Dye, trim: &Dye) {
    svg.fill("M66 556C60 584 62 608 86 610H512C544 608 560 588 554 556Q510 550 460 556H160Q110 560 66 556Z", sole.body);
    svg.line("M66 585H552", trim.tones.base, 4.0);
    svg.veil("M63 594Q300 602 554 592Q542 608 512 610H86Q68 608 63 594Z", sole.tones.deep, 60);
    svg.stitch("M72 571Q300 575 552 569", sole.tones.deep);
}

fn treaded_sole(svg: &mut Svg, sole: &Dye, trim: &Dye) {
    svg.fill(
        "M48 560C42 586 54 600 78 602C180 612 420 612 520 594C552 584 566 566 558 544Q490 548 430 562C320 572 200 568 120 550Q66 538 48 560Z",
        sole.body,
    );
    svg.line("M54 580C150 594 410 600 556 562", trim.tones.base, 7.0);
    svg.veil("M60 588C150 602 424 606 548 576Q538 590 520 594C420 612 180 612 78 602Q66 598 60 588Z", sole.tones.deep, 50);
    svg.stamp(
        "lug",
        &[(70, 600), (116, 604), (162, 607), (208, 608), (254, 608), (300, 608), (346, 607), (392, 605), (438, 602)],
        |svg| svg.fill("M0 0H40L36 9H4Z", trim.tones.deep),
    );
    svg.fill("M482 600L518 594L504 610H488Z", trim.tones.deep);
}

fn upper(svg: &mut Svg, dye: &Dye, trim: &Dye, weave: &Weave, kind: Kind) {
    let tones = dye.tones;
    // The far side of the opening and the tongue stand behind the near side.
    svg.fill("M86 456C124 426 196 420 250 426L254 462Q172 500 98 460Z", trim.inside);
    svg.fill("M214 450C222 420 238 386 266 376C288 374 304 392 304 424L274 458Z", dye.shade);
    svg.stitch("M230 446C236 422 250 396 267 388C282 388 292 400 293 420", tones.thread);
    svg.fill(UPPER, dye.body);
    weave.on(svg, UPPER);
    svg.within(UPPER, |svg| {
        svg.veil("M60 544Q300 566 560 534V580H60Z", tones.deep, 32);
        dye.crease(svg, &curve::folds(&[[404, 494, 424, 520, 466, 532, 7], [386, 514, 398, 536, 430, 548, 7]]), 34);
        svg.veil(&curve::folds(&[[430, 498, 500, 506, 534, 546, 9], [88, 458, 74, 500, 92, 552, 7]]), tones.light, 75);
    });
    svg.fill("M78 568C64 540 60 500 72 460Q78 440 96 440L136 466C128 500 132 536 152 568Z", trim.body);
    svg.stitch("M128 462C120 500 124 536 143 566", trim.tones.thread);
    svg.line("M82 456Q92 438 106 450C138 480 194 484 232 458", tones.dark, 9.0);
    if kind == Kind::Court {
        svg.faint("M386 516Q352 536 346 567M438 496Q420 526 436 567", tones.line, 1.8, 70);
        svg.stitch("M394 519Q361 540 355 566", tones.thread);
        svg.faint("M458 518h.1M476 522h.1M494 528h.1M454 532h.1M472 536h.1M490 542h.1", tones.deep, 5.0, 60);
        svg.fill("M180 508L208 500L256 567H226ZM222 496L241 491L294 566H276Z", trim.body);
    } else {
        svg.fill("M490 506C530 514 548 540 550 566Q500 562 452 566Q488 544 490 506Z", trim.body);
        svg.line("M164 560C204 522 264 506 332 512M226 562C264 540 312 528 364 530", trim.tones.base, 8.0);
        svg.line("M78 458Q62 436 74 422Q90 418 96 440", trim.tones.dark, 7.0);
    }
    svg.fill(FACING, dye.lit);
    svg.faint(FACING, tones.line, 1.6, 70);
    svg.stitch("M238 457C282 482 332 500 386 508", tones.thread);
}

fn laces(svg: &mut Svg, dye: &Dye) {
    let shade = Rgb(232, 225, 213);
    svg.moved("translate(0 4)", |svg| svg.line(LACES, dye.tones.deep, 9.0));
    svg.line(LACES, Rgb::CHALK, 8.0);
    svg.line("M259 472h.1M289 485h.1M319 496h.1M349 505h.1", Rgb::SHADOW, 5.0);
    svg.line(
        "M290 428C264 404 238 408 240 426C244 440 272 436 290 428C314 410 332 400 342 410C346 424 320 434 290 428M288 430Q270 444 264 466M294 430Q302 446 298 462",
        shade,
        5.0,
    );
}
