use server_store::{Store, records::SignInAttemptRecord};

use super::{account::plain, at, write};

fn attempt(number: u8) -> SignInAttemptRecord {
    SignInAttemptRecord {
        state_hash: vec![number; 32],
        browser_hash: vec![100 + number; 32],
        issuer: "https://id.example".into(),
        linking: None,
        expires_at: at(i64::from(number)),
    }
}

async fn take(store: &dyn Store, state: u8, browser: u8) -> Option<SignInAttemptRecord> {
    write(store, async |tx| tx.take_sign_in_attempt(&[state; 32], &[browser; 32]).await).await.unwrap()
}

pub async fn a_browser_comes_back_once(store: &dyn Store) {
    let linking = SignInAttemptRecord { linking: Some(plain(1).id), ..attempt(2) };
    write(store, async |tx| {
        tx.insert_account(&plain(1)).await?;
        tx.insert_sign_in_attempt(&attempt(1)).await?;
        tx.insert_sign_in_attempt(&linking).await
    })
    .await
    .unwrap();
    assert_eq!(take(store, 1, 102).await, None, "another browser");
    assert_eq!(take(store, 1, 101).await, Some(attempt(1)));
    assert_eq!(take(store, 1, 101).await, None, "a second time");
    assert_eq!(take(store, 2, 102).await, Some(linking));
}

pub async fn attempts_are_forgotten_with_their_time(store: &dyn Store) {
    write(store, async |tx| {
        for number in 1..4 {
            tx.insert_sign_in_attempt(&attempt(number)).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(write(store, async |tx| tx.forget_sign_in_attempts(at(3)).await).await.unwrap(), 2);
    assert_eq!(take(store, 2, 102).await, None);
    assert_eq!(take(store, 3, 103).await, Some(attempt(3)));
}
