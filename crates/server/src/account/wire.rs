use protocol::account::{SignedInUser, StoredPreferences, UserProfile, ValidSession};
use server_store::{ReadTx, StoreError, records::AccountRecord};

use crate::{
    caller::{cookie::Value, role},
    state::AppState,
};

/// An account as register, login and me show it.
pub(super) fn user(state: &AppState, account: AccountRecord, cookie: Option<&Value>) -> SignedInUser {
    SignedInUser {
        id: account.id,
        email: account.email,
        display_name: account.display_name,
        created_at: account.created_at,
        csrf_token: cookie.map(|cookie| cookie.csrf_token(state)).unwrap_or_default(),
    }
}

/// An account as its profile shows it.
pub(super) async fn profile(tx: &mut dyn ReadTx, account: AccountRecord) -> Result<UserProfile, StoreError> {
    Ok(UserProfile {
        roles: role::held(tx, account.id).await?,
        id: account.id,
        email: account.email,
        email_verified: account.email_verified,
        pending_email: account.pending_email,
        display_name: account.display_name,
        created_at: account.created_at,
        updated_at: account.updated_at,
        preferences: account.preferences,
    })
}

pub(super) fn preferences(account: AccountRecord) -> StoredPreferences {
    StoredPreferences {
        preferred_voice: account.preferences.preferred_voice,
        preferred_language: account.preferences.preferred_language,
        favorite_topics: account.preferences.favorite_topics,
        system_prompt_override: account.preferences.system_prompt_override,
        updated_at: account.updated_at,
    }
}

/// An account as other servers are told.
pub(super) fn valid_session(account: AccountRecord) -> ValidSession {
    ValidSession {
        valid: true,
        user_id: account.id,
        email: account.email,
        display_name: account.display_name,
        preferences: account.preferences,
    }
}
