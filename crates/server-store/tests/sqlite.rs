//! The SQLite store: the behaviour of every store, and what is its own.
#![expect(clippy::unwrap_used, reason = "a story that cannot be told has failed")]

mod behaviour;

use std::sync::Arc;

use behaviour::{at, id, session, session_of};
use protocol::{
    event::EventBody,
    ids::{Cursor, SessionId, Sku},
};
use server_store::{
    Found, Store as _, StoreError,
    records::{SeenEntry, SessionRecord, Topic},
    sqlite::{self, SqliteStore},
};
use sqlx::Connection as _;
use tempfile::TempDir;

async fn open() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("vitrine.db")).await.unwrap();
    (store, folder)
}

stories!(open);

/// A product of the first version.
const OLD_PRODUCT: &str = "INSERT INTO products (sku, name, description, price_minor, listed_stock, category, image_url, attributes) \
                           VALUES ('SKU-1', 'Court Low', '', 1999, 7, 'Footwear', '', '{}')";

async fn change(folder: &TempDir, sql: &'static str) {
    let path = folder.path().join("vitrine.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_product_that_is_gone_is_told_until_it_is_forgotten() {
    let (store, folder) = open().await;
    let remove = async |sku: Sku| {
        assert_eq!(sku.0, "SKU-2");
        change(&folder, "DELETE FROM products WHERE sku = 'SKU-2'").await;
    };
    behaviour::catalogue_change::a_product_that_is_gone_is_told_until_it_is_forgotten(&store, remove).await;
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
    sqlx::query(OLD_PRODUCT).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();

    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(store.read().await.unwrap().stores().await.unwrap().len(), 1);
    assert_eq!(
        store.read().await.unwrap().catalogue_changes(0, 0, "online", 9).await.unwrap().len(),
        1,
        "kiosks hear of what was there"
    );
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

/// What another program finds in the file.
async fn others_see(folder: &TempDir) -> i64 {
    let path = folder.path().join("vitrine.db");
    let mut connection =
        sqlx::SqliteConnection::connect_with(&sqlx::sqlite::SqliteConnectOptions::new().filename(path)).await.unwrap();
    let count = sqlx::query_scalar("SELECT count(*) FROM sessions").fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    count
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_in_a_crowd_keep_or_lose_only_their_own_changes() {
    let (store, folder) = open().await;
    let store = Arc::new(store);
    let mut crowd = tokio::task::JoinSet::new();
    for number in 0..600_u128 {
        let store = store.clone();
        crowd.spawn(async move {
            let mut tx = store.write().await.unwrap();
            tx.insert_session(&session_of(number, &number.to_string())).await.unwrap();
            if number % 3 == 0 {
                // Given up, now and then after an error of the database.
                if number % 2 == 0 {
                    assert!(tx.insert_session(&session_of(number, "again")).await.is_err());
                }
                return;
            }
            tx.commit().await.unwrap();
            // Acknowledged: every other connection sees it.
            let id = session_of(number, "").id;
            assert!(
                store.read().await.unwrap().session(id).await.unwrap().is_some(),
                "{number} was acknowledged and is not there"
            );
        });
    }
    while let Some(done) = crowd.join_next().await {
        done.unwrap();
    }
    assert_eq!(others_see(&folder).await, 400);
    store.close().await;
    assert!(store.write().await.is_err(), "a closed store is closed");
}

#[tokio::test]
async fn a_writer_that_gives_up_leaves_the_database_to_other_programs() {
    let (store, folder) = open().await;
    let mut tx = store.write().await.unwrap();
    tx.insert_session(&session_of(1, "901")).await.unwrap();
    drop(tx);
    store.settled().await;
    // Another program could not write while a transaction is open.
    change(&folder, "PRAGMA busy_timeout = 0; DELETE FROM sessions;").await;
    let tx = store.write().await.unwrap();
    tx.commit().await.unwrap();
    change(&folder, "PRAGMA busy_timeout = 0; DELETE FROM sessions;").await;
}

#[tokio::test]
async fn a_caller_that_goes_away_in_the_middle_harms_nobody() {
    let (store, folder) = open().await;
    let store = Arc::new(store);
    for number in 0..300_u128 {
        let write = async {
            let mut tx = store.write().await.unwrap();
            tx.insert_session(&session_of(number, &number.to_string())).await.unwrap();
            tx.commit().await.unwrap();
        };
        // Polled a few times and then dropped, at another place each time.
        let mut write = Box::pin(write);
        for _ in 0..number % 12 {
            if futures_util::poll!(write.as_mut()).is_ready() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_micros(40)).await;
        }
        drop(write);
        let mut tx = store.write().await.unwrap();
        tx.insert_session(&session_of(10_000 + number, &format!("kept {number}"))).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = store.read().await.unwrap();
    for number in 0..300_u128 {
        let id = session_of(10_000 + number, "").id;
        assert!(tx.session(id).await.unwrap().is_some(), "{number} was acknowledged and is not there");
    }
    drop(tx);
    store.settled().await;
    change(&folder, "PRAGMA busy_timeout = 0; DELETE FROM sessions;").await;
}

#[tokio::test]
async fn what_a_writer_has_seen_is_durable_once_it_is_settled() {
    let (store, folder) = open().await;
    let store = Arc::new(store);
    let first = store.write().await.unwrap();
    let commit = async {
        let mut tx = first;
        tx.insert_session(&session_of(1, "901")).await.unwrap();
        tx.commit().await.unwrap();
    };
    let look = async {
        let mut tx = store.write().await.unwrap();
        let seen = tx.session(session_of(1, "901").id).await.unwrap().is_some();
        drop(tx);
        store.settled().await;
        (seen, others_see(&folder).await)
    };
    let ((), (seen, count)) = tokio::join!(commit, look);
    assert!(seen, "it came after the other");
    assert_eq!(count, 1);
}

#[tokio::test]
async fn a_look_at_a_database_tells_its_version_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vitrine.db");
    let look = async || sqlite::survey(&path).await.unwrap().found;
    assert_eq!(look().await, Found::Nothing);
    assert!(!path.exists());
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(look().await, Found::Current, "while it is open");
    store.close().await;
    assert_eq!(look().await, Found::Current);
    change(&folder, "DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)").await;
    assert_eq!(look().await, Found::Older(1));
    change(&folder, "INSERT INTO _sqlx_migrations VALUES (9999, 'of the future', 0, true, '', 1)").await;
    assert_eq!(look().await, Found::Newer);
    std::fs::write(&path, "a letter that somebody saved under this name, long enough to have a header").unwrap();
    assert!(matches!(sqlite::survey(&path).await, Err(StoreError::Damaged { .. })));
}

/// The session with one more entry than it was seen with.
fn seen(session: &SessionRecord, number: u128) -> SeenEntry {
    let entry = session::entry(number, &format!("message {number}"));
    let mut session = session.clone();
    let version = session.version;
    session.version += 1;
    session.updated_at = at(1);
    let body = EventBody::ChatAppended { session_id: session.id, entry: entry.clone(), op: None, version: session.version };
    SeenEntry { session, version, entry, body, at: at(1) }
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_come_at_the_same_time_are_all_stored_once() {
    const SESSIONS: u128 = 200;
    let (store, _folder) = open().await;
    let mut tx = store.write().await.unwrap();
    for number in 1..=SESSIONS {
        tx.insert_session(&session_of(number, &number.to_string())).await.unwrap();
    }
    tx.commit().await.unwrap();
    let store = Arc::new(store);
    let together = (1..=SESSIONS).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            let before = session_of(number, &number.to_string());
            let cursor = store.together().unwrap().append(seen(&before, number)).await.unwrap();
            (number, cursor.unwrap())
        })
    });
    for one in together.collect::<Vec<_>>() {
        let (number, cursor) = one.await.unwrap();
        let seen = seen(&session_of(number, &number.to_string()), number);
        let mut tx = store.read().await.unwrap();
        let of = SessionId(id(number));
        assert_eq!(tx.session(of).await.unwrap(), Some(seen.session));
        assert_eq!(tx.chat_entries(of, 10).await.unwrap(), [seen.entry]);
        let events = tx.events_after(&[Topic::Session(of)], Cursor(0), 10).await.unwrap();
        assert_eq!(events.into_iter().map(|event| (event.cursor, event.body)).collect::<Vec<_>>(), [(cursor, seen.body)]);
    }
}

#[tokio::test]
async fn an_entry_of_a_session_that_changed_since_it_was_seen_is_not_stored() {
    let (store, _folder) = open().await;
    let before = session_of(1, "901");
    let mut tx = store.write().await.unwrap();
    tx.insert_session(&before).await.unwrap();
    tx.commit().await.unwrap();
    let together = store.together().unwrap();
    let (one, other) = tokio::join!(together.append(seen(&before, 1)), together.append(seen(&before, 2)));
    let stored = [one.unwrap(), other.unwrap()];
    assert_eq!(stored.iter().filter(|cursor| cursor.is_some()).count(), 1, "both were seen at the same version: {stored:?}");
    let nobody = together.append(seen(&session_of(2, "902"), 3)).await.unwrap();
    assert_eq!(nobody, None, "there is no such session");
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.chat_entries(before.id, 10).await.unwrap().len(), 1);
    assert_eq!(tx.newest_cursor().await.unwrap(), stored.into_iter().flatten().next().unwrap());
    assert_eq!(tx.chat_entries(SessionId(id(2)), 10).await.unwrap(), []);
}

#[tokio::test]
async fn what_was_read_ahead_of_a_session_is_what_a_question_would_answer() {
    let (store, _folder) = open().await;
    let before = session_of(1, "901");
    let mut customer = behaviour::customer::record("901", "+919000000001");
    let mut tx = store.write().await.unwrap();
    tx.insert_session(&before).await.unwrap();
    tx.put_customer(&customer).await.unwrap();
    tx.append_chat_entry(before.id, &session::entry(1, "white shoes?")).await.unwrap();
    tx.append_chat_entry(before.id, &session::entry(2, "in blue?")).await.unwrap();

    let found = tx.session_to_show(&before.token_hash, 200).await.unwrap();
    assert_eq!(found.as_ref(), Some(&before));
    assert_eq!(
        tx.chat_entries(before.id, 1).await.unwrap(),
        [session::entry(2, "in blue?")],
        "another question than was read ahead"
    );
    tx.session_to_show(&before.token_hash, 200).await.unwrap();
    let both = [session::entry(1, "white shoes?"), session::entry(2, "in blue?")];
    assert_eq!(tx.chat_entries(before.id, 200).await.unwrap(), both);
    assert_eq!(tx.customer(&customer.id).await.unwrap().as_ref(), Some(&customer));
    assert_eq!(tx.shop().await.unwrap(), None);

    tx.session_to_show(&before.token_hash, 200).await.unwrap();
    customer.name = "Somebody Else".into();
    tx.put_customer(&customer).await.unwrap();
    assert_eq!(tx.customer(&customer.id).await.unwrap().as_ref(), Some(&customer), "a change is seen");
    assert_eq!(tx.session_to_show(&[0; 32], 200).await.unwrap(), None);
}
