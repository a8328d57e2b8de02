use protocol::{
    handoff::HandoffEnd,
    ids::{DeviceId, SessionId},
    kiosk_session::EndReason,
    session::Assurance,
};
use server_store::records::KioskSessionRecord;

use super::operations::{NewHold, begin, end, touch};
use crate::{
    handoff::{HandoffError, open::close},
    session::{SessionError, strength},
    transaction::Tx,
};

/// Notes that a kiosk got a session over the documented API. The kiosk uses the session's own token, with its proof, for as
/// long as it holds the session; what it held before is over.
///
/// # Errors
/// The store failed.
pub async fn attach(
    tx: &mut Tx,
    device: DeviceId,
    session: SessionId,
    assurance: Assurance,
) -> Result<KioskSessionRecord, SessionError> {
    let now = tx.state().lifetimes.now();
    if let Some(last) = tx.kiosk_session_of(device).await? {
        let same = last.session_id == session && last.is_live(now) && strength(last.assurance) >= strength(assurance);
        if same {
            touch(tx, &last).await?;
            return Ok(last);
        }
        end(tx, last.id, EndReason::NextCustomer).await?;
    }
    if let Some(handoff) = tx.live_handoff_of(device).await? {
        // One that was over already is over.
        if let Err(HandoffError::Store(error)) = close(tx, &handoff, HandoffEnd::KioskLeft).await {
            return Err(error.into());
        }
    }
    // The hold's own token is given to nobody.
    let (hold, _) = begin(tx, NewHold { device, session, handoff: None, assurance }).await?;
    Ok(hold)
}
