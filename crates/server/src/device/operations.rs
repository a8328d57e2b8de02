//! Devices ask to be enrolled, operators accept them, and take that back.

use std::time::Duration;

use protocol::{
    device::{DeviceRole, EnrolmentResponse},
    event::EventBody,
    handoff::HandoffEnd,
    ids::{DeviceId, StoreId},
    kiosk_session::EndReason,
    shop::Store,
};
use server_store::{
    StoreError,
    records::{DeviceRecord, EnrolmentRecord, Topic},
};

use crate::{
    handoff::{HandoffError, codes::Code, open::close},
    kiosk_session,
    limit::{Network, seconds_until},
    session::SessionError,
    state::AppState,
    transaction::Tx,
};

/// An enrolment code lives so long.
const CODE_LIFE: Duration = Duration::from_mins(15);
/// Seconds between two looks of the device.
const INTERVAL_SECONDS: u32 = 2;
/// So many wrong codes within [`CODE_LIFE`] make operators wait, so that a mistyped code does not let a stranger in.
const WRONG_CODES: usize = 5;
/// Draws of a code before a double is taken for a failure.
const DRAWS: u32 = 3;
/// Longest label in characters.
const LONGEST_LABEL: usize = 60;

/// Why a device is not enrolled or removed.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// Nobody waits under this code.
    #[error("no kiosk shows the code {0} now; read it again from the screen, it changes every 15 minutes")]
    UnknownCode(String),
    /// It is none.
    #[error("an enrolment code has eight letters, such as BCDF-GHJK; there are no vowels in it")]
    NoCode,
    /// Too many wrong codes.
    #[error("too many wrong codes were typed; wait {0} seconds and try again")]
    TooMany(u32),
    /// No such store.
    #[error("there is no store {asked}; {}", stores(.known))]
    UnknownStore {
        /// What was asked for.
        asked: StoreId,
        /// Those there are.
        known: Vec<Store>,
    },
    /// The label is blank or too long.
    #[error("the label must have 1 to 60 characters, such as \"By the fitting rooms\"")]
    BadLabel,
    /// No such device.
    #[error("there is no device {0}; `vitrine-server devices` lists them")]
    UnknownDevice(DeviceId),
    /// A session refused to end.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// A handoff refused to end.
    #[error(transparent)]
    Handoff(#[from] HandoffError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn stores(known: &[Store]) -> String {
    if known.is_empty() {
        return "no shop was imported yet, so run `vitrine-server import` first".into();
    }
    let list: Vec<String> = known.iter().map(|store| format!("{} ({}, {})", store.store_id, store.name, store.city)).collect();
    format!("the stores are {}", list.join(", "))
}

/// Gives a device's key a code that an operator types. A code it had before is worth nothing any more.
///
/// # Errors
/// Too often from this address.
pub async fn ask(
    state: &AppState,
    network: Network,
    thumbprint: &str,
    role: DeviceRole,
) -> Result<EnrolmentResponse, HandoffError> {
    let too_often =
        |seconds| HandoffError::TooOften { seconds, detail: "Too many enrolment codes were asked for. Try again later." };
    state.limits.enrolments.take(network).map_err(too_often)?;
    let mut draw = 1;
    loop {
        let code = Code::typed(&*state.entropy);
        let now = state.now();
        let enrolment = EnrolmentRecord {
            key_thumbprint: thumbprint.to_owned(),
            code_hash: code.hash(&state.key).to_vec(),
            role,
            created_at: now,
            expires_at: now.plus(CODE_LIFE),
        };
        let mut tx = state.write().await?;
        match tx.put_enrolment(&enrolment).await {
            Ok(()) => {
                tx.commit().await?;
                return Ok(EnrolmentResponse {
                    code: code.shown(),
                    expires_in: seconds_until(enrolment.expires_at, now),
                    interval: INTERVAL_SECONDS,
                });
            }
            // Somebody else waits under the same letters.
            Err(StoreError::Duplicate) if draw < DRAWS => draw += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Enrols the device that shows `code`. One that was enrolled before keeps its id.
///
/// # Errors
/// What the operator has to change.
pub async fn accept(state: &AppState, code: &str, store: &StoreId, label: &str) -> Result<DeviceRecord, EnrolError> {
    let label = label.trim();
    if label.is_empty() || label.chars().count() > LONGEST_LABEL || label.chars().any(char::is_control) {
        return Err(EnrolError::BadLabel);
    }
    let Some(code @ Code::Typed(_)) = Code::read(code) else { return Err(EnrolError::NoCode) };
    let mut tx = state.write().await?;
    if tx.store(store).await?.is_none() {
        return Err(EnrolError::UnknownStore { asked: store.clone(), known: tx.stores().await? });
    }
    // Enrolment is a matter between processes, so it goes by the clock that they share.
    let now = state.now();
    let wrong = tx.wrong_enrolment_codes(now.minus(CODE_LIFE)).await?;
    if wrong.len() >= WRONG_CODES {
        let free_at = wrong[wrong.len() - WRONG_CODES].plus(CODE_LIFE);
        return Err(EnrolError::TooMany(seconds_until(free_at, now).max(1)));
    }
    let waiting = tx.enrolment(&code.hash(&state.key)).await?.filter(|waiting| now < waiting.expires_at);
    let Some(waiting) = waiting else {
        tx.note_wrong_enrolment_code(now).await?;
        tx.commit().await?;
        return Err(EnrolError::UnknownCode(code.shown()));
    };
    let before = tx.device_by_key(&waiting.key_thumbprint).await?;
    let device = DeviceRecord {
        id: before.as_ref().map_or_else(|| DeviceId(state.new_id()), |device| device.id),
        key_thumbprint: waiting.key_thumbprint,
        role: waiting.role,
        store_id: store.clone(),
        label: label.to_owned(),
        enrolled_at: now,
        start_by_phone: before.is_some_and(|device| device.start_by_phone),
    };
    tx.put_device(&device).await?;
    tx.remove_enrolment(&device.key_thumbprint).await?;
    tx.append(Topic::Device(device.id), &EventBody::DeviceChanged).await?;
    tx.commit().await?;
    Ok(device)
}

/// Switches beginning by a typed phone number on or off for a device.
///
/// # Errors
/// There is no such device.
pub async fn set_start_by_phone(state: &AppState, id: DeviceId, on: bool) -> Result<DeviceRecord, EnrolError> {
    let mut tx = state.write().await?;
    let device = tx.device(id).await?.ok_or(EnrolError::UnknownDevice(id))?;
    let device = DeviceRecord { start_by_phone: on, ..device };
    tx.put_device(&device).await?;
    tx.commit().await?;
    Ok(device)
}

/// Takes an enrolment back: what the device holds is over, and its key opens nothing any more.
///
/// # Errors
/// There is no such device.
pub async fn remove(state: &AppState, id: DeviceId) -> Result<DeviceRecord, EnrolError> {
    let mut tx = state.write().await?;
    let device = tx.device(id).await?.ok_or(EnrolError::UnknownDevice(id))?;
    let_go(&mut tx, id).await?;
    tx.remove_device(id).await?;
    tx.append(Topic::Device(id), &EventBody::DeviceRemoved).await?;
    tx.commit().await?;
    Ok(device)
}

async fn let_go(tx: &mut Tx, id: DeviceId) -> Result<(), EnrolError> {
    if let Some(hold) = tx.kiosk_session_of(id).await? {
        kiosk_session::operations::end(tx, hold.id, EndReason::Unenrolled).await?;
    }
    if let Some(handoff) = tx.live_handoff_of(id).await? {
        close(tx, &handoff, HandoffEnd::KioskLeft).await?;
    }
    Ok(())
}
