//! A canvas tote with leather handles.

use super::dye::Dye;
use super::weave::Weave;
use super::{Look, detail};
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

/// An open canvas bag with two handles; the second colour makes handles and base.
pub(super) fn draw(svg: &mut Svg, look: Look) {
    svg.ground([306, 652, 220, 24]);
    let dye = Dye::new(svg, look.colour);
    let leather = Dye::new(svg, look.trim);
    let tones = dye.tones;
    let weave = Weave::flat(svg, look, &tones);
    svg.line("M214 262C214 120 240 84 300 84C360 84 386 120 386 262", leather.tones.deep, 20.0);
    svg.fill("M118 262Q300 232 482 262Q300 300 118 262Z", dye.inside);
    let body = "M116 262Q300 292 484 262C492 380 500 500 504 626Q498 648 476 648H124Q102 648 96 626C100 500 108 380 116 262Z";
    svg.fill(body, dye.body);
    weave.on(svg, body);
    svg.within(body, |svg| {
        svg.veil(
            &curve::folds(&[
                [150, 270, 170, 380, 140, 540, 10],
                [452, 268, 430, 380, 462, 520, 13],
                [210, 330, 230, 420, 212, 520, 7],
                [400, 330, 372, 420, 398, 540, 9],
                [300, 560, 250, 530, 180, 556, 7],
                [320, 540, 370, 520, 430, 548, 7],
            ]),
            tones.deep,
            28,
        );
        svg.veil(&curve::folds(&[[176, 290, 196, 400, 178, 540, 14]]), tones.light, 45);
        svg.fill("M80 556Q300 584 520 556V660H80Z", leather.body);
        svg.stitch("M90 566Q300 594 510 566", leather.tones.thread);
    });
    svg.faint("M116 262Q300 292 484 262", tones.line, 3.0, 60);
    svg.stitch("M117 282Q300 312 483 282", tones.thread);
    let handle =
        "M186 380V262C186 120 226 66 300 66C374 66 414 120 414 262V380H390V262C390 130 358 90 300 90C242 90 210 130 210 262V380Z";
    svg.moved("translate(5 7)", |svg| svg.veil(handle, tones.deep, 34));
    svg.fill(handle, leather.body);
    svg.faint(handle, leather.tones.line, 1.6, 60);
    svg.stitch("M198 374V262C198 126 234 78 300 78C366 78 402 126 402 262V374", leather.tones.thread);
    detail::snaps(svg, 5, Rgb::BRASS, &[(198, 304), (198, 366), (402, 304), (402, 366)]);
    svg.fill("M266 400H334V444H266Z", leather.lit);
    svg.stitch("M271 405H329V439H271Z", leather.tones.thread);
    svg.line("M286 422H314", leather.tones.deep, 3.0);
}
