//! What people do with requests, independent of the way the wish came in.

use protocol::{
    ErrorCode,
    error::FieldError,
    ids::{AccountId, ProfileId, ServiceRequestId},
    session::Sender,
    staff::{NewServiceRequest, RequestChange, RequestStatus, StaffStep, StatusChange},
};
use serde_json::{Map, Value, json};
use server_store::{
    StoreError,
    records::{ProfileOwner, ServiceRequestRecord, SessionRecord},
};

use super::{RequestError, Step};
use crate::{
    profile::change::merge,
    session::{self, NewEntry},
    transaction::Tx,
};

/// Longest words of a customer in characters.
const LONGEST_INPUT: usize = 4_000;
/// Longest name of a kind in characters.
const LONGEST_KIND: usize = 100;
const LONGEST_TIMING: usize = 200;
/// Longest note of staff in characters.
const LONGEST_NOTE: usize = 2_000;
/// Largest requirements in bytes of JSON.
const LARGEST_REQUIREMENTS: usize = 16 * 1024;
/// Largest place or budget in bytes of JSON.
const LARGEST_PART: usize = 2 * 1024;
/// Most requests of one person that wait for staff.
const MOST_OPEN: usize = 20;
/// Requests of one person that are looked at.
pub(super) const LOOKED_AT: u32 = 200;

/// Makes a request of the profile's owner. It waits for staff from now on.
///
/// # Errors
/// [`RequestError::Invalid`] or [`RequestError::TooMany`].
pub async fn create(tx: &mut Tx, owner: ProfileOwner, new: NewServiceRequest) -> Result<ServiceRequestRecord, RequestError> {
    let kind = |kind: Option<String>, default: &str| {
        kind.map(|kind| kind.trim().to_owned()).filter(|kind| !kind.is_empty()).unwrap_or_else(|| default.to_owned())
    };
    let now = tx.now();
    let request = ServiceRequestRecord {
        id: ServiceRequestId(tx.state().new_id()),
        profile_id: owner.profile(),
        raw_input: new.raw_input.trim().to_owned(),
        service_category: kind(new.service_category, "general"),
        service_type: kind(new.service_type, "question"),
        requirements: new.requirements.unwrap_or_default(),
        location: new.location,
        timing: new.timing,
        budget: new.budget,
        status: RequestStatus::Matching,
        status_history: vec![StatusChange { status: RequestStatus::Matching, timestamp: now, note: None }],
        created_at: now,
        updated_at: now,
    };
    check(&request)?;
    let known = tx.service_requests_of(owner.profile(), LOOKED_AT).await?;
    if known.iter().filter(|request| request.status == RequestStatus::Matching).count() >= MOST_OPEN {
        return Err(RequestError::TooMany);
    }
    tx.insert_service_request(&request).await?;
    Ok(request)
}

/// Changes a request of this profile that still waits.
///
/// # Errors
/// [`RequestError::NotFound`], [`RequestError::NotMatching`] or [`RequestError::Invalid`].
pub async fn change(
    tx: &mut Tx,
    profile: ProfileId,
    id: ServiceRequestId,
    change: RequestChange,
) -> Result<ServiceRequestRecord, RequestError> {
    let mut request = own(tx, profile, id).await?;
    if request.status != RequestStatus::Matching {
        return Err(RequestError::NotMatching);
    }
    if let Some(words) = change.raw_input {
        words.trim().clone_into(&mut request.raw_input);
    }
    if let Some(requirements) = change.requirements {
        merge(&mut request.requirements, requirements);
    }
    if let Some(location) = change.location {
        request.location = location;
    }
    if let Some(timing) = change.timing {
        request.timing = timing;
    }
    if let Some(budget) = change.budget {
        request.budget = budget;
    }
    check(&request)?;
    request.updated_at = tx.now();
    if !tx.update_service_request(&request, RequestStatus::Matching).await? {
        return Err(RequestError::NotMatching);
    }
    Ok(request)
}

/// Withdraws a request of this profile.
///
/// # Errors
/// [`RequestError::NotFound`] or [`RequestError::Cancelled`].
pub async fn cancel(tx: &mut Tx, profile: ProfileId, id: ServiceRequestId) -> Result<ServiceRequestRecord, RequestError> {
    let request = own(tx, profile, id).await?;
    let status = Step::Cancel.from(request.status).map_err(|_| RequestError::Cancelled)?;
    step(tx, request, status, None).await
}

/// Staff answer a request or take it on. The note is also said in the customer's conversation, where there is one.
///
/// # Errors
/// [`RequestError::NotFound`], [`RequestError::Moved`] or [`RequestError::Invalid`].
pub async fn advance(
    tx: &mut Tx,
    staff: AccountId,
    id: ServiceRequestId,
    wanted: StaffStep,
    note: Option<String>,
) -> Result<ServiceRequestRecord, RequestError> {
    let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > LONGEST_NOTE) {
        let detail = format!("note may have at most {LONGEST_NOTE} characters");
        return Err(RequestError::Invalid(vec![field("note", detail)]));
    }
    let request = tx.service_request(id).await?.ok_or(RequestError::NotFound)?;
    let wanted = match wanted {
        StaffStep::OffersReceived => Step::Answer,
        StaffStep::Booked => Step::TakeOn,
    };
    let status = wanted.from(request.status)?;
    let request = step(tx, request, status, note.clone()).await?;
    if let Some(note) = note {
        tell(tx, &request, note).await?;
    }
    tracing::info!(request = %id, by = %staff, step = ?wanted, "request moved");
    Ok(request)
}

/// Notes that a member of staff has seen a request; answers it.
///
/// # Errors
/// [`RequestError::NotFound`].
pub async fn mark_seen(tx: &mut Tx, staff: AccountId, id: ServiceRequestId) -> Result<ServiceRequestRecord, RequestError> {
    let request = tx.service_request(id).await?.ok_or(RequestError::NotFound)?;
    let now = tx.now();
    tx.mark_request_seen(id, staff, now).await?;
    Ok(request)
}

/// A request of this profile; somebody else's is as unknown as none.
async fn own(tx: &mut Tx, profile: ProfileId, id: ServiceRequestId) -> Result<ServiceRequestRecord, RequestError> {
    let request = tx.service_request(id).await?;
    request.filter(|request| request.profile_id == profile).ok_or(RequestError::NotFound)
}

async fn step(
    tx: &mut Tx,
    mut request: ServiceRequestRecord,
    status: RequestStatus,
    note: Option<String>,
) -> Result<ServiceRequestRecord, RequestError> {
    let (was, now) = (request.status, tx.now());
    request.status = status;
    request.status_history.push(StatusChange { status, timestamp: now, note });
    request.updated_at = now;
    if !tx.update_service_request(&request, was).await? {
        return Err(RequestError::NotFound);
    }
    Ok(request)
}

/// Says in the customer's live conversation what staff answered.
async fn tell(tx: &mut Tx, request: &ServiceRequestRecord, note: String) -> Result<(), RequestError> {
    let Some(mut session) = session_of(tx, request.profile_id).await? else { return Ok(()) };
    let mut metadata = Map::new();
    metadata.insert("request_id".into(), json!(request.id));
    let entry = NewEntry {
        sender: Sender::Agent,
        message: note,
        channel: session.channel,
        metadata: Some(metadata),
        op: None,
        mergeable: false,
    };
    session::operations::append_chat(tx, &mut session, entry).await?;
    Ok(())
}

/// The live session of a profile's owner.
async fn session_of(tx: &mut Tx, profile: ProfileId) -> Result<Option<SessionRecord>, StoreError> {
    let now = tx.now();
    let session = match tx.account(AccountId(profile.0)).await? {
        Some(account) => match account.customer_id {
            Some(customer) => tx.active_session_of(&customer).await?,
            None => None,
        },
        None => tx.session(protocol::ids::SessionId(profile.0)).await?,
    };
    Ok(session.filter(|session| session.is_live(now)))
}

fn field(name: &str, message: String) -> FieldError {
    FieldError { field: name.to_owned(), code: ErrorCode::ValidationError, message }
}

fn check(request: &ServiceRequestRecord) -> Result<(), RequestError> {
    let mut wrong = Vec::new();
    if !(1..=LONGEST_INPUT).contains(&request.raw_input.chars().count()) {
        wrong.push(field("raw_input", format!("raw_input must have 1 to {LONGEST_INPUT} characters")));
    }
    let texts = [
        ("service_category", Some(&request.service_category), LONGEST_KIND),
        ("service_type", Some(&request.service_type), LONGEST_KIND),
        ("timing", request.timing.as_ref(), LONGEST_TIMING),
    ];
    for (name, text, longest) in texts {
        if text.is_some_and(|text| text.chars().count() > longest) {
            wrong.push(field(name, format!("{name} may have at most {longest} characters")));
        }
    }
    let objects = [
        ("requirements", Some(&request.requirements), LARGEST_REQUIREMENTS),
        ("location", request.location.as_ref(), LARGEST_PART),
        ("budget", request.budget.as_ref(), LARGEST_PART),
    ];
    for (name, object, largest) in objects {
        if object.is_some_and(|object| serde_json::to_string(object).map_or(usize::MAX, |text| text.len()) > largest) {
            wrong.push(field(name, format!("{name} may have at most {} KiB", largest / 1024)));
        }
    }
    if let Some(budget) = &request.budget
        && !is_budget(budget)
    {
        wrong.push(field("budget", "budget has min and max, numbers from 0 on, min not above max".to_owned()));
    }
    if wrong.is_empty() { Ok(()) } else { Err(RequestError::Invalid(wrong)) }
}

fn is_budget(budget: &Map<String, Value>) -> bool {
    let mut limits = [0.0, f64::MAX];
    for (limit, name) in limits.iter_mut().zip(["min", "max"]) {
        match budget.get(name) {
            None | Some(Value::Null) => {}
            Some(value) => match value.as_f64().filter(|number| *number >= 0.0) {
                Some(number) => *limit = number,
                None => return false,
            },
        }
    }
    limits[0] <= limits[1]
}
