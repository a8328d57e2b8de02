//! The documented chat: one message in, the shop's answer and what there is to show out.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    ErrorCode,
    catalogue::ProductCard,
    ids::{ServiceRequestId, SessionId},
    media::{MediaUpload, StoredMedia},
    profile::Profile,
    session::CartLine,
    staff::{Enrolment, EnrolmentSubmitted, Lead},
};

/// Most files of one message.
pub const MOST_MEDIA: usize = 5;

/// As whom somebody talks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ChatRole {
    /// A customer.
    #[default]
    Consumer,
    /// Verified staff.
    Provider,
    /// Somebody who wants to be staff.
    Enrollment,
}

/// What a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ChatAction {
    /// Send the draft to staff.
    ApproveRequest,
    /// Change the draft.
    EditRequest,
    /// Drop the draft.
    CancelRequest,
    /// Hand the enrolment in.
    SubmitEnrollment,
    /// Of a marketplace; there is none here.
    SubmitOffer,
    /// The client signs the guest in. It is never sent.
    ConnectNow,
}

/// `POST /chat/`. The ids are names, no proofs.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatRequest {
    /// At most 4 000 characters. Empty: the greeting, an action, or files alone.
    #[cfg_attr(feature = "openapi", schema(max_length = 4_000))]
    pub message: Option<String>,
    /// The conversation to go on with.
    pub session_id: Option<String>,
    /// Default: `consumer`.
    pub role: Option<ChatRole>,
    /// What the client calls a guest.
    pub consumer_id: Option<Uuid>,
    /// Ignored.
    pub provider_id: Option<Uuid>,
    /// Ignored: everybody has one enrolment at most.
    pub enrollment_id: Option<Uuid>,
    /// At most five files.
    #[cfg_attr(feature = "openapi", schema(max_items = 5))]
    pub media: Option<Vec<MediaUpload>>,
    /// The button that was pressed.
    pub action: Option<ChatAction>,
}

impl std::fmt::Debug for ChatRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatRequest").field("role", &self.role).field("action", &self.action).finish_non_exhaustive()
    }
}

/// Answer of the chat.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatResponse {
    /// The conversation.
    pub session_id: SessionId,
    /// What the shop says.
    pub message: String,
    /// What there is to show; of this turn alone.
    pub data: ChatData,
    /// What the customer wants from staff.
    pub draft: Option<Draft>,
    /// The draft waits for the customer's word.
    pub awaiting_approval: bool,
    /// Where the answer will be; none where this is the answer.
    pub task_id: Option<String>,
    /// The token of the guest's session that was begun for the sender. Secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_token: Option<String>,
}

impl std::fmt::Debug for ChatResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatResponse").field("session_id", &self.session_id).finish_non_exhaustive()
    }
}

/// What there is to show.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChatData {
    /// The profile, where this turn changed it or was about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumer_profile: Option<Profile>,
    /// What the conversation has established, where this turn added to it.
    #[serde(skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub gathered_info: Map<String, Value>,
    /// The request that was sent to staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<ServiceRequestId>,
    /// What customers want from staff; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<Vec<Lead>>,
    /// One of them; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<Lead>,
    /// What the customer may say next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// A list to choose from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// What the customer may press.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// What the client may show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ui_hint: Option<UiHint>,
    /// This turn changed the enrolment.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub enrollment_updated: bool,
    /// The enrolment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrollment_summary: Option<Enrolment>,
    /// The enrolment was handed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enrollment_result: Option<EnrolmentSubmitted>,
    /// Products.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<ProductCard>,
    /// The cart, where this turn changed it or was about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cart: Option<Vec<CartLine>>,
    /// Files that came with the message, as they are kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<StoredMedia>,
    /// Why there is no real answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<ErrorCode>,
    /// Where the answer will be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    /// `processing` while it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

impl std::fmt::Debug for ChatData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChatData").field("ui_hint", &self.ui_hint).finish_non_exhaustive()
    }
}

/// Something to press.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Button {
    /// What stands on it.
    pub label: String,
    /// What it does.
    pub action: ChatAction,
}

/// What a client may show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum UiHint {
    /// A request was sent to staff.
    RequestCreated,
    /// What customers want.
    ShowLeads,
    /// Choose what one does.
    ServiceSelector,
    /// Say where.
    LocationPicker,
    /// Say when.
    CalendarPicker,
    /// Look through the enrolment.
    EnrollmentSummary,
    /// The enrolment was handed in.
    EnrollmentComplete,
}

/// What a customer wants from staff, before it is sent.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Draft {
    /// Such as `size_request`.
    pub service_type: String,
    /// Such as `sizing`.
    pub service_category: String,
    /// The customer's words.
    pub description: String,
    /// Such as `size` and `sku`.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub details: Map<String, Value>,
    /// Where.
    pub location: DraftLocation,
    /// In the shop's currency.
    pub budget: DraftBudget,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timing: Option<String>,
    /// Files that belong to it.
    pub media: Vec<StoredMedia>,
    /// For who answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub specialist_notes: Option<String>,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Draft").field("service_type", &self.service_type).finish_non_exhaustive()
    }
}

/// Where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DraftLocation {
    /// None where nobody said.
    pub city: Option<String>,
}

/// For how much, in the shop's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DraftBudget {
    /// At least.
    pub min: Option<f64>,
    /// At most.
    pub max: Option<f64>,
}

/// How far an answer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TaskStatus {
    /// Nobody has begun.
    Pending,
    /// Somebody thinks about it.
    Started,
    /// It is there.
    Success,
    /// There is none.
    Failure,
}

/// Answer of `GET /chat/task/{task_id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskAnswer {
    /// Which.
    pub task_id: String,
    /// How far it has come.
    pub status: TaskStatus,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Box<ChatResponse>>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorCode>,
}
