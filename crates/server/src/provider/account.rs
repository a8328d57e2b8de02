use protocol::ids::AccountId;
use server_store::{
    StoreError,
    records::{AccountRecord, ExternalIdentityRecord},
};

use super::Person;
use crate::{auth::operations::new_account, state::AppState, transaction::Tx};

/// Longest name in characters.
const LONGEST_NAME: usize = 100;
/// The first uses of one person at the same time may meet; the second finds what the first made.
const TRIES: usize = 3;

/// The account of somebody whom a provider vouches for; it is made at the first use. Nobody is linked to an account by an
/// equal e-mail.
///
/// # Errors
/// The store failed.
pub(crate) async fn account_of(state: &AppState, person: &Person) -> Result<AccountRecord, StoreError> {
    let mut tx = state.read().await?;
    if let Some(id) = tx.account_of_subject(&person.issuer, &person.subject).await? {
        return tx.account(id).await?.ok_or(StoreError::Missing);
    }
    drop(tx);
    for _ in 0..TRIES {
        match make(state, person).await {
            Err(StoreError::Duplicate) => {}
            made => return made,
        }
    }
    Err(StoreError::Duplicate)
}

async fn make(state: &AppState, person: &Person) -> Result<AccountRecord, StoreError> {
    let mut tx = state.write().await?;
    if let Some(id) = tx.account_of_subject(&person.issuer, &person.subject).await? {
        return tx.account(id).await?.ok_or(StoreError::Missing);
    }
    let free = match &person.email {
        Some(email) => tx.account_by_email(email).await?.is_none(),
        None => false,
    };
    let account =
        AccountRecord { email: person.email.clone().filter(|_| free), email_verified: free, ..new_account(&tx, &person.name) };
    tx.insert_account(&account).await?;
    let identity = identity(&tx, account.id, person);
    tx.insert_external_identity(&identity).await?;
    tx.commit().await?;
    Ok(account)
}

/// Links somebody whom a provider vouches for to an account; answers whether they belong together now. Somebody who has an
/// account already keeps it.
///
/// # Errors
/// The store failed.
pub(crate) async fn link(tx: &mut Tx, account: AccountId, person: &Person) -> Result<bool, StoreError> {
    if let Some(other) = tx.account_of_subject(&person.issuer, &person.subject).await? {
        return Ok(other == account);
    }
    let identity = identity(tx, account, person);
    tx.insert_external_identity(&identity).await?;
    Ok(true)
}

fn identity(tx: &Tx, account: AccountId, person: &Person) -> ExternalIdentityRecord {
    ExternalIdentityRecord {
        issuer: person.issuer.clone(),
        subject: person.subject.clone(),
        account_id: account,
        linked_at: tx.now(),
    }
}

/// A name as an account keeps it; none where nothing of it is left.
pub(super) fn fitting_name(told: &str) -> Option<String> {
    let words = told.split(|letter: char| letter.is_whitespace() || letter.is_control()).filter(|word| !word.is_empty());
    let name: String = words.collect::<Vec<_>>().join(" ").chars().take(LONGEST_NAME).collect();
    (!name.is_empty()).then_some(name)
}
