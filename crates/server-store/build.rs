//! A new migration file must rebuild the crate, because migrations are embedded in it.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    writeln!(std::io::stdout(), "cargo:rerun-if-changed=migrations")
}
