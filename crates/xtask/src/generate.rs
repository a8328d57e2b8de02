//! Files that are generated and committed.

use anyhow::Context as _;

use crate::{cargo, places, say, system};

/// Writes the TypeScript of the wire types and the demo shop.
///
/// # Errors
/// A file cannot be written, or the types do not compile.
pub fn run() -> anyhow::Result<()> {
    system::run(
        cargo::cargo()
            .args(["test", "--quiet", "--package", "protocol", "--features", "ts", "--test", "typescript"])
            .env("VITRINE_REGENERATE", "1"),
    )?;
    for (path, bytes) in demo_shop::files() {
        let file = places::demo_shop().join(path);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        std::fs::write(&file, bytes).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    say::line("Generated files are up to date.");
    Ok(())
}
