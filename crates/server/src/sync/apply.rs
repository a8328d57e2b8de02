use protocol::{
    ApiError, ErrorCode,
    kiosk_session::EndReason,
    session::{Assurance, Channel, Sender},
    sync::{Op, OpBody},
};
use server_store::{
    StoreError,
    records::{AwaitedAnswer, KioskSessionRecord, OpRecord, SessionRecord},
};

use crate::{
    assistant::answer,
    kiosk_session,
    proof::Device,
    session::{NewEntry, SessionError, operations},
    state::AppState,
    transaction::Tx,
};

/// Applies a change once; answers why it was refused, if it was. Its key is kept in the transaction of its effect.
pub(super) async fn apply(state: &AppState, device: &Device, op: Op) -> Result<Option<ApiError>, StoreError> {
    let mut tx = state.write().await?;
    if let Some(seen) = tx.op(device.id, op.key).await? {
        state.metrics.repeated.inc();
        return Ok(seen.refusal);
    }
    let key = op.key;
    let (mut tx, refusal, awaited) = match effect(&mut tx, device, op).await {
        Ok(awaited) => (tx, None, awaited),
        Err(SessionError::Store(StoreError::Duplicate)) => {
            // The same push came twice at once and the other one was faster, or the key is the name of somebody else's entry.
            drop(tx);
            let mut tx = state.write().await?;
            if let Some(seen) = tx.op(device.id, key).await? {
                return Ok(seen.refusal);
            }
            (
                tx,
                Some(ApiError::new(ErrorCode::Conflict, "This key is in use already. Make the change again under a new one.")),
                None,
            )
        }
        Err(SessionError::Store(error)) => return Err(error),
        Err(error) => {
            // What the change did before it was refused must not stay.
            drop(tx);
            let refusal = error.api_error();
            (state.write().await?, refusal, None)
        }
    };
    let at = tx.now();
    match tx.insert_op(&OpRecord { key, device_id: device.id, refusal: refusal.clone(), at }).await {
        // The same push came twice at once; the other one was faster.
        Err(StoreError::Duplicate) => return Ok(refusal),
        result => result?,
    }
    tx.commit().await?;
    if let Some(awaited) = awaited {
        answer::begin(state, awaited);
    }
    Ok(refusal)
}

async fn effect(tx: &mut Tx, device: &Device, op: Op) -> Result<Option<AwaitedAnswer>, SessionError> {
    let hold = tx.kiosk_session(op.kiosk_session_id).await?.filter(|hold| hold.device_id == device.id);
    let hold = hold.ok_or(SessionError::Forbidden("This kiosk never held that session."))?;
    if let OpBody::End { reason } = op.body {
        kiosk_session::operations::end(tx, hold.id, reason).await?;
        return Ok(None);
    }
    let mut session = live(tx, &hold).await?;
    kiosk_session::operations::touch(tx, &hold).await?;
    match op.body {
        OpBody::Chat { message } => {
            if message.trim().is_empty() {
                return Err(SessionError::BadRequest("'message' is required".into()));
            }
            let new = NewEntry {
                sender: Sender::User,
                message,
                channel: Channel::Kiosk,
                metadata: None,
                op: Some(op.key),
                mergeable: false,
            };
            let entry = operations::append_chat(tx, &mut session, new).await?;
            if !session.is_live(entry.timestamp) {
                // Nobody is there any more who would read an answer.
                return Ok(None);
            }
            let awaited = AwaitedAnswer {
                entry_id: entry.id,
                session_id: session.id,
                store_id: Some(device.store_id.clone()),
                at: entry.timestamp,
            };
            tx.await_answer(&awaited).await?;
            return Ok(Some(awaited));
        }
        OpBody::AddToCart { sku, quantity, options } => {
            operations::add_to_cart(tx, &mut session, &sku, quantity, options, Some(op.key)).await?;
        }
        OpBody::SetQuantity { sku, quantity, options } => {
            operations::set_quantity(tx, &mut session, &sku, quantity, options, Some(op.key)).await?;
        }
        OpBody::End { .. } => {}
    }
    Ok(None)
}

/// The session behind a hold. The hold may be over: what its customer did before that still counts, and so does what a guest did
/// whose session went with it, such as to the next customer while the kiosk was out of reach. Nothing comes after an end that the
/// kiosk itself has told.
async fn live(tx: &mut Tx, hold: &KioskSessionRecord) -> Result<SessionRecord, SessionError> {
    let now = tx.now();
    let session = tx.session(hold.session_id).await?.ok_or(SessionError::NotFound)?;
    let told = |(_, reason)| matches!(reason, EndReason::Done | EndReason::Staff);
    let late = hold.assurance == Assurance::Guest && hold.end.is_some_and(|end| !told(end));
    if session.is_live(now) || late { Ok(session) } else { Err(SessionError::Expired) }
}
