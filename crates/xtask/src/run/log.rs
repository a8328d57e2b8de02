//! What the programs of a run write down, each in a file of its own.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::Context as _;

/// Lines that are shown of a program that failed.
const LAST: usize = 20;

/// A program's log of this run.
#[derive(Debug)]
pub struct Log(PathBuf);

impl Log {
    /// Begins the log of `program` below `data`; that of the last run goes.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn begin(data: &Path, program: &str) -> anyhow::Result<(Self, Stdio)> {
        let folder = data.join("logs");
        let file = folder.join(format!("{program}.log"));
        let made = fs::create_dir_all(&folder).and_then(|()| File::create(&file));
        let made = made.with_context(|| format!("{} cannot be written", file.display()))?;
        Ok((Self(file), made.into()))
    }

    /// Where it is, and what it ends with.
    pub fn end(&self) -> String {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let last = lines[lines.len().saturating_sub(LAST)..].join("\n");
        format!("its log is {}:\n{last}", self.0.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log_is_told_with_its_place() {
        let data = tempfile::tempdir().unwrap();
        let (log, _file) = Log::begin(data.path(), "kiosk").unwrap();
        let place = data.path().join("logs/kiosk.log");
        fs::write(&place, (1..=30).map(|line| format!("line {line}")).collect::<Vec<_>>().join("\n")).unwrap();
        let end = log.end();
        assert!(end.starts_with(&format!("its log is {}:\nline 11\n", place.display())), "{end}");
        assert!(end.ends_with("line 30"), "{end}");
    }
}
