//! Transactions on a connection that stays in use.
//!
//! SQLite ends a transaction by itself where the disk is full or fails, and then refuses to roll it back. The connection's own
//! count of open transactions would stay wrong for ever after, so these are begun and ended by plain statements.

use sqlx::{Executor as _, SqliteConnection};

use crate::StoreError;

/// Begins a transaction that may write.
pub(super) async fn begin(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    const BEGIN: &str = "BEGIN IMMEDIATE";
    if connection.execute(BEGIN).await.is_err() {
        // Somebody may have stopped waiting in the middle of an earlier one.
        roll_back(connection).await;
        connection.execute(BEGIN).await?;
    }
    Ok(())
}

/// Makes what was done durable, or undoes all of it where some of it failed.
pub(super) async fn end<T>(connection: &mut SqliteConnection, done: Result<T, StoreError>) -> Result<T, StoreError> {
    let ended = match done {
        Ok(done) => connection.execute("COMMIT").await.map(|_| done).map_err(StoreError::Database),
        Err(error) => Err(error),
    };
    if ended.is_err() {
        roll_back(connection).await;
    }
    ended
}

/// Whether there was one that SQLite had not ended itself is no matter.
async fn roll_back(connection: &mut SqliteConnection) {
    let _ = connection.execute("ROLLBACK").await;
}

#[cfg(test)]
mod tests {
    use sqlx::Connection as _;

    use super::*;

    #[tokio::test]
    async fn a_transaction_that_sqlite_ended_does_not_stand_in_the_way_of_the_next() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        connection.execute("CREATE TABLE line (text TEXT); PRAGMA max_page_count = 8").await.unwrap();
        let full = insert(&mut connection, 100_000).await.unwrap_err();
        assert!(full.to_string().contains("failed"), "{full}");
        assert!(connection.execute("ROLLBACK").await.is_err(), "there is still a transaction");

        insert(&mut connection, 10).await.unwrap();
        let lines: Vec<i64> = sqlx::query_scalar("SELECT length(text) FROM line").fetch_all(&mut connection).await.unwrap();
        assert_eq!(lines, [10]);
    }

    #[tokio::test]
    async fn what_was_given_up_in_the_middle_is_undone_by_the_next() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        connection.execute("CREATE TABLE line (text TEXT)").await.unwrap();
        begin(&mut connection).await.unwrap();
        connection.execute("INSERT INTO line VALUES ('half')").await.unwrap();

        insert(&mut connection, 3).await.unwrap();
        let lines: Vec<i64> = sqlx::query_scalar("SELECT length(text) FROM line").fetch_all(&mut connection).await.unwrap();
        assert_eq!(lines, [3]);
    }

    async fn insert(connection: &mut SqliteConnection, length: usize) -> Result<(), StoreError> {
        begin(connection).await?;
        let done = sqlx::query("INSERT INTO line VALUES (?)").bind("x".repeat(length)).execute(&mut *connection).await;
        end(connection, done.map(drop).map_err(StoreError::Database)).await
    }
}
