//! Sandals, a pair seen from above.

use super::dye::Dye;
use super::{Look, detail};
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

/// The kind of sandal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Two wide straps with buckles.
    Straps,
    /// A plaited leather chappal with a toe ring.
    Chappal,
}

/// The left sole, toes up.
const SOLE: &str = "M176 110C232 100 266 150 262 226C258 300 244 350 244 420C246 500 240 600 176 604C112 602 104 520 110 440C116 370 84 310 82 236C82 160 116 118 176 110Z";
const BED: &str = "M176 124C222 116 250 158 246 226C242 300 228 350 228 420C230 494 226 584 176 588C126 586 120 510 126 440C130 370 100 308 98 238C98 172 126 130 176 124Z";

pub(super) fn draw(svg: &mut Svg, look: Look, kind: Kind) {
    let dye = Dye::new(svg, look.colour);
    let bed = Dye::new(svg, look.trim);
    svg.ground([312, 616, 240, 26]);
    svg.moved("translate(6 20)", |svg| {
        svg.moved("translate(5 10)", |svg| {
            svg.veil(&curve::pair(SOLE), Rgb::SHADOW, 14);
        });
        for (degrees, mirrored) in [(-3, false), (3, true)] {
            let turn = if mirrored {
                format!("matrix(-1 0 0 1 600 0)rotate({} 176 360)", -degrees)
            } else {
                format!("rotate({degrees} 176 360)")
            };
            svg.moved(&turn, |svg| foot(svg, &dye, &bed, kind));
        }
    });
}

fn foot(svg: &mut Svg, dye: &Dye, bed: &Dye, kind: Kind) {
    let tones = bed.tones;
    svg.fill(SOLE, tones.deep);
    svg.fill(BED, bed.body);
    svg.stitch(BED, tones.thread);
    svg.veil("M176 470Q206 474 206 520Q204 562 176 566Q148 564 146 520Q148 474 176 470ZM172 150Q220 150 226 210Q222 266 180 270Q124 262 120 220Q128 158 172 150Z", tones.dark, 60);
    match kind {
        Kind::Straps => {
            for (strap, buckle) in [
                ("M80 208C110 168 226 160 266 200L264 270C230 240 116 250 82 282Z", [206, 196, 26, 40]),
                ("M92 330C120 300 220 300 254 324L246 392C214 372 136 376 112 400Z", [196, 318, 24, 38]),
            ] {
                svg.moved("translate(3 10)", |svg| svg.veil(strap, tones.deep, 50));
                svg.fill(strap, dye.body);
                svg.faint(strap, dye.tones.line, 1.8, 65);
                let [x, y, w, h] = buckle;
                svg.fill(&format!("M{} {}h{}v{}h-{}Z", x - 40, y + 8, w + 40, h - 16, w + 40), dye.tones.dark);
                detail::buckles(svg, (w, h), Rgb::BRASS, &[(x, y)]);
            }
            svg.stitch("M84 216C114 178 224 170 262 206M84 274C118 242 228 232 262 262M96 336C122 308 218 308 250 330M112 392C138 368 214 364 244 384", dye.tones.thread);
        }
        Kind::Chappal => chappal(svg, dye, bed),
    }
}

fn chappal(svg: &mut Svg, dye: &Dye, bed: &Dye) {
    let strap = "M80 250C120 214 220 214 262 244C258 300 252 330 246 356C210 326 132 334 104 366C92 330 80 290 80 250Z";
    svg.moved("translate(3 12)", |svg| svg.veil(strap, bed.tones.deep, 50));
    svg.fill(strap, dye.body);
    svg.within(strap, |svg| {
        let plait = svg.pattern(
            (28, 28),
            &format!(
                "<path d=\"M0 28L28 0M-7 7L7 -7M21 35L35 21\" stroke=\"{}\" stroke-width=\"9\"/><path d=\"M0 0L28 28\" stroke=\"{}\" stroke-width=\"5\"/>",
                dye.tones.dark, dye.tones.light
            ),
        );
        svg.fill("M100 230H244V366H100Z", plait);
        svg.line(&curve::folds(&[[100, 240, 110, 300, 112, 366, 2], [244, 234, 238, 300, 236, 360, 2]]), dye.tones.deep, 3.0);
    });
    svg.stitch("M86 256C122 222 218 222 256 250M106 356C134 326 210 320 244 346", dye.tones.thread);
    let toe = "M150 236C146 200 158 172 178 172C198 172 206 200 200 232L184 230C188 206 184 192 176 192C168 192 164 210 166 234Z";
    svg.moved("translate(3 6)", |svg| svg.veil(toe, bed.tones.deep, 45));
    svg.fill(toe, dye.lit);
    svg.fill("M164 280Q176 262 190 280Q200 300 178 318Q154 300 164 280Z", Rgb::BRASS);
    svg.ellipse([177, 292, 6, 6], Rgb(232, 206, 150));
}
