//! A knitted pullover: ribbed neck, cuffs and hem, with cables if wanted.

use super::dye::Dye;
use super::torso::Torso;
use super::weave::Weave;
use super::{Cloth, Look, detail};
use crate::colour::Rgb;
use crate::curve;
use crate::svg::Svg;

/// The cut of a sweater.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Round neck.
    Crew,
    /// Round neck and three cables down the front.
    Cable,
    /// A high folded collar.
    Roll,
    /// Buttoned down the front, V neck.
    Cardigan,
}

const FIT: Torso = Torso {
    neck: (240, 112),
    shoulder: (150, 150),
    underarm: (162, 300),
    waist: (154, 440),
    hem: (166, 566),
    drop: 6,
    cuff_out: (72, 486),
    cuff_in: (128, 500),
};
const HEM: &str = "M166 560Q300 576 434 560L424 610Q300 622 176 610Z";

pub(super) fn draw(svg: &mut Svg, look: Look, cut: Cut) {
    svg.ground([300, 662, 190, 22]);
    let dye = Dye::new(svg, look.colour);
    let tones = dye.tones;
    let weave = Weave::new(svg, look, &tones, FIT.tilt());
    let rib = Weave::of(svg, Cloth::Rib, look, &tones, FIT.tilt());
    FIT.draw_sleeves(svg, &dye, &weave);
    let lower = Torso { cuff_out: (72, 528), cuff_in: (116, 540), ..FIT };
    let cuff = lower.cuff(46, 3);
    let other = curve::mirror(&cuff);
    svg.fill(&cuff, dye.lit);
    rib.left(svg, &cuff);
    svg.fill(&other, dye.shade);
    rib.right(svg, &other);

    let line = match cut {
        Cut::Cardigan => "M300 330C282 260 250 170 240 112",
        Cut::Crew | Cut::Cable | Cut::Roll => "M300 166C268 166 246 146 240 112",
    };
    svg.fill("M240 112Q300 86 360 112Q356 210 300 330Q244 210 240 112Z", dye.inside);
    detail::label(svg, (300, 108), Rgb::CHALK);
    let front = FIT.front(line);
    svg.fill(&front, dye.body);
    weave.on(svg, &front);
    svg.within(&front, |svg| {
        FIT.draw_front_folds(svg, &dye);
        if cut == Cut::Cable {
            cable(svg, &dye);
        }
        svg.faint("M166 556Q300 572 434 556", tones.deep, 10.0, 30);
    });
    svg.fill(HEM, dye.body);
    rib.on(svg, HEM);
    svg.faint(&curve::pair(&FIT.armhole()), tones.line, 2.0, 60);
    neck(svg, &dye, &rib, cut);
}

fn neck(svg: &mut Svg, dye: &Dye, rib: &Weave, cut: Cut) {
    let tones = dye.tones;
    match cut {
        Cut::Crew | Cut::Cable => {
            let band = "M240 112Q300 80 360 112L348 104C346 132 326 148 300 148C274 148 254 132 252 104L234 116C238 156 264 182 300 182C336 182 362 156 366 116L360 112Z";
            svg.faint(&curve::pair("M300 184C262 184 236 156 232 116"), tones.deep, 8.0, 30);
            svg.fill(band, dye.body);
            rib.on(svg, band);
        }
        Cut::Roll => {
            svg.faint(&curve::pair("M300 176C262 176 240 156 236 122"), tones.deep, 12.0, 30);
            svg.fill("M252 62Q300 48 348 62V90H252Z", dye.inside);
            let roll = "M250 62Q300 84 350 62C362 84 366 112 362 132Q300 186 238 132C234 112 238 84 250 62Z";
            svg.fill(roll, dye.body);
            rib.on(svg, roll);
            svg.veil(&curve::folds(&[[246, 128, 300, 162, 354, 128, 6], [350, 70, 352, 110, 344, 136, 8]]), tones.deep, 34);
        }
        Cut::Cardigan => {
            let band = "M240 112C250 170 282 262 288 330V616H314V330C318 262 350 170 360 112L342 104C338 160 314 236 301 300C288 236 262 160 258 104Z";
            svg.faint("M317 334V612", tones.deep, 7.0, 34);
            svg.fill(band, dye.body);
            rib.on(svg, band);
            svg.faint(&format!("{band}M301 300Q302 320 288 340"), tones.line, 1.5, 60);
            detail::buttons(svg, 8, tones, &[(301, 352), (301, 412), (301, 472), (301, 532), (301, 590)]);
            svg.faint("M196 476H262V484H196ZM338 476H404V484H338Z", tones.deep, 3.0, 45);
        }
    }
}

/// Three twisted ropes from chest to hem.
fn cable(svg: &mut Svg, dye: &Dye) {
    let tile = format!(
        "<path d=\"M4 0V44M56 0V44\" stroke=\"{0}\" stroke-width=\"5\" opacity=\".5\"/><path d=\"M14 -6C14 12 44 10 46 28Q46 36 44 44M44 -20Q48 -8 30 2M14 38Q12 26 24 16\" fill=\"none\" stroke=\"{0}\" stroke-width=\"13\" opacity=\".45\"/><path d=\"M12 -8C12 10 42 8 44 26Q44 34 42 44M42 -20Q46 -8 30 0M12 36Q10 24 22 14\" fill=\"none\" stroke=\"{1}\" stroke-width=\"9\"/>",
        dye.tones.deep, dye.tones.light
    );
    let rope = svg.pattern((60, 44), &tile);
    svg.fill("M180 160H240V560H180ZM300 186H360V560H300ZM240 186H300V560H240ZM360 160H420V560H360Z", rope);
}
