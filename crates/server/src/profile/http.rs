use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use protocol::{
    ErrorCode,
    ids::ProfileId,
    profile::{GuestRequest, GuestStarted, LinkAnswer, LinkRequest, LocationAnswer, LocationChange, Profile, ProfileChange},
    routes,
    staff::Role,
};
use server_store::{
    ReadTx,
    records::{ProfileOwner, ProfileRecord},
};

use super::{
    change::{self, Checked, Manner, ProfileError},
    guest,
    link::link,
    operations, wire,
};
use crate::{
    caller::{Visit, Visitor, VisitorProof, role},
    catalogue,
    http::{Answer, Failure, JsonBody, OptionalJsonBody},
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

/// Change a profile: each field that is sent replaces what is kept, objects too.
///
/// What is not sent stays, `null` clears. A refusal because of `if_version` carries the `profile` as it is, and what was `sent`.
#[utoipa::path(put, path = routes::PROFILE, tag = "profiles", request_body = ProfileChange,
    params(("id" = String, Path, description = "`me` or the own id.")),
    responses((status = 200, body = Profile), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
    security(("account" = []), ("bearer" = []), ("guest" = []), ("session_token" = [])))]
pub(super) async fn put(
    State(state): State<AppState>,
    proof: VisitorProof,
    Path(id): Path<String>,
    body: JsonBody<ProfileChange>,
) -> Answer<Json<Profile>> {
    let checked = check(&state, &body.value, Manner::Replace).await?;
    let visit = proof.judge(&state).await?;
    let changed = change_own(&state, &visit, &id, checked).await;
    changed.map(|profile| Json(wire::profile(profile))).map_err(|failure| with_sent(failure, &body.value))
}

/// Change a profile: objects are merged key by key.
///
/// What is not sent stays, `null` clears. A refusal because of `if_version` carries the `profile` as it is, and what was `sent`.
#[utoipa::path(patch, path = routes::PROFILE, tag = "profiles", request_body = ProfileChange,
    params(("id" = String, Path, description = "`me` or the own id.")),
    responses((status = 200, body = Profile), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409)),
    security(("account" = []), ("bearer" = []), ("guest" = []), ("session_token" = [])))]
pub(super) async fn patch(
    State(state): State<AppState>,
    proof: VisitorProof,
    Path(id): Path<String>,
    body: JsonBody<ProfileChange>,
) -> Answer<Json<Profile>> {
    let checked = check(&state, &body.value, Manner::Merge).await?;
    let visit = proof.judge(&state).await?;
    let changed = change_own(&state, &visit, &id, checked).await;
    changed.map(|profile| Json(wire::profile(profile))).map_err(|failure| with_sent(failure, &body.value))
}

/// Change where the person usually is. What is not sent stays, `null` clears.
#[utoipa::path(patch, path = routes::PROFILE_LOCATION, tag = "profiles", request_body = LocationChange,
    params(("id" = String, Path, description = "`me` or the own id.")),
    responses((status = 200, body = LocationAnswer), (status = 401), (status = 403), (status = 404)),
    security(("account" = []), ("bearer" = []), ("guest" = []), ("session_token" = [])))]
pub(super) async fn patch_location(
    State(state): State<AppState>,
    proof: VisitorProof,
    Path(id): Path<String>,
    body: JsonBody<LocationChange>,
) -> Answer<Json<LocationAnswer>> {
    let checked = change::check_location(body.value)?;
    let visit = proof.judge(&state).await?;
    let profile = change_own(&state, &visit, &id, checked).await?;
    Ok(Json(LocationAnswer { status: "success".into(), location: profile.default_location }))
}

/// Bring what a guest did into the account.
///
/// The guest is proved by its session's token, in the body, in X-Session-Token or as the browser's cookie. Conversation, cart,
/// requests and profile move; what the account has stays, and the guest's token is dead.
#[utoipa::path(post, path = routes::PROFILE_LINK, tag = "profiles", request_body = LinkRequest,
    responses((status = 200, body = LinkAnswer), (status = 401), (status = 403), (status = 409)),
    security(("account" = []), ("bearer" = [])))]
pub(super) async fn post_link(
    State(state): State<AppState>,
    proof: VisitorProof,
    body: OptionalJsonBody<LinkRequest>,
) -> Answer<Response> {
    let visit = proof.judge(&state).await?;
    let account = visit.account()?.record.id;
    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let sent = body.value.guest_token.filter(|token| !token.is_empty());
    let token = sent.or_else(|| visit.guest_token.clone()).ok_or_else(|| {
        Failure::field("guest_token", ErrorCode::ValidationError, "guest_token is required where there is no guest cookie")
    })?;
    let linked = link(&mut tx, account, &token).await?;
    let mut response = body.idempotency.finish(tx, StatusCode::OK, &LinkAnswer::from(linked)).await?.into_response();
    visit.clear_guest(response.headers_mut(), &state, &token);
    Ok(response)
}

async fn check(state: &AppState, change: &ProfileChange, manner: Manner) -> Result<Checked, ProfileError> {
    let country = catalogue::country(&mut *state.read().await?, &state.config).await?;
    change::check(change.clone(), manner, &country)
}

async fn change_own(state: &AppState, visit: &Visit, named: &str, checked: Checked) -> Answer<ProfileRecord> {
    let mut tx = state.write().await?;
    let owner = own(tx.reader(), visit, named).await?;
    let changed = change::change(&mut tx, owner, checked).await?;
    tx.commit().await?;
    Ok(changed)
}

/// Whoever was too late sees both: what is kept, and what was not.
fn with_sent(failure: Failure, change: &ProfileChange) -> Failure {
    if failure.error().code != ErrorCode::VersionConflict {
        return failure;
    }
    failure.with("sent", serde_json::to_value(change).unwrap_or_default())
}

/// Whose profile is named, if the visitor may read it.
pub(crate) async fn readable(tx: &mut dyn ReadTx, visit: &Visit, named: &str) -> Answer<ProfileOwner> {
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
