//! The kiosk's side of a beginning: open, and give up.

use std::time::Duration;

use protocol::{
    Timestamp,
    event::EventBody,
    handoff::{
        CODE_ACCEPTED_SECONDS, CODE_SHOWN_SECONDS, CODES_AHEAD, HANDOFF_SECONDS, HandoffEnd, OpenHandoffRequest,
        OpenHandoffResponse,
    },
    ids::{DeviceId, HandoffId},
    kiosk_session::EndReason,
};
use server_store::{
    StoreError,
    records::{CodeRecord, HandoffRecord, HandoffStatus, Topic},
};

use super::{
    codes::Code,
    error::HandoffError,
    seal,
    state::{Step, status_at},
};
use crate::{kiosk_session, state::AppState, transaction::Tx};

/// Draws of codes before a double is taken for a failure.
const DRAWS: u32 = 3;

/// Opens a handoff. What the kiosk had before is over: its last handoff, and a session it still held.
///
/// # Errors
/// Too often, or a key that seals nothing.
pub async fn open(state: &AppState, device: DeviceId, request: &OpenHandoffRequest) -> Result<OpenHandoffResponse, HandoffError> {
    let too_often = |seconds| HandoffError::TooOften { seconds, detail: "Too many codes. The kiosk tries again by itself." };
    state.limits.handoffs.take(device).map_err(too_often)?;
    let ephemeral_key = seal::read_key(&request.ephemeral_key, &*state.entropy)?;
    let mut draw = 1;
    loop {
        match open_once(state, device, request, &ephemeral_key).await {
            // A typed code is short enough that somebody else may have the same one.
            Err(HandoffError::Store(StoreError::Duplicate)) if draw < DRAWS => draw += 1,
            outcome => return outcome,
        }
    }
}

async fn open_once(
    state: &AppState,
    device: DeviceId,
    request: &OpenHandoffRequest,
    ephemeral_key: &[u8],
) -> Result<OpenHandoffResponse, HandoffError> {
    let mut tx = state.write().await?;
    let now = state.lifetimes.now();
    if let Some(hold) = tx.kiosk_session_of(device).await? {
        kiosk_session::operations::end(&mut tx, hold.id, EndReason::Restart).await?;
    }
    if let Some(last) = tx.live_handoff_of(device).await? {
        close(&mut tx, &last, HandoffEnd::Replaced).await?;
    }
    let handoff = HandoffRecord {
        id: HandoffId(state.new_id()),
        device_id: device,
        locale: request.locale,
        ephemeral_key: ephemeral_key.to_vec(),
        status: HandoffStatus::Open,
        opened_at: now,
        expires_at: now.plus(Duration::from_secs(u64::from(HANDOFF_SECONDS))),
        claim: None,
        kiosk_session_id: None,
        reason: None,
        over_at: None,
    };
    let display: Vec<Code> = (0..CODES_AHEAD).map(|_| Code::display(&*state.entropy)).collect();
    let typed = Code::typed(&*state.entropy);
    let mut codes = slots(&handoff).zip(&display).map(|((from, until), code)| kept(state, code, from, until)).collect::<Vec<_>>();
    codes.push(kept(state, &typed, handoff.opened_at, handoff.expires_at));
    tx.insert_handoff(&handoff, &codes).await?;
    // Whoever scanned in the last seconds goes on with what the kiosk shows now.
    tx.carry_visits(device, handoff.id, now).await?;
    tx.commit().await?;
    state.begun.notify_one();
    Ok(OpenHandoffResponse {
        handoff_id: handoff.id,
        expires_in: HANDOFF_SECONDS,
        slot_seconds: CODE_SHOWN_SECONDS,
        codes: display.iter().map(Code::shown).collect(),
        typed_code: typed.shown(),
    })
}

/// From when until when each display code is accepted.
fn slots(handoff: &HandoffRecord) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let (opened, expires) = (handoff.opened_at, handoff.expires_at);
    (0..).map(move |slot| {
        let from = opened.plus(Duration::from_secs(u64::from(CODE_SHOWN_SECONDS) * slot));
        (from, from.plus(Duration::from_secs(u64::from(CODE_ACCEPTED_SECONDS))).min(expires))
    })
}

fn kept(state: &AppState, code: &Code, accepted_from: Timestamp, accepted_until: Timestamp) -> CodeRecord {
    CodeRecord { hash: code.hash(&state.key).to_vec(), typed: matches!(code, Code::Typed(_)), accepted_from, accepted_until }
}

/// The kiosk gives a handoff up. One that is over already stays as it is.
///
/// # Errors
/// It is not this kiosk's.
pub async fn leave(state: &AppState, device: DeviceId, id: HandoffId) -> Result<(), HandoffError> {
    let mut tx = state.write().await?;
    let handoff = of_device(&mut tx, device, id).await?;
    if matches!(handoff.status, HandoffStatus::Open | HandoffStatus::Claimed) {
        close(&mut tx, &handoff, HandoffEnd::KioskLeft).await?;
    }
    Ok(tx.commit().await?)
}

/// A handoff of this kiosk.
pub(super) async fn of_device(tx: &mut Tx, device: DeviceId, id: HandoffId) -> Result<HandoffRecord, HandoffError> {
    tx.handoff(id).await?.filter(|handoff| handoff.device_id == device).ok_or(HandoffError::NotFound)
}

/// Ends a handoff without a session; both screens are told. One whose time is over has expired, whatever else was meant.
///
/// # Errors
/// [`HandoffError::Over`]: it was over already.
pub(crate) async fn close(tx: &mut Tx, handoff: &HandoffRecord, reason: HandoffEnd) -> Result<(), HandoffError> {
    let now = tx.state().lifetimes.now();
    let reason = if status_at(handoff, now) == HandoffStatus::Expired { HandoffEnd::Expired } else { reason };
    let to = Step::Close(reason).from(handoff.status)?;
    if !tx.close_handoff(handoff.id, handoff.status, to, reason, now).await? {
        return Err(HandoffError::Over);
    }
    tx.append(Topic::Device(handoff.device_id), &EventBody::HandoffOver { handoff_id: handoff.id, reason }).await?;
    if let Some(claim) = &handoff.claim {
        tx.touch(Topic::Claim(claim.id));
    }
    Ok(())
}
