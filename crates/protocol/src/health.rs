//! Whether the server is alive, and whether it can do its work.

use serde::{Deserialize, Serialize};

/// Answer of `GET /health`. Clients judge by the status code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    /// `healthy`.
    pub status: String,
    /// Whether it can do its work now; what monitors should ask is `GET /ready`.
    pub ready: bool,
    /// Whether customers were imported.
    pub samples: bool,
}

/// Answer of `GET /ready`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Ready {
    /// `ready`.
    pub status: String,
}
