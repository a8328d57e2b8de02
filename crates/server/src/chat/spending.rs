//! What an assistant may spend on one person a day, and on one conversation. The built-in one spends nothing.

use protocol::ids::{ProfileId, SessionId};
use server_store::{ReadTx, StoreError};

use crate::{state::AppState, transaction::Tx};

const MICRO_USD_PER_CENT: i64 = 10_000;
const MILLIS_PER_DAY: i64 = 24 * 60 * 60 * 1_000;
/// Under this day is counted what belongs to a conversation.
const WHOLE_LIFE: i64 = 0;

fn today(state: &AppState) -> i64 {
    state.now().unix_millis() / MILLIS_PER_DAY
}

/// Whether there is something left to spend.
///
/// # Errors
/// The store failed.
pub(super) async fn is_left(
    tx: &mut dyn ReadTx,
    state: &AppState,
    who: ProfileId,
    session: SessionId,
) -> Result<bool, StoreError> {
    let by_person = tx.spent(who.0, today(state)).await?;
    let by_session = tx.spent(session.0, WHOLE_LIFE).await?;
    let most = |cents: u32| i64::from(cents) * MICRO_USD_PER_CENT;
    Ok(by_person < most(state.config.chat_cents_per_day) && by_session < most(state.config.chat_cents_per_session))
}

/// Notes what an answer cost.
///
/// # Errors
/// The store failed.
pub(super) async fn note(tx: &mut Tx, who: ProfileId, session: SessionId, micro_usd: u32) -> Result<(), StoreError> {
    if micro_usd == 0 {
        return Ok(());
    }
    let (day, at) = (today(tx.state()), tx.now());
    tx.spend(who.0, day, micro_usd.into(), at).await?;
    tx.spend(session.0, WHOLE_LIFE, micro_usd.into(), at).await
}
