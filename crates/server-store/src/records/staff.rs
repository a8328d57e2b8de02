//! Roles, and people's wish to become staff.

use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{AccountId, EnrolmentId},
    staff::{EnrolmentStatus, Role},
};
use serde_json::{Map, Value};

use crate::Result;

/// An enrolment; an account has at most one.
#[derive(Clone, PartialEq)]
pub struct StaffEnrolmentRecord {
    /// Its id.
    pub id: EnrolmentId,
    /// Whose.
    pub account_id: AccountId,
    /// How far it has come.
    pub status: EnrolmentStatus,
    /// What the person filled in.
    pub data: Map<String, Value>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// The manager who decided.
    pub decided_by: Option<AccountId>,
}

impl std::fmt::Debug for StaffEnrolmentRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StaffEnrolmentRecord").field("id", &self.id).field("status", &self.status).finish_non_exhaustive()
    }
}

/// Questions about roles and enrolments.
#[async_trait]
pub trait StaffRead {
    /// The roles that were given to an account, in order; everybody is a customer besides.
    async fn roles(&mut self, account: AccountId) -> Result<Vec<Role>>;
    /// Every account with a role besides customer, in the order in which they got it.
    async fn accounts_with_roles(&mut self) -> Result<Vec<(AccountId, Role)>>;
    /// The enrolment of that id.
    async fn staff_enrolment(&mut self, id: EnrolmentId) -> Result<Option<StaffEnrolmentRecord>>;
    /// The account's enrolment.
    async fn staff_enrolment_of(&mut self, account: AccountId) -> Result<Option<StaffEnrolmentRecord>>;
    /// At most `limit` enrolments, of one status if it is given, the oldest first.
    async fn staff_enrolments(&mut self, status: Option<EnrolmentStatus>, limit: u32) -> Result<Vec<StaffEnrolmentRecord>>;
}

/// Changes of roles and enrolments.
#[async_trait]
pub trait StaffWrite {
    /// Gives a role; answers whether the account did not have it.
    async fn grant_role(&mut self, account: AccountId, role: Role, by: Option<AccountId>, at: Timestamp) -> Result<bool>;
    /// Takes a role back; answers whether the account had it.
    async fn revoke_role(&mut self, account: AccountId, role: Role) -> Result<bool>;
    /// Keeps a new enrolment. A second one of the same account is refused as a duplicate.
    async fn insert_staff_enrolment(&mut self, enrolment: &StaffEnrolmentRecord) -> Result<()>;
    /// Replaces status, data, `updated_at` and `decided_by`.
    async fn update_staff_enrolment(&mut self, enrolment: &StaffEnrolmentRecord) -> Result<()>;
}
