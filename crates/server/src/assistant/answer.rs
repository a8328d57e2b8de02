//! Sees to it that every message that awaits an answer gets one: also when the assistant fails, hangs or crashes, and also
//! when the server stops in between.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use protocol::{
    ids::{EntryId, SessionId},
    session::{Channel, Sender},
};
use server_store::{StoreError, records::AwaitedAnswer};

use super::{CartChange, Question, Reply, known};
use crate::{
    session::{NewEntry, SessionError, operations},
    state::AppState,
    transaction::Tx,
};

/// What the shop says when the assistant cannot.
pub const APOLOGY: &str = "I'm having trouble processing your request right now. Please try again.";
/// An assistant that thinks longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Who awaits an answer for longer was left by a node that stopped.
const LEFT: Duration = Duration::from_secs(30);
/// How often nodes look for those who were left.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often a node looks whether another has answered.
const LOOK_SOON: Duration = Duration::from_millis(200);

/// One lock per conversation, so that its answers come in the order of its messages.
#[derive(Debug, Default)]
pub struct Turns {
    locks: Mutex<HashMap<SessionId, Arc<tokio::sync::Mutex<()>>>>,
    /// Messages that this node answers, now or when their turn comes.
    here: Arc<Mutex<HashSet<EntryId>>>,
}

/// That a message is answered on this node. Dropping it says that it is over.
#[derive(Debug)]
struct Here {
    all: Arc<Mutex<HashSet<EntryId>>>,
    entry: EntryId,
}

impl Drop for Here {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.entry);
    }
}

impl Turns {
    /// The conversation's turn, once those before it are over.
    pub(crate) async fn take(&self, session: SessionId) -> tokio::sync::OwnedMutexGuard<()> {
        self.of(session).lock_owned().await
    }

    fn of(&self, session: SessionId) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        turns.entry(session).or_default().clone()
    }

    /// Whether an answer of that conversation is being thought about here.
    fn is_busy(&self, session: SessionId) -> bool {
        let turns = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        turns.get(&session).is_some_and(|turn| Arc::strong_count(turn) > 1)
    }

    fn note(&self, entry: EntryId) -> Here {
        self.here.lock().unwrap_or_else(PoisonError::into_inner).insert(entry);
        Here { all: self.here.clone(), entry }
    }

    /// Whether that message is answered on this node, now or later.
    fn is_here(&self, entry: EntryId) -> bool {
        self.here.lock().unwrap_or_else(PoisonError::into_inner).contains(&entry)
    }
}

/// Begins to answer a message. Call it after the commit that noted the message as awaiting.
pub fn begin(state: &AppState, awaited: AwaitedAnswer) {
    // The place in the queue is taken now; which of two tasks runs first is up to chance.
    let turn = state.turns.of(awaited.session_id);
    let place = turn.clone().try_lock_owned();
    let here = state.turns.note(awaited.entry_id);
    let state = state.clone();
    tokio::spawn(async move {
        let _here = here;
        let _turn = match place {
            Ok(guard) => guard,
            Err(_) => turn.lock_owned().await,
        };
        if let Err(error) = answer(&state, &awaited).await {
            tracing::error!(%error, "an answer could not be stored");
        }
    });
}

/// Answers what a server that stopped has left unanswered. What other nodes may still be thinking about is left to them.
///
/// # Errors
/// The store failed.
pub async fn resume(state: &AppState) -> Result<(), StoreError> {
    let several = state.store.shared().is_some();
    let left = state.now().minus(LEFT);
    for awaited in state.read().await?.awaited_answers().await? {
        if !several || (awaited.at <= left && !state.turns.is_busy(awaited.session_id)) {
            begin(state, awaited);
        }
    }
    Ok(())
}

/// Where there are several nodes: takes over what one that stopped has left unanswered, until the server stops.
pub fn keep_resuming(state: AppState) {
    if state.store.shared().is_none() {
        return;
    }
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = state.shutdown.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            if let Err(error) = resume(&state).await {
                tracing::warn!(%error, "unanswered messages could not be read; trying again");
            }
        }
    });
}

/// Where there are several nodes: waits until the conversation's earlier messages are answered, on whichever node, so that
/// answers come in the order of messages. A node that stopped is not waited for, and neither is a message that waits on this
/// node: those have their order, and one that came later waits for this one, whatever the clock said when it came.
async fn wait_for_earlier(state: &AppState, awaited: &AwaitedAnswer) -> Result<(), StoreError> {
    if state.store.shared().is_none() {
        return Ok(());
    }
    loop {
        let waiting = state.read().await?.awaited_answers().await?;
        let left = state.now().minus(LEFT);
        let earlier = waiting.iter().any(|other| {
            other.session_id == awaited.session_id
                && !state.turns.is_here(other.entry_id)
                && other.at > left
                && (other.at, other.entry_id) < (awaited.at, awaited.entry_id)
        });
        if !earlier {
            return Ok(());
        }
        tokio::time::sleep(LOOK_SOON).await;
    }
}

async fn answer(state: &AppState, awaited: &AwaitedAnswer) -> Result<(), SessionError> {
    wait_for_earlier(state, awaited).await?;
    let Some(question) = question(state, awaited).await? else {
        // The session is over, and nobody waits any more.
        let mut tx = state.write().await?;
        tx.settle_answer(awaited.session_id, awaited.entry_id).await?;
        return Ok(tx.commit().await?);
    };
    let reply = think(state, question).await;
    match store(state, awaited, reply).await {
        Ok(()) => Ok(()),
        Err(SessionError::Store(error)) => Err(error.into()),
        Err(error) => {
            tracing::warn!(%error, "an assistant's wish was refused");
            store(state, awaited, apology()).await
        }
    }
}

async fn question(state: &AppState, awaited: &AwaitedAnswer) -> Result<Option<Question>, SessionError> {
    let mut tx = state.read().await?;
    let Some(snapshot) = operations::snapshot(&mut *tx, awaited.session_id).await? else { return Ok(None) };
    if !snapshot.session.is_live(state.now()) {
        return Ok(None);
    }
    let mut before = snapshot.chat;
    let Some(place) = before.iter().position(|entry| entry.id == awaited.entry_id) else { return Ok(None) };
    let message = before.split_off(place).swap_remove(0).message;
    Ok(Some(Question {
        message,
        before,
        cart: snapshot.cart,
        customer: snapshot.customer.as_ref().map(known),
        currency: snapshot.currency,
        store: awaited.store_id.clone(),
    }))
}

/// The assistant's reply, or the apology. It thinks in a task of its own, so that its crash is only its own.
pub(crate) async fn think(state: &AppState, question: Question) -> Reply {
    let (assistant, store) = (state.assistant.clone(), state.store.clone());
    let mut thought = tokio::spawn(async move { assistant.reply(&*store, &question).await });
    match tokio::time::timeout(PATIENCE, &mut thought).await {
        Ok(Ok(Ok(reply))) => reply,
        Ok(Ok(Err(error))) => {
            tracing::error!(%error, "the assistant failed");
            apology()
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "the assistant crashed");
            apology()
        }
        Err(_) => {
            thought.abort();
            tracing::error!("the assistant did not answer in time");
            apology()
        }
    }
}

pub(crate) fn apology() -> Reply {
    Reply { text: APOLOGY.into(), intent: "error", ..Reply::default() }
}

async fn store(state: &AppState, awaited: &AwaitedAnswer, reply: Reply) -> Result<(), SessionError> {
    let mut tx = state.write().await?;
    if !tx.settle_answer(awaited.session_id, awaited.entry_id).await? {
        return Ok(());
    }
    let now = tx.now();
    if let Some(mut session) = tx.session(awaited.session_id).await?.filter(|session| session.is_live(now)) {
        for change in &reply.changes {
            apply(&mut tx, &mut session, change).await?;
        }
        let new = NewEntry {
            sender: Sender::Agent,
            message: reply.text.clone(),
            channel: Channel::Kiosk,
            metadata: Some(reply.metadata()),
            op: None,
            mergeable: false,
        };
        operations::append_chat(&mut tx, &mut session, new).await?;
    }
    Ok(tx.commit().await?)
}

pub(crate) async fn apply(
    tx: &mut Tx,
    session: &mut server_store::records::SessionRecord,
    change: &CartChange,
) -> Result<(), SessionError> {
    match change {
        CartChange::Add { sku, quantity, options } => {
            operations::add_to_cart(tx, session, sku, *quantity, options.clone(), None).await
        }
        CartChange::SetQuantity { sku, quantity, options } => {
            operations::set_quantity(tx, session, sku, *quantity, options.clone(), None).await
        }
    }
}
