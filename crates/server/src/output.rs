//! What the program says to the person at the terminal.

use std::io::Write as _;

/// A line on standard output. A closed terminal is no failure.
pub fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// A line on standard error. A closed terminal is no failure.
pub fn complain(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
