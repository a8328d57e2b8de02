use std::time::Duration;

use protocol::{Clock as _, ambient::SystemClock};
use sqlx::{Connection as _, PgConnection};
use time::OffsetDateTime;

use super::{
    address::Address,
    column::failed,
    open::{MIGRATIONS, OLDEST, connect, not_opened},
};
use crate::{Found, Result, Survey};

/// Looks at the database at `address` and changes nothing in it. A server that does not answer is waited for, `patience` long.
///
/// # Errors
/// [`crate::StoreError::BadAddress`] or [`crate::StoreError::NotOpened`]; neither shows the address's user or password.
pub async fn survey(address: &str, patience: Duration) -> Result<Survey> {
    let Address { options, place } = Address::read(address)?;
    let mut connection = connect(&options, &place, patience).await?;
    let survey = look(&mut connection, place).await;
    connection.close().await.map_err(failed)?;
    survey
}

async fn look(connection: &mut PgConnection, place: String) -> Result<Survey> {
    let (number, version): (i32, String) = sqlx::query_as(
        "SELECT current_setting('server_version_num')::integer, split_part(current_setting('server_version'), ' ', 1)",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    if number < OLDEST {
        return Err(not_opened(&place, format!("its server is Postgres {version}; 14 or newer is needed")));
    }
    let theirs: OffsetDateTime =
        sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&mut *connection).await.map_err(failed)?;
    // What is judged is this very clock, not the time that the rules go by.
    let clock_ahead = Some((SystemClock::new().now().inner() - theirs).as_seconds_f64());
    let (ours, may_make): (bool, bool) = sqlx::query_as(
        "SELECT to_regclass('vitrine._sqlx_migrations') IS NOT NULL, has_database_privilege(current_database(), 'CREATE')",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    let applied: Vec<i64> = if ours {
        let versions = sqlx::query_scalar("SELECT version FROM vitrine._sqlx_migrations WHERE success");
        versions.fetch_all(&mut *connection).await.map_err(failed)?
    } else {
        Vec::new()
    };
    let known: Vec<i64> = MIGRATIONS.iter().map(|migration| migration.version).collect();
    let found = match Found::of(&applied, &known) {
        Found::Nothing if !may_make => Found::NotAllowed,
        found => found,
    };
    let has_key: bool = sqlx::query_scalar("SELECT to_regclass('vitrine.server_key') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    let key_fingerprint = if has_key {
        let key = sqlx::query_scalar("SELECT fingerprint FROM vitrine.server_key");
        key.fetch_optional(&mut *connection).await.map_err(failed)?
    } else {
        None
    };
    Ok(Survey { place, kept_by: format!("Postgres {version}"), found, clock_ahead, key_fingerprint })
}
