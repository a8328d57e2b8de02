use std::time::Duration;

use server_store::StoreError;

use crate::state::AppState;

/// How often the log is compared.
const EVERY: Duration = Duration::from_millis(500);

/// Wakes the streams for events of other programs on the same database, such as an operator's command, until the server
/// stops.
pub fn watch(state: AppState) {
    tokio::spawn(async move {
        loop {
            // A stream that begins reads the log itself, so nothing is missed while nobody listens.
            if state.bus.is_heard()
                && let Err(error) = compare(&state).await
            {
                tracing::error!(%error, "the event log could not be read");
            }
            tokio::select! {
                () = state.shutdown.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    });
}

async fn compare(state: &AppState) -> Result<(), StoreError> {
    let newest = state.read().await?.newest_cursor().await?;
    state.bus.catch_up(newest);
    Ok(())
}
