//! A handoff's code as the screen draws it.

use std::fmt::Write as _;

use protocol::view::CodeView;
use qrcode::{Color, EcLevel, QrCode};

/// The view of one display code, or none where the address is longer than any QR code holds.
pub(crate) fn code_view(phone_origin: &str, code: &str, typed: &str) -> Option<CodeView> {
    let qr = QrCode::with_error_correction_level(address(phone_origin, code), EcLevel::M).ok()?;
    let size = qr.width();
    Some(CodeView {
        path: path(&qr.into_colors(), size),
        size: u32::try_from(size).ok()?,
        typed: typed.to_owned(),
        address: format!("{}/k", host(phone_origin)),
    })
}

/// What the code says. All upper case, because a QR code stores that in fewer modules.
fn address(phone_origin: &str, code: &str) -> String {
    format!("{}{}/{code}", phone_origin.trim_end_matches('/'), protocol::routes::PHONE_PAGE).to_ascii_uppercase()
}

/// The origin without its scheme, for people to type.
fn host(phone_origin: &str) -> &str {
    let rest = phone_origin.split_once("://").map_or(phone_origin, |(_, rest)| rest);
    rest.trim_end_matches('/')
}

/// Dark modules as one SVG path: a rectangle per run of dark modules in a row.
fn path(modules: &[Color], size: usize) -> String {
    let mut path = String::new();
    for (y, row) in modules.chunks(size).enumerate() {
        let mut x = 0;
        while x < size {
            let run = row[x..].iter().take_while(|module| **module == Color::Dark).count();
            if run > 0 {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{x} {y}h{run}v1h-{run}z");
            }
            x += run.max(1);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// The matrix that a path draws.
    fn drawn(view: &CodeView) -> Vec<bool> {
        let size = view.size as usize;
        let mut modules = vec![false; size * size];
        for run in view.path.split('z').filter(|run| !run.is_empty()) {
            let numbers: Vec<usize> = run
                .trim_start_matches('M')
                .split(|letter: char| !letter.is_ascii_digit())
                .filter(|number| !number.is_empty())
                .map(|number| number.parse().unwrap())
                .collect();
            let (x, y, width) = (numbers[0], numbers[1], numbers[2]);
            assert!(width > 0 && x + width <= size && y < size);
            for module in x..x + width {
                assert!(!modules[y * size + module], "a module is drawn twice");
                modules[y * size + module] = true;
            }
        }
        modules
    }

    #[test]
    fn a_short_host_fits_29_modules() {
        let view = code_view("https://shop.example", CODE, "BCDF-GHJK").unwrap();
        assert_eq!(view.size, 29);
        assert_eq!((view.typed.as_str(), view.address.as_str()), ("BCDF-GHJK", "shop.example/k"));
    }

    #[test]
    fn the_path_draws_the_matrix() {
        let view = code_view("http://127.0.0.1:7878/", CODE, "BCDF-GHJK").unwrap();
        let qr = QrCode::with_error_correction_level("HTTP://127.0.0.1:7878/K/ABCDEFGHIJKLMNOPQRSTUVWXYZ", EcLevel::M).unwrap();
        let dark: Vec<bool> = qr.into_colors().into_iter().map(|module| module == Color::Dark).collect();
        assert_eq!(drawn(&view), dark);
        assert_eq!(view.address, "127.0.0.1:7878/k");
    }

    #[test]
    fn an_endless_address_is_no_code() {
        assert_eq!(code_view(&format!("https://{}", "x".repeat(9_000)), CODE, "BCDF-GHJK"), None);
    }
}
