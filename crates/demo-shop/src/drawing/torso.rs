//! Body and sleeves of everything worn on the upper half, as on an invisible wearer.

use super::dye::Dye;
use super::weave::Weave;
use crate::curve::{self, Fold};
use crate::svg::Svg;

type Point = (i32, i32);

/// Where a top's seams meet, on the left half (the middle is at 300), in user units.
#[derive(Clone, Copy, Debug)]
pub struct Torso {
    /// Where the shoulder seam meets the neck.
    pub neck: Point,
    /// Where the shoulder seam meets the sleeve.
    pub shoulder: Point,
    /// Where sleeve, front and side meet.
    pub underarm: Point,
    /// The side at the waist.
    pub waist: Point,
    /// The side at the hem.
    pub hem: Point,
    /// How much lower the hem is in the middle.
    pub drop: i32,
    /// The outer corner of the cuff.
    pub cuff_out: Point,
    /// The inner corner of the cuff.
    pub cuff_in: Point,
}

impl Torso {
    /// A straight, everyday fit with long sleeves.
    pub const REGULAR: Self = Self {
        neck: (248, 106),
        shoulder: (166, 136),
        underarm: (176, 286),
        waist: (173, 440),
        hem: (166, 592),
        drop: 12,
        cuff_out: (74, 520),
        cuff_in: (128, 534),
    };

    /// The front as a closed outline; `neckline` is the path from the middle to the neck point.
    pub fn front(&self, neckline: &str) -> String {
        curve::whole(&self.half(neckline, &self.straight_hem()))
    }

    /// The left half of the outline with a hem of its own, from the side to the middle.
    pub fn half(&self, neckline: &str, hem: &str) -> String {
        let (nx, ny) = self.neck;
        let (sx, sy) = self.shoulder;
        let (ux, uy) = self.underarm;
        let (wx, wy) = self.waist;
        let (hx, hy) = self.hem;
        let (mx, my) = (i32::midpoint(nx, sx), i32::midpoint(ny, sy) - 5);
        format!(
            "{neckline}Q{mx} {my} {sx} {sy}C{} {} {} {} {ux} {uy}C{} {} {wx} {} {wx} {wy}C{wx} {} {} {} {hx} {hy}{hem}",
            sx + 4,
            sy + 44,
            ux - 8,
            uy - 54,
            ux + 3,
            uy + 50,
            wy - 50,
            wy + 50,
            hx + 2,
            hy - 60,
        )
    }

    /// A hem that sags a little in the middle.
    pub fn straight_hem(&self) -> String {
        let (hx, hy) = self.hem;
        let low = hy + self.drop;
        format!("C{} {low} 250 {low} 300 {low}", hx + 44)
    }

    /// The left sleeve, closed.
    pub fn sleeve(&self) -> String {
        let (sx, sy) = self.shoulder;
        let (ux, uy) = self.underarm;
        let (ox, oy) = self.cuff_out;
        let (ix, iy) = self.cuff_in;
        let bend = i32::midpoint(sx, ox) - 24;
        let half = i32::midpoint(sy, oy);
        format!(
            "M{} {sy}C{} {} {} {} {bend} {half}C{} {} {} {} {ox} {oy}Q{} {} {ix} {iy}C{} {} {} {} {} {uy}L{} {}Z",
            sx + 6,
            sx - 26,
            sy + 6,
            bend + 14,
            half - 96,
            bend - 10,
            half + 60,
            ox + 6,
            oy - 90,
            i32::midpoint(ox, ix) - 2,
            i32::midpoint(oy, iy) + 8,
            ix + 10,
            iy - 80,
            ux - 26,
            uy + 84,
            ux + 8,
            ux + 30,
            sy + 40,
        )
    }

    /// The seam round the left armhole.
    pub fn armhole(&self) -> String {
        let (sx, sy) = self.shoulder;
        let (ux, uy) = self.underarm;
        format!("M{sx} {sy}C{} {} {} {} {ux} {uy}", sx + 4, sy + 44, ux - 8, uy - 54)
    }

    /// A band `depth` units deep across the end of the left sleeve, closed; wider than the sleeve by `over`.
    pub fn cuff(&self, depth: i32, over: i32) -> String {
        let (ox, oy) = self.cuff_out;
        let (ix, iy) = self.cuff_in;
        let lean = depth / 6;
        format!(
            "M{} {}Q{} {} {} {}L{} {iy}Q{} {} {} {oy}Z",
            ox + lean - over,
            oy - depth,
            i32::midpoint(ox, ix),
            i32::midpoint(oy, iy) - depth + 8,
            ix + lean + over,
            iy - depth,
            ix + over,
            i32::midpoint(ox, ix) - 2,
            i32::midpoint(oy, iy) + 8,
            ox - over,
        )
    }

    /// The angle at which the left sleeve hangs, in degrees, for the cloth's weave.
    pub const fn tilt(&self) -> i32 {
        let across = self.shoulder.0 - i32::midpoint(self.cuff_out.0, self.cuff_in.0);
        let down = self.cuff_out.1 - self.shoulder.1;
        if down > 0 { across * 57 / down } else { 0 }
    }

    /// Both sleeves with weave, elbow folds and the shadow the body throws on them.
    pub fn draw_sleeves(&self, svg: &mut Svg, dye: &Dye, weave: &Weave) {
        let left = self.sleeve();
        let right = curve::mirror(&left);
        svg.fill(&left, dye.lit);
        weave.left(svg, &left);
        svg.fill(&right, dye.shade);
        weave.right(svg, &right);
        let creases = curve::folds(&self.elbow());
        svg.both(|svg| dye.crease(svg, &creases, 38));
    }

    fn elbow(&self) -> [Fold; 4] {
        let (ux, uy) = self.underarm;
        let (ix, iy) = self.cuff_in;
        let (ox, _) = self.cuff_out;
        let x = i32::midpoint(ux, ix) - 2;
        let y = i32::midpoint(uy, iy);
        let outer = i32::midpoint(self.shoulder.0, ox) - 20;
        [
            [x, y - 26, x - 28, y - 18, outer + 14, y - 44, 7],
            [x - 4, y + 6, x - 30, y + 10, outer + 2, y - 8, 6],
            [ux - 4, uy + 6, ux - 36, uy - 16, ux - 50, uy - 74, 9],
            [ix + 4, iy - 30, ix - 14, iy - 50, ox + 22, iy - 96, 5],
        ]
    }

    /// Folds of the front: from the underarms, at the waist, above the hem.
    pub fn draw_front_folds(&self, svg: &mut Svg, dye: &Dye) {
        let (ux, uy) = self.underarm;
        let (wx, wy) = self.waist;
        let (hx, hy) = self.hem;
        let right = 600;
        dye.crease(
            svg,
            &curve::folds(&[
                [ux + 2, uy - 4, ux + 34, uy + 24, ux + 58, uy + 92, 8],
                [right - ux - 2, uy - 4, right - ux - 40, uy + 20, right - ux - 70, uy + 80, 9],
                [right - wx, wy - 30, right - wx - 52, wy + 6, right - wx - 112, wy - 2, 8],
                [wx, wy + 10, wx + 38, wy + 26, wx + 84, wy + 14, 6],
                [right - hx - 44, hy + 8, right - hx - 54, hy - 60, right - hx - 30, wy + 20, 8],
                [hx + 40, hy + 8, hx + 28, hy - 50, hx + 44, hy - 110, 6],
            ]),
            30,
        );
        svg.veil(
            &curve::folds(&[
                [ux + 14, uy - 60, ux + 26, uy + 10, ux + 26, uy + 120, 14],
                [hx + 66, hy + 6, hx + 58, hy - 80, hx + 70, wy + 10, 12],
                [right - wx - 60, wy - 20, right - wx - 96, wy - 60, right - wx - 90, uy, 10],
            ]),
            dye.tones.light,
            20,
        );
    }
}
