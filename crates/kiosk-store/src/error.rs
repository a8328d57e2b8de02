//! What can go wrong with the files.

use std::{io, path::PathBuf};

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The data folder cannot be made or written.
    #[error("the folder {} cannot be written ({cause}); give the kiosk's user the right to write there", folder.display())]
    FolderNotWritable {
        /// Which.
        folder: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// A newer program has written the file.
    #[error("{} was written by a newer version of this program; install that version again", file.display())]
    NewerDatabase {
        /// Which.
        file: PathBuf,
    },
    /// SQLite failed.
    #[error("the kiosk's database failed")]
    Database(#[from] sqlx::Error),
    /// A file could not be moved or deleted.
    #[error("a file of the kiosk's database could not be moved or deleted")]
    File(#[from] io::Error),
    /// A row does not hold what it should.
    #[error("a row of the kiosk's database cannot be read")]
    Row,
}

impl From<serde_json::Error> for StoreError {
    fn from(_: serde_json::Error) -> Self {
        // The cause would quote the row, and the row is what a customer wrote.
        Self::Row
    }
}

impl StoreError {
    /// Whether the disk is full, read-only or failing, or the folder may not be written: what staff can do something about.
    #[must_use]
    pub fn is_disk(&self) -> bool {
        const READ_ONLY: i32 = 8;
        const IO_ERROR: i32 = 10;
        const FULL: i32 = 13;
        const CANNOT_OPEN: i32 = 14;
        match self {
            Self::FolderNotWritable { .. } | Self::File(_) => true,
            Self::Database(error) => primary(error).is_some_and(|code| matches!(code, READ_ONLY | IO_ERROR | FULL | CANNOT_OPEN)),
            Self::NewerDatabase { .. } | Self::Row => false,
        }
    }

    /// What the system or the database itself says, for staff: no path, and nothing of a customer.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::Database(sqlx::Error::Database(error)) => error.message().to_owned(),
            Self::Database(error) => error.to_string(),
            Self::File(cause) | Self::FolderNotWritable { cause, .. } => cause.to_string(),
            Self::NewerDatabase { .. } | Self::Row => self.to_string(),
        }
    }

    /// Whether the file itself is damaged, or was written with another key: both look alike.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self, Self::Database(error) if is_damage(error))
    }
}

impl StoreError {
    /// Whether it may be damage: what an index of words says of pages that it cannot read is no more than that it failed.
    pub(crate) fn may_be_damage(&self) -> bool {
        const FAILED: i32 = 1;
        self.is_damage() || matches!(self, Self::Database(error) if primary(error) == Some(FAILED))
    }
}

fn is_damage(error: &sqlx::Error) -> bool {
    const CORRUPT: i32 = 11;
    const NOT_A_DATABASE: i32 = 26;
    primary(error).is_some_and(|code| matches!(code, CORRUPT | NOT_A_DATABASE))
}

/// SQLite's primary result code.
fn primary(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code)?;
    code.parse::<i32>().ok().map(|code| code & 0xff)
}
