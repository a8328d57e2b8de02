use protocol::{
    account::{Language, Preferences, Voice},
    ids::AccountId,
};
use server_store::{Store, StoreError, records::AccountRecord};

use super::{at, customer, id, write};

/// An account with a phone, an e-mail and a customer, not stored yet.
pub fn record(number: u128) -> AccountRecord {
    AccountRecord {
        id: AccountId(id(number)),
        phone: Some(format!("+1202555010{number}")),
        phone_verified: true,
        email: Some(format!("asha{number}@shop.example")),
        email_verified: true,
        pending_email: Some("asha@shop.example".into()),
        display_name: "Asha Example".into(),
        password_hash: Some("$argon2id$one".into()),
        preferences: Preferences { preferred_voice: Voice::Nova, favorite_topics: vec!["food".into()], ..Preferences::default() },
        customer_id: Some(format!("90{number}").into()),
        created_at: at(0),
        updated_at: at(0),
    }
}

/// An account with nothing but an id and an e-mail.
pub fn plain(number: u128) -> AccountRecord {
    AccountRecord {
        phone: None,
        phone_verified: false,
        email_verified: false,
        pending_email: None,
        password_hash: None,
        preferences: Preferences::default(),
        customer_id: None,
        ..record(number)
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

pub async fn a_password_hash_is_replaced_only_while_it_is_the_known_one(store: &dyn Store) {
    with_customers(store).await;
    write(store, async |tx| tx.insert_account(&record(1)).await).await.unwrap();
    let replace = async |known: &str, new: &str| {
        write(store, async |tx| tx.replace_password_hash(record(1).id, known, new, at(7)).await).await.unwrap()
    };
    assert!(replace("$argon2id$one", "$argon2id$two").await);
    assert!(!replace("$argon2id$one", "$argon2id$three").await);
    let account = store.read().await.unwrap().account(record(1).id).await.unwrap().unwrap();
    assert_eq!(account.password_hash.as_deref(), Some("$argon2id$two"));
}

pub async fn each_member_of_an_account_changes_by_itself(store: &dyn Store) {
    with_customers(store).await;
    let account = plain(1);
    write(store, async |tx| tx.insert_account(&account).await).await.unwrap();
    let preferences = Preferences { preferred_language: Language::Es, ..Preferences::default() };
    write(store, async |tx| {
        tx.set_display_name(account.id, "Ravi Sample", at(1)).await?;
        tx.set_pending_email(account.id, Some("ravi@shop.example"), at(2)).await?;
        tx.set_preferences(account.id, &preferences, at(3)).await
    })
    .await
    .unwrap();
    let now = store.read().await.unwrap().account(account.id).await.unwrap().unwrap();
    assert_eq!((now.display_name.as_str(), now.pending_email.as_deref()), ("Ravi Sample", Some("ravi@shop.example")));
    assert_eq!((&now.preferences, now.updated_at, &now.email), (&preferences, at(3), &account.email));
    write(store, async |tx| tx.set_email(account.id, "ravi@shop.example", true, at(4)).await).await.unwrap();
    let now = store.read().await.unwrap().account_by_email("ravi@shop.example").await.unwrap().unwrap();
    assert_eq!((now.id, now.email_verified, now.pending_email), (account.id, true, None));
    assert_eq!(store.read().await.unwrap().account_by_email("asha1@shop.example").await.unwrap(), None);
}

pub async fn an_email_that_somebody_has_is_refused(store: &dyn Store) {
    write(store, async |tx| {
        tx.insert_account(&plain(1)).await?;
        tx.insert_account(&plain(2)).await?;
        tx.set_pending_email(plain(2).id, plain(1).email.as_deref(), at(1)).await
    })
    .await
    .unwrap();
    let refused = write(store, async |tx| tx.set_email(plain(2).id, "asha1@shop.example", true, at(1)).await).await;
    assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
}

pub async fn an_account_is_linked_to_a_customer_once(store: &dyn Store) {
    with_customers(store).await;
    write(store, async |tx| {
        tx.insert_account(&plain(1)).await?;
        tx.insert_account(&plain(2)).await
    })
    .await
    .unwrap();
    let link = async |account: u128, customer: &str| {
        write(store, async |tx| tx.link_customer(plain(account).id, &customer.into(), at(1)).await).await
    };
    assert!(link(1, "901").await.unwrap());
    assert!(!link(1, "902").await.unwrap(), "it keeps its first");
    let refused = link(2, "901").await;
    assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
    let account = store.read().await.unwrap().account_of_customer(&"901".into()).await.unwrap().unwrap();
    assert_eq!(account.id, plain(1).id);
}

pub async fn the_slowest_foreign_hash_of_each_kind_is_found(store: &dyn Store) {
    assert_eq!(store.read().await.unwrap().slowest_foreign_hashes().await.unwrap(), Vec::<String>::new());
    let hashes = [
        "$2b$10$aaaa",
        "$2a$12$bbbb",
        "$argon2id$v=19$m=19456,t=2,p=1$cccc",
        "pbkdf2_sha256$600000$salt$dddd",
        "pbkdf2_sha256$1000000$salt$eeee",
        "pbkdf2_sha256$99999$salt$ffff",
    ];
    write(store, async |tx| {
        for (number, hash) in (1..).zip(hashes) {
            tx.insert_account(&AccountRecord { password_hash: Some(hash.into()), ..plain(number) }).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    let mut slowest = store.read().await.unwrap().slowest_foreign_hashes().await.unwrap();
    slowest.sort();
    assert_eq!(slowest, ["$2a$12$bbbb", "pbkdf2_sha256$1000000$salt$eeee"]);
}
