use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use protocol::{
    ids::DeviceId,
    phone::{Visit, VisitRequest},
    routes,
    shop::{Shop, Store, Theme},
};
use server_store::ReadTx;

use super::person::Browser;
use crate::{
    caller::cookie::{self, Value},
    handoff::{
        HandoffError,
        visit::{Visitor, visit},
    },
    http::{Answer, JsonBody, Peer},
    phone_number::DEFAULT_COUNTRY,
    state::AppState,
};

/// Look at a code and take a ticket for it.
///
/// Reserves nothing. Unknown, used and expired codes get the same answer.
#[utoipa::path(post, path = routes::PHONE_VISITS, tag = "phones", request_body = VisitRequest,
    responses((status = 200, body = Visit), (status = 403), (status = 404), (status = 429)))]
pub(super) async fn post(
    State(state): State<AppState>,
    browser: Browser,
    Peer(peer): Peer,
    body: JsonBody<VisitRequest>,
) -> Answer<Response> {
    let known = browser.cookie.unwrap_or_else(|| Value::fresh(&state));
    let visitor = Visitor { browser_hash: known.hash(), account: browser.account, network: peer.into() };
    let ticket = visit(&state, &body.value.code, &visitor).await?;
    let mut tx = state.read().await?;
    let place = place(&mut *tx, ticket.handoff.device_id).await?;
    let shop = tx.shop().await?;
    let country = state.config.country.clone().or_else(|| shop.as_ref().map(|shop| shop.country.clone()));
    let (shop_name, theme) = shop.map_or_else(|| (String::new(), Theme::default()), |Shop { name, theme, .. }| (name, theme));
    let answer = Visit {
        ticket: ticket.ticket,
        expires_in: ticket.expires_in,
        shop_name,
        theme,
        country: country.unwrap_or_else(|| DEFAULT_COUNTRY.into()),
        store_name: place.store_name,
        store_city: place.store_city,
        kiosk_label: place.kiosk_label,
        locale: ticket.handoff.locale,
    };
    let mut response = Json(answer).into_response();
    cookie::set_browser(response.headers_mut(), &state, &known);
    Ok(response)
}

/// Where a kiosk stands, in words.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) store_name: String,
    pub(super) store_city: String,
    pub(super) kiosk_label: String,
}

/// Where the device stands.
pub(super) async fn place(tx: &mut dyn ReadTx, device: DeviceId) -> Result<Place, HandoffError> {
    let Some(device) = tx.device(device).await? else { return Ok(Place::default()) };
    let (store_name, store_city) =
        tx.store(&device.store_id).await?.map_or_else(Default::default, |Store { name, city, .. }| (name, city));
    Ok(Place { store_name, store_city, kiosk_label: device.label })
}
