use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, header::HeaderName, request::Parts},
    middleware::Next,
    response::Response,
};
use protocol::{
    ApiError, ErrorCode,
    device::DeviceRole,
    ids::{DeviceId, StoreId},
    routes,
};
use server_store::records::{DeviceRecord, KioskSessionRecord};

use super::{
    replay::{Sight, id},
    verify::{Expected, Refused, judge},
};
use crate::{http::Failure, kiosk_session, state::AppState};

/// Header of the next nonce, as the HTTP library wants it.
const NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// A call signed by some P-256 key, seen for the first time.
#[derive(Clone, Debug)]
pub struct Proven {
    /// RFC 7638 thumbprint of the key, base64url.
    pub thumbprint: String,
    /// The device whose key it is, if it is enrolled.
    pub device: Option<DeviceRecord>,
}

impl Proven {
    /// Why a key that nobody enrolled is refused.
    pub(crate) fn not_enrolled() -> Failure {
        let detail = "This kiosk is not enrolled. Ask for a code with POST /v1/devices/enrolments.";
        Failure::new(ErrorCode::KioskNotEnrolled, detail)
    }
}

impl FromRequestParts<AppState> for Proven {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        // A call is judged once, however many extractors ask.
        if let Some(proven) = parts.extensions.get::<Self>() {
            return Ok(proven.clone());
        }
        let refused = |refused: Refused| Failure::from(ApiError::new(ErrorCode::InvalidProof, refused.to_string()));
        let proof = the_one(&parts.headers, routes::HEADER_PROOF)
            .map_err(|()| refused(Refused::Shape))?
            .ok_or_else(|| refused(Refused::Nonce))?;
        let token = the_one(&parts.headers, routes::HEADER_SESSION_TOKEN).map_err(|()| refused(Refused::Token))?;
        let expected = Expected { method: parts.method.as_str(), path: parts.uri.path(), token, now: state.now() };
        let verified = judge(proof, &expected, &state.addresses, &state.proofs.nonces).map_err(refused)?;
        let device = state.read().await?.device_by_key(&verified.thumbprint).await?;
        let memory = device.as_ref().map(|device| device.key_thumbprint.as_str());
        match state.proofs.seen.remember(memory, &verified.thumbprint, &verified.jti) {
            Sight::First => {}
            Sight::Again => return Err(refused(Refused::Replayed)),
            Sight::Full => return Err(Failure::too_often(60, "Too many calls. Try again in a minute.")),
        }
        if let Some(shared) = state.store.shared()
            && !shared.first_use(&id(&verified.thumbprint, &verified.jti), state.now()).await?
        {
            return Err(refused(Refused::Replayed));
        }
        let proven = Self { thumbprint: verified.thumbprint, device };
        parts.extensions.insert(proven.clone());
        Ok(proven)
    }
}

/// A call of an enrolled device.
#[derive(Clone, Debug)]
pub struct Device {
    /// Which.
    pub id: DeviceId,
    /// What it is for.
    pub role: DeviceRole,
    /// Where it stands.
    pub store_id: StoreId,
    /// Such as `By the fitting rooms`.
    pub label: String,
    /// The live hold of the session token that was sent; using it keeps it alive. None where no token was sent.
    pub hold: Option<KioskSessionRecord>,
}

impl FromRequestParts<AppState> for Device {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let device = Proven::from_request_parts(parts, state).await?.device.ok_or_else(Proven::not_enrolled)?;
        let hold = match the_one(&parts.headers, routes::HEADER_SESSION_TOKEN) {
            Ok(Some(token)) => Some(kiosk_session::operations::opened_by(state, device.id, token).await?),
            _ => None,
        };
        Ok(Self { id: device.id, role: device.role, store_id: device.store_id, label: device.label, hold })
    }
}

/// The value of a header that may stand there once.
fn the_one<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    if values.next().is_some() {
        return Err(());
    }
    value.map(|value| value.to_str().map_err(|_| ())).transpose()
}

/// Gives every answer to a caller with a proof, and every answer that asks for one, the nonce for the next.
pub async fn fresh_nonce(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let proven = request.headers().contains_key(routes::HEADER_PROOF) || wants_proof(request.uri().path());
    let mut response = next.run(request).await;
    if proven && let Ok(value) = HeaderValue::from_str(&state.proofs.nonce()) {
        response.headers_mut().insert(NONCE, value);
    }
    response
}

/// Whether an address takes calls of devices only.
fn wants_proof(path: &str) -> bool {
    path.starts_with("/v1/") && !path.starts_with("/v1/phone/")
}
