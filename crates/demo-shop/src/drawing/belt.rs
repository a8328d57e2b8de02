//! A belt rolled up, its buckle in front.

use super::dye::Dye;
use super::{Look, detail};
use crate::colour::Rgb;
use crate::svg::Svg;

/// A belt rolled up, its buckle in front.
pub(super) fn draw(svg: &mut Svg, look: Look) {
    svg.ground([306, 566, 230, 24]);
    let dye = Dye::new(svg, look.colour);
    let tones = dye.tones;
    let inside = Dye::new(svg, look.trim);
    // Looking down into the roll: the turns inside the outer one, each smaller and deeper.
    svg.ellipse([300, 330, 204, 116], inside.shade);
    svg.ellipse([304, 342, 168, 88], tones.dark);
    svg.ellipse([304, 352, 162, 84], inside.body);
    svg.ellipse([298, 360, 126, 60], tones.dark);
    svg.ellipse([298, 369, 120, 56], inside.shade);
    svg.ellipse([302, 376, 86, 34], tones.deep);
    let outer = "M96 330C100 408 190 446 300 446C410 446 500 408 504 330V446C500 530 410 562 300 562C190 562 100 530 96 446Z";
    svg.fill(outer, dye.body);
    svg.within(outer, |svg| {
        svg.veil("M430 320H510V560H400Q450 480 430 320Z", tones.deep, 40);
        svg.veil("M100 340Q130 440 250 460V490Q130 470 98 400Z", tones.light, 40);
    });
    svg.line("M96 330C100 408 190 446 300 446C410 446 500 408 504 330", tones.light, 4.0);
    svg.stitch(
        "M97 346C106 420 194 459 300 459C406 459 494 420 503 346M97 434C106 514 194 549 300 549C406 549 494 514 503 434",
        tones.thread,
    );
    svg.line("M404 482h.1M372 490h.1M436 470h.1", tones.deep, 8.0);
    let tip = "M196 436L240 444V558L200 552Q176 496 196 436Z";
    svg.fill(tip, dye.lit);
    svg.faint(tip, tones.line, 1.6, 60);
    detail::buckles(svg, (88, 134), Rgb::BRASS, &[(236, 436)]);
    svg.fill("M338 442H360V562H338Z", tones.dark);
    svg.stitch("M343 448V556M355 448V556", tones.thread);
}
