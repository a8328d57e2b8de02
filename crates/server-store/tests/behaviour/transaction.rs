use server_store::Store;

use super::{customer, session_of, write};

pub async fn what_is_not_committed_leaves_no_trace(store: &dyn Store) {
    let mut tx = store.write().await.unwrap();
    tx.put_customer(&customer::record("901", "")).await.unwrap();
    tx.insert_session(&session_of(1, "901")).await.unwrap();
    assert!(tx.customer(&"901".into()).await.unwrap().is_some(), "a writer sees its own changes");
    drop(tx);
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.customer(&"901".into()).await.unwrap(), None);
    drop(tx);
    write(store, async |tx| tx.insert_session(&session_of(1, "901")).await).await.unwrap();
}

pub async fn writers_wait_for_each_other(store: &dyn Store) {
    write(store, async |tx| tx.insert_session(&session_of(1, "901")).await).await.unwrap();
    let raise = async || {
        write(store, async |tx| {
            let mut session = tx.session(session_of(1, "901").id).await?.unwrap();
            // Whoever else is ready runs in between, and must not get in between.
            tokio::task::yield_now().await;
            session.version += 1;
            tx.update_session(&session).await
        })
        .await
        .unwrap();
    };
    tokio::join!(raise(), raise(), raise(), raise(), raise());
    let session = store.read().await.unwrap().session(session_of(1, "901").id).await.unwrap().unwrap();
    assert_eq!(session.version, 6);
}

pub async fn a_reader_sees_one_state(store: &dyn Store) {
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.customer_count().await.unwrap(), 0);
    write(store, async |tx| tx.put_customer(&customer::record("901", "")).await).await.unwrap();
    assert_eq!(reader.customer_count().await.unwrap(), 0, "what came later is not part of it");
    drop(reader);
    assert_eq!(store.read().await.unwrap().customer_count().await.unwrap(), 1);
}
