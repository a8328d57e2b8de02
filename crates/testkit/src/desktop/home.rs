//! A person's folders, in a temporary place.

use std::{os::unix::fs::PermissionsExt as _, path::Path};

use anyhow::Result;
use tempfile::TempDir;

use crate::program::Environment;

/// Variables of the surrounding machine that a program on a desktop of ours keeps.
const KEPT: &[&str] = &["PATH", "LANG", "LC_ALL", "RUST_BACKTRACE", "RUST_LOG"];

/// Home and XDG folders; gone when dropped.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
}

impl Home {
    /// Fresh and empty.
    ///
    /// # Errors
    /// There is no room for it.
    pub fn new() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("vitrine-home-").tempdir()?;
        for part in ["config", "data", "cache", "state", "runtime", "tmp"] {
            std::fs::create_dir(folder.path().join(part))?;
        }
        std::fs::set_permissions(folder.path().join("runtime"), std::fs::Permissions::from_mode(0o700))?;
        Ok(Self { folder })
    }

    /// The folder that holds all others.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The variables that lead programs here, and the few they keep of the machine's.
    #[must_use]
    pub fn environment(&self) -> Environment {
        let mut environment: Environment =
            KEPT.iter().filter_map(|name| Some(((*name).into(), std::env::var_os(name)?))).collect();
        environment.push(("HOME".into(), self.path().into()));
        for (name, part) in [
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_RUNTIME_DIR", "runtime"),
            ("TMPDIR", "tmp"),
        ] {
            environment.push((name.into(), self.path().join(part).into()));
        }
        environment
    }
}
