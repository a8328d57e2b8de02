//! A session together with what shows it, in one call of the database: each call costs a way to the connection's thread and
//! back, while all other writers wait. What was read ahead is handed out once, and forgotten as soon as anything else is asked
//! of the database that could have changed it.

use futures_util::TryStreamExt as _;
use protocol::{
    ids::{CustomerId, SessionId},
    session::ChatEntry,
    shop::Shop,
};
use sqlx::{Either, Executor as _, sqlite::SqliteRow};

use super::{
    SqliteTx,
    catalogue::shop,
    column::failed,
    customer::customer,
    session::{entry, session},
};
use crate::{
    Result,
    records::{CustomerRecord, SessionRecord},
};

const LOOK: &str = "\
    SELECT * FROM sessions WHERE token_hash = ?; \
    SELECT * FROM chat_entries WHERE session_id = (SELECT session_id FROM sessions WHERE token_hash = ?) ORDER BY number DESC LIMIT ?; \
    SELECT customers.* FROM customers JOIN sessions USING (customer_id) WHERE sessions.token_hash = ?; \
    SELECT body FROM shops";

/// What was read ahead; none of what was not, or was handed out.
#[derive(Default)]
pub(super) struct Ahead {
    entries: Option<(SessionId, u32, Vec<SqliteRow>)>,
    customer: Option<(CustomerId, Option<SqliteRow>)>,
    /// None or one.
    shop: Option<Vec<SqliteRow>>,
}

impl Ahead {
    /// The last `limit` entries of that conversation, oldest first.
    pub(super) fn entries(&mut self, of: SessionId, limit: u32) -> Option<Result<Vec<ChatEntry>>> {
        let (_, _, rows) = self.entries.take_if(|(session, most, _)| *session == of && *most == limit)?;
        Some(rows.iter().rev().map(entry).collect())
    }

    /// That customer, or that there is none.
    pub(super) fn customer(&mut self, id: &CustomerId) -> Option<Result<Option<CustomerRecord>>> {
        let (_, row) = self.customer.take_if(|(of, _)| of == id)?;
        Some(row.as_ref().map(customer).transpose())
    }

    /// The shop, or that there is none.
    pub(super) fn shop(&mut self) -> Option<Result<Option<Shop>>> {
        let rows = self.shop.take()?;
        Some(rows.first().map(shop).transpose())
    }

    /// An entry was appended.
    pub(super) fn forget_entries(&mut self) {
        self.entries = None;
    }
}

/// The session with that token, and ahead of the questions: its last `entries` entries, its customer and the shop.
pub(super) async fn look(tx: &mut SqliteTx, token_hash: &[u8], entries: u32) -> Result<Option<SessionRecord>> {
    // Of the four questions, in their order.
    let mut rows: [Vec<SqliteRow>; 4] = Default::default();
    let query = sqlx::query(LOOK).bind(token_hash).bind(token_hash).bind(entries).bind(token_hash);
    let mut results = tx.connection().fetch_many(query);
    let mut of = 0;
    while let Some(result) = results.try_next().await.map_err(failed)? {
        match result {
            Either::Left(_) => of += 1,
            Either::Right(row) => {
                if let Some(rows) = rows.get_mut(of) {
                    rows.push(row);
                }
            }
        }
    }
    drop(results);
    let [found, said, customer, shop] = rows;
    let Some(found) = found.first().map(session).transpose()? else { return Ok(None) };
    tx.ahead = Ahead {
        entries: Some((found.id, entries, said)),
        customer: Some((found.customer_id.clone(), customer.into_iter().next())),
        shop: Some(shop),
    };
    Ok(Some(found))
}
