//! Tokens that a signed-in phone shows to a kiosk.

use async_trait::async_trait;
use protocol::{Timestamp, ids::SessionId};

use crate::Result;

/// A token that brings its session to the kiosk that scans it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QrTokenRecord {
    /// SHA-256 of the token.
    pub token_hash: Vec<u8>,
    /// What it leads to; a session has one token at a time.
    pub session_id: SessionId,
    /// Worth nothing from here on.
    pub expires_at: Timestamp,
}

/// Questions about tokens.
#[async_trait]
pub trait QrTokenRead {
    /// The token of this SHA-256; it may have expired.
    async fn qr_token(&mut self, token_hash: &[u8]) -> Result<Option<QrTokenRecord>>;
}

/// Changes of tokens.
#[async_trait]
pub trait QrTokenWrite {
    /// Keeps a token in place of the one its session had before.
    async fn put_qr_token(&mut self, token: &QrTokenRecord) -> Result<()>;
    /// Uses a token up; answers whether it was there to be used.
    async fn use_qr_token(&mut self, token_hash: &[u8]) -> Result<bool>;
    /// Forgets what expired before `before`; answers how many that were.
    async fn forget_qr_tokens(&mut self, before: Timestamp) -> Result<u64>;
}
