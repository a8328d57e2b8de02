use protocol::session::Assurance;
use server_store::{
    ReadTx,
    records::{KioskSessionRecord, SessionRecord},
};

use super::Caller;
use crate::{
    kiosk_session,
    session::{SessionError, operations, strength},
    state::AppState,
    transaction::Tx,
};

/// The session that a caller's token opens, and how far.
#[derive(Clone, Debug)]
pub struct Own {
    /// The session.
    pub session: SessionRecord,
    /// How the person was proved to this caller: on a kiosk, as its hold says.
    pub assurance: Assurance,
}

impl Own {
    /// A session that a caller of a channel gets whole.
    #[must_use]
    pub fn whole(session: SessionRecord) -> Self {
        Self { assurance: session.assurance, session }
    }

    /// A session that a kiosk holds.
    #[must_use]
    pub fn held(session: SessionRecord, hold: &KioskSessionRecord) -> Self {
        let weaker = strength(hold.assurance) < strength(session.assurance);
        Self { assurance: if weaker { hold.assurance } else { session.assurance }, session }
    }

    /// Whether the person is known by a typed number alone, which anybody can type.
    #[must_use]
    pub fn is_by_number_only(&self) -> bool {
        !self.session.guest && strength(self.assurance) <= strength(Assurance::Phone)
    }

    /// Refuses what a typed number alone does not open.
    ///
    /// # Errors
    /// The person is known by a typed number alone.
    pub fn more_than_a_number(&self) -> Result<(), SessionError> {
        if self.is_by_number_only() { Err(SessionError::StrongerLoginRequired) } else { Ok(()) }
    }
}

impl Caller {
    /// The live session of `token`. A kiosk's token opens it only while the kiosk holds the session.
    ///
    /// # Errors
    /// [`SessionError::NotFound`] or [`SessionError::Expired`].
    pub async fn own(&self, tx: &mut dyn ReadTx, state: &AppState, token: &str) -> Result<Own, SessionError> {
        let session = operations::live_session(tx, &state.key, token, state.now()).await?;
        let Some(hold) = self.hold(tx, state, &session).await? else { return Ok(Own::whole(session)) };
        Ok(Own::held(session, &hold))
    }

    /// As [`Caller::own`]; the session and the hold count as used.
    ///
    /// # Errors
    /// As [`Caller::own`].
    pub async fn use_own(&self, tx: &mut Tx, token: &str) -> Result<Own, SessionError> {
        let state = tx.state().clone();
        let session = operations::use_session(tx, token).await?;
        let Some(hold) = self.hold(tx.reader(), &state, &session).await? else { return Ok(Own::whole(session)) };
        kiosk_session::operations::touch(tx, &hold).await?;
        Ok(Own::held(session, &hold))
    }

    /// The calling device's live hold of the session; none where no device calls.
    async fn hold(
        &self,
        tx: &mut dyn ReadTx,
        state: &AppState,
        session: &SessionRecord,
    ) -> Result<Option<KioskSessionRecord>, SessionError> {
        let Some(device) = &self.device else { return Ok(None) };
        let hold = kiosk_session::operations::held_by(tx, device.id, state.lifetimes.now()).await?;
        hold.filter(|hold| hold.session_id == session.id).map(Some).ok_or(SessionError::Expired)
    }
}
