//! Enrolled devices, and those that ask to be.

use async_trait::async_trait;
use protocol::{
    Timestamp,
    device::DeviceRole,
    ids::{DeviceId, StoreId},
};

use crate::Result;

/// An enrolled device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRecord {
    /// Its id.
    pub id: DeviceId,
    /// RFC 7638 thumbprint of its key, base64url; nobody else has it.
    pub key_thumbprint: String,
    /// What it is for.
    pub role: DeviceRole,
    /// Where it stands.
    pub store_id: StoreId,
    /// Such as `By the fitting rooms`.
    pub label: String,
    /// When an operator accepted it.
    pub enrolled_at: Timestamp,
    /// An operator lets customers begin here by typing their number, which proves little.
    pub start_by_phone: bool,
}

/// A device that waits for an operator. Each key has at most one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolmentRecord {
    /// RFC 7638 thumbprint of its key, base64url.
    pub key_thumbprint: String,
    /// Keyed hash of the code.
    pub code_hash: Vec<u8>,
    /// What it wants to be.
    pub role: DeviceRole,
    /// When it asked.
    pub created_at: Timestamp,
    /// The code is worth nothing from here on.
    pub expires_at: Timestamp,
}

/// Questions about devices.
#[async_trait]
pub trait DeviceRead {
    /// The device of that id.
    async fn device(&mut self, id: DeviceId) -> Result<Option<DeviceRecord>>;
    /// The device with that key.
    async fn device_by_key(&mut self, thumbprint: &str) -> Result<Option<DeviceRecord>>;
    /// Every device, in order of store and label.
    async fn devices(&mut self) -> Result<Vec<DeviceRecord>>;
    /// Who waits under the code of this hash; it may have expired.
    async fn enrolment(&mut self, code_hash: &[u8]) -> Result<Option<EnrolmentRecord>>;
    /// When the wrong codes since `since` were typed, oldest first.
    async fn wrong_enrolment_codes(&mut self, since: Timestamp) -> Result<Vec<Timestamp>>;
}

/// Changes of devices.
#[async_trait]
pub trait DeviceWrite {
    /// Keeps or replaces the device of that id. A key of another device is refused as a duplicate.
    async fn put_device(&mut self, device: &DeviceRecord) -> Result<()>;
    /// Forgets a device; answers whether it was there.
    async fn remove_device(&mut self, id: DeviceId) -> Result<bool>;
    /// Keeps who waits, in place of what the same key waited for before. A code that somebody has is refused as a duplicate.
    async fn put_enrolment(&mut self, enrolment: &EnrolmentRecord) -> Result<()>;
    /// Forgets that this key waits.
    async fn remove_enrolment(&mut self, key_thumbprint: &str) -> Result<()>;
    /// Counts a wrong code.
    async fn note_wrong_enrolment_code(&mut self, at: Timestamp) -> Result<()>;
    /// Forgets codes that expired and mistakes made before `before`; answers how many that were.
    async fn forget_enrolments(&mut self, before: Timestamp) -> Result<u64>;
}
