use protocol::{
    ids::{CustomerId, SessionId},
    session::{Assurance, Channel},
};
use server_store::records::{CustomerRecord, SessionRecord, SessionState, SessionStatus};

use super::{
    SessionError,
    snapshot::SHOWN_ENTRIES,
    summary,
    token::{self, LIFE},
};
use crate::{key, transaction::Tx};

/// The customer's live session, now also used by `channel`, or a new one. There is never more than one.
///
/// # Errors
/// The store failed.
pub async fn session_for_customer(
    tx: &mut Tx,
    customer: &CustomerRecord,
    channel: Channel,
    assurance: Assurance,
) -> Result<SessionRecord, SessionError> {
    let now = tx.now();
    if let Some(mut session) = tx.active_session_of(&customer.id).await? {
        if session.is_live(now) {
            if strength(assurance) > strength(session.assurance) {
                session.assurance = assurance;
            }
            use_on(tx, &mut session, channel).await?;
            return Ok(session);
        }
        session.status = SessionStatus::Expired;
        session.generation += 1;
        token::save(tx, &mut session).await?;
    }
    let id = SessionId(tx.state().new_id());
    insert(tx, id, customer.id.clone(), customer.phone.clone(), channel, assurance).await
}

/// A fresh session of nobody. `typed` is what the caller gave as a phone, normalised; it finds nothing.
///
/// # Errors
/// The store failed.
pub async fn guest_session(tx: &mut Tx, channel: Channel, typed: &str) -> Result<SessionRecord, SessionError> {
    let customer = nobody(tx);
    let id = SessionId(tx.state().new_id());
    insert(tx, id, customer, typed.to_owned(), channel, Assurance::Guest).await
}

/// A session of nobody under an id that a kiosk gave it while it was alone.
///
/// # Errors
/// The store failed, or there is a session of that id already.
pub async fn guest_session_named(tx: &mut Tx, id: SessionId) -> Result<SessionRecord, SessionError> {
    let customer = nobody(tx);
    insert(tx, id, customer, String::new(), Channel::Kiosk, Assurance::Guest).await
}

fn nobody(tx: &Tx) -> CustomerId {
    let mut random = [0; 16];
    tx.state().entropy.fill(&mut random);
    CustomerId(format!("guest-{}", key::hex(&random)))
}

/// Notes that `channel` uses the session.
///
/// # Errors
/// The store failed.
pub async fn use_on(tx: &mut Tx, session: &mut SessionRecord, channel: Channel) -> Result<(), SessionError> {
    let changed = session.channel != channel;
    session.channel = channel;
    if !session.state.channels.contains(&channel) {
        session.state.channels.push(channel);
    }
    if changed {
        let conversation = tx.chat_entries(session.id, SHOWN_ENTRIES).await?;
        summary::refresh(tx, session, &conversation, true).await?;
    }
    token::save(tx, session).await
}

async fn insert(
    tx: &mut Tx,
    id: SessionId,
    customer_id: CustomerId,
    phone: String,
    channel: Channel,
    assurance: Assurance,
) -> Result<SessionRecord, SessionError> {
    let now = tx.now();
    let token = tx.state().key.session_token(id, 0);
    let session = SessionRecord {
        id,
        generation: 0,
        token_hash: key::sha256(token.as_bytes()).to_vec(),
        user_id: customer_id.0.clone(),
        guest: assurance == Assurance::Guest,
        customer_id,
        phone,
        telegram_chat_id: None,
        channel,
        assurance,
        state: SessionState { channels: vec![channel], ..SessionState::default() },
        version: 1,
        status: SessionStatus::Active,
        created_at: now,
        updated_at: now,
        expires_at: now.plus(LIFE),
    };
    tx.insert_session(&session).await?;
    if tx.state().config.demo {
        tx.mark_demo_session(id).await?;
    }
    Ok(session)
}

/// How much a way of proving a person is worth; more is stronger.
#[must_use]
pub fn strength(assurance: Assurance) -> u8 {
    match assurance {
        Assurance::Guest => 0,
        Assurance::Phone => 1,
        Assurance::Channel => 2,
        Assurance::Qr => 3,
        Assurance::Code => 4,
        Assurance::Password => 5,
    }
}
