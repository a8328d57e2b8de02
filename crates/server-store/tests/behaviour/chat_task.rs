use protocol::{
    ErrorCode,
    chat::{ChatData, ChatResponse, TaskStatus},
    ids::{ProfileId, SessionId},
};
use server_store::{Store, records::ChatTaskRecord};

use super::{at, id, write};

fn task(name: &str, seconds: i64) -> ChatTaskRecord {
    ChatTaskRecord {
        id: name.into(),
        owner: ProfileId(id(1)),
        status: TaskStatus::Pending,
        result: None,
        error: None,
        at: at(seconds),
    }
}

pub async fn a_task_keeps_its_owner_and_its_newest_state(store: &dyn Store) {
    let response = ChatResponse {
        session_id: SessionId(id(2)),
        message: "Hello.".into(),
        data: ChatData { suggestion: Some("shoes".into()), ..ChatData::default() },
        draft: None,
        awaiting_approval: false,
        task_id: None,
        session_token: None,
    };
    let done = ChatTaskRecord { status: TaskStatus::Success, result: Some(response), at: at(3), ..task("k1", 0) };
    let failed =
        ChatTaskRecord { status: TaskStatus::Failure, error: Some(ErrorCode::AssistantUnavailable), at: at(1), ..task("k2", 0) };
    write(store, async |tx| {
        tx.put_chat_task(&task("k1", 0)).await?;
        tx.put_chat_task(&task("k2", 0)).await
    })
    .await
    .unwrap();
    assert_eq!(store.read().await.unwrap().chat_task("k1").await.unwrap(), Some(task("k1", 0)));
    write(store, async |tx| {
        tx.put_chat_task(&ChatTaskRecord { owner: ProfileId(id(9)), ..done.clone() }).await?;
        tx.put_chat_task(&failed).await
    })
    .await
    .unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.chat_task("k1").await.unwrap(), Some(done.clone()), "a task never changes hands");
    assert_eq!(tx.chat_task("k2").await.unwrap(), Some(failed));
    assert_eq!(tx.chat_task("k3").await.unwrap(), None);
    drop(tx);
    assert_eq!(write(store, async |tx| tx.forget_chat_tasks(at(3)).await).await.unwrap(), 1);
    let mut tx = store.read().await.unwrap();
    assert_eq!((tx.chat_task("k1").await.unwrap(), tx.chat_task("k2").await.unwrap()), (Some(done), None));
}
