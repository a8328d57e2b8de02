//! What a cloth shows of itself at arm's length: weave, knit, stripe, check and print.

use super::Cloth;
use crate::colour::{Rgb, Tones};
use crate::paint::Paint;
use crate::svg::Svg;

/// The cloth's tile, or nothing for a plain one. `trim` is the second colour of stripes and prints.
pub fn tile(svg: &mut Svg, cloth: Cloth, tones: &Tones, trim: Rgb) -> Option<Paint> {
    let (dark, light) = (tones.dark, tones.light);
    let (size, content) = match cloth {
        Cloth::Plain => return None,
        Cloth::Twill => ((7, 7), strokes(&[("M-1 8L8-1", light, 1, 2)])),
        Cloth::Linen => (
            (26, 22),
            strokes(&[("M0 4H18M9 11H26M2 18H12", light, 1, 5), ("M5 0V14M17 6V22", dark, 1, 4)]),
        ),
        Cloth::Rib => ((12, 12), strokes(&[("M4 0V12", dark, 3, 6), ("M9 0V12", light, 2, 4)])),
        Cloth::Knit => (
            (14, 11),
            strokes(&[("M2 1L6 8", dark, 3, 6), ("M12 1L8 8", dark, 3, 4), ("M3 1L6 6", light, 1, 6)]),
        ),
        Cloth::Stripe => ((40, 34), format!("<path d=\"M0 0H40V13H0Z\" fill=\"{trim}\"/>")),
        Cloth::Pinstripe => ((17, 17), strokes(&[("M8 0V17", trim, 1, 6)])),
        Cloth::Check => (
            (48, 48),
            format!(
                "<path d=\"M0 0H48V18H0Z\" fill=\"{trim}\" opacity=\".5\"/><path d=\"M0 0H18V48H0Z\" fill=\"{trim}\" opacity=\".5\"/>{}",
                strokes(&[("M33 0V48M0 33H48", light, 2, 8)])
            ),
        ),
        Cloth::Herringbone => (
            (24, 10),
            strokes(&[("M0 0L12 10L24 0M0 5L12 15L24 5M0-5L12 5L24-5", light, 1, 5)]),
        ),
        Cloth::Dots => (
            (44, 44),
            format!("<g fill=\"{trim}\"><circle cx=\"11\" cy=\"11\" r=\"5\"/><circle cx=\"33\" cy=\"33\" r=\"5\"/></g>"),
        ),
        Cloth::Block => (
            (56, 64),
            format!(
                "<g fill=\"{trim}\"><path id=\"\" d=\"M28 6Q36 16 28 28Q20 16 28 6M12 22Q24 20 27 31Q16 32 12 22M44 22Q32 20 29 31Q40 32 44 22M27 31H29V42H27Z\"/><circle cx=\"0\" cy=\"52\" r=\"4\"/><circle cx=\"56\" cy=\"52\" r=\"4\"/><circle cx=\"28\" cy=\"52\" r=\"2\"/></g>"
            )
            .replace(" id=\"\"", ""),
        ),
        Cloth::Floral => (
            (78, 78),
            format!(
                "<g fill=\"{trim}\"><path d=\"M20 8Q27 12 22 19Q30 15 34 21Q32 28 24 25Q29 32 22 36Q15 34 19 26Q11 30 8 23Q9 16 18 19Q13 12 20 8M59 47Q66 51 61 58Q69 54 73 60Q71 67 63 64Q68 71 61 75Q54 73 58 65Q50 69 47 62Q48 55 57 58Q52 51 59 47\"/></g><path d=\"M40 34Q52 32 54 42Q44 44 40 34M6 60Q18 56 22 66Q10 70 6 60\" fill=\"{light}\" opacity=\".7\"/>"
            ),
        ),
        Cloth::Corduroy => ((9, 9), strokes(&[("M2 0V9", dark, 2, 8), ("M6 0V9", light, 2, 4)])),
    };
    Some(svg.pattern(size, &content))
}

/// Lines of a tile: path, colour, width in units, opacity in tenths.
fn strokes(lines: &[(&str, Rgb, u32, u32)]) -> String {
    lines.iter().fold(String::new(), |text, (d, colour, width, opacity)| {
        text + &format!("<path d=\"{d}\" stroke=\"{colour}\" stroke-width=\"{width}\" opacity=\".{opacity}\"/>")
    })
}
