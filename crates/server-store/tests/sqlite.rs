//! The SQLite store: the behaviour of every store, and what is its own.
#![expect(clippy::unwrap_used, reason = "a story that cannot be told has failed")]

mod behaviour;

use server_store::{Store as _, StoreError, sqlite::SqliteStore};
use sqlx::Connection as _;
use tempfile::TempDir;

async fn open() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("vitrine.db")).await.unwrap();
    (store, folder)
}

stories!(open);

async fn change(folder: &TempDir, sql: &'static str) {
    let path = folder.path().join("vitrine.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn pragma(folder: &TempDir, sql: &'static str) -> String {
    let path = folder.path().join("vitrine.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query_scalar::<_, String>(sql).fetch_one(&mut connection).await.unwrap()
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let (store, folder) = open().await;
    store.close().await;
    change(
        &folder,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'of the future', true, x'00', 1);",
    )
    .await;
    let path = folder.path().join("vitrine.db");
    let refused = SqliteStore::open(&path).await.unwrap_err();
    assert!(matches!(&refused, StoreError::NewerDatabase(refused) if *refused == path.display().to_string()), "{refused:?}");
    assert!(refused.to_string().contains("newer version"), "{refused}");
    assert_eq!(
        std::fs::read_dir(folder.path())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("before"))
            .count(),
        0
    );
}

#[tokio::test]
async fn a_store_knows_whether_its_database_is_of_its_own_version() {
    let (store, folder) = open().await;
    assert!(store.is_current().await.unwrap());
    change(&folder, "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'by another program', true, x'00', 1);").await;
    assert!(!store.is_current().await.unwrap());
    store.close().await;
    assert!(store.is_current().await.is_err());
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vitrine.db");
    std::fs::write(&path, "this is a letter, not a database, and it is long enough to be read as a header of one").unwrap();
    let refused = SqliteStore::open(&path).await.unwrap_err();
    assert!(matches!(refused, StoreError::Damaged { .. }), "{refused:?}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let refused = SqliteStore::open(&folder.path().join("absent/vitrine.db")).await.unwrap_err();
    assert!(matches!(refused, StoreError::NotWritable { .. }), "{refused:?}");
}

#[tokio::test]
async fn an_older_database_is_copied_before_it_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    // A database as it was after the first migration only.
    let migrator = sqlx::migrate!("./migrations/sqlite");
    let first = migrator.iter().map(|migration| migration.version).min().unwrap();
    let last = migrator.iter().map(|migration| migration.version).max().unwrap();
    let path = folder.path().join("vitrine.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    migrator.run_to(first, &mut connection).await.unwrap();
    sqlx::query("INSERT INTO stores VALUES ('S01', 'Main Street', '', '', '')").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();

    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.read().await.unwrap().stores().await.unwrap().len(), 1);
    store.close().await;
    let backup = folder.path().join(format!("vitrine.db.before-{first}"));
    assert_eq!(backup.exists(), first < last, "a copy is made exactly when something changes");
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.read().await.unwrap().stores().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_acknowledged_survives_and_readers_do_not_wait() {
    let (store, folder) = open().await;
    assert_eq!(pragma(&folder, "PRAGMA journal_mode").await, "wal");
    let mut writer = store.write().await.unwrap();
    writer.put_customer(&behaviour::customer::record("901", "")).await.unwrap();
    assert_eq!(store.read().await.unwrap().customer_count().await.unwrap(), 0, "a reader reads beside an open write");
    writer.commit().await.unwrap();
    #[cfg(unix)]
    for name in ["vitrine.db", "vitrine.db-wal", "vitrine.db-shm"] {
        let about = std::fs::metadata(folder.path().join(name)).unwrap();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077, 0, "{name} is its owner's");
    }
    store.close().await;
    let store = SqliteStore::open(&folder.path().join("vitrine.db")).await.unwrap();
    assert_eq!(store.read().await.unwrap().customer_count().await.unwrap(), 1);
}
