use std::time::Duration;

use server_store::StoreError;

use super::task;
use crate::transaction::Tx;

/// What was spent is counted by the day, and of a conversation for as long as it can live without being used.
const SPENDING: Duration = Duration::from_hours(8 * 24);

/// Forgets answers that nobody asks for any more, and what was spent long ago; answers how many entries those were.
///
/// # Errors
/// The store failed.
pub async fn sweep(tx: &mut Tx) -> Result<u64, StoreError> {
    let now = tx.now();
    let tasks = tx.forget_chat_tasks(now.minus(task::LIFE)).await?;
    Ok(tasks + tx.forget_spending(now.minus(SPENDING)).await?)
}
