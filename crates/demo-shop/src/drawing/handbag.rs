//! A handbag with a flap, a lock and a top handle.

use super::dye::Dye;
use super::{Look, detail};
use crate::colour::Rgb;
use crate::svg::Svg;

/// A structured handbag with a flap and a top handle.
pub(super) fn draw(svg: &mut Svg, look: Look) {
    svg.ground([306, 606, 230, 24]);
    let dye = Dye::new(svg, look.colour);
    let tones = dye.tones;
    let handle = "M196 290C190 150 240 110 300 110C360 110 410 150 404 290H382C388 168 350 134 300 134C250 134 212 168 218 290Z";
    svg.fill(handle, dye.body);
    svg.faint(handle, tones.line, 1.6, 60);
    svg.stitch("M207 286C201 160 246 122 300 122C354 122 399 160 393 286", tones.thread);
    let body = "M112 290Q120 270 150 268H450Q480 270 488 290C500 380 512 480 514 566Q512 598 478 600H122Q88 598 86 566C88 480 100 380 112 290Z";
    svg.fill(body, dye.body);
    svg.within(body, |svg| {
        svg.veil("M440 260H520V610H470Q480 420 440 260Z", tones.deep, 30);
        svg.veil("M80 560Q300 590 520 560V610H80Z", tones.deep, 34);
        svg.veil("M118 300Q100 430 102 570L126 574Q124 430 140 296Z", tones.light, 50);
        svg.line("M88 572Q300 586 512 572", tones.line, 1.8);
    });
    svg.stitch("M104 470Q98 540 100 566Q102 586 124 587H476Q498 586 500 566Q502 540 496 470", tones.thread);
    let flap = "M108 292Q116 266 150 264H450Q484 266 492 292C494 340 490 380 480 414Q420 462 300 464Q180 462 120 414C110 380 106 340 108 292Z";
    svg.moved("translate(3 11)", |svg| svg.veil(flap, tones.deep, 45));
    svg.fill(flap, dye.body);
    svg.veil("M124 290Q130 278 152 276H446Q466 277 474 288Q300 300 124 290Z", tones.light, 65);
    svg.faint(flap, tones.line, 1.6, 60);
    svg.stitch("M119 296C118 340 121 376 130 406Q186 450 300 452Q414 450 470 406C479 376 482 340 481 296", tones.thread);
    for x in [206, 392] {
        svg.fill(&format!("M{} 268h30v34q-15 10 -30 0Z", x - 14), tones.dark);
        detail::buckles(svg, (24, 22), Rgb::BRASS, &[(x - 11, 248)]);
    }
    let tab = "M270 410H330V486Q300 506 270 486Z";
    svg.moved("translate(3 6)", |svg| svg.veil(tab, tones.deep, 45));
    svg.fill(tab, dye.lit);
    svg.stitch("M276 416H324V482Q300 498 276 482Z", tones.thread);
    svg.fill("M284 440H316Q322 456 316 472H284Q278 456 284 440Z", Rgb::BRASS);
    svg.fill("M286 442H314V447H285Z", Rgb(240, 220, 176));
    svg.line("M300 454V464", tones.deep, 4.0);
}
