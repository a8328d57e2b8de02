//! What a command tells the person at the terminal.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "talking to the terminal is what this module is for")]

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A line of its own.
pub fn line(text: &str) {
    println!("{text}");
}

/// What went wrong, and what to do.
pub fn problem(text: &str) {
    eprintln!("{text}");
}

/// A step that takes a while: a spinner on a terminal, one line elsewhere.
pub fn step(text: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if bar.is_hidden() {
        println!("{text} …");
        return bar;
    }
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.set_message(text.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
