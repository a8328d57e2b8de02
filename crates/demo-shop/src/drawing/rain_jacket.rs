//! A hooded rain jacket: storm flap, drawn-in waist, taped seams.

use super::dye::Dye;
use super::torso::Torso;
use super::weave::Weave;
use super::{Look, detail};
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

const FIT: Torso = Torso {
    neck: (232, 152),
    shoulder: (150, 176),
    underarm: (160, 320),
    waist: (166, 452),
    hem: (146, 622),
    drop: 6,
    cuff_out: (62, 532),
    cuff_in: (126, 548),
};

/// The rain jacket; the second colour lines the hood.
pub(super) fn draw(svg: &mut Svg, look: Look) {
    svg.ground([300, 670, 200, 22]);
    let dye = Dye::new(svg, look.colour);
    let trim = Dye::new(svg, look.trim);
    let tones = dye.tones;
    FIT.draw_sleeves(svg, &dye, &Weave::default());
    let cuff = FIT.cuff(30, 0);
    svg.both(|svg| {
        svg.faint(&cuff, tones.line, 2.0, 70);
        svg.fill("M96 508L132 514L130 530L94 524Z", tones.dark);
    });

    let front = FIT.front("M300 216C268 206 240 186 232 152");
    svg.fill(&front, dye.body);
    svg.within(&front, |svg| {
        FIT.draw_front_folds(svg, &dye);
        let gathers = curve::folds(&[
            [190, 462, 196, 500, 186, 540, 6],
            [226, 466, 230, 510, 222, 560, 5],
            [262, 466, 262, 500, 258, 530, 5],
            [350, 466, 350, 500, 354, 540, 6],
            [386, 464, 382, 510, 392, 560, 7],
            [420, 460, 412, 500, 424, 540, 6],
        ]);
        svg.veil(&gathers, tones.deep, 36);
        svg.veil("M150 152H450V270Q300 292 150 270Z", tones.light, 12);
        svg.faint("M150 270Q300 292 450 270", tones.line, 2.0, 70);
        svg.faint("M150 458Q300 474 450 458", tones.deep, 3.0, 55);
        svg.stitch("M140 606Q300 622 460 606M150 264Q300 286 450 264", tones.thread);
    });
    svg.faint(&curve::pair(&FIT.armhole()), tones.line, 2.0, 70);
    svg.veil("M322 214H332V626H322Z", tones.deep, 34);
    svg.fill("M280 214H322V628H280Z", dye.body);
    svg.faint("M280 214V628M322 214V628", tones.line, 1.8, 70);
    svg.stitch("M287 214V627", tones.thread);
    detail::snaps(svg, 8, Rgb::STEEL, &[(301, 252), (301, 330), (301, 408), (301, 486), (301, 564)]);
    let pocket = "M178 500L262 508L262 534Q220 540 176 528Z";
    svg.both(|svg| {
        svg.moved("translate(0 6)", |svg| svg.veil(pocket, tones.deep, 40));
        svg.fill(pocket, dye.body);
        svg.faint(pocket, tones.line, 1.6, 75);
    });
    for (x, end) in [(262, 380), (338, 366)] {
        svg.line(&format!("M{x} 222Q{} 300 {x} {end}", x - 6), look.trim, 4.0);
        svg.line(&format!("M{x} {}v14", end - 8), tones.deep, 9.0);
    }
    hood(svg, &dye, &trim);
}

fn hood(svg: &mut Svg, dye: &Dye, lining: &Dye) {
    let tones = dye.tones;
    svg.veil(&curve::whole("M300 244C246 234 202 196 200 158L300 120"), tones.deep, 34);
    svg.fill(&curve::whole("M300 52C240 52 208 94 210 150C218 182 262 214 300 228"), dye.body);
    svg.fill(
        "M300 80C260 80 240 112 244 154C252 182 278 200 300 218C322 200 348 182 356 154C360 112 340 80 300 80Z",
        lining.inside,
    );
    svg.veil("M300 80C260 80 240 112 244 154Q266 118 300 118Q334 118 356 154C360 112 340 80 300 80Z", lining.tones.base, 60);
    detail::label(svg, (300, 126), Rgb::CHALK);
    svg.stitch(
        "M300 71C254 71 230 110 235 156C244 188 274 208 300 226C326 208 356 188 365 156C370 110 346 71 300 71",
        tones.thread,
    );
    svg.veil(&curve::folds(&[[216, 120, 222, 170, 262, 204, 9], [384, 112, 380, 170, 338, 206, 11]]), tones.deep, 36);
}
