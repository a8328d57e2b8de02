use protocol::shop::Locale;
use server_store::{
    Store,
    records::{MailRecord, TokenPurpose},
};

use super::{account::plain, at, id, write};

fn mail(number: u32) -> MailRecord {
    MailRecord {
        id: id(u128::from(number)),
        purpose: TokenPurpose::ResetPassword,
        email: format!("asha{number}@shop.example"),
        account_id: None,
        locale: Locale::Hi,
        failures: 0,
        created_at: at(0),
        due_at: at(i64::from(number)),
    }
}

async fn take(store: &dyn Store, now: i64, again: i64) -> Option<MailRecord> {
    write(store, async |tx| tx.take_due_mail(at(now), at(again)).await).await.unwrap()
}

async fn next(store: &dyn Store) -> Option<protocol::Timestamp> {
    store.read().await.unwrap().next_mail_due().await.unwrap()
}

pub async fn a_mail_waits_until_it_is_sent(store: &dyn Store) {
    let to_somebody = MailRecord { account_id: Some(plain(1).id), purpose: TokenPurpose::VerifyEmail, ..mail(7) };
    assert_eq!(next(store).await, None);
    write(store, async |tx| {
        tx.insert_account(&plain(1)).await?;
        tx.insert_mail(&to_somebody).await?;
        tx.insert_mail(&mail(3)).await
    })
    .await
    .unwrap();
    assert_eq!(next(store).await, Some(at(3)));
    assert_eq!(take(store, 2, 60).await, None, "it is not due yet");
    assert_eq!(take(store, 8, 60).await, Some(MailRecord { due_at: at(60), ..mail(3) }), "the one that is due longest");
    write(store, async |tx| tx.postpone_mail(id(3), at(90)).await).await.unwrap();
    assert_eq!(take(store, 8, 61).await, Some(MailRecord { due_at: at(61), ..to_somebody }));
    write(store, async |tx| tx.remove_mail(id(7)).await).await.unwrap();
    assert_eq!(next(store).await, Some(at(90)));
    assert_eq!(take(store, 90, 100).await, Some(MailRecord { failures: 1, due_at: at(100), ..mail(3) }));
}

pub async fn a_mail_is_taken_by_one_sender_at_a_time(store: &dyn Store) {
    write(store, async |tx| tx.insert_mail(&mail(1)).await).await.unwrap();
    let (one, other) = tokio::join!(take(store, 1, 60), take(store, 1, 60));
    assert_eq!(usize::from(one.is_some()) + usize::from(other.is_some()), 1);
    assert!(take(store, 59, 120).await.is_none());
    assert!(take(store, 60, 120).await.is_some(), "its sender was lost");
}
