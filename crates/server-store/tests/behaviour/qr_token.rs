use protocol::ids::SessionId;
use server_store::{Store, records::QrTokenRecord};

use super::{at, id, session_of, write};

fn token(number: u8, session: u128) -> QrTokenRecord {
    QrTokenRecord { token_hash: vec![number; 32], session_id: SessionId(id(session)), expires_at: at(60) }
}

pub async fn a_session_has_one_token_that_is_used_once(store: &dyn Store) {
    write(store, async |tx| {
        tx.insert_session(&session_of(1, "901")).await?;
        tx.insert_session(&session_of(2, "902")).await?;
        tx.put_qr_token(&token(1, 1)).await?;
        tx.put_qr_token(&token(2, 1)).await?;
        tx.put_qr_token(&token(3, 2)).await
    })
    .await
    .unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.qr_token(&[1; 32]).await.unwrap(), None, "the second took its place");
    assert_eq!(tx.qr_token(&[2; 32]).await.unwrap(), Some(token(2, 1)));
    drop(tx);
    assert!(write(store, async |tx| tx.use_qr_token(&[2; 32]).await).await.unwrap());
    assert!(!write(store, async |tx| tx.use_qr_token(&[2; 32]).await).await.unwrap());
    assert_eq!(store.read().await.unwrap().qr_token(&[3; 32]).await.unwrap(), Some(token(3, 2)));
    assert_eq!(write(store, async |tx| tx.forget_qr_tokens(at(60)).await).await.unwrap(), 0);
    assert_eq!(write(store, async |tx| tx.forget_qr_tokens(at(61)).await).await.unwrap(), 1);
}
