use protocol::{chat::Draft, staff::NewServiceRequest};
use serde_json::{Map, Value, json};
use server_store::records::{ProfileOwner, ServiceRequestRecord};

use crate::{
    request::{RequestError, create},
    transaction::Tx,
};

/// Sends a draft to staff.
///
/// # Errors
/// As [`create`].
pub(super) async fn send(tx: &mut Tx, owner: ProfileOwner, draft: Draft) -> Result<ServiceRequestRecord, RequestError> {
    let mut requirements = draft.details;
    if !draft.media.is_empty() {
        requirements.insert("media".into(), json!(draft.media.iter().map(|media| media.id).collect::<Vec<_>>()));
    }
    let known = |list: Vec<(&str, Option<Value>)>| {
        let known: Map<_, _> = list.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        (!known.is_empty()).then_some(known)
    };
    let new = NewServiceRequest {
        raw_input: draft.description,
        service_category: Some(draft.service_category),
        service_type: Some(draft.service_type),
        requirements: Some(requirements),
        location: known(vec![("city", draft.location.city.map(Into::into))]),
        timing: draft.timing,
        budget: known(vec![("min", draft.budget.min.map(Into::into)), ("max", draft.budget.max.map(Into::into))]),
    };
    create(tx, owner, new).await
}
