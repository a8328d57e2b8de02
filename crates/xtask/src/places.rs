//! Folders of the repository and of what is built in it.

use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A program of the debug build.
pub fn program(name: &str) -> PathBuf {
    target().join("debug").join(name)
}

/// What `cargo xtask run` keeps between two runs, and its screenshot.
pub fn run() -> PathBuf {
    root().join("target/run")
}

/// The demo shop's files.
pub fn demo_shop() -> PathBuf {
    root().join("crates/demo-shop/shop")
}
