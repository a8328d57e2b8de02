use protocol::kiosk_session::EndReason;
use server_store::records::{SessionRecord, SessionStatus};

use super::{SessionError, token};
use crate::{kiosk_session, transaction::Tx};

/// Ends a session on every channel: its token is dead for good, and kiosks that hold it let go.
///
/// # Errors
/// The store failed.
pub async fn end_session(tx: &mut Tx, session: &mut SessionRecord) -> Result<(), SessionError> {
    if session.status != SessionStatus::Active {
        return Ok(());
    }
    session.status = SessionStatus::LoggedOut;
    session.generation += 1;
    token::save(tx, session).await?;
    let now = tx.now();
    tx.end_media_of(session.id, now).await?;
    kiosk_session::operations::end_all_of_session(tx, session.id, EndReason::SessionEnded).await?;
    Ok(())
}
