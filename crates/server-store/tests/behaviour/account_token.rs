use server_store::{
    Store,
    records::{AccountTokenRecord, TokenPurpose},
};

use super::{account::plain, at, write};

fn token(number: u8, account: u128, purpose: TokenPurpose) -> AccountTokenRecord {
    AccountTokenRecord {
        token_hash: vec![number; 32],
        account_id: plain(account).id,
        purpose,
        email: format!("asha{number}@shop.example"),
        created_at: at(0),
        expires_at: at(i64::from(number)),
    }
}

async fn with_tokens(store: &dyn Store, tokens: &[AccountTokenRecord]) {
    write(store, async |tx| {
        tx.insert_account(&plain(1)).await?;
        tx.insert_account(&plain(2)).await?;
        for token in tokens {
            tx.put_account_token(token).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

async fn find(store: &dyn Store, number: u8) -> Option<AccountTokenRecord> {
    store.read().await.unwrap().account_token(&[number; 32]).await.unwrap()
}

pub async fn a_mailed_token_is_used_once(store: &dyn Store) {
    let kept = token(1, 1, TokenPurpose::ResetPassword);
    with_tokens(store, std::slice::from_ref(&kept)).await;
    assert_eq!(find(store, 1).await, Some(kept));
    assert!(write(store, async |tx| tx.use_account_token(&[1; 32]).await).await.unwrap());
    assert!(!write(store, async |tx| tx.use_account_token(&[1; 32]).await).await.unwrap());
    assert_eq!(find(store, 1).await, None);
}

pub async fn a_new_token_takes_the_place_of_the_last_for_the_same_purpose(store: &dyn Store) {
    let other = token(3, 1, TokenPurpose::VerifyEmail);
    let of_somebody_else = token(4, 2, TokenPurpose::ResetPassword);
    let new = token(2, 1, TokenPurpose::ResetPassword);
    with_tokens(store, &[token(1, 1, TokenPurpose::ResetPassword), other.clone(), of_somebody_else.clone(), new.clone()]).await;
    assert_eq!(find(store, 1).await, None);
    assert_eq!(find(store, 2).await, Some(new));
    assert_eq!(find(store, 3).await, Some(other));
    assert_eq!(find(store, 4).await, Some(of_somebody_else));
}

pub async fn tokens_are_taken_back_and_forgotten(store: &dyn Store) {
    let kept = token(9, 2, TokenPurpose::VerifyEmail);
    with_tokens(
        store,
        &[
            token(1, 1, TokenPurpose::ResetPassword),
            token(3, 1, TokenPurpose::VerifyEmail),
            token(2, 2, TokenPurpose::ResetPassword),
            kept.clone(),
        ],
    )
    .await;
    write(store, async |tx| tx.remove_account_tokens(plain(1).id).await).await.unwrap();
    assert_eq!((find(store, 1).await, find(store, 3).await), (None, None));
    assert_eq!(write(store, async |tx| tx.forget_account_tokens(at(3)).await).await.unwrap(), 1);
    assert_eq!(find(store, 2).await, None);
    assert_eq!(find(store, 9).await, Some(kept));
}
