//! Who begins gets which session.

use protocol::{
    ids::CustomerId,
    session::{Assurance, Channel},
};
use server_store::records::{CustomerRecord, Scope, SessionStatus};

use super::{SessionError, start, token};
use crate::{
    auth::operations::customer_of,
    caller::{Caller, Own},
    kiosk_session,
    transaction::Tx,
};

/// What somebody who begins says. Only a trusted channel is believed.
#[derive(Clone, Debug)]
pub struct Wish {
    /// E.164.
    pub phone: Option<String>,
    /// Of a Telegram customer.
    pub telegram_chat_id: Option<String>,
    /// Where.
    pub channel: Channel,
    /// Ids that the customer is said to have.
    pub customer_ids: Vec<String>,
    /// About the person, where it is told.
    pub details: Details,
}

/// What is told about a person. It fills what the shop does not know, and changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// Full name.
    pub name: String,
    /// Years.
    pub age: Option<u16>,
    /// As given.
    pub gender: String,
    /// Part of the address.
    pub city: String,
}

/// The session of whoever begins: the caller's own; the customer's that a trusted channel names, or that is typed at a kiosk
/// where that was allowed; else a fresh guest's. The answer does not tell a stranger whether a number is known.
///
/// # Errors
/// The caller may not speak for that person, or too many guests were begun.
pub async fn begin(tx: &mut Tx, caller: &Caller, wish: &Wish) -> Result<Own, SessionError> {
    let own = match own(tx, caller, wish).await? {
        Some(own) => own,
        None if caller.may(Scope::Resume) => of_channel(tx, caller, wish).await?,
        None if caller.channel.is_some() => {
            return Err(SessionError::Forbidden("This channel key does not bring anybody back; it lacks the scope resume."));
        }
        None => match typed_at_kiosk(tx, caller, wish).await? {
            Some(own) => own,
            None => guest(tx, caller, wish).await?,
        },
    };
    if caller.demo {
        tx.mark_demo_session(own.session.id).await?;
    }
    Ok(own)
}

/// A caller who proves to be that person goes on with their own session: by its live token, or by the account.
async fn own(tx: &mut Tx, caller: &Caller, wish: &Wish) -> Result<Option<Own>, SessionError> {
    match by_token(tx, caller, wish).await? {
        Some(own) => Ok(Some(own)),
        None => by_account(tx, caller, wish).await,
    }
}

async fn by_token(tx: &mut Tx, caller: &Caller, wish: &Wish) -> Result<Option<Own>, SessionError> {
    let Some(token) = caller.token() else { return Ok(None) };
    let mut own = match caller.use_own(tx, token).await {
        Ok(own) => own,
        Err(SessionError::NotFound | SessionError::Expired) => return Ok(None),
        Err(error) => return Err(error),
    };
    if wish.phone.as_ref().is_some_and(|phone| *phone != own.session.phone) {
        return Ok(None);
    }
    start::use_on(tx, &mut own.session, wish.channel).await?;
    Ok(Some(own))
}

/// Who signed up without a phone becomes a customer by beginning without one. A number that is not the customer's names
/// somebody else.
async fn by_account(tx: &mut Tx, caller: &Caller, wish: &Wish) -> Result<Option<Own>, SessionError> {
    let Some(account) = caller.own_account() else { return Ok(None) };
    if let Some(phone) = &wish.phone {
        let customer = match &account.record.customer_id {
            Some(id) => tx.customer(id).await?,
            None => None,
        };
        if customer.is_none_or(|customer| customer.phone != *phone) {
            return Ok(None);
        }
    }
    let customer = customer_of(tx, account.record.id).await?;
    let session = start::session_for_customer(tx, &customer, wish.channel, Assurance::Password).await?;
    Ok(Some(Own::of_account(session)))
}

async fn of_channel(tx: &mut Tx, caller: &Caller, wish: &Wish) -> Result<Own, SessionError> {
    let speaks_for_chats = caller.demo || caller.bound_channel() == Some(Channel::Telegram);
    if wish.telegram_chat_id.is_some() && !speaks_for_chats {
        return Err(SessionError::Forbidden("These credentials do not speak for Telegram."));
    }
    let known = match (&wish.phone, &wish.telegram_chat_id) {
        (Some(phone), _) => customer_of_phone(tx, caller, phone).await?,
        (None, Some(chat)) => tx.customer_by_telegram_chat(chat).await?,
        (None, None) => None,
    };
    let is_named_so = |id: &String| known.as_ref().is_some_and(|customer| customer.id.0 == *id);
    if !wish.customer_ids.iter().all(is_named_so) {
        return Err(SessionError::BadRequest("Customer lookup failed".into()));
    }
    let customer = match known {
        Some(customer) => fill(tx, customer, wish).await?,
        None => new_customer(tx, wish).await?,
    };
    let mut session = start::session_for_customer(tx, &customer, wish.channel, Assurance::Channel).await?;
    if let Some(chat) = &wish.telegram_chat_id {
        tx.link_telegram_chat(chat, &customer.id).await?;
        if session.telegram_chat_id.as_ref() != Some(chat) {
            session.telegram_chat_id = Some(chat.clone());
            token::save(tx, &mut session).await?;
        }
    }
    Ok(Own::whole(session))
}

/// The customer of a number that a trusted channel vouches for. Somebody who signed up with it, but never proved that it is
/// theirs, loses it: otherwise a stranger who took the number first would read along.
async fn customer_of_phone(tx: &mut Tx, caller: &Caller, phone: &str) -> Result<Option<CustomerRecord>, SessionError> {
    if caller.demo {
        return Ok(tx.customer_by_phone(phone).await?);
    }
    let now = tx.now();
    if let Some(account) = tx.account_by_phone(phone).await?.filter(|account| !account.phone_verified) {
        tx.drop_phone(account.id, now).await?;
    }
    let Some(customer) = tx.customer_by_phone(phone).await? else { return Ok(None) };
    if is_verified(tx, &customer).await? {
        return Ok(Some(customer));
    }
    if let Some(mut session) = tx.active_session_of(&customer.id).await? {
        session.phone.clear();
        token::save(tx, &mut session).await?;
    }
    tx.put_customer(&CustomerRecord { phone: String::new(), ..customer }).await?;
    Ok(None)
}

/// Whether somebody trustworthy said that the customer's number is theirs: the shop's own records or a channel, where nobody
/// signed up; else what the account says.
async fn is_verified(tx: &mut Tx, customer: &CustomerRecord) -> Result<bool, SessionError> {
    let account = tx.account_of_customer(&customer.id).await?;
    Ok(account.is_none_or(|account| account.phone_verified && account.phone.as_ref() == Some(&customer.phone)))
}

/// The customer whose verified number was typed at a kiosk where an operator allowed that.
async fn typed_at_kiosk(tx: &mut Tx, caller: &Caller, wish: &Wish) -> Result<Option<Own>, SessionError> {
    let device = caller.device.as_ref().filter(|device| device.start_by_phone);
    let (Some(device), Some(phone)) = (device, &wish.phone) else { return Ok(None) };
    let Some(customer) = tx.customer_by_phone(phone).await? else { return Ok(None) };
    if !is_verified(tx, &customer).await? {
        return Ok(None);
    }
    let session = start::session_for_customer(tx, &customer, wish.channel, Assurance::Phone).await?;
    let hold = kiosk_session::attach(tx, device.id, session.id, Assurance::Phone).await?;
    Ok(Some(Own::held(session, &hold)))
}

async fn guest(tx: &mut Tx, caller: &Caller, wish: &Wish) -> Result<Own, SessionError> {
    tx.state().limits.starts.take(caller.peer.into()).map_err(SessionError::TooOften)?;
    let phone = wish.phone.as_deref().unwrap_or_default();
    Ok(Own::whole(start::guest_session(tx, wish.channel, phone).await?))
}

/// What a channel calls somebody whose name it did not tell.
fn placeholder(wish: &Wish) -> String {
    let number = wish.phone.as_ref().or(wish.telegram_chat_id.as_ref()).map(String::as_str).unwrap_or_default();
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    format!("Guest{}", digits[digits.len().saturating_sub(4)..].iter().collect::<String>())
}

async fn new_customer(tx: &mut Tx, wish: &Wish) -> Result<CustomerRecord, SessionError> {
    let Details { name, age, gender, city } = wish.details.clone();
    let from_a_phone = matches!(wish.channel, Channel::Whatsapp | Channel::Telegram);
    let customer = CustomerRecord {
        id: tx.next_customer_id().await?,
        name: if name.is_empty() { placeholder(wish) } else { name },
        age,
        gender,
        phone: wish.phone.clone().unwrap_or_default(),
        city,
        building_name: String::new(),
        address_landmark: String::new(),
        loyalty_tier: "Bronze".into(),
        loyalty_points: 0,
        device_preference: if from_a_phone { "mobile" } else { wish.channel.as_str() }.into(),
        total_spend_minor: 0,
        items_purchased: 0,
        average_rating: 0.0,
        days_since_last_purchase: 0,
        satisfaction: "New".into(),
        purchase_history: Vec::new(),
    };
    tx.put_customer(&customer).await?;
    Ok(customer)
}

async fn fill(tx: &mut Tx, mut customer: CustomerRecord, wish: &Wish) -> Result<CustomerRecord, SessionError> {
    let before = customer.clone();
    let told = &wish.details;
    if !told.name.is_empty() && (customer.name.is_empty() || customer.name == placeholder(wish)) {
        customer.name.clone_from(&told.name);
    }
    customer.age = customer.age.or(told.age);
    for (field, told) in [(&mut customer.gender, &told.gender), (&mut customer.city, &told.city)] {
        if field.is_empty() {
            field.clone_from(told);
        }
    }
    if customer != before {
        tx.put_customer(&customer).await?;
    }
    Ok(customer)
}

/// Whose live session a trusted channel asks back.
#[derive(Clone, Debug)]
pub enum Person {
    /// E.164.
    Phone(String),
    /// Of a Telegram customer.
    TelegramChat(String),
    /// The customer's id.
    Customer(CustomerId),
}

/// The live session of a person whom a trusted channel names, now also used by that channel; none where there is no such
/// session, or where the number was never proved to be its customer's.
///
/// # Errors
/// The store failed.
pub async fn resume(tx: &mut Tx, caller: &Caller, person: &Person) -> Result<Option<Own>, SessionError> {
    let customer = match person {
        Person::Phone(phone) => tx.customer_by_phone(phone).await?,
        Person::TelegramChat(chat) => tx.customer_by_telegram_chat(chat).await?,
        Person::Customer(id) => tx.customer(id).await?,
    };
    let Some(customer) = customer else { return Ok(None) };
    if !caller.demo && !is_verified(tx, &customer).await? {
        return Ok(None);
    }
    let now = tx.now();
    let Some(mut session) = tx.active_session_of(&customer.id).await?.filter(|session| session.is_live(now)) else {
        return Ok(None);
    };
    match caller.bound_channel() {
        Some(channel) if session.channel != channel || !session.state.channels.contains(&channel) => {
            start::use_on(tx, &mut session, channel).await?;
        }
        _ => {
            session.expires_at = session.expires_at.max(now.plus(token::LIFE));
            tx.extend_session(session.id, session.expires_at).await?;
        }
    }
    if caller.demo {
        tx.mark_demo_session(session.id).await?;
    }
    Ok(Some(Own::whole(session)))
}

/// Ends every session that was opened while every caller was trusted.
///
/// # Errors
/// The store failed.
pub async fn end_demo_sessions(state: &crate::AppState) -> Result<(), SessionError> {
    let mut tx = state.write().await?;
    let ids = tx.demo_sessions().await?;
    if ids.is_empty() {
        return Ok(());
    }
    tracing::info!(sessions = ids.len(), "ending the sessions of a demonstration");
    for id in ids {
        if let Some(mut session) = tx.session(id).await?.filter(|session| session.status == SessionStatus::Active) {
            super::end::end_session(&mut tx, &mut session).await?;
        }
    }
    tx.forget_demo_sessions().await?;
    Ok(tx.commit().await?)
}
