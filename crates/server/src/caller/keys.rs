//! Keys of trusted channels and services: made, listed and revoked by an operator.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::{ids::ChannelKeyId, session::Channel};
use server_store::{
    StoreError,
    records::{ChannelKeyRecord, Scope},
};
use zeroize::Zeroizing;

use crate::{key, state::AppState};

/// Tells a key from other secrets, for people and for programs that look for leaked ones.
const PREFIX: &str = "vck_";
const LONGEST_NAME: usize = 60;

/// Why there is no such key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Somebody has the name.
    #[error("there is a key called {0} already; choose another name, or revoke that one first")]
    NameTaken(String),
    /// Nobody has the name.
    #[error("there is no key called {0}; `vitrine-server channel list` shows them")]
    UnknownName(String),
    /// The name is blank, too long or unreadable.
    #[error("the name must have 1 to 60 characters, such as whatsapp or \"web shop\"")]
    BadName,
    /// It would open nothing.
    #[error("name what the key opens with --scope: {}", Scope::ALL.map(Scope::as_str).join(", "))]
    NoScope,
    /// People are brought back by channels only.
    #[error("the scope resume needs a channel that the key speaks for; name it with --for web, kiosk, whatsapp or telegram")]
    ResumeWithoutChannel,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a key. Its text is known to nobody but the caller: the store keeps a hash of its 256 random bits.
///
/// # Errors
/// What the operator has to change.
pub async fn add(
    state: &AppState,
    name: &str,
    channel: Option<Channel>,
    scopes: &[Scope],
) -> Result<(ChannelKeyRecord, Zeroizing<String>), KeyError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(KeyError::BadName);
    }
    let mut scopes = scopes.to_vec();
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(KeyError::NoScope);
    }
    if channel.is_none() && scopes.contains(&Scope::Resume) {
        return Err(KeyError::ResumeWithoutChannel);
    }
    let mut random = Zeroizing::new([0; 32]);
    state.entropy.fill(random.as_mut_slice());
    let text = Zeroizing::new(format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(random.as_slice())));
    let record = ChannelKeyRecord {
        id: ChannelKeyId(state.new_id()),
        name: name.to_owned(),
        key_hash: key::sha256(text.as_bytes()).to_vec(),
        channel,
        scopes,
        created_at: state.now(),
    };
    let mut tx = state.write().await?;
    match tx.insert_channel_key(&record).await {
        Err(StoreError::Duplicate) => return Err(KeyError::NameTaken(record.name)),
        result => result?,
    }
    tx.commit().await?;
    Ok((record, text))
}

/// Revokes a key: from here on it opens nothing.
///
/// # Errors
/// There is none of that name.
pub async fn revoke(state: &AppState, name: &str) -> Result<(), KeyError> {
    let mut tx = state.write().await?;
    if !tx.remove_channel_key(name.trim()).await? {
        return Err(KeyError::UnknownName(name.to_owned()));
    }
    Ok(tx.commit().await?)
}
