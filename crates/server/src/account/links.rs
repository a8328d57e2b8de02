//! Links that are mailed: a new password for who forgot it, and the proof that an address is somebody's own.

use protocol::{ids::AccountId, shop::Locale};
use server_store::{
    ReadTx, StoreError,
    records::{AccountRecord, AccountTokenRecord, TokenPurpose},
};

use super::error::AccountError;
use crate::{
    key::sha256,
    mail::{self, Wish},
    password,
    session::operations::end_session,
    state::AppState,
    transaction::Tx,
};

/// Mails a link to verify the address that an account was given, where mail is sent at all.
///
/// # Errors
/// The store failed.
pub(crate) async fn mail_verification(tx: &mut Tx, account: &AccountRecord, locale: Locale) -> Result<bool, StoreError> {
    let Some(email) = account.address_to_verify() else { return Ok(false) };
    if tx.state().config.mail.is_some() {
        mail::ask(tx, Wish { purpose: TokenPurpose::VerifyEmail, email, account: Some(account.id), locale }).await?;
    }
    Ok(true)
}

/// Mails a link that resets the password to whoever has the address; nobody is told whether anybody has.
///
/// # Errors
/// The store failed.
pub(crate) async fn mail_reset(tx: &mut Tx, email: &str, locale: Locale) -> Result<(), StoreError> {
    mail::ask(tx, Wish { purpose: TokenPurpose::ResetPassword, email, account: None, locale }).await
}

/// A new password by a mailed link, checked and hashed, ready for its transaction.
pub(crate) struct CheckedReset {
    token_hash: Vec<u8>,
    hash: String,
}

/// Checks a mailed link and hashes the new password. Slow on purpose: call it outside of transactions.
///
/// # Errors
/// [`AccountError::DeadLink`] or [`AccountError::WeakPassword`].
pub(crate) async fn check_reset(state: &AppState, token: &str, new_password: &str) -> Result<CheckedReset, AccountError> {
    let weak = |error| AccountError::WeakPassword("new_password", error);
    password::check(new_password, state.config.password_length).map_err(weak)?;
    let token_hash = sha256(token.as_bytes()).to_vec();
    live(&mut *state.read().await?, state, &token_hash, TokenPurpose::ResetPassword).await?;
    let hash = state.passwords.hash(new_password).await?;
    Ok(CheckedReset { token_hash, hash })
}

/// Sets the new password. Whoever was signed in, on whatever channel, is signed out, and other links die: somebody else may
/// have known the old password. The address is verified by the way.
///
/// # Errors
/// [`AccountError::DeadLink`]: somebody was faster.
pub(crate) async fn reset_password(tx: &mut Tx, checked: &CheckedReset) -> Result<AccountId, AccountError> {
    let (account, email) = take(tx, &checked.token_hash, TokenPurpose::ResetPassword).await?;
    if account.email.as_ref() != Some(&email) {
        return Err(AccountError::DeadLink);
    }
    let now = tx.now();
    tx.set_password_hash(account.id, &checked.hash, now).await?;
    if !account.email_verified {
        // What else was wanted is wanted no more: who wanted it may not have been the owner of this address.
        tx.set_email(account.id, &email, true, now).await?;
    }
    tx.remove_phone_sessions_of(account.id).await?;
    tx.remove_account_tokens(account.id).await?;
    if let Some(customer) = &account.customer_id
        && let Some(mut session) = tx.active_session_of(customer).await?
    {
        end_session(tx, &mut session).await.map_err(|error| AccountError::Internal(error.to_string()))?;
    }
    Ok(account.id)
}

/// Takes a mailed link as the proof that the address is the account's. A wanted address takes the place of the old one.
///
/// # Errors
/// [`AccountError::DeadLink`], or [`AccountError::EmailExists`] where somebody else has the address by now.
pub(crate) async fn confirm_email(tx: &mut Tx, token: &str) -> Result<(), AccountError> {
    let (account, email) = take(tx, &sha256(token.as_bytes()), TokenPurpose::VerifyEmail).await?;
    if account.address_to_verify() != Some(&email) {
        return Err(AccountError::DeadLink);
    }
    if tx.account_by_email(&email).await?.is_some_and(|other| other.id != account.id) {
        return Err(AccountError::EmailExists);
    }
    let now = tx.now();
    match tx.set_email(account.id, &email, true, now).await {
        Err(StoreError::Duplicate) => Err(AccountError::EmailExists),
        done => Ok(done?),
    }
}

/// Uses a link up; answers whose it is, and the address that it was sent to.
async fn take(tx: &mut Tx, token_hash: &[u8], purpose: TokenPurpose) -> Result<(AccountRecord, String), AccountError> {
    let state = tx.state().clone();
    let token = live(tx.reader(), &state, token_hash, purpose).await?;
    if !tx.use_account_token(token_hash).await? {
        return Err(AccountError::DeadLink);
    }
    let account = tx.account(token.account_id).await?.ok_or(AccountError::DeadLink)?;
    Ok((account, token.email))
}

async fn live(
    tx: &mut dyn ReadTx,
    state: &AppState,
    token_hash: &[u8],
    purpose: TokenPurpose,
) -> Result<AccountTokenRecord, AccountError> {
    let token = tx.account_token(token_hash).await?;
    token.filter(|token| token.purpose == purpose && state.now() < token.expires_at).ok_or(AccountError::DeadLink)
}
