use protocol::ids::AccountId;
use server_store::{Store, StoreError, records::AccountRecord};

use super::{at, customer, id, write};

fn record(number: u128) -> AccountRecord {
    AccountRecord {
        id: AccountId(id(number)),
        phone: Some(format!("+1202555010{number}")),
        phone_verified: true,
        email: Some(format!("asha{number}@shop.example")),
        password_hash: Some("$argon2id$one".into()),
        customer_id: Some(format!("90{number}").into()),
        created_at: at(0),
        updated_at: at(0),
    }
}

async fn with_customers(store: &dyn Store) {
    write(store, async |tx| {
        tx.put_customer(&customer::record("901", "")).await?;
        tx.put_customer(&customer::record("902", "")).await
    })
    .await
    .unwrap();
}

pub async fn an_account_is_found_by_what_it_holds(store: &dyn Store) {
    with_customers(store).await;
    let account = record(1);
    write(store, async |tx| tx.insert_account(&account).await).await.unwrap();
    let mut tx = store.read().await.unwrap();
    let found = Some(&account);
    assert_eq!(tx.account(account.id).await.unwrap().as_ref(), found);
    assert_eq!(tx.account_by_phone("+12025550101").await.unwrap().as_ref(), found);
    assert_eq!(tx.account_by_email("asha1@shop.example").await.unwrap().as_ref(), found);
    assert_eq!(tx.account_of_customer(&"901".into()).await.unwrap().as_ref(), found);
    assert_eq!(tx.account_by_phone("+12025550102").await.unwrap(), None);
}

pub async fn phone_email_and_customer_belong_to_one_account(store: &dyn Store) {
    with_customers(store).await;
    write(store, async |tx| tx.insert_account(&record(1)).await).await.unwrap();
    let (mut phone, mut email, mut customer) = (record(2), record(2), record(2));
    phone.phone.clone_from(&record(1).phone);
    email.email.clone_from(&record(1).email);
    customer.customer_id.clone_from(&record(1).customer_id);
    for account in [phone, email, customer] {
        let refused = write(store, async |tx| tx.insert_account(&account).await).await;
        assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
    }
    write(store, async |tx| tx.insert_account(&record(2)).await).await.unwrap();
}

pub async fn a_new_password_replaces_the_old(store: &dyn Store) {
    with_customers(store).await;
    write(store, async |tx| tx.insert_account(&record(1)).await).await.unwrap();
    write(store, async |tx| tx.set_password_hash(record(1).id, "$argon2id$two", at(7)).await).await.unwrap();
    let account = store.read().await.unwrap().account(record(1).id).await.unwrap().unwrap();
    assert_eq!((account.password_hash.as_deref(), account.updated_at), (Some("$argon2id$two"), at(7)));
    let refused = write(store, async |tx| tx.set_password_hash(record(2).id, "x", at(7)).await).await;
    assert!(matches!(refused, Err(StoreError::Missing)), "{refused:?}");
}

pub async fn a_phone_that_was_dropped_is_free(store: &dyn Store) {
    with_customers(store).await;
    write(store, async |tx| tx.insert_account(&record(1)).await).await.unwrap();
    write(store, async |tx| tx.drop_phone(record(1).id, at(7)).await).await.unwrap();
    let mut tx = store.read().await.unwrap();
    let account = tx.account(record(1).id).await.unwrap().unwrap();
    assert_eq!((account.phone, account.phone_verified, account.updated_at), (None, false, at(7)));
    assert_eq!(tx.account_by_phone("+12025550101").await.unwrap(), None);
    drop(tx);
    let other = AccountRecord { phone: record(1).phone, ..record(2) };
    write(store, async |tx| tx.insert_account(&other).await).await.unwrap();
}
