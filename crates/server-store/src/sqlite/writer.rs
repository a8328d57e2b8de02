//! The one writing connection, and how those who wait for it share the wait for the disk.
//!
//! A transaction of the store is a savepoint. The first one begins a transaction of the database; while others wait for their
//! turn, it passes the connection on to them instead of waiting for the disk alone, and all of them are made durable by one
//! commit. What one of them gives up is undone to its own savepoint and touches none of the others. Nobody hears that a change
//! was made before the commit that holds it has come back from the disk; if that fails, all of its changes have failed.
//!
//! A writer sees what those before it in the same commit have written. That is the order in which they become durable, so a
//! change is never built on one that is lost; but what was seen and not built on is certain only after [`Writer::settled`].

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::{Mutex as Turns, OwnedMappedMutexGuard, OwnedMutexGuard, watch};

use super::column::failed;
use crate::{Result, StoreError};

/// Changes in one commit.
const MOST: usize = 64;
/// A commit collects no longer than this.
const LONGEST: Duration = Duration::from_millis(4);

/// The writing connection. Its users take turns, first come, first served.
#[derive(Debug)]
pub(super) struct Writer {
    /// None once the store is closed.
    connection: Arc<Turns<Option<SqliteConnection>>>,
    /// How many wait for their turn.
    waiting: AtomicUsize,
    /// Changed only by who has the turn.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    batch: Option<Batch>,
    /// A savepoint was left behind by somebody who gave up.
    abandoned: bool,
    /// The next savepoint is there already.
    prepared: bool,
}

/// Changes that become durable together.
#[derive(Debug)]
struct Batch {
    members: usize,
    began: Instant,
    outcome: watch::Sender<Outcome>,
    /// Somebody stands in line to commit it.
    closing: bool,
}

/// How a commit ended; none while it has not.
type Outcome = Option<std::result::Result<(), Undone>>;

/// Why a commit did not come about, for each of those whose changes it held.
#[derive(Clone, Debug)]
pub(super) struct Undone {
    cause: Arc<str>,
    /// The disk took it not.
    disk: bool,
}

impl From<&StoreError> for Undone {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Disk(cause) => Self { cause: cause.to_string().into(), disk: true },
            other => Self { cause: other.to_string().into(), disk: false },
        }
    }
}

impl From<Undone> for StoreError {
    fn from(Undone { cause, disk }: Undone) -> Self {
        let cause = cause.as_ref().into();
        if disk { Self::Disk(cause) } else { Self::Database(cause) }
    }
}

/// The connection, for whose turn it is.
type Connection = OwnedMappedMutexGuard<Option<SqliteConnection>, SqliteConnection>;

/// A turn at the connection, with a savepoint of its own. Dropped without a commit, its changes are undone.
pub(super) struct Turn {
    // Dropped in this order: the next in line finds what was left behind noted.
    leaving: Leaving,
    connection: Connection,
}

/// What is left behind when a turn is given up.
struct Leaving {
    writer: Arc<Writer>,
    given_up: bool,
}

impl Writer {
    pub(super) fn new(connection: SqliteConnection) -> Arc<Self> {
        let connection = Arc::new(Turns::new(Some(connection)));
        Arc::new(Self { connection, waiting: AtomicUsize::new(0), state: Mutex::default() })
    }

    /// Waits for a turn and opens a savepoint.
    pub(super) async fn turn(self: &Arc<Self>) -> Result<Turn> {
        let waits = Waits::new(&self.waiting);
        let connection = self.connection.clone().lock_owned().await;
        drop(waits);
        let connection = OwnedMutexGuard::try_map(connection, Option::as_mut).map_err(|_| closed())?;
        if self.state().batch.is_some() {
            return self.clone().join(connection).await;
        }
        // In a task of its own: were it dropped halfway, nobody would know whether a transaction was begun.
        let begun = tokio::spawn(self.clone().begin(connection));
        begun.await.map_err(|error| StoreError::Database(Box::new(error)))?
    }

    async fn begin(self: Arc<Self>, mut connection: Connection) -> Result<Turn> {
        if let Err(error) = run(&mut connection, "BEGIN IMMEDIATE; SAVEPOINT change").await {
            // Where only the second failed.
            let _ = run(&mut connection, "ROLLBACK").await;
            return Err(error);
        }
        let batch = Batch { members: 0, began: Instant::now(), outcome: watch::Sender::new(None), closing: false };
        {
            let mut state = self.state();
            state.batch = Some(batch);
            state.prepared = true;
        }
        self.join(connection).await
    }

    /// Opens a savepoint in the transaction that is there.
    async fn join(self: Arc<Self>, connection: Connection) -> Result<Turn> {
        let mut turn = Turn { leaving: Leaving { writer: self, given_up: false }, connection };
        turn.leaving.writer.tidy(&mut turn.connection).await?;
        // A database that has undone everything has no transaction any more.
        if turn.leaving.writer.state().batch.is_none() {
            return Err(undone());
        }
        // From here on there is something to undo, even if this is dropped while it waits.
        turn.leaving.given_up = true;
        let prepared = std::mem::take(&mut turn.leaving.writer.state().prepared);
        if !prepared {
            run(&mut turn.connection, "SAVEPOINT change").await?;
        }
        Ok(turn)
    }

    /// Returns once what writers have seen until now is durable, or undone.
    pub(super) async fn settled(&self) {
        let outcome = self.state().batch.as_ref().map(|batch| batch.outcome.subscribe());
        if let Some(mut outcome) = outcome {
            // A sender that is gone has ended its commit, too.
            let _ = outcome.wait_for(Option::is_some).await;
        }
    }

    /// Closes the connection after the last turn.
    pub(super) async fn close(&self) {
        let mut place = self.connection.lock().await;
        if let Some(mut connection) = place.take() {
            self.finish(&mut connection).await;
            let _ = connection.close().await;
        }
    }

    /// Undoes what somebody has left behind, and makes the rest durable.
    async fn finish(&self, connection: &mut SqliteConnection) {
        let tidied = self.tidy(connection).await;
        if tidied.is_ok() && self.state().batch.is_some() {
            // Its members are told.
            let _ = self.commit(connection).await;
        }
    }

    /// Undoes what somebody has left behind.
    async fn tidy(&self, connection: &mut SqliteConnection) -> Result<()> {
        if !std::mem::take(&mut self.state().abandoned) {
            return Ok(());
        }
        // The savepoint itself stays, for the next change.
        let tidied = run(connection, "ROLLBACK TO change").await;
        if tidied.is_ok() {
            self.state().prepared = true;
            return Ok(());
        }
        // The database has undone the whole transaction by itself, as it does when the disk is full.
        let _ = run(connection, "ROLLBACK").await;
        self.end(Err(Undone::from(&undone())));
        tidied
    }

    /// Makes the collected changes durable, and tells all of them.
    async fn commit(&self, connection: &mut SqliteConnection) -> Result<()> {
        let committed = run(connection, "COMMIT").await;
        if committed.is_err() {
            let _ = run(connection, "ROLLBACK").await;
        }
        self.end(committed.as_ref().copied().map_err(Undone::from));
        committed
    }

    fn end(&self, outcome: std::result::Result<(), Undone>) {
        let batch = {
            let mut state = self.state();
            // A savepoint ends with its transaction.
            state.prepared = false;
            state.batch.take()
        };
        if let Some(batch) = batch {
            batch.outcome.send_replace(Some(outcome));
        }
    }

    /// Stands in line behind those who wait now, and commits what they have added. Once per commit.
    fn close_after_those_waiting(self: &Arc<Self>) {
        let due = self.state().batch.as_mut().is_some_and(|batch| !std::mem::replace(&mut batch.closing, true));
        if !due || tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let writer = self.clone();
        tokio::spawn(async move {
            let mut place = writer.connection.lock().await;
            if let Some(connection) = place.as_mut() {
                writer.finish(connection).await;
            }
        });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// The connection, within the savepoint.
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// Makes the changes durable, alone or together with those of others.
    pub(super) async fn commit(self) -> Result<()> {
        // In a task of its own: were it dropped halfway, nobody would know whether the change belongs to the commit.
        let released = tokio::spawn(self.release()).await.map_err(|error| StoreError::Database(Box::new(error)))??;
        let Some(mut outcome) = released else { return Ok(()) };
        let outcome = outcome.wait_for(Option::is_some).await.map(|outcome| outcome.clone());
        match outcome {
            Ok(Some(Ok(()))) => Ok(()),
            Ok(Some(Err(undone))) => Err(undone.into()),
            Ok(None) | Err(_) => Err(closed()),
        }
    }

    /// Adds the changes to the commit, and makes that, unless others are about to add theirs: then it is to be waited for.
    async fn release(self) -> Result<Option<watch::Receiver<Outcome>>> {
        let Self { mut leaving, mut connection } = self;
        let writer = leaving.writer.clone();
        let pending = {
            let mut state = writer.state();
            let Some(batch) = &mut state.batch else { return Err(undone()) };
            let others_wait = writer.waiting.load(Ordering::Acquire) > 0;
            let goes_on = others_wait && batch.members + 1 < MOST && batch.began.elapsed() < LONGEST;
            goes_on.then(|| batch.outcome.subscribe())
        };
        // A commit releases it, too.
        if pending.is_some() {
            run(&mut connection, "RELEASE change; SAVEPOINT change").await?;
            writer.state().prepared = true;
        }
        leaving.given_up = false;
        if let Some(batch) = &mut writer.state().batch {
            batch.members += 1;
        }
        if pending.is_some() {
            writer.close_after_those_waiting();
        } else {
            writer.commit(&mut connection).await?;
        }
        Ok(pending)
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        if self.given_up {
            self.writer.state().abandoned = true;
            // Nobody else may come for hours, and other programs would find the database locked.
            self.writer.close_after_those_waiting();
        }
    }
}

async fn run(connection: &mut SqliteConnection, sql: &'static str) -> Result<()> {
    sqlx::query(sql).execute(connection).await.map(drop).map_err(failed)
}

fn closed() -> StoreError {
    StoreError::Database("the store was closed".into())
}

/// As the database does by itself when the disk is full.
fn undone() -> StoreError {
    StoreError::Disk("the database has undone the transaction".into())
}

/// Counts who waits, also when the wait is given up.
struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
