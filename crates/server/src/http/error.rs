use axum::{
    Json,
    http::{
        HeaderValue, StatusCode,
        header::{HeaderName, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use protocol::{ApiError, ErrorCode, error::FieldError};
use serde_json::{Map, Value};
use server_store::StoreError;

use crate::metrics::Trouble;

/// When a caller may come again while the database is away.
const COME_AGAIN_SECONDS: u32 = 2;

/// What a handler returns.
pub type Answer<T> = Result<T, Failure>;

/// A refusal or failure on its way to the caller.
#[derive(Clone, Debug)]
pub struct Failure {
    status: StatusCode,
    error: Box<ApiError>,
    more: Map<String, Value>,
    header: Option<(HeaderName, HeaderValue)>,
    /// Told to whoever counts; never to the caller.
    trouble: Option<Trouble>,
}

impl Failure {
    /// A refusal with the code's own status.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self::from(ApiError::new(code, detail))
    }

    /// The same with a status that an endpoint's contract names.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The same with another member in its body.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.more.insert(name.to_owned(), value);
        self
    }

    /// The same with a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }

    /// A refusal because of one field.
    pub fn field(field: &str, code: ErrorCode, detail: impl Into<String>) -> Self {
        let mut error = ApiError::new(code, detail);
        error.errors.push(FieldError { field: field.to_owned(), code, message: error.detail.clone() });
        Self::from(error)
    }

    /// A refusal because of several fields; the sentence is that of the first.
    #[must_use]
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let detail = errors.first().map(|error| error.message.clone()).unwrap_or_default();
        let mut error = ApiError::new(ErrorCode::ValidationError, detail);
        error.errors = errors;
        Self::from(error)
    }

    /// The same as a wrong value with status 400, which is how the account endpoints refuse a body.
    #[must_use]
    pub fn as_wrong_value(mut self) -> Self {
        self.error.code = ErrorCode::ValidationError;
        self.with_status(StatusCode::BAD_REQUEST)
    }

    /// Too often: the caller may come again after so many seconds.
    pub fn too_often(seconds: u32, detail: impl Into<String>) -> Self {
        let mut error = ApiError::new(ErrorCode::RateLimited, detail);
        error.retry_after = Some(seconds.max(1));
        Self::from(error)
    }

    /// Our fault. The cause goes to the log, once, and never to the caller.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        Self::new(ErrorCode::InternalError, "Something went wrong. Please try again.")
    }

    /// The status it will be sent with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What the caller will read.
    #[must_use]
    pub fn error(&self) -> &ApiError {
        &self.error
    }
}

/// The answer of an endpoint whose errors carry the sentence in `error` too.
pub fn with_error(answer: Answer<Response>) -> Response {
    answer.unwrap_or_else(|failure| {
        let sentence = failure.error().detail.clone();
        failure.with("error", sentence.into()).into_response()
    })
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { status, error: Box::new(error), more: Map::new(), header: None, trouble: None }
    }
}

/// A database that is busy or away is told as such, so that the caller comes again.
impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        if !error.is_passing() {
            return Self::internal(error);
        }
        tracing::warn!(cause = %error, "request failed for now");
        let trouble = if matches!(error, StoreError::Busy(_)) { Trouble::Busy } else { Trouble::Away };
        let mut error = ApiError::new(ErrorCode::ServiceUnavailable, "The service is not available right now. Please try again.");
        error.retry_after = Some(COME_AGAIN_SECONDS);
        Self { trouble: Some(trouble), ..Self::from(error) }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut body = match serde_json::to_value(&*self.error) {
            Ok(Value::Object(body)) => body,
            _ => Map::new(),
        };
        body.extend(self.more);
        let mut response = (self.status, Json(body)).into_response();
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, value);
        }
        if let Some(trouble) = self.trouble {
            response.extensions_mut().insert(trouble);
        }
        if let Some(seconds) = self.error.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
