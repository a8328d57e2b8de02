use protocol::{
    ids::{Cursor, SessionId},
    session::{CartLine, ChatEntry},
};
use server_store::{
    ReadTx, StoreError,
    records::{CustomerRecord, SessionRecord},
};

use crate::catalogue;

/// Entries of the conversation that a session shows.
pub(super) const SHOWN_ENTRIES: u32 = 200;

/// One consistent picture of a session.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The record.
    pub session: SessionRecord,
    /// Whose it is; none for a guest.
    pub customer: Option<CustomerRecord>,
    /// Oldest first, the last 200.
    pub chat: Vec<ChatEntry>,
    /// The cart.
    pub cart: Vec<CartLine>,
    /// ISO 4217.
    pub currency: String,
    /// Everything up to here is in this picture.
    pub cursor: Cursor,
}

/// One consistent picture of a session, in whatever status; none where there is none.
///
/// # Errors
/// The store failed.
pub async fn snapshot(tx: &mut dyn ReadTx, id: SessionId) -> Result<Option<Snapshot>, StoreError> {
    let Some(session) = tx.session(id).await? else { return Ok(None) };
    let customer = if session.guest { None } else { tx.customer(&session.customer_id).await? };
    let chat = tx.chat_entries(id, SHOWN_ENTRIES).await?;
    let cart = super::cart::show_cart(tx, &session).await?;
    let currency = catalogue::currency(tx).await?;
    let cursor = tx.newest_cursor().await?;
    Ok(Some(Snapshot { session, customer, chat, cart, currency, cursor }))
}
