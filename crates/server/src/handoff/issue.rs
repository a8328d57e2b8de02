//! The digits are typed at the kiosk: one try, then a session or a fresh beginning.

use protocol::{
    handoff::{HandoffEnd, IssuedSession},
    ids::{AccountId, DeviceId, HandoffId},
    kiosk_session::EndReason,
    session::{Assurance, Channel},
};
use server_store::records::{ClaimRecord, HandoffRecord, HandoffStatus, Topic};

use super::{
    claim::{WRONG_DIGITS, WRONG_DIGITS_WITHIN},
    digits::{are_two_digits, digits, match_digits},
    error::HandoffError,
    open::{close, of_device},
    seal::seal,
    state::{Step, status_at},
};
use crate::{
    auth::operations::customer_of,
    kiosk_session::operations::{NewHold, begin, end, show},
    session,
    state::AppState,
    transaction::Tx,
};

/// Compares the digits. Right ones give the kiosk a token of its own for the customer's session, in one transaction.
///
/// # Errors
/// Wrong digits, which end the handoff, or a handoff that cannot be matched.
pub async fn match_and_issue(
    state: &AppState,
    device: DeviceId,
    id: HandoffId,
    typed: &str,
) -> Result<IssuedSession, HandoffError> {
    if !are_two_digits(typed) {
        return Err(HandoffError::NoDigits);
    }
    let mut tx = state.write().await?;
    let handoff = of_device(&mut tx, device, id).await?;
    let claim = match (status_at(&handoff, state.lifetimes.now()), &handoff.claim) {
        (HandoffStatus::Claimed, Some(claim)) => claim.clone(),
        (HandoffStatus::Open, _) => return Err(HandoffError::NotClaimed),
        _ => return Err(HandoffError::Over),
    };
    if !match_digits(typed, &digits(&state.key, handoff.id, claim.id, &handoff.ephemeral_key)) {
        let reason = wrong_digits(&mut tx, claim.account_id).await?;
        close(&mut tx, &handoff, reason).await?;
        tx.commit().await?;
        return Err(HandoffError::WrongDigits);
    }
    let issued = issue(&mut tx, &handoff, &claim).await?;
    tx.commit().await?;
    state.begun.notify_one();
    Ok(issued)
}

/// Whether these wrong digits are one too many.
async fn wrong_digits(tx: &mut Tx, account: AccountId) -> Result<HandoffEnd, HandoffError> {
    let since = tx.state().lifetimes.now().minus(WRONG_DIGITS_WITHIN);
    let before = tx.handoffs_over(account, HandoffEnd::WrongDigits, since).await?.len();
    Ok(if before + 1 >= WRONG_DIGITS { HandoffEnd::Blocked } else { HandoffEnd::WrongDigits })
}

async fn issue(tx: &mut Tx, handoff: &HandoffRecord, claim: &ClaimRecord) -> Result<IssuedSession, HandoffError> {
    let state = tx.state().clone();
    let now = state.lifetimes.now();
    let customer = customer_of(tx, claim.account_id).await?;
    // The phone was signed in with a password, or by a provider that is trusted with as much.
    let session = session::operations::session_for_customer(tx, &customer, Channel::Kiosk, Assurance::Password).await?;
    if let Some(last) = tx.kiosk_session_of(handoff.device_id).await? {
        end(tx, last.id, EndReason::NextCustomer).await?;
    }
    let new = NewHold {
        device: handoff.device_id,
        session: session.id,
        handoff: Some((handoff.id, claim.id)),
        assurance: Assurance::Password,
    };
    let (hold, token) = begin(tx, new).await?;
    Step::Issue.from(handoff.status)?;
    if !tx.issue_handoff(handoff.id, hold.id, now).await? {
        return Err(HandoffError::Over);
    }
    tx.touch(Topic::Claim(claim.id));
    let session = show(tx.reader(), &hold, now).await?.ok_or(HandoffError::Over)?;
    let token = seal(&handoff.ephemeral_key, handoff.id.to_string().as_bytes(), token.as_bytes(), &*state.entropy)?;
    Ok(IssuedSession { kiosk_session_id: hold.id, token, session })
}
