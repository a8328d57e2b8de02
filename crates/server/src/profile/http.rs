use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use protocol::{
    ErrorCode,
    ids::ProfileId,
    profile::{GuestRequest, GuestStarted, Profile},
    routes,
    staff::Role,
};
use server_store::{ReadTx, records::ProfileOwner};

use super::{guest, operations, wire};
use crate::{
    caller::{Visit, Visitor, VisitorProof, role},
    http::{Answer, Failure, OptionalJsonBody},
    state::AppState,
};

/// Begin as a guest.
///
/// Sets the cookie `guest_session` in browsers. Who is a guest already stays that guest.
#[utoipa::path(post, path = routes::GUESTS, tag = "profiles", request_body = GuestRequest,
    responses((status = 201, body = GuestStarted), (status = 200, body = GuestStarted, description = "The guest that the caller is already."),
        (status = 401), (status = 403), (status = 429)),
    security((), ("guest" = []), ("session_token" = [])))]
pub(super) async fn post_guest(
    State(state): State<AppState>,
    proof: VisitorProof,
    body: OptionalJsonBody<GuestRequest>,
) -> Answer<Response> {
    let visit = proof.judge_kindly(&state).await?;
    visit.not_from_device()?;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let (status, session, profile) = match &visit.visitor {
        Visitor::Account(_) => {
            return Err(Failure::new(ErrorCode::Conflict, "You are signed in; your profile is at /consumers/me/profile."));
        }
        Visitor::Guest(session) => {
            let profile = operations::profile_of(tx.reader(), ProfileOwner::Guest(session.id)).await?;
            (StatusCode::OK, (**session).clone(), profile)
        }
        Visitor::Nobody => {
            let guest = guest::begin(&mut tx, &visit.caller, body.value.consumer_id).await?;
            (StatusCode::CREATED, guest.session, wire::profile(guest.profile))
        }
    };
    let session_token = state.key.session_token(session.id, session.generation);
    let started = GuestStarted { session_token, session_id: session.id, profile };
    let mut response = body.idempotency.finish(tx, status, &started).await?;
    visit.set_guest(response.headers_mut(), &state, &started.session_token);
    Ok(response)
}

/// A profile.
///
/// The id is the caller's own, `me`, or what a client called its guest; staff may name anybody. Asking keeps nothing.
#[utoipa::path(get, path = routes::PROFILE, tag = "profiles", params(("id" = String, Path, description = "`me` or an id.")),
    responses((status = 200, body = Profile), (status = 401), (status = 404)),
    security(("account" = []), ("bearer" = []), ("guest" = []), ("session_token" = [])))]
pub(super) async fn get(State(state): State<AppState>, proof: VisitorProof, Path(id): Path<String>) -> Answer<Json<Profile>> {
    let visit = proof.judge(&state).await?;
    let mut tx = state.read().await?;
    let owner = readable(&mut *tx, &visit, &id).await?;
    Ok(Json(operations::profile_of(&mut *tx, owner).await?))
}

/// Whose profile is named, if the visitor may read it.
async fn readable(tx: &mut dyn ReadTx, visit: &Visit, named: &str) -> Answer<ProfileOwner> {
    match own(tx, visit, named).await {
        Err(failure) if failure.status() == StatusCode::NOT_FOUND => match &visit.visitor {
            Visitor::Account(account) if role::has(tx, account.record.id, Role::Staff).await? => {
                let id = named.parse::<ProfileId>().map_err(|_| not_found())?;
                operations::owner_of(tx, id).await?.ok_or_else(not_found)
            }
            _ => Err(failure),
        },
        other => other,
    }
}

/// The visitor, if it is the visitor who is named.
async fn own(tx: &mut dyn ReadTx, visit: &Visit, named: &str) -> Answer<ProfileOwner> {
    match visit.owner() {
        Ok(owner) if operations::is_own(tx, owner, named).await? => Ok(owner),
        Err(failure) if named == "me" => Err(failure),
        _ => Err(not_found()),
    }
}

fn not_found() -> Failure {
    Failure::new(ErrorCode::NotFound, "Profile not found")
}
