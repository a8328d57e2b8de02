//! Path text: mirroring, closing a half outline to a whole one, and tapered folds.

use std::fmt::Write;

use crate::svg::VIEW;

type Point = (i32, i32);

/// One command of a path with its points; only absolute `M`, `L`, `Q`, `C` and `Z` are used.
struct Step {
    command: char,
    points: Vec<Point>,
}

fn parse(d: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut numbers: Vec<i32> = Vec::new();
    let mut number = String::new();
    let flush = |number: &mut String, numbers: &mut Vec<i32>| {
        if let Ok(value) = number.parse() {
            numbers.push(value);
        }
        number.clear();
    };
    let close = |steps: &mut Vec<Step>, numbers: &mut Vec<i32>| {
        if let Some(step) = steps.last_mut() {
            step.points = numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        }
        numbers.clear();
    };
    for letter in d.chars() {
        if letter.is_ascii_alphabetic() {
            flush(&mut number, &mut numbers);
            close(&mut steps, &mut numbers);
            steps.push(Step { command: letter, points: Vec::new() });
        } else if letter == '-' || letter.is_ascii_digit() {
            number.push(letter);
        } else {
            flush(&mut number, &mut numbers);
        }
    }
    flush(&mut number, &mut numbers);
    close(&mut steps, &mut numbers);
    steps
}

fn flip((x, y): Point) -> Point {
    (VIEW.0 - x, y)
}

fn write(command: char, points: &[Point], out: &mut String) {
    out.push(command);
    for (index, (x, y)) in points.iter().enumerate() {
        let gap = if index == 0 { "" } else { " " };
        let _ = write!(out, "{gap}{x} {y}");
    }
}

/// The path seen in a mirror that stands upright in the middle of the picture.
#[must_use]
pub fn mirror(d: &str) -> String {
    let mut out = String::new();
    for step in parse(d) {
        let points: Vec<Point> = step.points.into_iter().map(flip).collect();
        write(step.command, &points, &mut out);
    }
    out
}

/// The closed outline whose left half is `half`, from the top of the middle line to its bottom.
#[must_use]
pub fn whole(half: &str) -> String {
    let steps = parse(half);
    let mut out = String::new();
    for step in &steps {
        write(step.command, &step.points, &mut out);
    }
    for (index, step) in steps.iter().enumerate().skip(1).rev() {
        let Some(end) = steps.get(index - 1).and_then(|before| before.points.last()) else {
            continue;
        };
        let mut points: Vec<Point> = step.points.iter().rev().skip(1).copied().map(flip).collect();
        points.push(flip(*end));
        write(step.command, &points, &mut out);
    }
    out.push('Z');
    out
}

/// Both halves of an open line given on the left.
#[must_use]
pub fn pair(d: &str) -> String {
    format!("{d}{}", mirror(d))
}

/// A fold: `[x0, y0, cx, cy, x1, y1, width]`, a bent lens from one end to the other.
pub type Fold = [i32; 7];

/// Tapered folds as one path, in relative commands: not for [`mirror`].
#[must_use]
pub fn folds(all: &[Fold]) -> String {
    let mut out = String::new();
    for &[x0, y0, cx, cy, x1, y1, width] in all {
        let (dx, dy) = (f64::from(x1 - x0), f64::from(y1 - y0));
        let length = (dx * dx + dy * dy).sqrt().max(1.0);
        let (nx, ny) = (-dy / length * f64::from(width), dx / length * f64::from(width));
        let (there_x, there_y) = (f64::from(cx - x0) + nx, f64::from(cy - y0) + ny);
        let (back_x, back_y) = (f64::from(cx - x1) - nx, f64::from(cy - y1) - ny);
        let _ = write!(out, "M{x0} {y0}q");
        for value in [there_x, there_y, dx, dy, back_x, back_y, -dx, -dy] {
            // A minus sign separates as well as a blank does; -0 is written as 0.
            let text = format!("{:.0}", value + 0.0);
            let text = if text == "-0" { "0" } else { &text };
            if !out.ends_with('q') && !text.starts_with('-') {
                out.push(' ');
            }
            out.push_str(text);
        }
    }
    out
}
