use axum::{
    Json,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use protocol::{
    ids::AccountId,
    phone::{PhoneMe, SignInProvider},
    routes,
    shop::Theme,
};
use server_store::ReadTx;

use super::person::{Browser, sent_csrf};
use crate::{
    caller::{
        check_csrf,
        cookie::{self, Value},
    },
    handoff::{
        HandoffError,
        claim::{Claimant, live_claim},
    },
    http::Answer,
    provider::ProviderSettings,
    state::AppState,
};

/// Who is signed in here.
#[utoipa::path(get, path = routes::PHONE_ME, tag = "phones", responses((status = 200, body = PhoneMe)),
    security((), ("account" = [])))]
pub(super) async fn get(State(state): State<AppState>, browser: Browser) -> Answer<Json<PhoneMe>> {
    let mut tx = state.read().await?;
    Ok(Json(me(&state, &mut *tx, browser.account.zip(browser.session.as_ref()), browser.cookie.as_ref()).await?))
}

/// Sign out.
#[utoipa::path(post, path = routes::PHONE_SIGN_OUT, tag = "phones", responses((status = 200, body = PhoneMe)),
    security((), ("account" = [])))]
pub(super) async fn post_sign_out(State(state): State<AppState>, browser: Browser, headers: HeaderMap) -> Answer<Response> {
    if let Some(session) = browser.session.as_ref().filter(|_| browser.account.is_some()) {
        check_csrf(sent_csrf(&headers), &state, session)?;
        let mut tx = state.write().await?;
        tx.remove_phone_session(&session.hash()).await?;
        tx.commit().await?;
    }
    let mut tx = state.read().await?;
    let mut response = Json(me(&state, &mut *tx, None, browser.cookie.as_ref()).await?).into_response();
    cookie::clear_session(response.headers_mut(), &state);
    Ok(response)
}

/// What the page shows of a person and the shop.
pub(super) async fn me(
    state: &AppState,
    tx: &mut dyn ReadTx,
    who: Option<(AccountId, &Value)>,
    browser: Option<&Value>,
) -> Result<PhoneMe, HandoffError> {
    let (shop_name, theme) = tx.shop().await?.map_or_else(|| (String::new(), Theme::default()), |shop| (shop.name, shop.theme));
    let offered = |settings: &ProviderSettings| SignInProvider { id: settings.id.clone(), name: settings.name.clone() };
    let providers = state.providers.offered().map(offered).collect();
    let password_reset = state.config.mail.is_some();
    let Some((account, session)) = who else {
        return Ok(PhoneMe {
            first_name: None,
            csrf_token: String::new(),
            live_claim: None,
            shop_name,
            theme,
            providers,
            password_reset,
        });
    };
    let claimant = Claimant { account, browser_hash: browser.map(Value::hash).unwrap_or_default() };
    let live_claim = live_claim(tx, &state.key, &claimant, state.lifetimes.now()).await?;
    Ok(PhoneMe {
        first_name: Some(first_name(tx, account).await?),
        csrf_token: session.csrf_token(state),
        live_claim,
        shop_name,
        theme,
        providers,
        password_reset,
    })
}

async fn first_name(tx: &mut dyn ReadTx, account: AccountId) -> Result<String, HandoffError> {
    let Some(account) = tx.account(account).await? else { return Ok(String::new()) };
    let customer = match &account.customer_id {
        Some(id) => tx.customer(id).await?,
        None => None,
    };
    let name = customer.map_or(account.display_name, |customer| customer.name);
    Ok(name.split_whitespace().next().map(str::to_owned).unwrap_or_default())
}
