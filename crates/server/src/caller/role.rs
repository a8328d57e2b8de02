//! What a person may do in the shop. Roles are what our own database says; no token and no body can name one.

use axum::{extract::FromRequestParts, http::request::Parts};
use protocol::{
    ErrorCode,
    ids::AccountId,
    staff::{EnrolmentStatus, Role},
};
use server_store::{ReadTx, StoreError};

use super::Account;
use crate::{
    http::{Answer, Failure},
    state::AppState,
};

/// Every role of an account, the lowest first. Everybody is a customer.
///
/// # Errors
/// The store failed.
pub async fn held(tx: &mut dyn ReadTx, account: AccountId) -> Result<Vec<Role>, StoreError> {
    let mut roles = vec![Role::Customer];
    roles.extend(tx.roles(account).await?);
    Ok(roles)
}

/// Why a role is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// The person is none of those.
    Missing { wanted: Role, highest: Role },
    /// The person wants to be staff, and no manager has confirmed it.
    NotVerified,
}

/// The one place that decides: managers may do what staff may, and staff is whom a manager or the operator made staff.
fn decide(held: &[Role], enrolled: bool, wanted: Role) -> Result<(), Refusal> {
    let highest = held.iter().copied().max().unwrap_or(Role::Customer);
    if highest >= wanted {
        return Ok(());
    }
    if wanted == Role::Staff && enrolled { Err(Refusal::NotVerified) } else { Err(Refusal::Missing { wanted, highest }) }
}

/// Refuses an account without the role.
///
/// # Errors
/// 403: `role_required`, or `not_verified` for staff whom no manager has confirmed.
pub async fn require(tx: &mut dyn ReadTx, account: AccountId, wanted: Role) -> Answer<()> {
    let held = held(tx, account).await?;
    let enrolled = match tx.staff_enrolment_of(account).await? {
        Some(enrolment) => enrolment.status != EnrolmentStatus::Rejected,
        None => false,
    };
    decide(&held, enrolled, wanted).map_err(|refusal| match refusal {
        Refusal::Missing { wanted, highest } => Failure::new(
            ErrorCode::RoleRequired,
            format!("Resource requires '{}' role. Your role: '{}'", wanted.as_str(), highest.as_str()),
        ),
        Refusal::NotVerified => {
            Failure::new(ErrorCode::NotVerified, "A manager has to verify your enrollment first. Ask your manager.")
        }
    })
}

/// Whether the account has the role, for what is open to others as well.
///
/// # Errors
/// The store failed.
pub async fn has(tx: &mut dyn ReadTx, account: AccountId, wanted: Role) -> Result<bool, StoreError> {
    Ok(decide(&held(tx, account).await?, false, wanted).is_ok())
}

/// An account of verified staff, or of a manager.
#[derive(Clone, Debug)]
pub struct Staff(pub Account);

/// An account of a manager.
#[derive(Clone, Debug)]
pub struct Manager(pub Account);

impl FromRequestParts<AppState> for Staff {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        with_role(parts, state, Role::Staff).await.map(Self)
    }
}

impl FromRequestParts<AppState> for Manager {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        with_role(parts, state, Role::Manager).await.map(Self)
    }
}

async fn with_role(parts: &mut Parts, state: &AppState, wanted: Role) -> Answer<Account> {
    let account = Account::from_request_parts(parts, state).await?;
    require(&mut *state.read().await?, account.record.id, wanted).await?;
    Ok(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_role_opens_what_a_lower_one_does() {
        let everything = [Role::Customer, Role::Staff, Role::Manager];
        for (held, opened) in [
            (vec![Role::Customer], 1),
            (vec![Role::Customer, Role::Staff], 2),
            (vec![Role::Customer, Role::Manager], 3),
            (vec![Role::Customer, Role::Staff, Role::Manager], 3),
        ] {
            let opens = everything.iter().filter(|wanted| decide(&held, false, **wanted).is_ok()).count();
            assert_eq!(opens, opened, "{held:?}");
        }
    }

    #[test]
    fn who_only_wants_to_be_staff_is_told_so() {
        assert_eq!(decide(&[Role::Customer], true, Role::Staff), Err(Refusal::NotVerified));
        let manager = Refusal::Missing { wanted: Role::Manager, highest: Role::Customer };
        assert_eq!(decide(&[Role::Customer], true, Role::Manager), Err(manager), "enrolling leads to no other role");
        assert_eq!(decide(&[Role::Customer, Role::Staff], true, Role::Staff), Ok(()));
    }
}
