//! A six-panel cap seen from the front left.

use super::Look;
use super::dye::Dye;
use super::weave::Weave;
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

/// A six-panel cap seen from the front left.
pub(super) fn draw(svg: &mut Svg, look: Look) {
    svg.ground([320, 546, 240, 26]);
    let dye = Dye::new(svg, look.colour);
    let tones = dye.tones;
    let weave = Weave::flat(svg, look, &tones);
    let crown = "M92 420C86 250 180 166 296 164C420 164 492 260 486 404C430 440 300 440 230 446C180 452 130 444 92 420Z";
    svg.fill("M94 420C130 444 180 454 232 446L224 468C160 470 112 452 94 420Z", dye.inside);
    svg.fill(crown, dye.body);
    weave.on(svg, crown);
    svg.within(crown, |svg| {
        svg.veil("M300 160C420 200 440 330 430 450H500V160Z", tones.deep, 26);
        svg.veil(&curve::folds(&[[130, 400, 130, 280, 214, 210, 16], [250, 400, 240, 280, 280, 190, 14]]), tones.light, 38);
        svg.veil(
            &curve::folds(&[
                [160, 440, 150, 400, 166, 350, 7],
                [380, 430, 400, 390, 384, 330, 8],
                [330, 434, 326, 404, 336, 370, 6],
            ]),
            tones.deep,
            34,
        );
    });
    let seams = "M296 166C250 220 216 330 216 446M296 166C370 230 400 330 396 430M296 166C200 190 130 270 120 430M296 166C400 180 460 280 474 408";
    svg.faint(seams, tones.line, 2.0, 70);
    svg.stitch("M304 168C260 222 226 330 226 446M286 168C240 222 207 330 206 446M303 166C378 230 409 330 405 428M290 168C362 232 391 330 387 430", tones.thread);
    svg.ellipse([296, 165, 15, 9], tones.dark);
    svg.ellipse([293, 162, 10, 5], tones.light);
    for (x, y) in [(178, 270), (262, 260), (350, 262), (430, 290)] {
        svg.ellipse([x, y, 7, 7], tones.line);
        svg.ellipse([x, y, 4, 4], tones.deep);
    }
    let under = "M216 440C290 420 400 420 486 404C540 420 574 452 566 476C540 502 470 474 388 478C320 484 262 508 216 490C196 476 196 452 216 440Z";
    svg.moved("translate(0 12)", |svg| svg.veil(under, Rgb::SHADOW, 30));
    let trim = Dye::new(svg, look.trim);
    svg.fill(
        "M208 484C250 516 330 492 390 486C470 480 540 510 567 476L564 488C536 520 470 492 390 498C330 504 250 526 208 484Z",
        trim.tones.deep,
    );
    svg.fill(under, trim.body);
    svg.veil("M236 446C310 426 410 430 480 416C510 424 530 436 536 448C480 436 330 440 236 462Z", trim.tones.light, 55);
    svg.stitch(
        "M212 474C262 494 320 470 388 466C470 460 536 488 560 470M218 460C268 478 322 456 388 453C462 448 520 470 550 460",
        trim.tones.thread,
    );
    svg.faint("M216 440C290 420 400 420 486 404", tones.deep, 5.0, 60);
}
