//! A look at the database that is begun with the first question, because most of the time there is none.

use server_store::{ReadTx, StoreError};

use crate::state::AppState;

/// Where questions go.
pub(super) enum Look<'a> {
    /// To a transaction that is under way.
    In(&'a mut dyn ReadTx),
    /// To a look of its own, once there is a question.
    Own {
        /// Whose store is looked at.
        state: &'a AppState,
        /// None before the first question.
        begun: Option<Box<dyn ReadTx>>,
    },
}

impl<'a> Look<'a> {
    /// A look of its own.
    pub(super) fn own(state: &'a AppState) -> Self {
        Self::Own { state, begun: None }
    }

    /// To be asked.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn tx(&mut self) -> Result<&mut dyn ReadTx, StoreError> {
        match self {
            Self::In(tx) => Ok(&mut **tx),
            Self::Own { begun: Some(tx), .. } => Ok(&mut **tx),
            Self::Own { state, begun } => Ok(&mut **begun.insert(state.store.look().await?)),
        }
    }
}
