//! A backpack with a flap, two straps and a front pocket.

use super::dye::Dye;
use super::weave::Weave;
use super::{Look, detail};
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

/// A backpack with a roll of straps and a front pocket; the second colour makes straps and base.
pub(super) fn draw(svg: &mut Svg, look: Look) {
    svg.ground([304, 668, 200, 22]);
    let dye = Dye::new(svg, look.colour);
    let leather = Dye::new(svg, look.trim);
    let tones = dye.tones;
    let weave = Weave::flat(svg, look, &tones);
    svg.line("M262 112C262 66 338 66 338 112", leather.tones.dark, 13.0);
    svg.line(&curve::pair("M150 250C108 320 104 480 140 600"), tones.deep, 26.0);
    let body = "M300 92C410 92 446 130 452 220C464 340 470 480 464 610Q460 656 410 660H190Q140 656 136 610C130 480 136 340 148 220C154 130 190 92 300 92Z";
    svg.fill(body, dye.body);
    weave.on(svg, body);
    svg.within(body, |svg| {
        svg.veil("M400 90Q440 300 420 670H500V90Z", tones.deep, 30);
        svg.fill("M120 604Q300 626 480 604V670H120Z", leather.body);
        svg.stitch("M130 612Q300 634 470 612", leather.tones.thread);
        svg.veil(&curve::folds(&[[166, 200, 180, 330, 160, 520, 14]]), tones.light, 45);
    });
    let pocket = "M184 438Q300 424 416 438C424 490 424 540 418 592Q414 612 392 614H208Q186 612 182 592C176 540 176 490 184 438Z";
    svg.moved("translate(3 8)", |svg| svg.veil(pocket, tones.deep, 38));
    svg.fill(pocket, dye.body);
    weave.on(svg, pocket);
    svg.faint(pocket, tones.line, 1.8, 60);
    svg.line("M192 462Q300 448 408 462", tones.deep, 8.0);
    svg.stitch("M192 462Q300 448 408 462", Rgb::STEEL);
    svg.line("M396 460l14 26", leather.tones.base, 7.0);
    let flap =
        "M146 220C152 130 190 90 300 90C410 90 448 130 454 220C458 280 456 330 446 384Q300 416 154 384C144 330 142 280 146 220Z";
    svg.within(body, |svg| {
        svg.moved("translate(2 12)", |svg| svg.veil(flap, tones.deep, 42));
    });
    svg.fill(flap, dye.body);
    weave.on(svg, flap);
    svg.veil(&curve::folds(&[[190, 130, 166, 220, 168, 340, 16]]), tones.light, 40);
    svg.within(flap, |svg| {
        svg.veil("M400 90Q446 220 430 400H480V90Z", tones.deep, 30);
    });
    svg.faint(flap, tones.line, 1.8, 55);
    svg.stitch("M156 226C162 142 198 102 300 102C402 102 438 142 444 226C448 282 446 326 438 374Q300 404 162 374C154 326 152 282 156 226", tones.thread);
    for x in [224, 376] {
        let strap = format!("M{} 250H{}V478L{x} 488L{} 478Z", x - 15, x + 15, x - 15);
        svg.moved("translate(3 6)", |svg| svg.veil(&strap, tones.deep, 40));
        svg.fill(&strap, leather.body);
        svg.faint(&strap, leather.tones.line, 1.5, 60);
        detail::buckles(svg, (36, 32), Rgb::BRASS, &[(x - 18, 402)]);
        svg.line(&format!("M{x} 450h.1M{x} 466h.1"), leather.tones.deep, 5.0);
        detail::snaps(svg, 5, Rgb::BRASS, &[(x, 264)]);
    }
    svg.fill("M266 190H334V230H266Z", leather.lit);
    svg.stitch("M271 195H329V225H271Z", leather.tones.thread);
}
