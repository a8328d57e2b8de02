use std::time::Duration;

use server_store::StoreError;

use crate::{password::FORGET_AFTER, proof::LONGEST_PROOF, state::AppState};

const EVERY: Duration = Duration::from_mins(1);

/// Forgets what nodes no longer need to tell each other, every minute until the server stops.
pub fn keep_swept(state: AppState) {
    if state.store.shared().is_none() {
        return;
    }
    tokio::spawn(async move {
        loop {
            if let Err(error) = sweep(&state).await {
                tracing::warn!(%error, "used proofs and old failures could not be forgotten; trying again");
            }
            tokio::select! {
                () = state.shutdown.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    });
}

async fn sweep(state: &AppState) -> Result<(), StoreError> {
    let Some(shared) = state.store.shared() else { return Ok(()) };
    let now = state.lifetimes.now();
    // Twice as long as any proof is taken, for nodes whose clocks differ.
    shared.forget(now.minus(2 * LONGEST_PROOF), now.minus(FORGET_AFTER)).await?;
    Ok(())
}
