//! A signed-in phone continues at the kiosk, follows what becomes of it, and ends it.

use std::time::Duration;

use protocol::{
    Timestamp,
    event::EventBody,
    handoff::HandoffEnd,
    ids::{AccountId, ClaimId},
    kiosk_session::EndReason,
    phone::ClaimState,
};
use server_store::{
    ReadTx,
    records::{ClaimRecord, HandoffRecord, HandoffStatus, Topic},
};

use super::{
    digits::digits,
    error::HandoffError,
    open::close,
    state::{Step, status_at},
};
use crate::{
    key::{ServerKey, sha256},
    kiosk_session,
    limit::seconds_until,
    state::AppState,
    transaction::Tx,
};

/// So many wrong numbers of one person within this time make the person wait as long.
pub(super) const WRONG_DIGITS_WITHIN: Duration = Duration::from_mins(10);
/// See [`WRONG_DIGITS_WITHIN`].
pub(super) const WRONG_DIGITS: usize = 3;

/// Who claims.
#[derive(Clone, Debug)]
pub struct Claimant {
    /// The account.
    pub account: AccountId,
    /// SHA-256 of the browser's cookie.
    pub browser_hash: Vec<u8>,
}

/// Continue: the first claim wins, and the same phone may say it twice. Anybody else after that ends the handoff.
///
/// # Errors
/// An unknown ticket, a handoff that is over, too often, or too many wrong digits lately.
pub async fn claim(state: &AppState, ticket: &str, claimant: &Claimant) -> Result<HandoffRecord, HandoffError> {
    let too_often =
        |seconds| HandoffError::TooOften { seconds, detail: "Too many tries. Wait a moment, then start again at the kiosk." };
    state.limits.claims.take(claimant.account).map_err(too_often)?;
    let mut tx = state.write().await?;
    let now = state.lifetimes.now();
    if let Some(seconds) = blocked(&mut tx, claimant.account, now).await? {
        return Err(HandoffError::TooOften {
            seconds,
            detail: "The number was wrong too often. Wait a few minutes, or ask for help in the store.",
        });
    }
    let visit = tx.visit(&sha256(ticket.as_bytes())).await?;
    let visit = visit
        .filter(|visit| now < visit.expires_at && visit.browser_hash == claimant.browser_hash)
        .ok_or(HandoffError::UnknownCode)?;
    let handoff = tx.handoff(visit.handoff_id).await?.ok_or(HandoffError::UnknownCode)?;
    match (status_at(&handoff, now), &handoff.claim) {
        (HandoffStatus::Open, _) => {
            Step::Claim.from(handoff.status)?;
            let claim = ClaimRecord {
                id: ClaimId(state.new_id()),
                account_id: claimant.account,
                browser_hash: claimant.browser_hash.clone(),
                at: now,
            };
            if !tx.claim_handoff(handoff.id, &claim).await? {
                return Err(HandoffError::Over);
            }
            tx.append(Topic::Device(handoff.device_id), &EventBody::HandoffClaimed { handoff_id: handoff.id }).await?;
            tx.commit().await?;
            Ok(HandoffRecord { status: HandoffStatus::Claimed, claim: Some(claim), ..handoff })
        }
        (HandoffStatus::Claimed, Some(first)) if is_claimant(first, claimant) => Ok(handoff),
        (HandoffStatus::Claimed, _) => {
            close(&mut tx, &handoff, HandoffEnd::SecondPhone).await?;
            tx.commit().await?;
            Err(HandoffError::Over)
        }
        _ => Err(HandoffError::Over),
    }
}

fn is_claimant(claim: &ClaimRecord, claimant: &Claimant) -> bool {
    claim.account_id == claimant.account && claim.browser_hash == claimant.browser_hash
}

/// Seconds that the account still waits because of wrong digits.
async fn blocked(tx: &mut Tx, account: AccountId, now: Timestamp) -> Result<Option<u32>, HandoffError> {
    let since = now.minus(WRONG_DIGITS_WITHIN);
    let blocks = tx.handoffs_over(account, HandoffEnd::Blocked, since).await?;
    let until = blocks.last().map(|last| last.plus(WRONG_DIGITS_WITHIN));
    Ok(until.map(|until| seconds_until(until, now)).filter(|seconds| *seconds > 0))
}

/// A claim of this account.
///
/// # Errors
/// There is none.
pub async fn claim_of(tx: &mut dyn ReadTx, id: ClaimId, account: AccountId) -> Result<HandoffRecord, HandoffError> {
    let handoff = tx.handoff_by_claim(id).await?;
    handoff
        .filter(|handoff| handoff.claim.as_ref().is_some_and(|claim| claim.account_id == account))
        .ok_or(HandoffError::NotFound)
}

/// What the phone shows for a claimed handoff.
///
/// # Errors
/// The store failed.
pub async fn claim_state(
    tx: &mut dyn ReadTx,
    key: &ServerKey,
    handoff: &HandoffRecord,
    now: Timestamp,
) -> Result<ClaimState, HandoffError> {
    let claim = handoff.claim.as_ref().ok_or(HandoffError::NotFound)?;
    Ok(match status_at(handoff, now) {
        HandoffStatus::Open | HandoffStatus::Claimed => ClaimState::Digits {
            digits: digits(key, handoff.id, claim.id, &handoff.ephemeral_key),
            expires_in: seconds_until(handoff.expires_at, now),
        },
        HandoffStatus::Issued | HandoffStatus::Ended => {
            let hold = match handoff.kiosk_session_id {
                Some(id) => tx.kiosk_session(id).await?,
                None => None,
            };
            match hold {
                Some(hold) if hold.is_live(now) => ClaimState::Live,
                Some(hold) => ClaimState::Ended { reason: hold.end.map_or_else(|| hold.overdue(), |(_, reason)| reason) },
                // Holds are forgotten long after their end.
                None => ClaimState::Ended { reason: EndReason::TimeOver },
            }
        }
        HandoffStatus::Expired => ClaimState::Failed { reason: HandoffEnd::Expired },
        HandoffStatus::Cancelled | HandoffStatus::Aborted => {
            ClaimState::Failed { reason: handoff.reason.unwrap_or(HandoffEnd::Cancelled) }
        }
    })
}

/// "This is not me" and "End session": whatever came of the claim is over.
///
/// # Errors
/// The claim is not this account's.
pub async fn give_up(state: &AppState, id: ClaimId, account: AccountId) -> Result<ClaimState, HandoffError> {
    let mut tx = state.write().await?;
    let handoff = claim_of(tx.reader(), id, account).await?;
    match handoff.status {
        HandoffStatus::Open | HandoffStatus::Claimed => close(&mut tx, &handoff, HandoffEnd::Cancelled).await?,
        HandoffStatus::Issued => {
            if let Some(hold) = handoff.kiosk_session_id {
                kiosk_session::operations::end(&mut tx, hold, EndReason::Phone).await?;
            }
        }
        HandoffStatus::Ended | HandoffStatus::Cancelled | HandoffStatus::Expired | HandoffStatus::Aborted => {}
    }
    let handoff = claim_of(tx.reader(), id, account).await?;
    let after = claim_state(tx.reader(), &state.key, &handoff, state.lifetimes.now()).await?;
    tx.commit().await?;
    Ok(after)
}

/// The claim of this browser that still lives.
///
/// # Errors
/// The store failed.
pub async fn live_claim(
    tx: &mut dyn ReadTx,
    key: &ServerKey,
    claimant: &Claimant,
    now: Timestamp,
) -> Result<Option<ClaimId>, HandoffError> {
    let Some(handoff) = tx.latest_claim_of(claimant.account, &claimant.browser_hash).await? else { return Ok(None) };
    let lives = matches!(claim_state(tx, key, &handoff, now).await?, ClaimState::Digits { .. } | ClaimState::Live);
    Ok(handoff.claim.filter(|_| lives).map(|claim| claim.id))
}
