use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use protocol::{
    ApiError, ErrorCode,
    ids::AccountId,
    phone::{ProviderAddress, ProviderStart},
    routes,
};
use serde::Deserialize;

use super::person::{Browser, sent_csrf};
use crate::{
    account,
    caller::{
        check_csrf,
        cookie::{self, Value},
        forget_guest, guest_token,
    },
    handoff::{HandoffError, visit::prolong_tickets},
    http::{Answer, Failure, JsonBody, Peer},
    profile::link::{LinkError, bring},
    provider::{self, Answered, NotSignedIn, Person},
    state::AppState,
};

/// When a browser may come again while a provider is away.
const COME_AGAIN_SECONDS: u32 = 5;

/// Go to a sign-in provider.
///
/// The browser opens the address that is answered, and comes back by itself.
#[utoipa::path(post, path = routes::PHONE_PROVIDER_START, tag = "phones", params(("provider" = String, Path)),
    request_body = ProviderStart,
    responses((status = 200, body = ProviderAddress), (status = 401), (status = 403), (status = 404), (status = 429)),
    security((), ("account" = [])))]
pub(super) async fn post_start(
    State(state): State<AppState>,
    Path(id): Path<String>,
    browser: Browser,
    Peer(peer): Peer,
    headers: HeaderMap,
    body: JsonBody<ProviderStart>,
) -> Answer<Response> {
    let linking = if body.value.link { Some(linked_to(&state, &browser, &headers)?) } else { None };
    let too_often = |seconds| Failure::too_often(seconds, "Too many people sign in from here just now. Please wait a moment.");
    state.limits.provider_sign_ins.take(peer.into()).map_err(too_often)?;
    let known = browser.cookie.unwrap_or_else(|| Value::fresh(&state));
    let address = provider::start(&state, &id, &known, linking).await.map_err(not_begun)?;
    let mut response = Json(ProviderAddress { address }).into_response();
    cookie::set_browser(response.headers_mut(), &state, &known);
    Ok(response)
}

/// The account that is signed in here, which a page of somebody else cannot speak for.
fn linked_to(state: &AppState, browser: &Browser, headers: &HeaderMap) -> Answer<AccountId> {
    let who = browser.account.zip(browser.session.as_ref());
    let (account, session) = who.ok_or_else(|| Failure::new(ErrorCode::AuthenticationRequired, "Please sign in first."))?;
    check_csrf(sent_csrf(headers), state, session)?;
    Ok(account)
}

fn not_begun(why: NotSignedIn) -> Failure {
    match why {
        NotSignedIn::UnknownProvider => Failure::new(ErrorCode::NotFound, "Not Found"),
        NotSignedIn::Store(error) => error.into(),
        _ => {
            let sentence = "This way to sign in does not answer just now. Please try again, or sign in with your password.";
            let mut error = ApiError::new(ErrorCode::ServiceUnavailable, sentence);
            error.retry_after = Some(COME_AGAIN_SECONDS);
            error.into()
        }
    }
}

/// What a provider sends a browser back with.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Callback {
    /// Which sign-in.
    state: Option<String>,
    /// Stands for the person's consent.
    code: Option<String>,
    /// Who answers (RFC 9207).
    iss: Option<String>,
}

/// Come back from a sign-in provider.
///
/// Goes on at the phone page, signed in, or with `#sign-in=` and a word that says why not.
#[utoipa::path(get, path = routes::PHONE_PROVIDER_CALLBACK, tag = "phones", params(("provider" = String, Path), Callback),
    responses((status = 303)), security(()))]
pub(super) async fn get_callback(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
    browser: Browser,
    headers: HeaderMap,
    answered: Result<Query<Callback>, QueryRejection>,
) -> Response {
    let (Ok(Path(id)), Ok(Query(answered))) = (id, answered) else { return to_page("/k#sign-in=failed") };
    let known = browser.cookie.clone();
    let (Some(known), Some(attempt)) = (known, &answered.state) else { return to_page("/k#sign-in=over") };
    let answered = Answered { state: attempt, code: answered.code.as_deref(), issuer: answered.iss.as_deref() };
    let arrived = match provider::finish(&state, &id, &known, answered).await {
        Ok((person, None)) => signed_in(&state, &browser, &known, &headers, &person).await,
        Ok((person, Some(account))) => linked(&state, &browser, account, &person).await,
        Err(why) => Err(why),
    };
    arrived.unwrap_or_else(|why| {
        to_page(match why {
            NotSignedIn::UnknownProvider | NotSignedIn::Over => "/k#sign-in=over",
            NotSignedIn::Away => "/k#sign-in=away",
            NotSignedIn::Cancelled => "/k#sign-in=cancelled",
            NotSignedIn::Unproved => "/k#sign-in=failed",
            NotSignedIn::Store(error) => {
                tracing::error!(cause = %error, "a sign-in could not be finished");
                "/k#sign-in=failed"
            }
        })
    })
}

/// Signs the browser in as a password would, with what its guest did; its tickets begin their time anew.
async fn signed_in(
    state: &AppState,
    browser: &Browser,
    known: &Value,
    headers: &HeaderMap,
    person: &Person,
) -> Result<Response, NotSignedIn> {
    let account = provider::account_of(state, person).await?;
    let mut tx = state.write().await?;
    let session = account::operations::sign_in(&mut tx, account.id, browser.session.as_ref()).await?;
    bring(&mut tx, account.id, guest_token(headers).as_deref()).await.map_err(not_brought)?;
    prolong_tickets(&mut tx, &known.hash()).await.map_err(not_prolonged)?;
    tx.commit().await?;
    let mut response = to_page("/k");
    cookie::set_session(response.headers_mut(), state, &session);
    cookie::set_browser(response.headers_mut(), state, known);
    forget_guest(headers, response.headers_mut(), state);
    Ok(response)
}

fn not_brought(error: LinkError) -> NotSignedIn {
    match error {
        LinkError::Store(error) => error.into(),
        other => {
            tracing::error!(%other, "a guest could not be brought along");
            NotSignedIn::Over
        }
    }
}

fn not_prolonged(error: HandoffError) -> NotSignedIn {
    match error {
        HandoffError::Store(error) => error.into(),
        other => {
            tracing::error!(%other, "tickets could not be prolonged");
            NotSignedIn::Over
        }
    }
}

/// Links the person to the account, if that is still signed in here.
async fn linked(state: &AppState, browser: &Browser, account: AccountId, person: &Person) -> Result<Response, NotSignedIn> {
    if browser.account != Some(account) {
        return Err(NotSignedIn::Over);
    }
    let mut tx = state.write().await?;
    let together = provider::link(&mut tx, account, person).await?;
    tx.commit().await?;
    Ok(to_page(if together { "/k#sign-in=linked" } else { "/k#sign-in=taken" }))
}

fn to_page(place: &'static str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, HeaderValue::from_static(place))]).into_response()
}
