use axum::{Json, extract::State};
use protocol::{
    ErrorCode,
    catalogue::FeaturedProduct,
    device::{DeviceResponse, EnrolmentRequest, EnrolmentResponse},
    routes,
};

use super::operations;
use crate::{
    http::{Answer, Failure, OptionalJsonBody, Peer},
    proof::{Device, Proven},
    state::AppState,
};

/// Ask for an enrolment code.
///
/// The code is typed by an operator; the device is known by the key of its proof.
#[utoipa::path(post, path = routes::DEVICE_ENROLMENTS, tag = "devices", request_body = Option<EnrolmentRequest>,
    responses((status = 200, body = EnrolmentResponse), (status = 409)), security(("key" = [])))]
pub(super) async fn post_enrolment(
    State(state): State<AppState>,
    proven: Proven,
    Peer(peer): Peer,
    body: OptionalJsonBody<EnrolmentRequest>,
) -> Answer<Json<EnrolmentResponse>> {
    Ok(Json(operations::ask(&state, peer.into(), &proven.thumbprint, body.value.role).await?))
}

/// What the server knows about this device.
#[utoipa::path(get, path = routes::DEVICE_SELF, tag = "devices",
    responses((status = 200, body = DeviceResponse), (status = 503)), security(("device" = [])))]
pub(super) async fn get_self(State(state): State<AppState>, device: Device) -> Answer<Json<DeviceResponse>> {
    let mut tx = state.read().await?;
    let missing = |what: &str| {
        let detail = format!("The server has no {what}. An operator imports the shop with `vitrine-server import`.");
        Failure::new(ErrorCode::ServiceUnavailable, detail)
    };
    let shop = tx.shop().await?.ok_or_else(|| missing("shop"))?;
    let store = tx.store(&device.store_id).await?.ok_or_else(|| missing("such store"))?;
    let featured = tx.products(&shop.featured).await?.into_iter().map(|product| FeaturedProduct {
        color_hex: product.attributes.get("color_hex").cloned(),
        sku: product.sku,
        name: product.name,
        image: product.image_url,
    });
    Ok(Json(DeviceResponse {
        device_id: device.id,
        role: device.role,
        label: device.label,
        store,
        featured: featured.collect(),
        shop,
        phone_origin: state.config.public_origin(),
        staff_pin: state.staff_pin.clone().map(Box::new),
    }))
}
