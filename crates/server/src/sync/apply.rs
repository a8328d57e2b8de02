use protocol::{
    ApiError, ErrorCode,
    ids::{EntryId, KioskSessionId, OpKey},
    kiosk_profile::KioskProfile,
    kiosk_session::EndReason,
    session::{Assurance, Channel, ChatEntry, Sender},
    sync::{Op, OpBody},
};
use serde_json::{Map, Value};
use server_store::{
    StoreError,
    records::{AwaitedAnswer, KioskSessionRecord, OpRecord, SessionRecord},
};

use crate::{
    assistant::answer,
    kiosk_session::{self, Away},
    profile::at_kiosk::{self, Wish},
    proof::Device,
    session::{NewEntry, SessionError, operations},
    state::AppState,
    transaction::Tx,
};

/// Applies a change once; answers why it was refused, if it was. Its key is kept in the transaction of its effect. `holding` is whom
/// the kiosk has on its screen.
pub(super) async fn apply(
    state: &AppState,
    device: &Device,
    op: Op,
    holding: Option<KioskSessionId>,
) -> Result<Option<ApiError>, StoreError> {
    let mut tx = state.write().await?;
    if let Some(seen) = tx.op(device.id, op.key).await? {
        state.metrics.repeated.inc();
        return Ok(seen.refusal);
    }
    let key = op.key;
    let (mut tx, refusal, awaited) = match effect(&mut tx, device, op, holding).await {
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

/// Applies changes of one hold in one transaction, as a disk takes one as quickly as many. False, with nothing applied, where
/// one of them asks for more than that: it was seen before, is refused, or cannot be applied now.
pub(super) async fn apply_together(state: &AppState, device: &Device, ops: &[Op], holding: Option<KioskSessionId>) -> bool {
    match try_together(state, device, ops, holding).await {
        Ok(Some(awaited)) => {
            for awaited in awaited {
                answer::begin(state, awaited);
            }
            true
        }
        Ok(None) => false,
        Err(error) => {
            // Each is tried by itself next, and says what is wrong.
            tracing::debug!(%error, "changes were not applied together");
            false
        }
    }
}

async fn try_together(
    state: &AppState,
    device: &Device,
    ops: &[Op],
    holding: Option<KioskSessionId>,
) -> Result<Option<Vec<AwaitedAnswer>>, StoreError> {
    let mut tx = state.write().await?;
    let mut all = Vec::new();
    for op in ops {
        if tx.op(device.id, op.key).await?.is_some() {
            return Ok(None);
        }
        match effect(&mut tx, device, op.clone(), holding).await {
            Ok(awaited) => all.extend(awaited),
            Err(SessionError::Store(error)) => return Err(error),
            Err(_) => return Ok(None),
        }
        let at = tx.now();
        tx.insert_op(&OpRecord { key: op.key, device_id: device.id, refusal: None, at }).await?;
    }
    tx.commit().await?;
    Ok(Some(all))
}

async fn effect(
    tx: &mut Tx,
    device: &Device,
    op: Op,
    holding: Option<KioskSessionId>,
) -> Result<Option<AwaitedAnswer>, SessionError> {
    if let OpBody::BeginGuest { session_id, token_hash } = &op.body {
        let is_there = holding == Some(op.kiosk_session_id);
        let away = Away { device: device.id, hold: op.kiosk_session_id, session: *session_id, token_hash, is_there };
        kiosk_session::begin_away(tx, away).await?;
        return Ok(None);
    }
    let hold = tx.kiosk_session(op.kiosk_session_id).await?.filter(|hold| hold.device_id == device.id);
    let hold = hold.ok_or(SessionError::Forbidden("This kiosk never held that session."))?;
    if let OpBody::End { reason } = op.body {
        kiosk_session::operations::end(tx, hold.id, reason).await?;
        kiosk_session::end_guest(tx, &hold).await?;
        return Ok(None);
    }
    let guest = hold.assurance == Assurance::Guest;
    let of_the_kiosk = matches!(op.body, OpBody::Answer { .. } | OpBody::Chat { answered_here: true, .. });
    if of_the_kiosk && !guest {
        return Err(SessionError::Forbidden("The kiosk's own assistant answers guests only."));
    }
    let mut session = live(tx, &hold).await?;
    kiosk_session::operations::touch(tx, &hold).await?;
    match op.body {
        OpBody::Answer { message, metadata, answers } => {
            if let Some(answered) = answers {
                tx.settle_answer(session.id, EntryId(answered.0)).await?;
            }
            say(tx, &mut session, op.key, (Sender::Agent, message, metadata)).await?;
        }
        OpBody::Chat { message, answered_here } => {
            let entry = say(tx, &mut session, op.key, (Sender::User, message, None)).await?;
            // Where nobody is there any more who would read an answer, there is none.
            if answered_here || !session.is_live(entry.timestamp) || (guest && hold.end.is_some()) {
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
        OpBody::ChangeProfile { base_version, field, seen, value } => {
            if !kiosk_session::operations::shows_profile(hold.assurance) {
                return Err(SessionError::StrongerLoginRequired);
            }
            at_kiosk::change(tx, &session.customer_id, Wish { base_version, field, seen, value }, op.key).await?;
        }
        OpBody::BeginGuest { .. } | OpBody::End { .. } => {}
    }
    Ok(None)
}

async fn say(
    tx: &mut Tx,
    session: &mut SessionRecord,
    key: OpKey,
    (sender, message, metadata): (Sender, String, Option<Map<String, Value>>),
) -> Result<ChatEntry, SessionError> {
    if message.trim().is_empty() {
        return Err(SessionError::BadRequest("'message' is required".into()));
    }
    let new = NewEntry { sender, message, channel: Channel::Kiosk, metadata, op: Some(key), mergeable: false };
    operations::append_chat(tx, session, new).await
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

/// The profile as it is now, of whom that hold is.
pub(super) async fn profile_now(state: &AppState, hold: KioskSessionId) -> Result<Option<KioskProfile>, StoreError> {
    let mut tx = state.read().await?;
    let Some(hold) = tx.kiosk_session(hold).await? else { return Ok(None) };
    let Some(session) = tx.session(hold.session_id).await? else { return Ok(None) };
    at_kiosk::of_customer(&mut *tx, &session.customer_id).await
}
