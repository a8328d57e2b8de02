//! `vitrine`, the desktop program.

use std::{io::Write as _, process::ExitCode};

fn main() -> ExitCode {
    match vitrine_lib::run() {
        Ok(code) => code,
        Err(problem) => {
            let _ = writeln!(std::io::stderr(), "vitrine: {problem:#}");
            ExitCode::FAILURE
        }
    }
}
