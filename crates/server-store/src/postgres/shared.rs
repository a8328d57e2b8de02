use std::collections::HashMap;

use async_trait::async_trait;
use protocol::Timestamp;
use time::OffsetDateTime;

use super::{
    PostgresStore, begin,
    column::{Columns as _, failed, instant},
};
use crate::{Counter, Result, Shared};

/// Tells the locks of counters from others of two numbers.
const COUNTER_LOCKS: i32 = 1;

#[async_trait]
impl Shared for PostgresStore {
    async fn first_use(&self, id: &[u8; 32], at: Timestamp) -> Result<bool> {
        let result = sqlx::query("INSERT INTO uses (id, at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(id.as_slice())
            .bind(instant(at))
            .execute(&self.asides)
            .await
            .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn change_counters(
        &self,
        keys: &[[u8; 32]],
        change: &mut (dyn for<'a> FnMut(&'a mut [Option<Counter>]) + Send),
    ) -> Result<()> {
        let mut tx = begin(&self.asides, "BEGIN ISOLATION LEVEL READ COMMITTED".to_owned()).await?;
        // Always in the same order, so that two callers never wait for each other.
        let mut locks: Vec<i32> = keys.iter().map(|key| i32::from_be_bytes([key[0], key[1], key[2], key[3]])).collect();
        locks.sort_unstable();
        sqlx::query("SELECT pg_advisory_xact_lock($1, number) FROM unnest($2) AS number")
            .bind(COUNTER_LOCKS)
            .bind(locks)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        let bytes: Vec<&[u8]> = keys.iter().map(<[u8; 32]>::as_slice).collect();
        let rows = sqlx::query("SELECT key, failures, blocked_until FROM counters WHERE key = ANY ($1)")
            .bind(&bytes)
            .fetch_all(&mut *tx)
            .await
            .map_err(failed)?;
        let mut kept = HashMap::new();
        for row in &rows {
            let failures = u32::try_from(row.integer("failures")?).unwrap_or(u32::MAX);
            kept.insert(row.bytes("key")?, Counter { failures, blocked_until: row.at("blocked_until")? });
        }
        let mut counters: Vec<Option<Counter>> = bytes.iter().map(|key| kept.get(*key).copied()).collect();
        change(&mut counters);

        let (gone, left): (Vec<_>, Vec<_>) = bytes.into_iter().zip(counters).partition(|(_, counter)| counter.is_none());
        let gone: Vec<&[u8]> = gone.into_iter().map(|(key, _)| key).filter(|key| kept.contains_key(*key)).collect();
        let changed: Vec<(&[u8], Counter)> = left
            .into_iter()
            .filter_map(|(key, counter)| Some((key, counter?)))
            .filter(|(key, counter)| kept.get(*key) != Some(counter))
            .collect();
        if !gone.is_empty() {
            sqlx::query("DELETE FROM counters WHERE key = ANY ($1)").bind(gone).execute(&mut *tx).await.map_err(failed)?;
        }
        if !changed.is_empty() {
            let keys: Vec<&[u8]> = changed.iter().map(|(key, _)| *key).collect();
            let failures: Vec<i64> = changed.iter().map(|(_, counter)| i64::from(counter.failures)).collect();
            let until: Vec<OffsetDateTime> = changed.iter().map(|(_, counter)| instant(counter.blocked_until)).collect();
            sqlx::query(
                "INSERT INTO counters (key, failures, blocked_until) SELECT * FROM unnest($1, $2, $3) \
                 ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, blocked_until = excluded.blocked_until",
            )
            .bind(keys)
            .bind(failures)
            .bind(until)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        }
        tx.commit().await.map_err(failed)
    }

    async fn forget(&self, uses: Timestamp, counters: Timestamp) -> Result<u64> {
        let uses =
            sqlx::query("DELETE FROM uses WHERE at < $1").bind(instant(uses)).execute(&self.asides).await.map_err(failed)?;
        let counters = sqlx::query("DELETE FROM counters WHERE blocked_until < $1")
            .bind(instant(counters))
            .execute(&self.asides)
            .await
            .map_err(failed)?;
        Ok(uses.rows_affected() + counters.rows_affected())
    }

    async fn key_fingerprint(&self) -> Result<Option<Vec<u8>>> {
        sqlx::query_scalar("SELECT fingerprint FROM server_key").fetch_optional(&self.asides).await.map_err(failed)
    }

    async fn keep_key_fingerprint(&self, fingerprint: &[u8; 32], replace: bool) -> Result<bool> {
        let kept: Vec<u8> = sqlx::query_scalar(
            "INSERT INTO server_key (one, fingerprint) VALUES (1, $1) ON CONFLICT (one) DO UPDATE \
             SET fingerprint = CASE WHEN $2 THEN excluded.fingerprint ELSE server_key.fingerprint END RETURNING fingerprint",
        )
        .bind(fingerprint.as_slice())
        .bind(replace)
        .fetch_one(&self.asides)
        .await
        .map_err(failed)?;
        Ok(kept == fingerprint)
    }
}
