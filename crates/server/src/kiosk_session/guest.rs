//! A guest begins at a kiosk.

use protocol::{
    handoff::{GuestRequest, HandoffEnd, IssuedSession},
    ids::DeviceId,
    kiosk_session::EndReason,
    session::{Assurance, Channel},
};

use super::operations::{NewHold, begin, end, show};
use crate::{
    handoff::{HandoffError, open::close, read_key, seal},
    session,
    state::AppState,
};

/// Begins a guest's session at a kiosk. What the kiosk had before is over.
///
/// # Errors
/// Too often, or a key that seals nothing.
pub async fn start(state: &AppState, device: DeviceId, request: &GuestRequest) -> Result<IssuedSession, HandoffError> {
    let too_often =
        |seconds| HandoffError::TooOften { seconds, detail: "Too many sessions were begun here. Try again in a moment." };
    state.limits.guests.take(device).map_err(too_often)?;
    let key = read_key(&request.ephemeral_key, &*state.entropy)?;
    let mut tx = state.write().await?;
    if let Some(last) = tx.kiosk_session_of(device).await? {
        end(&mut tx, last.id, EndReason::NextCustomer).await?;
    }
    if let Some(handoff) = tx.live_handoff_of(device).await? {
        close(&mut tx, &handoff, HandoffEnd::KioskLeft).await?;
    }
    let session = session::operations::guest_session(&mut tx, Channel::Kiosk, "").await?;
    let (hold, token) =
        begin(&mut tx, NewHold { device, session: session.id, handoff: None, assurance: Assurance::Guest }).await?;
    let shown = show(tx.reader(), &hold, state.lifetimes.now()).await?.ok_or(HandoffError::NotFound)?;
    let token = seal(&key, b"", token.as_bytes(), &*state.entropy)?;
    tx.commit().await?;
    state.begun.notify_one();
    Ok(IssuedSession { kiosk_session_id: hold.id, token, session: shown })
}
