use std::{fmt, path::Path};

/// What an import took and what it refused, file by file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// In the order of reading.
    pub files: Vec<FileReport>,
}

/// What became of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileReport {
    /// Its name in the folder.
    pub file: String,
    /// Rows that are in the database now.
    pub taken: u64,
    /// Rows left alone, because what they describe is there and has gone on since.
    pub kept: u64,
    /// Rows that were not taken.
    pub refused: Vec<Refusal>,
    /// Why the whole file could not be read.
    pub problem: Option<String>,
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// As a spreadsheet counts, the header being row 1. In JSON and among pictures, the number of the item.
    pub row: u64,
    /// For the person who can correct it; holds no phone number.
    pub reason: String,
}

impl FileReport {
    pub(super) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), ..Self::default() }
    }

    pub(super) fn unreadable(file: &str, problem: impl Into<String>) -> Self {
        Self { problem: Some(problem.into()), ..Self::new(file) }
    }

    pub(super) fn refuse(&mut self, row: u64, reason: impl Into<String>) {
        self.refused.push(Refusal { row, reason: reason.into() });
    }
}

impl Report {
    /// Whether there is anything in the database that the files say.
    #[must_use]
    pub fn took_anything(&self) -> bool {
        self.files.iter().any(|file| file.taken + file.kept > 0)
    }

    /// What became of the file of that name, if it was there.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&FileReport> {
        self.files.iter().find(|file| file.file == name)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            let name = &file.file;
            if let Some(problem) = &file.problem {
                writeln!(f, "{name}: not read: {problem}")?;
                continue;
            }
            write!(f, "{name}: {} taken", file.taken)?;
            if file.kept > 0 {
                write!(f, ", {} left as they are", file.kept)?;
            }
            if !file.refused.is_empty() {
                write!(f, ", {} refused", file.refused.len())?;
            }
            writeln!(f)?;
            let item = if Path::new(name).extension().is_some_and(|extension| extension == "csv") { "row" } else { "item" };
            for refusal in &file.refused {
                writeln!(f, "  {name} {item} {}: {}", refusal.row, refusal.reason)?;
            }
        }
        Ok(())
    }
}
