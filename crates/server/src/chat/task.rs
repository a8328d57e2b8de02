//! Answers that take their time: the caller gets a name at once and asks for the answer under it.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::{
    ErrorCode,
    chat::{ChatResponse, TaskAnswer, TaskStatus},
    ids::ProfileId,
};
use server_store::{ReadTx, StoreError, records::ChatTaskRecord};

use crate::{state::AppState, transaction::Tx};

/// Who thinks longer was stopped with the server.
const PATIENCE: Duration = Duration::from_mins(2);
/// An answer can be asked for so long.
pub(super) const LIFE: Duration = Duration::from_hours(1);

/// A new task of `owner`, begun by the caller's transaction.
///
/// # Errors
/// The store failed.
pub(super) async fn begin(tx: &mut Tx, owner: ProfileId) -> Result<ChatTaskRecord, StoreError> {
    let mut random = [0; 16];
    tx.state().entropy.fill(&mut random);
    let task = ChatTaskRecord {
        id: format!("k{}", BASE64_URL_SAFE_NO_PAD.encode(random)),
        owner,
        status: TaskStatus::Pending,
        result: None,
        error: None,
        at: tx.now(),
    };
    tx.put_chat_task(&task).await?;
    Ok(task)
}

/// Somebody thinks about it.
///
/// # Errors
/// The store failed.
pub(super) async fn start(state: &AppState, task: &ChatTaskRecord) -> Result<(), StoreError> {
    let mut tx = state.write().await?;
    let at = tx.now();
    tx.put_chat_task(&ChatTaskRecord { status: TaskStatus::Started, at, ..task.clone() }).await?;
    tx.commit().await
}

/// The answer, together with whatever it changes. A token is nobody's to read later.
///
/// # Errors
/// The store failed.
pub(super) async fn succeed(tx: &mut Tx, task: &ChatTaskRecord, response: &ChatResponse) -> Result<(), StoreError> {
    let at = tx.now();
    let result = Some(ChatResponse { session_token: None, ..response.clone() });
    tx.put_chat_task(&ChatTaskRecord { status: TaskStatus::Success, result, at, ..task.clone() }).await
}

/// There is no answer.
pub(super) async fn fail(state: &AppState, task: &ChatTaskRecord) {
    let failed = async {
        let mut tx = state.write().await?;
        let at = tx.now();
        let error = Some(ErrorCode::AssistantUnavailable);
        tx.put_chat_task(&ChatTaskRecord { status: TaskStatus::Failure, error, at, ..task.clone() }).await?;
        tx.commit().await
    };
    if let Err(error) = failed.await {
        // Whoever asks is told so once it has taken too long.
        tracing::error!(%error, "a failed answer could not be noted");
    }
}

/// How far the caller's own task has come; none where there is none of that name, or it is somebody else's.
///
/// # Errors
/// The store failed.
pub(super) async fn look(
    tx: &mut dyn ReadTx,
    state: &AppState,
    id: &str,
    callers: &[ProfileId],
) -> Result<Option<TaskAnswer>, StoreError> {
    let now = state.now();
    let task = tx.chat_task(id).await?.filter(|task| callers.contains(&task.owner) && now.since(task.at) < LIFE);
    Ok(task.map(|task| {
        let waits = matches!(task.status, TaskStatus::Pending | TaskStatus::Started);
        if waits && now.since(task.at) >= PATIENCE {
            let error = Some(ErrorCode::AssistantUnavailable);
            return TaskAnswer { task_id: task.id, status: TaskStatus::Failure, result: None, error };
        }
        TaskAnswer { task_id: task.id, status: task.status, result: task.result.map(Box::new), error: task.error }
    }))
}
