use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
};
use protocol::ErrorCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Failure, Idempotency};
use crate::state::AppState;

/// A JSON body, with the means to answer it only once.
#[derive(Debug)]
pub struct JsonBody<T> {
    /// What was sent.
    pub value: T,
    /// What keeps the answer, where the caller gave a key.
    pub idempotency: Idempotency,
}

/// As [`JsonBody`], but no body at all stands for `{}`.
#[derive(Debug)]
pub struct OptionalJsonBody<T> {
    /// What was sent.
    pub value: T,
    /// What keeps the answer, where the caller gave a key.
    pub idempotency: Idempotency,
}

impl<T: DeserializeOwned> FromRequest<AppState> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        let house = House::of(request.uri().path());
        let (bytes, headers, idempotency) = take(request, state).await?;
        let value = house.check_content_type(&headers).and_then(|()| read(&bytes));
        Ok(Self { value: value.map_err(|failure| house.worded(failure))?, idempotency })
    }
}

impl<T: DeserializeOwned> FromRequest<AppState> for OptionalJsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Failure> {
        let house = House::of(request.uri().path());
        let (bytes, headers, idempotency) = take(request, state).await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self { value: read(b"{}")?, idempotency });
        }
        let value = house.check_content_type(&headers).and_then(|()| read(&bytes));
        Ok(Self { value: value.map_err(|failure| house.worded(failure))?, idempotency })
    }
}

async fn take(request: Request, state: &AppState) -> Result<(Bytes, HeaderMap, Idempotency), Failure> {
    let (mut parts, body) = request.into_parts();
    let slot = Idempotency::slot(&mut parts, state).await?;
    let headers = parts.headers.clone();
    let request = Request::from_parts(parts, body);
    let bytes = Bytes::from_request(request, state).await.map_err(|rejection| not_taken(&rejection))?;
    let idempotency = Idempotency::new(slot, &bytes, state);
    Ok((bytes, headers, idempotency))
}

fn not_taken(rejection: &BytesRejection) -> Failure {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Failure::new(ErrorCode::PayloadTooLarge, "The body is too large; send at most 256 KiB.");
    }
    Failure::new(ErrorCode::BadRequest, "The body could not be read to its end; send it again.")
}

/// How the endpoints of an address answer a body they cannot use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum House {
    /// Accounts: every wrong body is a wrong value, with status 400.
    Accounts,
    /// The other documented endpoints: status 422.
    Documented,
    /// Our own: as the documented ones, but a wrong content type has a status of its own.
    Own,
}

impl House {
    fn of(path: &str) -> Self {
        if path.starts_with("/api/auth/") || path.starts_with("/api/users/") {
            return Self::Accounts;
        }
        if path.starts_with("/v1/") { Self::Own } else { Self::Documented }
    }

    fn check_content_type(self, headers: &HeaderMap) -> Result<(), Failure> {
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json")) {
            return Ok(());
        }
        let code = if self == Self::Own { ErrorCode::UnsupportedMediaType } else { ErrorCode::ValidationError };
        Err(Failure::new(code, "Send the body as JSON, with Content-Type: application/json."))
    }

    fn worded(self, failure: Failure) -> Failure {
        if self == Self::Accounts { failure.as_wrong_value() } else { failure }
    }
}

/// Reads JSON. Texts of the body are never repeated in a refusal, because they can be secrets.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|_| Failure::new(ErrorCode::MalformedJson, "The body is not JSON; check its quotes and commas."))?;
    if !value.is_object() {
        return Err(Failure::new(ErrorCode::ValidationError, "The body must be a JSON object."));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let message = error.inner().to_string();
        if let Some(name) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
            return Failure::field(name, ErrorCode::ValidationError, format!("{name} is required"));
        }
        let path = error.path().to_string();
        Failure::field(&path, ErrorCode::ValidationError, format!("{path} has the wrong type or value"))
    })
}
