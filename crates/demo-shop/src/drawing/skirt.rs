//! Skirts: pleated, straight with a wrap, or wide with a print.

use super::dye::Dye;
use super::weave::Weave;
use super::{Look, detail};
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

/// The cut of a skirt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Knife pleats all round.
    Pleated,
    /// A-line, buttoned down the front.
    Buttoned,
}

pub(super) fn draw(svg: &mut Svg, look: Look, cut: Cut) {
    svg.ground([300, 676, 210, 22]);
    let dye = Dye::new(svg, look.colour);
    let weave = Weave::flat(svg, look, &dye.tones);
    match cut {
        Cut::Pleated => pleated(svg, &dye, &weave),
        Cut::Buttoned => buttoned(svg, &dye, &weave),
    }
}

fn waistband(svg: &mut Svg, dye: &Dye, weave: &Weave) {
    let tones = dye.tones;
    svg.fill("M206 92Q300 66 394 92Q300 120 206 92Z", dye.inside);
    detail::label(svg, (300, 84), Rgb::CHALK);
    let band = "M206 90Q300 116 394 90L398 130Q300 154 202 130Z";
    svg.moved("translate(0 6)", |svg| svg.veil(band, tones.deep, 40));
    svg.fill(band, dye.body);
    weave.on(svg, band);
    svg.faint(band, tones.line, 1.5, 55);
    svg.stitch("M207 97Q300 122 393 97M204 123Q300 147 396 123", tones.thread);
}

fn pleated(svg: &mut Svg, dye: &Dye, weave: &Weave) {
    let tones = dye.tones;
    let half = "M300 118L204 112C178 290 124 480 84 630L108 646L128 636L164 654L186 643L226 660L246 649L290 664L300 658";
    let skirt = curve::whole(half);
    svg.fill(&skirt, dye.body);
    weave.on(svg, &skirt);
    svg.within(&skirt, |svg| {
        // Each pleat: its lit face, then the shadow it throws on the next.
        let pleats = [
            (216, 108, 128),
            (232, 164, 186),
            (250, 226, 246),
            (272, 290, 308),
            (300, 352, 372),
            (326, 414, 434),
            (350, 472, 490),
            (372, 516, 530),
        ];
        for (top, a, b) in pleats {
            svg.veil(&format!("M{top} 128L{a} 670H{b}Z"), tones.deep, 45);
        }
        for (top, a, b) in pleats.iter().take(6) {
            svg.veil(&format!("M{top} 128L{b} 670H{}Z", b + (b - a)), tones.light, 35);
        }
        svg.veil("M380 110L560 660H460L340 110Z", tones.deep, 22);
    });
    waistband(svg, dye, weave);
}

fn buttoned(svg: &mut Svg, dye: &Dye, weave: &Weave) {
    let tones = dye.tones;
    let skirt = curve::whole("M300 118L204 112C180 190 150 420 128 632C190 652 250 656 300 656");
    svg.fill(&skirt, dye.body);
    weave.on(svg, &skirt);
    svg.within(&skirt, |svg| {
        svg.veil(
            &curve::folds(&[
                [176, 660, 186, 480, 222, 280, 9],
                [236, 664, 240, 540, 248, 400, 7],
                [372, 664, 366, 520, 352, 340, 9],
                [430, 660, 414, 480, 380, 260, 12],
                [400, 180, 380, 200, 346, 206, 7],
                [200, 182, 220, 200, 250, 204, 5],
            ]),
            tones.deep,
            36,
        );
        svg.veil(&curve::folds(&[[206, 660, 214, 480, 236, 220, 14]]), tones.light, 35);
    });
    svg.stitch("M130 620C192 639 252 643 300 643C348 643 408 639 470 620", tones.thread);
    let pocket = "M190 232H262V312L226 330L186 312Z";
    let other = curve::mirror("M190 232L262 232L262 312L226 330L186 312Z");
    for shape in [pocket, other.as_str()] {
        svg.moved("translate(2 6)", |svg| svg.veil(shape, tones.deep, 34));
        svg.fill(shape, dye.body);
        weave.on(svg, shape);
        svg.faint(shape, tones.line, 1.5, 65);
    }
    svg.stitch(&curve::pair("M192 244L260 244"), tones.thread);
    svg.veil("M318 120H328V655H318Z", tones.deep, 34);
    let fly = "M282 116H318V656H282Z";
    svg.fill(fly, dye.body);
    weave.on(svg, fly);
    svg.faint("M282 116V656M318 116V656", tones.line, 1.6, 70);
    waistband(svg, dye, weave);
    detail::buttons(svg, 9, tones, &[(300, 126), (300, 200), (300, 274), (300, 348), (300, 422), (300, 496), (300, 570)]);
}
