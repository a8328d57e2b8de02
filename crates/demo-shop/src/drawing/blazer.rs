//! A blazer: two buttons, notched lapels, curved fronts.

use super::dye::Dye;
use super::torso::Torso;
use super::weave::Weave;
use super::{Look, detail, lapel};
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

const FIT: Torso = Torso {
    neck: (246, 92),
    shoulder: (156, 122),
    underarm: (170, 276),
    waist: (182, 410),
    hem: (158, 604),
    drop: 4,
    cuff_out: (78, 524),
    cuff_in: (134, 538),
};

pub(super) fn draw(svg: &mut Svg, look: Look) {
    svg.ground([300, 660, 196, 22]);
    let dye = &Dye::new(svg, look.colour);
    let tones = dye.tones;
    let weave = Weave::new(svg, look, &tones, FIT.tilt());
    let lining = Dye::new(svg, look.trim);
    FIT.draw_sleeves(svg, dye, &weave);
    lapel::sleeve_buttons(svg, &FIT, tones);
    svg.fill("M252 88Q262 66 300 66Q338 66 348 88L330 300L300 360L270 300Z", lining.inside);
    svg.veil("M252 88Q300 116 348 88L344 150Q300 180 256 150Z", tones.deep, 40);
    detail::label(svg, (300, 92), Rgb::CHALK);
    // The right front lies under the left one; both fall away in a curve below the button.
    let edge = "C200 614 246 612 262 596C286 570 300 500 304 420";
    let half = FIT.half("M304 350C286 280 256 170 246 92", edge);
    let right = curve::mirror(&format!("{half}Z"));
    let left = format!("{half}L312 356Z");
    for piece in [&right, &left] {
        svg.fill(piece, dye.body);
        weave.on(svg, piece);
    }
    svg.within("M100 100H500V602H100Z", |svg| {
        FIT.draw_front_folds(svg, dye);
    });
    svg.faint(&curve::pair(&FIT.armhole()), tones.line, 2.0, 70);
    svg.faint("M304 352Q310 400 304 420C300 500 286 570 262 596", tones.deep, 3.0, 70);
    svg.faint(&curve::pair("M222 300C226 380 222 440 220 470"), tones.line, 1.6, 60);
    let flap = "M182 466L258 470L258 494Q220 500 180 490Z";
    svg.both(|svg| {
        svg.moved("translate(0 5)", |svg| svg.veil(flap, tones.deep, 45));
        svg.fill(flap, dye.body);
        svg.faint(flap, tones.line, 1.6, 75);
    });
    svg.fill("M352 262L402 252L404 266L354 277Z", dye.body);
    svg.faint("M352 262L402 252L404 266L354 277Z", tones.line, 1.8, 80);
    lapel::draw(svg, dye, &weave);
    detail::buttons(svg, 9, tones, &[(304, 378)]);
    detail::buttons(svg, 9, tones, &[(300, 446)]);
}
