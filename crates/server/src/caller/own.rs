use protocol::{Timestamp, session::Assurance};
use server_store::{
    ReadTx, StoreError,
    records::{KioskSessionRecord, SessionRecord},
};

use super::{Account, Caller};
use crate::{
    http::Answer,
    kiosk_session,
    session::{LIFE, SessionError, operations, strength},
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

    /// A session of somebody who proved an account, which is worth a password.
    #[must_use]
    pub fn of_account(session: SessionRecord) -> Self {
        let weaker = strength(session.assurance) < strength(Assurance::Password);
        Self { assurance: if weaker { Assurance::Password } else { session.assurance }, session }
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

    /// The live session that the caller's token opens, or else that of the customer linked to the caller's account.
    ///
    /// # Errors
    /// Neither was sent, or there is no such session.
    pub async fn own_session(&self, tx: &mut dyn ReadTx, state: &AppState) -> Answer<Own> {
        if let Some(token) = self.token() {
            return Ok(self.own(tx, state, token).await?);
        }
        let account = self.own_account().ok_or_else(|| self.not_allowed())?;
        Ok(account.session(tx, state.now()).await?.ok_or(SessionError::NotFound)?)
    }

    /// As [`Caller::own_session`]; the session and a hold of it count as used.
    ///
    /// # Errors
    /// As [`Caller::own_session`].
    pub async fn use_own_session(&self, tx: &mut Tx) -> Answer<Own> {
        if let Some(token) = self.token() {
            return Ok(self.use_own(tx, token).await?);
        }
        let state = tx.state().clone();
        let mut own = self.own_session(tx.reader(), &state).await?;
        own.session.expires_at = own.session.expires_at.max(state.now().plus(LIFE));
        Ok(own)
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

impl Account {
    /// The live session of the customer linked to the account.
    ///
    /// # Errors
    /// The store failed.
    pub async fn session(&self, tx: &mut dyn ReadTx, now: Timestamp) -> Result<Option<Own>, StoreError> {
        let Some(customer) = &self.record.customer_id else { return Ok(None) };
        Ok(tx.active_session_of(customer).await?.filter(|session| session.is_live(now)).map(Own::of_account))
    }
}
