use server_store::{Store, StoreError, records::ExternalIdentityRecord};

use super::{account::plain, at, write};

fn identity(issuer: &str, subject: &str, account: u128) -> ExternalIdentityRecord {
    ExternalIdentityRecord { issuer: issuer.into(), subject: subject.into(), account_id: plain(account).id, linked_at: at(0) }
}

pub async fn a_subject_of_a_provider_leads_to_one_account(store: &dyn Store) {
    let one = identity("https://id.example", "user_1", 1);
    write(store, async |tx| {
        tx.insert_account(&plain(1)).await?;
        tx.insert_account(&plain(2)).await?;
        tx.insert_external_identity(&one).await?;
        tx.insert_external_identity(&identity("https://id.example", "user_2", 2)).await?;
        tx.insert_external_identity(&identity("https://other.example", "user_1", 2)).await
    })
    .await
    .unwrap();
    let refused = write(store, async |tx| tx.insert_external_identity(&identity("https://id.example", "user_1", 2)).await).await;
    assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
    let mut tx = store.read().await.unwrap();
    let mut of = async |issuer: &str, subject: &str| tx.account_of_subject(issuer, subject).await.unwrap();
    assert_eq!(of("https://id.example", "user_1").await, Some(plain(1).id));
    assert_eq!(of("https://other.example", "user_1").await, Some(plain(2).id));
    assert_eq!(of("https://id.example", "USER_1").await, None);
    assert_eq!(of("https://id.example/", "user_1").await, None);
    assert_eq!(tx.external_identities(plain(1).id).await.unwrap(), [one]);
    drop(tx);
    assert_eq!(write(store, async |tx| tx.remove_external_identities(plain(2).id).await).await.unwrap(), 2);
    assert_eq!(store.read().await.unwrap().account_of_subject("https://id.example", "user_2").await.unwrap(), None);
}
