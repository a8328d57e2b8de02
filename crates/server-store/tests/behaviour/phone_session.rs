use server_store::{Store, records::PhoneSessionRecord};

use super::{account::plain, at, write};

pub async fn a_browser_is_signed_in_until_it_is_signed_out_or_forgotten(store: &dyn Store) {
    let account = plain(1);
    write(store, async |tx| tx.insert_account(&account).await).await.unwrap();
    let session = |cookie: u8| PhoneSessionRecord {
        cookie_hash: vec![cookie; 32],
        account_id: account.id,
        created_at: at(0),
        expires_at: at(10),
    };
    for cookie in [1, 2] {
        write(store, async |tx| tx.insert_phone_session(&session(cookie)).await).await.unwrap();
    }
    assert_eq!(store.read().await.unwrap().phone_session(&[1; 32]).await.unwrap(), Some(session(1)));
    assert!(write(store, async |tx| tx.remove_phone_session(&[1; 32]).await).await.unwrap());
    assert!(!write(store, async |tx| tx.remove_phone_session(&[1; 32]).await).await.unwrap());
    assert_eq!(store.read().await.unwrap().phone_session(&[1; 32]).await.unwrap(), None);
    assert_eq!(write(store, async |tx| tx.forget_phone_sessions(at(10)).await).await.unwrap(), 0);
    assert_eq!(write(store, async |tx| tx.forget_phone_sessions(at(11)).await).await.unwrap(), 1);
}

pub async fn somebody_is_signed_out_everywhere_at_once(store: &dyn Store) {
    let session = |account: u128, cookie: u8| PhoneSessionRecord {
        cookie_hash: vec![cookie; 32],
        account_id: plain(account).id,
        created_at: at(0),
        expires_at: at(10),
    };
    write(store, async |tx| {
        tx.insert_account(&plain(1)).await?;
        tx.insert_account(&plain(2)).await?;
        tx.insert_phone_session(&session(1, 1)).await?;
        tx.insert_phone_session(&session(1, 2)).await?;
        tx.insert_phone_session(&session(2, 3)).await
    })
    .await
    .unwrap();
    assert_eq!(write(store, async |tx| tx.remove_phone_sessions_of(plain(1).id).await).await.unwrap(), 2);
    assert_eq!(store.read().await.unwrap().phone_session(&[1; 32]).await.unwrap(), None);
    assert_eq!(store.read().await.unwrap().phone_session(&[3; 32]).await.unwrap(), Some(session(2, 3)));
}
