//! Who can sign in to the demo shop.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::machine::Machine;
use crate::{places, say};

/// One demo customer; the password was drawn for this installation.
#[derive(Debug, Deserialize)]
struct SignIn {
    name: String,
    phone: String,
    password: String,
}

/// The file the import writes the drawn passwords to, readable by its owner alone.
pub fn file(data: &Path) -> PathBuf {
    data.join("sign-ins.json")
}

/// Tells the person at the terminal what is there and what to try.
pub fn introduce(data: &Path, url: &str, machine: &Machine) {
    say::line("");
    say::line(&format!("The kiosk is up; the server is at {url}."));
    if machine.is_virtual() {
        say::line(&format!(
            "There is no display here, so the window is on a virtual one. Look at {}.",
            places::run().join("kiosk.png").display()
        ));
    }
    let people: Vec<SignIn> =
        std::fs::read(file(data)).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
    if !people.is_empty() {
        say::line("");
        say::line("Scan the code with a phone (or open its address in a browser) and sign in as one of:");
        for person in people {
            say::line(&format!("  {:<18} phone {:<15} password {}", person.name, person.phone, person.password));
        }
    }
    say::line("");
    say::line("Ctrl-C stops everything.");
}
