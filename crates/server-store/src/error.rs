use std::path::PathBuf;

/// Why a store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A newer program made the database.
    #[error("the database {} was made by a newer version of vitrine-server; start that version, or restore the backup beside the database", .0.display())]
    NewerDatabase(PathBuf),
    /// The file or its folder cannot be written.
    #[error("the database {} cannot be written; check that the folder exists, is writable and has free space ({cause})", .path.display())]
    NotWritable {
        /// The database.
        path: PathBuf,
        /// What the system says.
        cause: String,
    },
    /// The file is no database.
    #[error("{} is damaged or is no database of vitrine-server; restore a backup, or move it away to start empty ({cause})", .path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// What the database says.
        cause: String,
    },
    /// Something with this identity is there already.
    #[error("a record with the same identity is there already")]
    Duplicate,
    /// A change met no record.
    #[error("the record to change is not there")]
    Missing,
    /// A stored value cannot be read.
    #[error("a stored {what} cannot be read: {cause}")]
    Unreadable {
        /// Which value.
        what: &'static str,
        /// Why.
        cause: String,
    },
    /// Everything else.
    #[error("the database failed: {0}")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}
