//! A hooded sweatshirt: kangaroo pocket, drawstring, ribbed cuffs and hem.

use super::dye::Dye;
use super::torso::Torso;
use super::weave::Weave;
use super::{Cloth, Look, detail};
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

/// How a hoodie is put on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// Over the head.
    Closed,
    /// With a zip.
    Zip,
}

const FIT: Torso = Torso {
    neck: (232, 146),
    shoulder: (148, 172),
    underarm: (160, 322),
    waist: (152, 450),
    hem: (164, 576),
    drop: 6,
    cuff_out: (70, 500),
    cuff_in: (126, 514),
};
const HEM: &str = "M164 570Q300 586 436 570L428 616Q300 628 172 616Z";
const HOOD: &str = "M300 58C244 58 214 96 216 146C222 174 262 204 300 214Z";
const POCKET: &str = "M208 452Q300 462 392 452L430 536Q426 556 420 566Q300 578 180 566Q174 556 170 536Z";

pub(super) fn draw(svg: &mut Svg, look: Look, front: Front) {
    svg.ground([300, 666, 190, 22]);
    let dye = Dye::new(svg, look.colour);
    let tones = dye.tones;
    let rib = Weave::of(svg, Cloth::Rib, look, &tones, FIT.tilt());
    FIT.draw_sleeves(svg, &dye, &Weave::default());
    let cuff = Torso { cuff_out: (70, 540), cuff_in: (114, 552), ..FIT }.cuff(44, 3);
    let other = curve::mirror(&cuff);
    svg.fill(&cuff, dye.lit);
    rib.left(svg, &cuff);
    svg.fill(&other, dye.shade);
    rib.right(svg, &other);

    let body = FIT.front("M300 210C268 200 240 180 232 146");
    svg.fill(&body, dye.body);
    svg.within(&body, |svg| {
        FIT.draw_front_folds(svg, &dye);
        svg.faint("M164 566Q300 582 436 566", tones.deep, 10.0, 30);
    });
    svg.fill(HEM, dye.body);
    rib.on(svg, HEM);
    svg.faint(&curve::pair(&FIT.armhole()), tones.line, 2.0, 65);
    svg.veil("M172 544L206 462L394 462L428 544L420 576Q300 588 180 576Z", tones.deep, 24);
    svg.fill(POCKET, dye.body);
    svg.stitch(&curve::pair("M213 460L177 538"), tones.thread);
    svg.faint(&curve::pair("M208 452L170 536"), tones.line, 2.5, 75);
    svg.faint("M208 452Q300 462 392 452", tones.line, 1.5, 60);
    if front == Front::Zip {
        svg.veil("M308 214H318V616H308Z", tones.deep, 30);
        detail::zip(svg, 300, 216, 618, tones);
    }
    hood(svg, look, &dye);
}

fn hood(svg: &mut Svg, look: Look, dye: &Dye) {
    let tones = dye.tones;
    svg.veil(&curve::whole("M300 232C248 222 206 186 204 150L300 120"), tones.deep, 34);
    svg.fill(&curve::whole(HOOD.trim_end_matches('Z')), dye.body);
    let inside = "M300 84C262 84 244 112 246 146C250 170 276 190 300 206C324 190 350 170 354 146C356 112 338 84 300 84Z";
    svg.fill(inside, dye.inside);
    svg.veil("M300 84C262 84 244 112 246 146Q268 118 300 118Q332 118 354 146C356 112 338 84 300 84Z", tones.dark, 70);
    svg.line("M300 84V118", tones.deep, 1.5);
    detail::label(svg, (300, 124), Rgb::CHALK);
    svg.stitch(
        "M300 76C256 76 236 110 238 148C244 176 272 198 300 212C328 198 356 176 362 148C364 110 344 76 300 76",
        tones.thread,
    );
    svg.veil(
        &curve::folds(&[[222, 120, 228, 160, 262, 190, 9], [378, 110, 376, 160, 338, 192, 11], [262, 66, 232, 84, 226, 124, 5]]),
        tones.deep,
        32,
    );
    for (x, end) in [(274, 322), (326, 300)] {
        svg.ellipse([x, 190, 6, 6], Rgb::STEEL);
        svg.ellipse([x, 190, 3, 3], tones.deep);
        let cord = format!("M{x} 192Q{} 250 {x} {end}", x + (300 - x) / 5 - 6);
        svg.moved("translate(4 3)", |svg| {
            svg.faint(&cord, tones.deep, 6.0, 34);
        });
        svg.line(&cord, look.trim, 6.0);
        svg.line(&format!("M{x} {}v16", end - 2), look.trim.mix(Rgb::SHADOW, 35), 7.0);
    }
}
