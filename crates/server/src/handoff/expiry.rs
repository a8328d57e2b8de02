//! What is over is told to those who wait for it, at its time, without anybody asking.

use std::time::Duration;

use protocol::{Timestamp, handoff::HandoffEnd};

use super::{error::HandoffError, open::close};
use crate::{kiosk_session, state::AppState};

/// Longest sleep of a single node; it also paces the forgetting.
const LONGEST: Duration = Duration::from_hours(1);
/// Longest sleep where another node may have begun what this one has to end, because that node may have stopped since.
const LONGEST_OF_NODES: Duration = Duration::from_secs(5);
/// Pause after a failure of the store.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How long what is over is remembered.
const REMEMBERED: Duration = Duration::from_hours(24);
/// How long a hold is remembered that is over. A kiosk tells what was done under it once it has a network again, which may take
/// days; its session may be alive for so long.
const HOLDS_REMEMBERED: Duration = Duration::from_hours(8 * 24);

/// Sweeps at each expiry until the server stops. Sleeps in between.
pub async fn run(state: AppState) {
    let mut forgotten_at = None;
    let longest = if state.store.shared().is_some() { LONGEST_OF_NODES } else { LONGEST };
    loop {
        let pause = match sweep(&state).await {
            Ok(next) => next
                .map_or(longest, |next| next.since(state.lifetimes.now()).saturating_add(Duration::from_millis(1)).min(longest)),
            Err(error) => {
                tracing::error!(%error, "expired handoffs and kiosk sessions could not be ended; trying again");
                AFTER_FAILURE
            }
        };
        let now = state.clock.monotonic();
        if forgotten_at.is_none_or(|at| now.saturating_sub(at) >= LONGEST) {
            forgotten_at = Some(now);
            if let Err(error) = forget(&state).await {
                tracing::error!(%error, "what is over could not be forgotten; trying again later");
            }
        }
        tokio::select! {
            () = state.shutdown.cancelled() => return,
            () = state.begun.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Ends what is over now; answers when the next thing will be.
///
/// # Errors
/// The store failed.
pub async fn sweep(state: &AppState) -> Result<Option<Timestamp>, HandoffError> {
    let mut reader = state.read().await?;
    let next = earlier(reader.next_handoff_expiry().await?, reader.next_kiosk_session_expiry().await?);
    let next = earlier(next, reader.next_stock_expiry().await?);
    drop(reader);
    if next.is_none_or(|next| next > state.lifetimes.now()) {
        return Ok(next);
    }
    let mut tx = state.write().await?;
    let now = state.lifetimes.now();
    for handoff in tx.expired_handoffs(now).await? {
        close(&mut tx, &handoff, HandoffEnd::Expired).await?;
    }
    for hold in tx.overdue_kiosk_sessions(now).await? {
        kiosk_session::operations::end(&mut tx, hold.id, hold.overdue()).await?;
    }
    tx.end_overdue_holds(now).await?;
    let next = earlier(tx.next_handoff_expiry().await?, tx.next_kiosk_session_expiry().await?);
    let next = earlier(next, tx.next_stock_expiry().await?);
    tx.commit().await?;
    Ok(next)
}

/// Forgets what is over for long.
///
/// # Errors
/// The store failed.
pub(crate) async fn forget(state: &AppState) -> Result<(), HandoffError> {
    let mut tx = state.write().await?;
    let before = state.lifetimes.now().minus(REMEMBERED);
    tx.forget_handoffs(before).await?;
    tx.forget_kiosk_sessions(state.lifetimes.now().minus(HOLDS_REMEMBERED)).await?;
    tx.forget_enrolments(state.now().minus(REMEMBERED)).await?;
    tx.forget_phone_sessions(state.now()).await?;
    tx.forget_qr_tokens(before).await?;
    tx.forget_sign_in_attempts(state.now()).await?;
    tx.forget_account_tokens(state.now()).await?;
    Ok(tx.commit().await?)
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}
