//! Writes one picture as plain SVG text: paths, gradients, patterns and clips, nothing else.

use std::fmt::{self, Write};

use crate::colour::Rgb;
use crate::outlines::Outlines;
use crate::paint::{Id, Paint, Share, Stop, THIN, Width, stops_text};

/// Width and height of every picture, in user units.
pub const VIEW: (i32, i32) = (600, 720);

/// A picture under construction.
#[derive(Debug)]
pub struct Svg {
    sku: u32,
    defs: Vec<String>,
    body: String,
    outlines: Outlines,
    stamps: Vec<(String, Id)>,
}

impl Svg {
    /// An empty picture for the product with this number in its SKU.
    #[must_use]
    pub const fn new(sku: u32) -> Self {
        Self { sku, defs: Vec::new(), body: String::new(), outlines: Outlines::new(sku), stamps: Vec::new() }
    }

    /// The finished document, without the definitions nothing points to.
    #[must_use]
    pub fn finish(self) -> String {
        let (width, height) = VIEW;
        let points_to = |text: &str, id: Id| text.contains(&format!("#{id})")) || text.contains(&format!("#{id}\""));
        let mut used = String::new();
        // A definition points only to earlier ones.
        for (number, definition) in self.defs.iter().enumerate().rev() {
            let id = Id { sku: self.sku, number };
            if points_to(&self.body, id) || points_to(&used, id) {
                used.insert_str(0, definition);
            }
        }
        let text = format!("{used}</defs>{}</svg>\n", self.body);
        let (shared, text) = self.outlines.write(&text);
        // Lines carry no fill, are thin and have round ends unless they say otherwise.
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" fill=\"none\" stroke-width=\"{THIN}\" stroke-linecap=\"round\"><defs>{shared}{text}"
        )
    }

    fn define(&mut self, text: impl FnOnce(Id) -> String) -> Id {
        let id = Id { sku: self.sku, number: self.defs.len() };
        self.defs.push(text(id));
        id
    }

    fn put(&mut self, text: fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.body.write_fmt(text);
    }

    /// A linear gradient along `[x1, y1, x2, y2]`, in percent of the painted shape's box.
    pub fn linear(&mut self, axis: [i32; 4], stops: &[Stop]) -> Paint {
        let mut text = String::new();
        for (name, value, default) in [("x1", axis[0], 0), ("y1", axis[1], 0), ("x2", axis[2], 100), ("y2", axis[3], 0)] {
            if value != default {
                let _ = write!(text, " {name}=\"{}\"", Share(value));
            }
        }
        let stops = stops_text(stops);
        Paint::Defined(self.define(|id| format!("<linearGradient id=\"{id}\"{text}>{stops}</linearGradient>")))
    }

    /// A radial gradient that fills the painted shape's box.
    pub fn radial(&mut self, stops: &[Stop]) -> Paint {
        let stops = stops_text(stops);
        Paint::Defined(self.define(|id| format!("<radialGradient id=\"{id}\">{stops}</radialGradient>")))
    }

    /// A repeated tile of `width` by `height` units holding `content`.
    pub fn pattern(&mut self, (width, height): (i32, i32), content: &str) -> Paint {
        Paint::Defined(self.define(|id| {
            format!(
                "<pattern id=\"{id}\" width=\"{width}\" height=\"{height}\" patternUnits=\"userSpaceOnUse\">{content}</pattern>"
            )
        }))
    }

    /// The pattern `of`, turned by `degrees`, for a sleeve that hangs at an angle.
    pub fn turned(&mut self, of: Paint, degrees: i32) -> Paint {
        let Paint::Defined(of) = of else { return of };
        Paint::Defined(self.define(|id| format!("<pattern id=\"{id}\" href=\"#{of}\" patternTransform=\"rotate({degrees})\"/>")))
    }

    /// A filled shape.
    pub fn fill(&mut self, d: &str, paint: impl Into<Paint>) {
        let (d, paint) = (self.outlines.mark(d), paint.into());
        self.put(format_args!("{d} fill=\"{paint}\"/>"));
    }

    /// A filled shape that lets through what is below; opacity in percent.
    pub fn veil(&mut self, d: &str, paint: impl Into<Paint>, opacity: i32) {
        let (d, paint) = (self.outlines.mark(d), paint.into());
        self.put(format_args!("{d} fill=\"{paint}\" opacity=\"{}\"/>", Share(opacity)));
    }

    /// A line; width in user units.
    pub fn line(&mut self, d: &str, paint: impl Into<Paint>, width: f32) {
        let (d, paint) = (self.outlines.mark(d), paint.into());
        self.put(format_args!("{d} stroke=\"{paint}\"{}/>", Width(width)));
    }

    /// A line that lets through what is below; opacity in percent.
    pub fn faint(&mut self, d: &str, paint: impl Into<Paint>, width: f32, opacity: i32) {
        let (d, paint) = (self.outlines.mark(d), paint.into());
        self.put(format_args!("{d} stroke=\"{paint}\"{} opacity=\"{}\"/>", Width(width), Share(opacity)));
    }

    /// A row of stitches.
    pub fn stitch(&mut self, d: &str, paint: impl Into<Paint>) {
        let (d, paint) = (self.outlines.mark(d), paint.into());
        self.put(format_args!("{d} stroke=\"{paint}\" stroke-dasharray=\"5\"/>"));
    }

    /// An ellipse with its centre and radii in user units.
    pub fn ellipse(&mut self, [cx, cy, rx, ry]: [i32; 4], paint: impl Into<Paint>) {
        let paint = paint.into();
        if rx == ry {
            self.put(format_args!("<circle cx=\"{cx}\" cy=\"{cy}\" r=\"{rx}\" fill=\"{paint}\"/>"));
        } else {
            self.put(format_args!("<ellipse cx=\"{cx}\" cy=\"{cy}\" rx=\"{rx}\" ry=\"{ry}\" fill=\"{paint}\"/>"));
        }
    }

    /// What `draw` adds, taken out of the body.
    fn apart(&mut self, draw: impl FnOnce(&mut Self)) -> String {
        let before = std::mem::take(&mut self.body);
        draw(self);
        std::mem::replace(&mut self.body, before)
    }

    /// Whatever `draw` draws, cut off outside the shape `d`.
    pub fn within(&mut self, d: &str, draw: impl FnOnce(&mut Self)) {
        let d = self.outlines.mark(d);
        let id = self.define(|id| format!("<clipPath id=\"{id}\">{d}/></clipPath>"));
        self.put(format_args!("<g clip-path=\"url(#{id})\">"));
        draw(self);
        self.put(format_args!("</g>"));
    }

    /// Whatever `draw` draws, under an SVG transform.
    pub fn moved(&mut self, transform: &str, draw: impl FnOnce(&mut Self)) {
        self.put(format_args!("<g transform=\"{transform}\">"));
        draw(self);
        self.put(format_args!("</g>"));
    }

    /// Whatever `draw` draws, first once more behind itself under an SVG transform: the second of a pair.
    pub fn twice(&mut self, behind: &str, draw: impl FnOnce(&mut Self)) {
        let drawn = self.apart(draw);
        let id = self.define(|id| format!("<g id=\"{id}\">{drawn}</g>"));
        self.put(format_args!("<use href=\"#{id}\" transform=\"{behind}\"/><use href=\"#{id}\"/>"));
    }

    /// Whatever `draw` draws on the left, and its mirror image on the right.
    pub fn both(&mut self, draw: impl FnOnce(&mut Self)) {
        let drawn = self.apart(draw);
        let id = self.define(|id| format!("<g id=\"{id}\">{drawn}</g>"));
        let width = VIEW.0;
        self.put(format_args!("<use href=\"#{id}\"/><use href=\"#{id}\" transform=\"matrix(-1 0 0 1 {width} 0)\"/>"));
    }

    /// A small part drawn round the origin, put at each of `places`; parts of one name are written once.
    pub fn stamp(&mut self, name: &str, places: &[(i32, i32)], draw: impl FnOnce(&mut Self)) {
        let known = self.stamps.iter().find(|(known, _)| known == name).map(|(_, id)| *id);
        let id = known.unwrap_or_else(|| {
            let drawn = self.apart(draw);
            let id = self.define(|id| format!("<g id=\"{id}\">{drawn}</g>"));
            self.stamps.push((name.to_owned(), id));
            id
        });
        for (x, y) in places {
            self.put(format_args!("<use href=\"#{id}\" x=\"{x}\" y=\"{y}\"/>"));
        }
    }

    /// The soft shadow on the ground, with its centre and radii in user units.
    pub fn ground(&mut self, place: [i32; 4]) {
        let shadow = self.radial(&[(0, Rgb::SHADOW, 36), (55, Rgb::SHADOW, 14), (100, Rgb::SHADOW, 0)]);
        self.ellipse(place, shadow);
    }
}
