//! Hardware and small parts: buttons, snaps, eyelets, zips, buckles, labels.

use crate::colour::{Rgb, Tones};
use crate::svg::Svg;

/// Four-hole buttons of radius `r`, each with its shadow.
pub fn buttons(svg: &mut Svg, r: i32, tones: Tones, places: &[(i32, i32)]) {
    let pale = tones.base.luma() > 150;
    let face = if pale { tones.base.mix(Rgb(255, 252, 244), 55) } else { tones.base.mix(tones.light, 70) };
    svg.stamp(&format!("button{r}{face}"), places, |svg| {
        svg.ellipse([2, 3, r, r], tones.deep);
        svg.ellipse([0, 0, r, r], face);
        if r > 5 {
            svg.line("M-2 0H2M0-2V2", tones.deep, 1.5);
        }
    });
}

/// Metal snaps or rivets of radius `r`.
pub fn snaps(svg: &mut Svg, r: i32, metal: Rgb, places: &[(i32, i32)]) {
    svg.stamp(&format!("snap{r}{metal}"), places, |svg| {
        svg.ellipse([1, 2, r, r], metal.mix(Rgb(20, 16, 16), 60));
        svg.ellipse([0, 0, r, r], metal);
        svg.ellipse([-1, -2, r / 2, r / 2], metal.mix(Rgb(255, 255, 255), 55));
    });
}

/// A zip from `top` to `bottom` at `x`, closed, with its pull.
pub fn zip(svg: &mut Svg, x: i32, top: i32, bottom: i32, tones: Tones) {
    let d = format!("M{x} {top}V{bottom}");
    svg.line(&d, tones.deep, 9.0);
    svg.stitch(&d, Rgb::STEEL);
    let pull = format!("M{} {}h8l3 26q-7 6 -14 0Z", x - 4, top + 4);
    svg.fill(&pull, Rgb::STEEL);
    svg.faint(&pull, tones.deep, 1.2, 70);
}

/// Square buckles with their prongs, all of one width and height, at their upper left corners.
pub fn buckles(svg: &mut Svg, (w, h): (i32, i32), metal: Rgb, places: &[(i32, i32)]) {
    svg.stamp(&format!("buckle{w}{h}"), places, |svg| {
        let shade = metal.mix(Rgb(30, 20, 20), 50);
        svg.line(&format!("M2 3h{w}v{h}h-{w}Z"), shade, 7.0);
        svg.line(&format!("M0 0h{w}v{h}h-{w}ZM0 {}h{w}", h / 2), metal, 6.0);
        svg.line(&format!("M0 0h{w}M0 {}h{w}", h / 2 - 1), metal.mix(Rgb(255, 255, 255), 55), 2.0);
    });
}

/// The sewn-in label at the back of a neck or waistband: middle and top.
pub fn label(svg: &mut Svg, (x, y): (i32, i32), colour: Rgb) {
    svg.fill(&format!("M{} {y}h32v16q-16 3 -32 0Z", x - 16), colour);
}
