//! A guest who began at a kiosk while the server was out of reach, and of whom it hears afterwards.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::{
    handoff::HandoffEnd,
    ids::{DeviceId, KioskSessionId, SessionId},
    kiosk_session::EndReason,
    session::Assurance,
};
use server_store::records::{KioskSessionRecord, Topic};

use super::operations::{ABSOLUTE, IDLE, end};
use crate::{
    handoff::{HandoffError, open::close},
    session::{self, SessionError},
    transaction::Tx,
};

/// Bytes of a SHA-256.
const HASH: usize = 32;

/// Such a guest, as the kiosk tells of them.
#[derive(Clone, Copy, Debug)]
pub struct Away<'a> {
    /// Which kiosk.
    pub device: DeviceId,
    /// The hold, as the kiosk named it.
    pub hold: KioskSessionId,
    /// The session behind it, as the kiosk named it.
    pub session: SessionId,
    /// SHA-256 of the token that the kiosk made, as base64url.
    pub token_hash: &'a str,
    /// They are still there. Otherwise the hold is over as it begins, and whoever holds the kiosk now is left alone; the
    /// session lives on until the end that is still to come.
    pub is_there: bool,
}

/// Begins the guest's hold and session under the kiosk's names. What the kiosk had before is over, where the guest is still
/// there.
///
/// # Errors
/// The names or the token are in use already, or the hash is none.
pub async fn begin_away(tx: &mut Tx, away: Away<'_>) -> Result<(), SessionError> {
    let hash = BASE64_URL_SAFE_NO_PAD.decode(away.token_hash).ok().filter(|hash| hash.len() == HASH);
    let hash = hash.ok_or_else(|| SessionError::BadRequest("'token_hash' is no SHA-256 as base64url".into()))?;
    if away.is_there {
        make_room(tx, away.device).await?;
    }
    session::operations::guest_session_named(tx, away.session).await?;
    let now = tx.state().lifetimes.now();
    let span = if away.is_there { IDLE.min(ABSOLUTE) } else { Duration::ZERO };
    tx.insert_kiosk_session(&KioskSessionRecord {
        id: away.hold,
        token_hash: hash,
        device_id: away.device,
        session_id: away.session,
        handoff_id: None,
        claim_id: None,
        assurance: Assurance::Guest,
        started_at: now,
        absolute_at: now.plus(ABSOLUTE),
        expires_at: now.plus(span),
        end: (!away.is_there).then_some((now, EndReason::NextCustomer)),
    })
    .await?;
    if away.is_there {
        // The device's stream carries the session's events from now on.
        tx.touch(Topic::Device(away.device));
    }
    Ok(())
}

/// Ends what the kiosk had before: a handoff opened for others, and a hold that it has left.
async fn make_room(tx: &mut Tx, device: DeviceId) -> Result<(), SessionError> {
    if let Some(last) = tx.kiosk_session_of(device).await? {
        end(tx, last.id, EndReason::NextCustomer).await?;
    }
    if let Some(handoff) = tx.live_handoff_of(device).await? {
        // One that was over already is over.
        if let Err(HandoffError::Store(error)) = close(tx, &handoff, HandoffEnd::KioskLeft).await {
            return Err(error.into());
        }
    }
    Ok(())
}

/// Ends the session of a guest whose hold was over before their end came.
///
/// # Errors
/// The store failed.
pub async fn end_guest(tx: &mut Tx, hold: &KioskSessionRecord) -> Result<(), SessionError> {
    if hold.assurance == Assurance::Guest
        && let Some(mut session) = tx.session(hold.session_id).await?
    {
        session::operations::end_session(tx, &mut session).await?;
    }
    Ok(())
}
