use std::path::Path;

use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    column::failed,
    open::{MIGRATIONS, cannot_open, ensure_sound, place},
};
use crate::{Found, Result, Survey};

/// Looks at the database at `path` and changes nothing in it. A server may be using it meanwhile.
///
/// # Errors
/// [`crate::StoreError::Damaged`], or it cannot be read.
pub async fn survey(path: &Path) -> Result<Survey> {
    let found =
        |kept_by: String, found: Found| Survey { place: place(path), kept_by, found, clock_ahead: None, key_fingerprint: None };
    if !path.exists() {
        return Ok(found("SQLite".to_owned(), Found::Nothing));
    }
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await.map_err(|error| cannot_open(path, error))?;
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(&mut connection)
        .await
        .map_err(|error| cannot_open(path, error))?;
    // A file that is no database is found out only when it is read.
    let ours: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_master WHERE name = '_sqlx_migrations'")
        .fetch_one(&mut connection)
        .await
        .map_err(|error| cannot_open(path, error))?;
    ensure_sound(&mut connection, path).await?;
    let applied: Vec<i64> = match ours {
        0 => Vec::new(),
        _ => sqlx::query_scalar("SELECT version FROM _sqlx_migrations").fetch_all(&mut connection).await.map_err(failed)?,
    };
    connection.close().await.map_err(failed)?;
    let known: Vec<i64> = MIGRATIONS.iter().map(|migration| migration.version).collect();
    Ok(found(format!("SQLite {version}"), Found::of(&applied, &known)))
}
