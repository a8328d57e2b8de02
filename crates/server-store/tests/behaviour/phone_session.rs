use protocol::ids::AccountId;
use server_store::{
    Store,
    records::{AccountRecord, PhoneSessionRecord},
};

use super::{at, id, write};

pub async fn a_browser_is_signed_in_until_it_is_signed_out_or_forgotten(store: &dyn Store) {
    let account = AccountRecord {
        id: AccountId(id(1)),
        phone: None,
        phone_verified: false,
        email: None,
        password_hash: None,
        customer_id: None,
        created_at: at(0),
        updated_at: at(0),
    };
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
