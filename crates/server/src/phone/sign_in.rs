use axum::{
    Json,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use protocol::{
    ids::AccountId,
    phone::{PhoneMe, PhoneSignIn, PhoneSignUp},
    routes,
};

use super::{me::me, person::Browser};
use crate::{
    account,
    auth::operations::{SignUp, check_sign_up, sign_up, verify_password},
    caller::{
        cookie::{self, Value},
        forget_guest, guest_token,
    },
    handoff::visit::prolong_tickets,
    http::{Answer, JsonBody, Peer},
    profile::link::bring,
    state::AppState,
    transaction::Tx,
};

/// Sign in.
#[utoipa::path(post, path = routes::PHONE_SIGN_IN, tag = "phones", request_body = PhoneSignIn,
    responses((status = 200, body = PhoneMe), (status = 401), (status = 403), (status = 429)))]
pub(super) async fn post_sign_in(
    State(state): State<AppState>,
    browser: Browser,
    Peer(peer): Peer,
    headers: HeaderMap,
    body: JsonBody<PhoneSignIn>,
) -> Answer<Response> {
    let account = verify_password(&state, &body.value.phone_number, &body.value.password, peer).await?;
    let tx = state.write().await?;
    enter(tx, browser, account.id, &headers).await
}

/// Sign up.
#[utoipa::path(post, path = routes::PHONE_SIGN_UP, tag = "phones", request_body = PhoneSignUp,
    responses((status = 200, body = PhoneMe), (status = 403), (status = 429)))]
pub(super) async fn post_sign_up(
    State(state): State<AppState>,
    browser: Browser,
    Peer(peer): Peer,
    headers: HeaderMap,
    body: JsonBody<PhoneSignUp>,
) -> Answer<Response> {
    let PhoneSignUp { name, phone_number, password } = body.value;
    let checked = check_sign_up(&state, SignUp { name, phone_number, password, ..SignUp::default() }, peer).await?;
    let mut tx = state.write().await?;
    let account = sign_up(&mut tx, checked).await?;
    enter(tx, browser, account.id, &headers).await
}

/// Signs the browser in under a fresh cookie, with what its guest did; its tickets begin their time anew.
async fn enter(mut tx: Tx, browser: Browser, account: AccountId, headers: &HeaderMap) -> Answer<Response> {
    let state = tx.state().clone();
    let session = account::operations::sign_in(&mut tx, account, browser.session.as_ref()).await?;
    let known = browser.cookie.unwrap_or_else(|| Value::fresh(&state));
    bring(&mut tx, account, guest_token(headers).as_deref()).await?;
    prolong_tickets(&mut tx, &known.hash()).await?;
    let body = me(&state, tx.reader(), Some((account, &session)), Some(&known)).await?;
    tx.commit().await?;
    let mut response = Json(body).into_response();
    cookie::set_session(response.headers_mut(), &state, &session);
    cookie::set_browser(response.headers_mut(), &state, &known);
    forget_guest(headers, response.headers_mut(), &state);
    Ok(response)
}
