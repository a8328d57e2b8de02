//! Signing up and proving who one is by a password, independent of the way the wish came in.

use std::net::IpAddr;

use protocol::{ApiError, ErrorCode, account::Preferences, ids::AccountId};
use server_store::{
    ReadTx, StoreError,
    records::{AccountRecord, CustomerRecord},
};

use crate::{
    catalogue,
    http::Failure,
    password::{self, Check, HashError, Held, WeakPassword},
    phone_number,
    state::AppState,
    transaction::Tx,
};

/// Longest name in characters.
const LONGEST_NAME: usize = 100;

/// Why nobody was signed in or up.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// Unknown account, wrong password or no password: the caller is not told which.
    #[error("Invalid phone number or password")]
    InvalidCredentials,
    /// Too many failures lately.
    #[error("Too many attempts. Please wait {0} seconds and try again.")]
    TooOften(u32),
    /// No possible number.
    #[error(transparent)]
    InvalidPhone(#[from] phone_number::InvalidPhone),
    /// Not good enough.
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    /// Somebody has this number already.
    #[error("Phone number {0} already registered")]
    PhoneExists(String),
    /// A field is blank or too long.
    #[error("{0}")]
    BadField(&'static str),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine could not hash.
    #[error(transparent)]
    Hash(#[from] HashError),
}

impl AuthError {
    /// What the caller reads; none where it is our fault.
    #[must_use]
    pub fn api_error(&self) -> Option<ApiError> {
        let code = match self {
            Self::InvalidCredentials => ErrorCode::InvalidCredentials,
            Self::TooOften(_) => ErrorCode::RateLimited,
            Self::InvalidPhone(_) => ErrorCode::InvalidPhone,
            Self::WeakPassword(_) => ErrorCode::WeakPassword,
            Self::PhoneExists(_) => ErrorCode::PhoneExists,
            Self::BadField(_) => ErrorCode::BadRequest,
            Self::Store(_) | Self::Hash(_) => return None,
        };
        let mut error = ApiError::new(code, self.to_string());
        if let Self::TooOften(seconds) = self {
            error.retry_after = Some(*seconds);
        }
        Some(error)
    }
}

impl From<Held> for AuthError {
    fn from(held: Held) -> Self {
        match held {
            Held::Wait(time) => Self::TooOften(u32::try_from(time.as_secs().saturating_add(1)).unwrap_or(u32::MAX)),
            Held::Store(error) => Self::Store(error),
        }
    }
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        match (error.api_error(), error) {
            (Some(error), _) => Self::from(error),
            (None, AuthError::Store(error)) => error.into(),
            (None, error) => Self::internal(error),
        }
    }
}

/// The account of that phone or e-mail, if this is its password. Slow on purpose: call it outside of transactions.
///
/// # Errors
/// [`AuthError::InvalidCredentials`] or [`AuthError::TooOften`].
pub async fn verify_password(
    state: &AppState,
    phone_or_email: &str,
    password: &str,
    peer: IpAddr,
) -> Result<AccountRecord, AuthError> {
    let mut tx = state.read().await?;
    let (name, account) = if phone_or_email.contains('@') {
        let email = phone_or_email.trim().to_lowercase();
        let account = tx.account_by_email(&email).await?;
        (email, account)
    } else {
        let country = catalogue::country(&mut *tx, &state.config).await?;
        match phone_number::normalise(phone_or_email, &country) {
            Ok(phone) => {
                let account = tx.account_by_phone(&phone).await?;
                (phone, account)
            }
            Err(_) => (phone_or_email.trim().to_owned(), None),
        }
    };
    learn_slowest(state, &mut *tx).await?;
    drop(tx);
    // Names of people are not kept in memory in the clear for the hours that failures are remembered.
    let attempt = state.throttle.attempt(peer, state.key.mac("throttled name", &[name.as_bytes()])).await?;
    let known = account.as_ref().and_then(|account| account.password_hash.clone());
    let check = state.passwords.check(password, known.clone()).await?;
    let Some(mut account) = account.filter(|_| check != Check::Wrong) else { return Err(AuthError::InvalidCredentials) };
    attempt.succeeded().await?;
    if let (Check::Outdated, Some(known)) = (check, known) {
        let hash = state.passwords.hash(password).await?;
        let mut tx = state.write().await?;
        let now = tx.now();
        // Unless somebody chose a new password in the meantime.
        if tx.replace_password_hash(account.id, &known, &hash, now).await? {
            tx.commit().await?;
            account.password_hash = Some(hash);
        }
    }
    Ok(account)
}

/// Finds out once how long the slowest hash takes that another program made, so that its owner cannot be told from nobody.
async fn learn_slowest(state: &AppState, tx: &mut dyn ReadTx) -> Result<(), AuthError> {
    if !state.passwords.knows_slowest() {
        state.passwords.measure(tx.slowest_foreign_hashes().await?).await?;
    }
    Ok(())
}

/// What a person fills in to sign up.
#[derive(Clone, Default)]
pub struct SignUp {
    /// Full name.
    pub name: String,
    /// In any spelling.
    pub phone_number: String,
    /// As typed.
    pub password: String,
    /// Years.
    pub age: Option<u16>,
    /// As given.
    pub gender: Option<String>,
    /// Part of the address.
    pub city: Option<String>,
    /// Part of the address.
    pub building_name: Option<String>,
    /// Part of the address.
    pub address_landmark: Option<String>,
}

/// A sign-up that was checked and hashed, ready for its transaction.
pub struct CheckedSignUp {
    form: SignUp,
    phone: String,
    hash: String,
}

/// Checks a sign-up and hashes its password. Slow on purpose: call it outside of transactions.
///
/// # Errors
/// What the person has to change, or [`AuthError::TooOften`].
pub async fn check_sign_up(state: &AppState, form: SignUp, peer: IpAddr) -> Result<CheckedSignUp, AuthError> {
    if form.phone_number.trim().is_empty() {
        return Err(AuthError::BadField("Phone number is required"));
    }
    if form.password.is_empty() {
        return Err(AuthError::BadField("Password is required"));
    }
    password::check(&form.password, state.config.password_length)?;
    if form.name.trim().is_empty() {
        return Err(AuthError::BadField("Name is required"));
    }
    let texts =
        [Some(&form.name), form.gender.as_ref(), form.city.as_ref(), form.building_name.as_ref(), form.address_landmark.as_ref()];
    if texts.into_iter().flatten().any(|text| text.chars().count() > LONGEST_NAME) {
        return Err(AuthError::BadField("Names and addresses may have at most 100 characters"));
    }
    let mut tx = state.read().await?;
    let country = catalogue::country(&mut *tx, &state.config).await?;
    drop(tx);
    let phone = phone_number::normalise(&form.phone_number, &country)?;
    state.throttle.sign_up(peer).await?;
    if is_taken(&mut *state.read().await?, &phone).await? {
        return Err(AuthError::PhoneExists(phone));
    }
    let hash = state.passwords.hash(&form.password).await?;
    Ok(CheckedSignUp { form, phone, hash })
}

/// Makes the customer and the account. The phone stays unverified.
///
/// # Errors
/// [`AuthError::PhoneExists`].
pub async fn sign_up(tx: &mut Tx, checked: CheckedSignUp) -> Result<AccountRecord, AuthError> {
    let CheckedSignUp { form, phone, hash } = checked;
    if is_taken(tx.reader(), &phone).await? {
        return Err(AuthError::PhoneExists(phone));
    }
    let text = |text: Option<String>| text.map(|text| text.trim().to_owned()).unwrap_or_default();
    let customer = CustomerRecord {
        age: form.age,
        gender: text(form.gender),
        city: text(form.city),
        building_name: text(form.building_name),
        address_landmark: text(form.address_landmark),
        ..new_customer(tx, &form.name, &phone).await?
    };
    let account = AccountRecord {
        phone: Some(phone),
        password_hash: Some(hash),
        customer_id: Some(customer.id.clone()),
        ..new_account(tx, &customer.name)
    };
    tx.put_customer(&customer).await?;
    tx.insert_account(&account).await?;
    Ok(account)
}

/// An account of that name and nothing else, not kept yet.
#[must_use]
pub fn new_account(tx: &Tx, name: &str) -> AccountRecord {
    let now = tx.now();
    AccountRecord {
        id: AccountId(tx.state().new_id()),
        phone: None,
        phone_verified: false,
        email: None,
        email_verified: false,
        pending_email: None,
        display_name: name.to_owned(),
        password_hash: None,
        preferences: Preferences::default(),
        customer_id: None,
        created_at: now,
        updated_at: now,
    }
}

/// A customer who has bought nothing, not kept yet.
async fn new_customer(tx: &mut Tx, name: &str, phone: &str) -> Result<CustomerRecord, StoreError> {
    Ok(CustomerRecord {
        id: tx.next_customer_id().await?,
        name: name.split_whitespace().collect::<Vec<_>>().join(" "),
        age: None,
        gender: String::new(),
        phone: phone.to_owned(),
        city: String::new(),
        building_name: String::new(),
        address_landmark: String::new(),
        loyalty_tier: "Bronze".into(),
        loyalty_points: 0,
        device_preference: "web".into(),
        total_spend_minor: 0,
        items_purchased: 0,
        average_rating: 0.0,
        days_since_last_purchase: 0,
        satisfaction: "Neutral".into(),
        purchase_history: Vec::new(),
    })
}

/// The account's customer. Who signed up without a phone becomes one when shopping for the first time.
///
/// # Errors
/// The store failed.
pub async fn customer_of(tx: &mut Tx, account: AccountId) -> Result<CustomerRecord, StoreError> {
    let account = tx.account(account).await?.ok_or(StoreError::Missing)?;
    if let Some(id) = &account.customer_id {
        return tx.customer(id).await?.ok_or(StoreError::Missing);
    }
    let customer = new_customer(tx, &account.display_name, "").await?;
    tx.put_customer(&customer).await?;
    let now = tx.now();
    tx.link_customer(account.id, &customer.id, now).await?;
    Ok(customer)
}

async fn is_taken(tx: &mut dyn ReadTx, phone: &str) -> Result<bool, StoreError> {
    Ok(tx.account_by_phone(phone).await?.is_some() || tx.customer_by_phone(phone).await?.is_some())
}
