//! Holds begin, are used, and end. Operations work in the caller's transaction and append their events to it.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::{
    Timestamp,
    event::EventBody,
    ids::{ClaimId, DeviceId, HandoffId, KioskSessionId, SessionId},
    kiosk_session::{ABSOLUTE_SECONDS, EndReason, KioskCustomer, KioskSession, SERVER_IDLE_SECONDS},
    session::Assurance,
};
use server_store::{
    ReadTx, StoreError,
    records::{KioskSessionRecord, Topic},
};
use zeroize::Zeroizing;

use crate::{
    key::sha256,
    limit::seconds_until,
    profile::at_kiosk,
    session::{self, SessionError},
    state::AppState,
    transaction::Tx,
};

/// Unused for so long, a hold is over.
pub(super) const IDLE: Duration = Duration::from_secs(SERVER_IDLE_SECONDS as u64);
/// A hold is over after so long, whatever happens.
pub(super) const ABSOLUTE: Duration = Duration::from_secs(ABSOLUTE_SECONDS as u64);
/// A use is written down only when it moves the idle limit by so much, so that reading does not mean writing.
const WORTH_WRITING: Duration = Duration::from_secs(10);

/// A hold to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewHold {
    /// Who holds.
    pub device: DeviceId,
    /// What is held.
    pub session: SessionId,
    /// The handoff and claim it comes from; none for a guest.
    pub handoff: Option<(HandoffId, ClaimId)>,
    /// How the person was proved.
    pub assurance: Assurance,
}

/// Begins a hold; the token is known to nobody else from here on.
///
/// # Errors
/// The store failed, or the device holds something already.
pub async fn begin(tx: &mut Tx, new: NewHold) -> Result<(KioskSessionRecord, Zeroizing<String>), StoreError> {
    let state = tx.state().clone();
    let now = state.lifetimes.now();
    let mut random = Zeroizing::new([0; 32]);
    state.entropy.fill(random.as_mut_slice());
    let token = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(random.as_slice()));
    let hold = KioskSessionRecord {
        id: KioskSessionId(state.new_id()),
        token_hash: sha256(token.as_bytes()).to_vec(),
        device_id: new.device,
        session_id: new.session,
        handoff_id: new.handoff.map(|(handoff, _)| handoff),
        claim_id: new.handoff.map(|(_, claim)| claim),
        assurance: new.assurance,
        started_at: now,
        absolute_at: now.plus(ABSOLUTE),
        expires_at: now.plus(IDLE.min(ABSOLUTE)),
        end: None,
    };
    tx.insert_kiosk_session(&hold).await?;
    // The device's stream carries the session's events from now on.
    tx.touch(Topic::Device(new.device));
    Ok((hold, token))
}

/// Ends a hold, once: the kiosk wipes, the phone is told, and a guest's session ends with it. A customer's session goes on.
/// Answers whether it had not ended before.
///
/// # Errors
/// The store failed.
pub async fn end(tx: &mut Tx, id: KioskSessionId, reason: EndReason) -> Result<bool, SessionError> {
    let Some(hold) = tx.kiosk_session(id).await? else { return Ok(false) };
    let now = tx.state().lifetimes.now();
    if !tx.end_kiosk_session(id, reason, now).await? {
        return Ok(false);
    }
    tx.append(Topic::Device(hold.device_id), &EventBody::KioskSessionEnded { kiosk_session_id: id, reason }).await?;
    if let Some(handoff) = hold.handoff_id {
        tx.end_handoff(handoff).await?;
    }
    if let Some(claim) = hold.claim_id {
        tx.touch(Topic::Claim(claim));
    }
    if hold.assurance == Assurance::Guest
        && let Some(mut session) = tx.session(hold.session_id).await?
    {
        // Ending a session ends its holds, which comes back here; this hold has ended already.
        Box::pin(session::operations::end_session(tx, &mut session)).await?;
    }
    Ok(true)
}

/// Ends every hold of a session.
///
/// # Errors
/// The store failed.
pub async fn end_all_of_session(tx: &mut Tx, session: SessionId, reason: EndReason) -> Result<(), SessionError> {
    for hold in tx.kiosk_sessions_on(session).await? {
        end(tx, hold.id, reason).await?;
    }
    Ok(())
}

/// The device's hold, if it lives.
///
/// # Errors
/// The store failed.
pub async fn held_by(tx: &mut dyn ReadTx, device: DeviceId, now: Timestamp) -> Result<Option<KioskSessionRecord>, StoreError> {
    Ok(tx.kiosk_session_of(device).await?.filter(|hold| hold.is_live(now)))
}

/// Notes that a hold is being used, which moves its idle limit.
///
/// # Errors
/// The store failed.
pub async fn touch(tx: &mut Tx, hold: &KioskSessionRecord) -> Result<(), StoreError> {
    let now = tx.state().lifetimes.now();
    if worth_writing(hold, now) {
        tx.extend_kiosk_session(hold.id, now.plus(IDLE)).await?;
    }
    Ok(())
}

fn worth_writing(hold: &KioskSessionRecord, now: Timestamp) -> bool {
    hold.is_live(now) && now.plus(IDLE).min(hold.absolute_at).since(hold.expires_at) >= WORTH_WRITING
}

/// The live hold that `token` opens for `device`; it counts as used.
///
/// # Errors
/// [`SessionError::NotFound`] for a token that is none of this device, [`SessionError::Expired`] for one that is over.
pub async fn opened_by(state: &AppState, device: DeviceId, token: &str) -> Result<KioskSessionRecord, SessionError> {
    let mut reader = state.read().await?;
    let hash = sha256(token.as_bytes());
    let hold = match reader.kiosk_session_by_token(&hash).await? {
        Some(hold) => Some(hold),
        // The documented API gives a kiosk the session's own token; it opens what the kiosk holds, and nothing else.
        None => match session::operations::live_session(&mut *reader, &state.key, token, state.now()).await {
            Ok(session) => {
                let hold = reader.kiosk_session_of(device).await?.filter(|hold| hold.session_id == session.id);
                Some(hold.ok_or(SessionError::Expired)?)
            }
            Err(SessionError::NotFound) => None,
            Err(error) => return Err(error),
        },
    };
    drop(reader);
    let hold = hold.filter(|hold| hold.device_id == device).ok_or(SessionError::NotFound)?;
    let now = state.lifetimes.now();
    if !hold.is_live(now) {
        return Err(SessionError::Expired);
    }
    if worth_writing(&hold, now) {
        let mut tx = state.write().await?;
        // It may have ended in between.
        let hold = tx.kiosk_session(hold.id).await?.filter(|hold| hold.is_live(now)).ok_or(SessionError::Expired)?;
        touch(&mut tx, &hold).await?;
        tx.commit().await?;
        state.begun.notify_one();
    }
    Ok(hold)
}

/// Whether a kiosk shows the profile of somebody who was proved so. A number that anybody can type opens none.
#[must_use]
pub fn shows_profile(assurance: Assurance) -> bool {
    !matches!(assurance, Assurance::Guest | Assurance::Phone)
}

/// What the kiosk sees of the session it holds; none where the session is gone.
///
/// # Errors
/// The store failed.
pub async fn show(tx: &mut dyn ReadTx, hold: &KioskSessionRecord, now: Timestamp) -> Result<Option<KioskSession>, SessionError> {
    let Some(snapshot) = session::operations::snapshot(tx, hold.session_id).await? else { return Ok(None) };
    let profile = match &snapshot.customer {
        Some(customer) if shows_profile(hold.assurance) => at_kiosk::of_customer(tx, &customer.id).await?,
        _ => None,
    };
    let customer = snapshot.customer.map(|customer| KioskCustomer {
        first_name: customer.name.split_whitespace().next().unwrap_or_default().to_owned(),
        loyalty_tier: customer.loyalty_tier,
        // A number that anybody can type shows first name and tier alone.
        loyalty_points: if hold.assurance == Assurance::Phone { 0 } else { customer.loyalty_points },
    });
    Ok(Some(KioskSession {
        kiosk_session_id: hold.id,
        session_id: hold.session_id,
        assurance: hold.assurance,
        customer,
        profile,
        chat: snapshot.chat,
        cart: snapshot.cart,
        currency: snapshot.currency,
        version: snapshot.session.version,
        cursor: snapshot.cursor,
        absolute_seconds_left: seconds_until(hold.absolute_at, now),
    }))
}
