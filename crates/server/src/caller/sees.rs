use protocol::ids::CustomerId;
use server_store::{ReadTx, records::Scope};

use super::Caller;
use crate::{http::Answer, state::AppState};

/// Whose records a caller may look into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sees {
    /// Everybody's.
    All,
    /// One customer's; a guest, and who never bought anything, is nobody.
    Only(Option<CustomerId>),
}

impl Sees {
    /// Whether that customer's are among them.
    #[must_use]
    pub fn sees(&self, customer: &CustomerId) -> bool {
        match self {
            Self::All => true,
            Self::Only(own) => own.as_ref() == Some(customer),
        }
    }
}

impl Caller {
    /// Whose records the caller may look into: services with the scope and staff everybody's, who holds a session or an account
    /// their own.
    ///
    /// # Errors
    /// Nothing was sent that opens any, or the person is known by a typed number alone.
    pub async fn sees(&self, tx: &mut dyn ReadTx, state: &AppState, scope: Scope) -> Answer<Sees> {
        if self.may(scope) {
            return Ok(Sees::All);
        }
        if let Some(token) = self.token() {
            let own = self.own(tx, state, token).await?;
            own.more_than_a_number()?;
            return Ok(Sees::Only(Some(own.session.customer_id).filter(|_| !own.session.guest)));
        }
        if self.is_staff(tx).await? {
            return Ok(Sees::All);
        }
        let account = self.own_account().ok_or_else(|| self.not_allowed())?;
        Ok(Sees::Only(account.record.customer_id.clone()))
    }
}
