//! Knee-length coats with notched lapels.

use super::dye::Dye;
use super::torso::Torso;
use super::weave::Weave;
use super::{Look, detail, lapel};
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

/// The cut of a coat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Three buttons, flap pockets.
    Overcoat,
    /// Double-breasted, belted, with a storm flap.
    Trench,
}

const FIT: Torso = Torso {
    neck: (254, 66),
    shoulder: (178, 92),
    underarm: (188, 222),
    waist: (194, 344),
    hem: (162, 650),
    drop: 6,
    cuff_out: (102, 436),
    cuff_in: (154, 450),
};

pub(super) fn draw(svg: &mut Svg, look: Look, cut: Cut) {
    svg.ground([300, 684, 190, 20]);
    let dye = &Dye::new(svg, look.colour);
    let tones = dye.tones;
    let weave = Weave::new(svg, look, &tones, FIT.tilt());
    let lining = Dye::new(svg, look.trim);
    FIT.draw_sleeves(svg, dye, &weave);
    svg.fill("M256 66Q264 46 300 46Q336 46 344 66L300 300Z", lining.inside);
    detail::label(svg, (300, 66), Rgb::CHALK);
    let front = FIT.front("M300 270C286 210 262 130 254 66");
    svg.fill(&front, dye.body);
    weave.on(svg, &front);
    svg.within(&front, |svg| {
        FIT.draw_front_folds(svg, dye);
        let fall = curve::folds(&[
            [206, 660, 206, 540, 220, 420, 8],
            [252, 660, 252, 580, 246, 480, 6],
            [398, 660, 400, 520, 382, 400, 11],
            [360, 660, 362, 580, 356, 470, 7],
        ]);
        svg.veil(&fall, tones.deep, 34);
    });
    svg.faint(&curve::pair(&FIT.armhole()), tones.line, 2.0, 70);
    if cut == Cut::Trench {
        trench(svg, dye, &weave);
    } else {
        svg.veil("M316 290H326V656H316Z", tones.deep, 34);
        svg.faint("M316 280V655", tones.line, 2.0, 80);
        lapel::sleeve_buttons(svg, &FIT, tones);
        let pocket = "M204 420L264 410L266 428L206 439Z";
        svg.veil("M206 439L266 428L266 436L206 447Z", tones.deep, 45);
        svg.fill(&curve::pair(pocket), dye.body);
        svg.faint(&curve::pair(pocket), tones.line, 1.6, 75);
        detail::buttons(svg, 9, tones, &[(302, 300), (302, 372), (302, 444)]);
    }
    svg.moved("matrix(.84 0 0 .8 48 -12)", |svg| {
        lapel::draw(svg, dye, &weave);
    });
}

fn trench(svg: &mut Svg, dye: &Dye, weave: &Weave) {
    let tones = dye.tones;
    svg.veil("M340 250L352 656H342L330 260Z", tones.deep, 34);
    svg.faint("M336 246Q346 300 342 655", tones.line, 2.0, 80);
    svg.faint("M188 206Q228 228 268 238", tones.deep, 5.0, 40);
    svg.stitch("M190 198Q228 219 262 228", tones.thread);
    detail::buttons(svg, 9, tones, &[(258, 290), (324, 290), (262, 420), (322, 420), (262, 500), (322, 500)]);
    let belt = "M190 336Q300 356 410 336L412 366Q300 386 188 366Z";
    svg.moved("translate(0 6)", |svg| svg.veil(belt, tones.deep, 40));
    svg.fill("M296 370L332 366L348 474L318 480Z", dye.shade);
    svg.fill(belt, dye.body);
    weave.on(svg, belt);
    svg.stitch("M192 343Q300 362 408 343M190 360Q300 379 410 360", tones.thread);
    detail::buckles(svg, (40, 38), tones.base.mix(tones.deep, 60), &[(284, 342)]);
    let strap = FIT.cuff(16, 2);
    svg.both(|svg| {
        svg.moved("translate(4 -26)", |svg| svg.fill(&strap, tones.dark));
        svg.fill("M196 90L250 70L254 82L200 102Z", tones.dark);
        svg.ellipse([246, 80, 4, 4], tones.base);
    });
}
