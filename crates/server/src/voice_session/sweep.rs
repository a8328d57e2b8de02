use std::time::Duration;

use server_store::{StoreError, records::Topic};

use crate::transaction::Tx;

/// An anonymous conversation that nobody ended is over after so long.
pub(super) const ANONYMOUS: Duration = Duration::from_hours(24);
/// An agent that was not heard of for so long is none any more.
const AGENTS: Duration = Duration::from_hours(7 * 24);

/// Forgets anonymous conversations that nobody ended, reservations that nobody used and agents that are gone; answers how many.
///
/// # Errors
/// The store failed.
pub async fn sweep(tx: &mut Tx) -> Result<u64, StoreError> {
    let (now, lifetime) = (tx.now(), tx.state().lifetimes.now());
    let over = tx.forget_anonymous_voice_sessions(now.minus(ANONYMOUS)).await?;
    for id in &over {
        // Whoever still listens is told.
        tx.touch(Topic::Transcript(*id));
    }
    let reservations = tx.forget_voice_reservations(lifetime).await?;
    let agents = tx.forget_voice_agents(now.minus(AGENTS)).await?;
    Ok(u64::try_from(over.len()).unwrap_or(u64::MAX) + reservations + agents)
}
