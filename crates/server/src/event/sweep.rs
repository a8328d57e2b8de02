use std::time::Duration;

use server_store::StoreError;

use crate::{chat, state::AppState, voice_session};

/// Events are kept so long.
const EVENTS: Duration = Duration::from_hours(7 * 24);
/// Answers to repeated requests are kept so long.
const ANSWERS: Duration = Duration::from_hours(24);
/// Keys of pushed changes are kept so long; a kiosk may have been without a network for weeks.
const OPS: Duration = Duration::from_hours(90 * 24);
/// Products that are gone are remembered so long for kiosks that were away; a kiosk that was away for longer copies all of them anew.
const GONE_PRODUCTS: Duration = Duration::from_hours(90 * 24);
const EVERY: Duration = Duration::from_hours(1);

/// Forgets what has been kept long enough, now and every hour until the server stops.
pub fn keep_swept(state: AppState) {
    tokio::spawn(async move {
        loop {
            if let Err(error) = sweep(&state).await {
                tracing::error!(%error, "old events could not be forgotten");
            }
            tokio::select! {
                () = state.shutdown.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    });
}

/// Forgets what has been kept long enough.
///
/// # Errors
/// The store failed.
pub async fn sweep(state: &AppState) -> Result<(), StoreError> {
    let mut tx = state.write().await?;
    let now = tx.now();
    let events = tx.forget_events(now.minus(EVENTS)).await?;
    let answers = tx.forget_answers(now.minus(ANSWERS)).await?;
    let ops = tx.forget_ops(now.minus(OPS)).await?;
    let products = tx.forget_gone_products(now, now.minus(GONE_PRODUCTS)).await?;
    let links = tx.forget_account_tokens(now).await?;
    let conversations = voice_session::sweep(&mut tx).await?;
    let chats = chat::sweep(&mut tx).await?;
    tx.commit().await?;
    if events + answers + ops + products + links + conversations + chats > 0 {
        tracing::info!(events, answers, ops, products, links, conversations, chats, "forgot what was old");
    }
    Ok(())
}
