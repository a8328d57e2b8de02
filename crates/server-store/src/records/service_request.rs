//! What customers asked staff for.

use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{AccountId, ProfileId, ServiceRequestId},
    staff::{RequestStatus, StatusChange},
};
use serde_json::{Map, Value};

use super::Page;
use crate::Result;

/// A request.
#[derive(Clone, PartialEq)]
pub struct ServiceRequestRecord {
    /// Its id.
    pub id: ServiceRequestId,
    /// Whose.
    pub profile_id: ProfileId,
    /// The customer's words.
    pub raw_input: String,
    /// Such as `sizing`.
    pub service_category: String,
    /// Such as `size_request`.
    pub service_type: String,
    /// What exactly.
    pub requirements: Map<String, Value>,
    /// Where.
    pub location: Option<Map<String, Value>>,
    /// When.
    pub timing: Option<String>,
    /// `min` and `max`.
    pub budget: Option<Map<String, Value>>,
    /// How far it has come.
    pub status: RequestStatus,
    /// Oldest first.
    pub status_history: Vec<StatusChange>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
}

impl std::fmt::Debug for ServiceRequestRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceRequestRecord").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

/// Questions about requests.
#[async_trait]
pub trait ServiceRequestRead {
    /// The request of that id.
    async fn service_request(&mut self, id: ServiceRequestId) -> Result<Option<ServiceRequestRecord>>;
    /// Requests of everybody, of one status if it is given, newest first.
    async fn service_requests(&mut self, status: Option<RequestStatus>, page: Page) -> Result<Vec<ServiceRequestRecord>>;
    /// At most `limit` requests of a profile, newest first.
    async fn service_requests_of(&mut self, profile: ProfileId, limit: u32) -> Result<Vec<ServiceRequestRecord>>;
    /// Which of these requests the account has seen.
    async fn seen_requests(&mut self, account: AccountId, requests: &[ServiceRequestId]) -> Result<Vec<ServiceRequestId>>;
}

/// Changes of requests.
#[async_trait]
pub trait ServiceRequestWrite {
    /// Keeps a new request.
    async fn insert_service_request(&mut self, request: &ServiceRequestRecord) -> Result<()>;
    /// Replaces every member but id, profile and `created_at`, if the request still has the status `was`; answers whether it
    /// had.
    async fn update_service_request(&mut self, request: &ServiceRequestRecord, was: RequestStatus) -> Result<bool>;
    /// Notes that the account has seen a request; a second time changes nothing.
    async fn mark_request_seen(&mut self, request: ServiceRequestId, account: AccountId, at: Timestamp) -> Result<()>;
    /// Gives one profile's requests to another.
    async fn move_service_requests(&mut self, from: ProfileId, to: ProfileId) -> Result<()>;
}
