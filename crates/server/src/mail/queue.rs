use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::{Timestamp, ids::AccountId, routes, shop::Locale};
use server_store::{
    StoreError,
    records::{AccountRecord, AccountTokenRecord, MailRecord, TokenPurpose},
};
use zeroize::Zeroizing;

use super::{
    MailSettings,
    deliver::{NotSent, deliver},
    letter::Letter,
};
use crate::{key::sha256, state::AppState, transaction::Tx};

/// A sender that is lost with a mail in its hands is missed after so long.
const LEASE: Duration = Duration::from_mins(2);
/// The first pause after a failure; each one is twice as long as the last.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// Nobody waits longer for a mail.
const GIVE_UP: Duration = Duration::from_hours(24);
/// The queue is looked at so often even if nobody says that there is something in it, because another node may have put it there.
const LOOK_AGAIN: Duration = Duration::from_mins(1);
/// Pause after a failure of the store.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// A link that resets a password works so long after it was sent.
const RESET_LIFE: Duration = Duration::from_mins(30);
/// A link that verifies an address works so long.
const VERIFY_LIFE: Duration = Duration::from_hours(24);

/// A mail that somebody wants.
#[derive(Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// What its link is good for.
    pub(crate) purpose: TokenPurpose,
    /// Where to, in lower case.
    pub(crate) email: &'a str,
    /// For whom; none: for whoever has the address, if anybody.
    pub(crate) account: Option<AccountId>,
    /// In which language.
    pub(crate) locale: Locale,
}

/// Keeps a mail to be sent as soon as the transaction is committed.
///
/// # Errors
/// The store failed.
pub(crate) async fn ask(tx: &mut Tx, wish: Wish<'_>) -> Result<(), StoreError> {
    let now = tx.now();
    let mail = MailRecord {
        id: tx.state().new_id(),
        purpose: wish.purpose,
        email: wish.email.to_owned(),
        account_id: wish.account,
        locale: wish.locale,
        failures: 0,
        created_at: now,
        due_at: now,
    };
    tx.queue_mail(&mail).await
}

/// Sends what is due, as it becomes due, until the server stops. Does nothing where no mail server is set.
pub fn keep_sending(state: AppState) {
    if state.config.mail.is_none() {
        return;
    }
    tokio::spawn(async move {
        loop {
            let pause = match send_due(&state).await {
                Ok(next) => next.map_or(LOOK_AGAIN, |next| next.since(state.now()).min(LOOK_AGAIN)),
                Err(error) => {
                    tracing::warn!(%error, "mails could not be looked for; trying again");
                    AFTER_FAILURE
                }
            };
            tokio::select! {
                () = state.shutdown.cancelled() => return,
                () = state.mail_queued.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    });
}

/// Sends what is due now; answers when the next mail will be.
///
/// # Errors
/// The store failed.
pub async fn send_due(state: &AppState) -> Result<Option<Timestamp>, StoreError> {
    let Some(settings) = &state.config.mail else { return Ok(None) };
    loop {
        let next = state.read().await?.next_mail_due().await?;
        if next.is_none_or(|next| next > state.now()) {
            return Ok(next);
        }
        let mut tx = state.write().await?;
        let now = tx.now();
        let taken = tx.take_due_mail(now, now.plus(LEASE)).await?;
        tx.commit().await?;
        if let Some(mail) = taken {
            send(state, settings, &mail).await?;
        }
    }
}

async fn send(state: &AppState, settings: &MailSettings, mail: &MailRecord) -> Result<(), StoreError> {
    let Some(letter) = write(state, mail).await? else { return remove(state, mail).await };
    match deliver(state, settings, mail, &letter).await {
        Ok(()) => remove(state, mail).await,
        Err(NotSent::Never(cause)) => {
            tracing::warn!(mail = %mail.id, cause, "a mail is refused for good and is not sent");
            remove(state, mail).await
        }
        Err(NotSent::ForNow(cause)) if state.now().since(mail.created_at) < GIVE_UP => {
            tracing::warn!(mail = %mail.id, cause, "a mail could not be sent; trying again later");
            let pause = FIRST_PAUSE.saturating_mul(1 << mail.failures.min(16)).min(LONGEST_PAUSE);
            let mut tx = state.write().await?;
            let again = tx.now().plus(pause);
            tx.postpone_mail(mail.id, again).await?;
            tx.commit().await
        }
        Err(NotSent::ForNow(cause)) => {
            tracing::error!(mail = %mail.id, cause, "a mail could not be sent for a day and is given up");
            remove(state, mail).await
        }
    }
}

async fn remove(state: &AppState, mail: &MailRecord) -> Result<(), StoreError> {
    let mut tx = state.write().await?;
    tx.remove_mail(mail.id).await?;
    tx.commit().await
}

/// Writes the mail, with a fresh token; none where nobody is to have it.
async fn write(state: &AppState, mail: &MailRecord) -> Result<Option<Letter>, StoreError> {
    let mut tx = state.write().await?;
    let account = match mail.account_id {
        Some(id) => tx.account(id).await?,
        None => tx.account_by_email(&mail.email).await?,
    };
    let Some(account) = account.filter(|account| is_wanted(account, mail)) else { return Ok(None) };
    let shop = tx.shop().await?.map(|shop| shop.name).unwrap_or_default();
    let mut random = Zeroizing::new([0; 32]);
    state.entropy.fill(random.as_mut_slice());
    let token = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(random.as_slice()));
    let (page, life) = match mail.purpose {
        TokenPurpose::ResetPassword => (routes::PASSWORD_RESET_PAGE, RESET_LIFE),
        TokenPurpose::VerifyEmail => (routes::EMAIL_CONFIRM_PAGE, VERIFY_LIFE),
    };
    let now = tx.now();
    tx.put_account_token(&AccountTokenRecord {
        token_hash: sha256(token.as_bytes()).to_vec(),
        account_id: account.id,
        purpose: mail.purpose,
        email: mail.email.clone(),
        created_at: now,
        expires_at: now.plus(life),
    })
    .await?;
    tx.commit().await?;
    // Browsers keep what follows the # to themselves, so the token comes into no log.
    let link = Zeroizing::new(format!("{}{page}#token={}", state.config.public_origin(), *token));
    Ok(Some(Letter::new(mail.purpose, mail.locale, &shop, &link)))
}

/// Whether the link would still be good for anything.
fn is_wanted(account: &AccountRecord, mail: &MailRecord) -> bool {
    let wanted = match mail.purpose {
        TokenPurpose::ResetPassword => account.email.as_ref(),
        TokenPurpose::VerifyEmail => account.address_to_verify(),
    };
    wanted == Some(&mail.email)
}
