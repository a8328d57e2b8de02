//! A first password for somebody who was proved in another way: by a handoff, a scanned code, a channel that vouches, a one-time
//! code, or an account of another house. Imported customers have none.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use protocol::{
    ErrorCode,
    account::{Done, FirstPasswordRequest},
    ids::{AccountId, CustomerId},
    routes,
};
use server_store::{ReadTx, StoreError, records::AccountRecord};

use super::{AccountError, operations::sign_in};
use crate::{
    auth::operations::{AuthError, new_account},
    caller::{Caller, Credentials, cookie},
    http::{Answer, Failure, JsonBody},
    password,
    state::AppState,
    transaction::Tx,
};

/// Set a first password.
///
/// For somebody without one who was proved in another way: a session by a code or a vouching channel, or an account without a
/// password. Whoever has a password changes it instead. The session goes on; browsers that were signed in are signed out, and a
/// browser that asked gets a new cookie.
#[utoipa::path(post, path = routes::ACCOUNT_FIRST_PASSWORD, tag = "accounts", request_body = FirstPasswordRequest,
    responses((status = 200, body = Done), (status = 400), (status = 401), (status = 403), (status = 404), (status = 409), (status = 429)),
    security(("session_token" = []), ("account" = []), ("bearer" = [])))]
pub(super) async fn post(
    State(state): State<AppState>,
    credentials: Credentials,
    body: JsonBody<FirstPasswordRequest>,
) -> Answer<Response> {
    let weak = |error| AccountError::WeakPassword("new_password", error);
    password::check(&body.value.new_password, state.config.password_length).map_err(weak)?;
    let caller = credentials.judge()?;
    if caller.device.is_some() {
        return Err(Failure::new(ErrorCode::Forbidden, "A password is set on your own phone or computer, not at a kiosk."));
    }
    if let Some(answer) = body.idempotency.replay_early(&state).await? {
        return Ok(answer);
    }
    // Asked before the slow hash, and once more behind it.
    let who = Who::of(&mut *state.read().await?, &state, &caller).await?;
    who.has_none(&mut *state.read().await?).await?;
    state.throttle.sign_up(caller.peer).await.map_err(|held| AccountError::from(AuthError::from(held)))?;
    let hash = state.passwords.hash(&body.value.new_password).await.map_err(AccountError::from)?;

    let mut tx = state.write().await?;
    if let Some(answer) = body.idempotency.replay(&mut tx).await? {
        return Ok(answer);
    }
    let who = Who::of(tx.reader(), &state, &caller).await?;
    let account = who.set(&mut tx, hash).await?;
    tx.remove_phone_sessions_of(account).await?;
    let last = caller.account.as_ref().and_then(|account| account.cookie.as_ref());
    let cookie = match last {
        Some(last) => Some(sign_in(&mut tx, account, Some(last)).await?),
        None => None,
    };
    let done = Done { message: "Password set successfully".into() };
    body.idempotency.keep(&mut tx, StatusCode::OK, &done).await?;
    tx.commit().await?;
    let mut response = Json(done).into_response();
    if let Some(cookie) = cookie {
        cookie::set_session(response.headers_mut(), &state, &cookie);
    }
    Ok(response)
}

/// Who was proved.
enum Who {
    /// An account.
    Account(AccountId),
    /// A customer, of whom there may be an account or not.
    Customer(CustomerId),
}

impl Who {
    async fn of(tx: &mut dyn ReadTx, state: &AppState, caller: &Caller) -> Answer<Self> {
        let Some(token) = caller.token() else {
            let account = caller.own_account().ok_or_else(|| caller.not_allowed())?;
            return Ok(Self::Account(account.record.id));
        };
        let own = caller.own(tx, state, token).await?;
        if own.session.guest {
            return Err(Failure::new(ErrorCode::CustomerRequired, "Customer ID not found in session"));
        }
        own.more_than_a_number()?;
        Ok(Self::Customer(own.session.customer_id))
    }

    async fn account(&self, tx: &mut dyn ReadTx) -> Result<Option<AccountRecord>, StoreError> {
        match self {
            Self::Account(id) => tx.account(*id).await,
            Self::Customer(id) => tx.account_of_customer(id).await,
        }
    }

    /// Refuses whoever has a password.
    async fn has_none(&self, tx: &mut dyn ReadTx) -> Answer<Option<AccountRecord>> {
        let account = self.account(tx).await?;
        if account.as_ref().is_some_and(|account| account.password_hash.is_some()) {
            let detail = "There is a password already. Sign in with it, or have a new one mailed to you.";
            return Err(Failure::new(ErrorCode::Conflict, detail));
        }
        Ok(account)
    }

    /// Keeps the password with the person's account, which is made where there is none; answers which that is.
    async fn set(&self, tx: &mut Tx, hash: String) -> Answer<AccountId> {
        let now = tx.now();
        if let Some(account) = self.has_none(tx.reader()).await? {
            if account.phone.is_none() && account.email.is_none() {
                return Err(nothing_to_sign_in_with());
            }
            tx.set_password_hash(account.id, &hash, now).await?;
            return Ok(account.id);
        }
        let Self::Customer(id) = self else { return Err(StoreError::Missing.into()) };
        let customer = tx.customer(id).await?.ok_or(StoreError::Missing)?;
        if customer.phone.is_empty() {
            return Err(nothing_to_sign_in_with());
        }
        match tx.account_by_phone(&customer.phone).await? {
            Some(other) if other.phone_verified => {
                return Err(Failure::new(ErrorCode::Conflict, "Another account signs in with this phone number."));
            }
            // Whoever signed up with it never proved to own it.
            Some(other) => tx.drop_phone(other.id, now).await?,
            None => {}
        }
        let account = AccountRecord {
            phone: Some(customer.phone.clone()),
            phone_verified: true,
            password_hash: Some(hash),
            customer_id: Some(customer.id.clone()),
            ..new_account(tx, &customer.name)
        };
        tx.insert_account(&account).await?;
        Ok(account.id)
    }
}

fn nothing_to_sign_in_with() -> Failure {
    Failure::new(ErrorCode::BadRequest, "There is no phone number or e-mail to sign in with. Add one first.")
}

#[cfg(test)]
mod tests {
    use protocol::session::Channel;
    use serde_json::{Value, json};
    use server_store::records::Scope;

    use super::*;
    use crate::{
        account::tests::{Browser, registered},
        device,
        testing::{Reply, TestServer},
    };

    const TOKEN: &str = "x-session-token";

    /// A session of the imported customer, for whom WhatsApp vouches.
    async fn imported(server: &TestServer, phone: &str) -> String {
        let key = server.key(Some(Channel::Whatsapp), &[Scope::Resume]).await;
        let body = server.post(routes::SESSION_START, &[("x-channel-key", &key)], &json!({"phone": phone})).await.expect(200);
        body["session_token"].as_str().unwrap().to_owned()
    }

    async fn set(server: &TestServer, token: &str, password: &str) -> Reply {
        server.post(routes::ACCOUNT_FIRST_PASSWORD, &[(TOKEN, token)], &json!({"new_password": password})).await
    }

    async fn login(server: &TestServer, phone: &str, password: &str) -> Reply {
        server.post(routes::AUTH_LOGIN, &[], &json!({"phone_number": phone, "password": password})).await
    }

    #[tokio::test]
    async fn an_imported_customer_sets_a_password_and_signs_in_with_it() {
        let server = TestServer::start().await;
        login(&server, "2025550101", "walking by the river").await.expect(401);
        let token = imported(&server, "2025550101").await;
        set(&server, &token, "short").await.refused(400, "weak_password", "Password must be at least 8 characters");
        let done = set(&server, &token, "walking by the river").await;
        assert!(!done.headers.contains_key("set-cookie"), "a channel is no browser");
        assert_eq!(done.expect(200)["message"], json!("Password set successfully"));
        let body = login(&server, "2025550101", "walking by the river").await.expect(200);
        assert_eq!((&body["customer"]["customer_id"], &body["session_token"]), (&json!("901"), &json!(token)));
        let again = set(&server, &token, "running in the rain").await.expect(409);
        assert_eq!(again["code"], json!("conflict"));
        login(&server, "2025550101", "running in the rain").await.expect(401);
        // The number was vouched for, so that a channel goes on with the account's customer.
        let before = server.session_id(&token).await;
        assert_eq!(server.session_id(&imported(&server, "2025550101").await).await, before);
    }

    #[tokio::test]
    async fn a_stranger_who_took_the_number_first_gets_no_password_for_it() {
        let server = TestServer::start().await;
        let stranger = server.signed_up("2025550150").await;
        let token = imported(&server, "2025550150").await;
        assert_eq!(set(&server, &stranger, "running in the rain").await.expect(409)["code"], json!("conflict"));
        set(&server, &token, "running in the rain").await.expect(200);
        login(&server, "2025550150", "walking by the river").await.expect(401);
        let body = login(&server, "2025550150", "running in the rain").await.expect(200);
        assert_eq!(body["session_token"], json!(token));
    }

    #[tokio::test]
    async fn who_was_not_proved_well_enough_sets_none() {
        let server = TestServer::start().await;
        let body = json!({"new_password": "walking by the river"});
        let path = routes::ACCOUNT_FIRST_PASSWORD;
        server.post(path, &[], &body).await.refused(401, "authentication_required", "Please sign in first.");
        server.post(path, &[(TOKEN, "made up")], &body).await.expect(404);
        let guest = server.guest().await;
        assert_eq!(set(&server, &guest, "walking by the river").await.expect(400)["code"], json!("customer_required"));
        let kiosk = server.kiosk("S01").await;
        device::operations::set_start_by_phone(&server.state, kiosk.id, true).await.unwrap();
        let wish = json!({"phone": "2025550101", "channel": "kiosk"});
        let started = server.post_from(&kiosk, routes::SESSION_START, None, &wish).await.expect(200);
        let token = started["session_token"].as_str().unwrap();
        assert_eq!(server.post_from(&kiosk, path, Some(token), &body).await.expect(403)["code"], json!("forbidden"));
        assert_eq!(set(&server, token, "walking by the river").await.expect(403)["code"], json!("stronger_login_required"));
        let telegram = server.key(Some(Channel::Telegram), &[Scope::Resume]).await;
        let chat = [("x-channel-key", telegram.as_str())];
        let started = server.post(routes::SESSION_START, &chat, &json!({"telegram_chat_id": "77"})).await.expect(200);
        let nameless = set(&server, started["session_token"].as_str().unwrap(), "walking by the river").await.expect(400);
        assert_eq!(nameless["code"], json!("bad_request"));
    }

    #[tokio::test]
    async fn an_account_without_a_password_sets_one_and_other_browsers_are_signed_out() {
        let server = TestServer::start().await;
        let browser = registered(&server, "asha@example.com").await;
        let path = routes::ACCOUNT_FIRST_PASSWORD;
        let body = json!({"new_password": "running in the rain"});
        assert_eq!(browser.send(&server, "POST", path, &body).await.expect(409)["code"], json!("conflict"));
        // As somebody has it who signs in at another house.
        let mut tx = server.state.write().await.unwrap();
        let now = tx.now();
        let account = AccountRecord {
            email: Some("ravi@example.com".into()),
            email_verified: true,
            created_at: now,
            ..new_account(&tx, "Ravi Sample")
        };
        tx.insert_account(&account).await.unwrap();
        let [one, two] = [sign_in(&mut tx, account.id, None).await.unwrap(), sign_in(&mut tx, account.id, None).await.unwrap()];
        tx.commit().await.unwrap();
        let as_browser = |value: &cookie::Value| {
            let mut headers = axum::http::HeaderMap::new();
            cookie::set_session(&mut headers, &server.state, value);
            let line = headers.get(axum::http::header::SET_COOKIE).unwrap().to_str().unwrap();
            Browser {
                cookie: line.split(';').next().unwrap().to_owned(),
                csrf: value.csrf_token(&server.state),
                id: account.id.to_string(),
            }
        };
        let (one, two) = (as_browser(&one), as_browser(&two));
        let forged = Browser { csrf: String::new(), cookie: one.cookie.clone(), id: String::new() };
        assert_eq!(forged.send(&server, "POST", path, &body).await.expect(403)["code"], json!("csrf_failed"));
        let reply = one.send(&server, "POST", path, &body).await;
        reply.expect(200);
        let renewed = reply.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        for old in [&one, &two] {
            assert_eq!(old.get(&server, routes::ACCOUNT_ME).await.expect(401)["code"], json!("session_expired"));
        }
        server.get(routes::ACCOUNT_ME, &[("cookie", &renewed)]).await.expect(200);
        let login: Value = json!({"email": "ravi@example.com", "password": "running in the rain"});
        server.post(routes::ACCOUNT_LOGIN, &[], &login).await.expect(200);
    }

    #[tokio::test]
    async fn two_at_once_set_one_password() {
        let server = TestServer::start().await;
        let token = imported(&server, "2025550101").await;
        let (one, two) = tokio::join!(set(&server, &token, "walking by the river"), set(&server, &token, "running in the rain"));
        let mut told = [one.status.as_u16(), two.status.as_u16()];
        told.sort_unstable();
        assert_eq!(told, [200, 409]);
    }
}
