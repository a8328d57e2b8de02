/// Why a store could not do it. A place is a file, or the address of a server without its user and password.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A newer program made the database.
    #[error(
        "the database {0} was made by a newer version of vitrine-server; start that version, or restore a backup from before the update"
    )]
    NewerDatabase(String),
    /// The database cannot be written, or its place cannot be used.
    #[error("the database {place} cannot be written; check that the folder exists, is writable and has free space ({cause})")]
    NotWritable {
        /// The database.
        place: String,
        /// What the system says.
        cause: String,
    },
    /// There is no database of ours.
    #[error("{place} is damaged or is no database of vitrine-server; restore a backup, or move it away to start empty ({cause})")]
    Damaged {
        /// The database.
        place: String,
        /// What the database says.
        cause: String,
    },
    /// The server of the database does not let us in.
    #[error(
        "the database {place} cannot be opened; check its address, the name and password in it, and that it lets this machine in ({cause})"
    )]
    NotOpened {
        /// The database.
        place: String,
        /// What the database says.
        cause: String,
    },
    /// The address of the database cannot be read. It is not repeated, because it may hold a password.
    #[error("the address of the database must be like postgres://user:password@host:5432/name: {0}")]
    BadAddress(String),
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
    /// Somebody else used what was needed for too long. Nothing was changed; the same may be tried again.
    #[error("the database is busy: {0}")]
    Busy(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database does not answer. It may again in a moment.
    #[error("the database does not answer: {0}")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The disk takes nothing. Nothing was changed; the same goes well once there is room.
    #[error("the database cannot write to its disk; free some space there or mend it, the server then goes on by itself ({0})")]
    Disk(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Parts of the database cannot be read.
    #[error("the database is damaged; stop the server and restore a backup ({0})")]
    Spoilt(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Everything else.
    #[error("the database failed: {0}")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// Whether the same may go well in a moment, without anybody changing anything.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Unreachable(_) | Self::Disk(_))
    }
}
