//! What people and managers do with enrolments, independent of the way the wish came in.

use protocol::{
    ErrorCode,
    ids::{AccountId, EnrolmentId},
    staff::{EnrolmentChange, EnrolmentStatus, Role},
};
use serde_json::{Map, Value};
use server_store::{StoreError, records::StaffEnrolmentRecord};

use super::{NotPossible, Step};
use crate::{http::Failure, profile::change::merge, transaction::Tx};

/// Largest data in bytes of JSON.
const LARGEST: usize = 16 * 1024;
/// What a manager has to know of everybody.
const NEEDED: [&str; 4] = ["full_name", "services", "location", "availability"];

/// Why nothing became of a wish about an enrolment.
#[derive(Debug, thiserror::Error)]
pub enum EnrolmentError {
    /// None, or somebody else's.
    #[error("Enrollment not found")]
    NotFound,
    /// Too much was filled in.
    #[error("data may have at most 16 KiB")]
    TooLarge,
    /// It is not where that can be done.
    #[error("{}", refused(*.0))]
    NotPossible(#[from] NotPossible),
    /// A manager decides about himself.
    #[error("Nobody decides about the own enrollment; ask another manager.")]
    Own,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn refused(NotPossible { from, step }: NotPossible) -> &'static str {
    match (from, step) {
        (EnrolmentStatus::Verified, Step::Verify) => "This person is verified already.",
        (_, Step::Verify) => "This enrollment was not handed in completely; ask the person to submit it.",
        (EnrolmentStatus::Rejected, Step::Reject) => "This enrollment is rejected already.",
        (EnrolmentStatus::Rejected, _) => "This enrollment was rejected; start anew.",
        _ => "This enrollment is decided and cannot be changed any more.",
    }
}

impl From<EnrolmentError> for Failure {
    fn from(error: EnrolmentError) -> Self {
        let sentence = error.to_string();
        match error {
            EnrolmentError::NotFound => Self::new(ErrorCode::NotFound, sentence),
            EnrolmentError::TooLarge => Self::field("data", ErrorCode::ValidationError, sentence),
            EnrolmentError::NotPossible(_) => Self::new(ErrorCode::Conflict, sentence),
            EnrolmentError::Own => Self::new(ErrorCode::Forbidden, sentence),
            EnrolmentError::Store(error) => error.into(),
        }
    }
}

/// Begins the account's enrolment, or answers the one that it has. A rejected person begins anew.
///
/// # Errors
/// The store failed.
pub async fn start(tx: &mut Tx, account: AccountId) -> Result<StaffEnrolmentRecord, EnrolmentError> {
    if let Some(known) = tx.staff_enrolment_of(account).await? {
        return match Step::Begin.from(known.status) {
            Ok(status) => moved(tx, known, status, None).await,
            Err(_) => Ok(known),
        };
    }
    let now = tx.now();
    let enrolment = StaffEnrolmentRecord {
        id: EnrolmentId(tx.state().new_id()),
        account_id: account,
        status: EnrolmentStatus::Draft,
        data: Map::new(),
        created_at: now,
        updated_at: now,
        decided_by: None,
    };
    tx.insert_staff_enrolment(&enrolment).await?;
    Ok(enrolment)
}

/// Fills in more; `null` takes a member away. What was handed in before has to be handed in again.
///
/// # Errors
/// [`EnrolmentError::NotFound`], [`EnrolmentError::TooLarge`], or it is decided.
pub async fn fill(
    tx: &mut Tx,
    account: AccountId,
    id: EnrolmentId,
    change: EnrolmentChange,
) -> Result<StaffEnrolmentRecord, EnrolmentError> {
    let mut enrolment = own(tx, account, id).await?;
    let status = Step::Fill.from(enrolment.status)?;
    let before = enrolment.data.clone();
    merge(&mut enrolment.data, change.more);
    merge(&mut enrolment.data, change.data);
    if serde_json::to_string(&enrolment.data).map_or(usize::MAX, |text| text.len()) > LARGEST {
        return Err(EnrolmentError::TooLarge);
    }
    if enrolment.data == before {
        return Ok(enrolment);
    }
    moved(tx, enrolment, status, None).await
}

/// Hands an enrolment in; answers what is missing beside it. It waits for a manager once nothing is.
///
/// # Errors
/// [`EnrolmentError::NotFound`], or it is decided.
pub async fn submit(
    tx: &mut Tx,
    account: AccountId,
    id: EnrolmentId,
) -> Result<(StaffEnrolmentRecord, Vec<&'static str>), EnrolmentError> {
    let enrolment = own(tx, account, id).await?;
    let missing = missing(&enrolment.data);
    let status = Step::Submit { incomplete: !missing.is_empty() }.from(enrolment.status)?;
    Ok((moved(tx, enrolment, status, None).await?, missing))
}

/// What a manager still has to be told.
#[must_use]
pub fn missing(data: &Map<String, Value>) -> Vec<&'static str> {
    let is_empty = |value: Option<&Value>| match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(list)) => list.is_empty(),
        Some(Value::Object(object)) => object.is_empty(),
        Some(Value::Bool(_) | Value::Number(_)) => false,
    };
    NEEDED.into_iter().filter(|name| is_empty(data.get(*name))).collect()
}

/// A manager confirms a person, who is staff from now on.
///
/// # Errors
/// [`EnrolmentError::NotFound`], [`EnrolmentError::Own`], or it was not handed in.
pub async fn verify(tx: &mut Tx, manager: AccountId, id: EnrolmentId) -> Result<StaffEnrolmentRecord, EnrolmentError> {
    let enrolment = of_another(tx, manager, id).await?;
    let status = Step::Verify.from(enrolment.status)?;
    let now = tx.now();
    tx.grant_role(enrolment.account_id, Role::Staff, Some(manager), now).await?;
    let enrolment = moved(tx, enrolment, status, Some(manager)).await?;
    tracing::info!(enrolment = %id, account = %enrolment.account_id, by = %manager, "staff verified");
    Ok(enrolment)
}

/// A manager refuses a person, who is not staff, or no longer.
///
/// # Errors
/// [`EnrolmentError::NotFound`], [`EnrolmentError::Own`], or it is rejected already.
pub async fn reject(tx: &mut Tx, manager: AccountId, id: EnrolmentId) -> Result<StaffEnrolmentRecord, EnrolmentError> {
    let enrolment = of_another(tx, manager, id).await?;
    let status = Step::Reject.from(enrolment.status)?;
    tx.revoke_role(enrolment.account_id, Role::Staff).await?;
    let enrolment = moved(tx, enrolment, status, Some(manager)).await?;
    tracing::info!(enrolment = %id, account = %enrolment.account_id, by = %manager, "staff rejected");
    Ok(enrolment)
}

/// The operator makes somebody staff; an enrolment that is there is verified with it. Answers whether the person was not.
///
/// # Errors
/// The store failed.
pub async fn appoint(tx: &mut Tx, account: AccountId) -> Result<bool, EnrolmentError> {
    let now = tx.now();
    let new = tx.grant_role(account, Role::Staff, None, now).await?;
    if let Some(enrolment) = tx.staff_enrolment_of(account).await?
        && enrolment.status != EnrolmentStatus::Verified
    {
        let status = Step::Appoint.from(enrolment.status)?;
        moved(tx, enrolment, status, None).await?;
    }
    Ok(new)
}

/// The operator takes the role of staff back; a verified enrolment is rejected with it. Answers whether the person had it.
///
/// # Errors
/// The store failed.
pub async fn dismiss(tx: &mut Tx, account: AccountId) -> Result<bool, EnrolmentError> {
    let had = tx.revoke_role(account, Role::Staff).await?;
    if let Some(enrolment) = tx.staff_enrolment_of(account).await?
        && enrolment.status == EnrolmentStatus::Verified
    {
        let status = Step::Reject.from(enrolment.status)?;
        moved(tx, enrolment, status, None).await?;
    }
    Ok(had)
}

/// The account's own enrolment of that id; somebody else's is as unknown as none.
pub(super) async fn own(tx: &mut Tx, account: AccountId, id: EnrolmentId) -> Result<StaffEnrolmentRecord, EnrolmentError> {
    let enrolment = tx.staff_enrolment(id).await?;
    enrolment.filter(|enrolment| enrolment.account_id == account).ok_or(EnrolmentError::NotFound)
}

async fn of_another(tx: &mut Tx, manager: AccountId, id: EnrolmentId) -> Result<StaffEnrolmentRecord, EnrolmentError> {
    let enrolment = tx.staff_enrolment(id).await?.ok_or(EnrolmentError::NotFound)?;
    if enrolment.account_id == manager { Err(EnrolmentError::Own) } else { Ok(enrolment) }
}

async fn moved(
    tx: &mut Tx,
    mut enrolment: StaffEnrolmentRecord,
    status: EnrolmentStatus,
    by: Option<AccountId>,
) -> Result<StaffEnrolmentRecord, EnrolmentError> {
    enrolment.status = status;
    enrolment.updated_at = tx.now();
    enrolment.decided_by = by;
    tx.update_staff_enrolment(&enrolment).await?;
    Ok(enrolment)
}
