use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{AccountId, ProfileId, SessionId},
};

use super::{
    PostgresTx,
    column::{Columns as _, clean_or_none, failed, instant, json},
};
use crate::{
    Result, StoreError,
    records::{ProfileOwner, ProfileRead, ProfileRecord, ProfileWrite},
};

#[async_trait]
impl ProfileRead for PostgresTx {
    async fn profile(&mut self, id: ProfileId) -> Result<Option<ProfileRecord>> {
        let row = sqlx::query("SELECT * FROM profiles WHERE profile_id = $1")
            .bind(id.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        let owner = match (row.uuid_or_none("account_id")?, row.uuid_or_none("session_id")?) {
            (Some(account), None) => ProfileOwner::Account(AccountId(account)),
            (None, Some(session)) => ProfileOwner::Guest(SessionId(session)),
            _ => return Err(StoreError::Unreadable { what: "profile", cause: "it has not one owner".into() }),
        };
        Ok(Some(ProfileRecord {
            owner,
            alias: row.text_or_none("alias")?,
            name: row.text_or_none("name")?,
            email: row.text_or_none("email")?,
            phone: row.text_or_none("phone")?,
            profile_photo_url: row.text_or_none("profile_photo_url")?,
            default_location: row.json("location", "default_location")?,
            notification_preferences: row.json("notifications", "notification_preferences")?,
            preferences: row.json("preferences", "preferences")?,
            version: row.integer("version")?,
            created_at: row.at("created_at")?,
            updated_at: row.at("updated_at")?,
        }))
    }

    async fn guest_link(&mut self, token_hash: &[u8]) -> Result<Option<AccountId>> {
        let row = sqlx::query("SELECT account_id FROM guest_links WHERE token_hash = $1")
            .bind(token_hash)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.map(|row| row.uuid("account_id").map(AccountId)).transpose()
    }
}

#[async_trait]
impl ProfileWrite for PostgresTx {
    async fn put_profile(&mut self, profile: &ProfileRecord) -> Result<()> {
        let (account, session) = match profile.owner {
            ProfileOwner::Account(account) => (Some(account.0), None),
            ProfileOwner::Guest(session) => (None, Some(session.0)),
        };
        sqlx::query(
            "INSERT INTO profiles (profile_id, account_id, session_id, alias, name, email, phone, profile_photo_url, default_location, \
             notification_preferences, preferences, version, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
             ON CONFLICT (profile_id) DO UPDATE SET alias = excluded.alias, name = excluded.name, email = excluded.email, \
             phone = excluded.phone, profile_photo_url = excluded.profile_photo_url, default_location = excluded.default_location, \
             notification_preferences = excluded.notification_preferences, preferences = excluded.preferences, \
             version = excluded.version, updated_at = excluded.updated_at",
        )
        .bind(profile.owner.profile().0)
        .bind(account)
        .bind(session)
        .bind(clean_or_none(profile.alias.as_deref()))
        .bind(clean_or_none(profile.name.as_deref()))
        .bind(clean_or_none(profile.email.as_deref()))
        .bind(clean_or_none(profile.phone.as_deref()))
        .bind(clean_or_none(profile.profile_photo_url.as_deref()))
        .bind(json(&profile.default_location)?)
        .bind(json(&profile.notification_preferences)?)
        .bind(json(&profile.preferences)?)
        .bind(profile.version)
        .bind(instant(profile.created_at))
        .bind(instant(profile.updated_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn remove_profile(&mut self, id: ProfileId) -> Result<()> {
        sqlx::query("DELETE FROM profiles WHERE profile_id = $1").bind(id.0).execute(self.connection()).await.map_err(failed)?;
        Ok(())
    }

    async fn insert_guest_link(&mut self, token_hash: &[u8], account: AccountId, at: Timestamp) -> Result<()> {
        sqlx::query("INSERT INTO guest_links (token_hash, account_id, linked_at) VALUES ($1, $2, $3)")
            .bind(token_hash)
            .bind(account.0)
            .bind(instant(at))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn move_chat_entries(&mut self, from: SessionId, to: SessionId) -> Result<()> {
        // The order of a conversation is that of the numbers, so what is moved to the end is numbered anew.
        sqlx::query(
            "UPDATE chat_entries AS entry SET session_id = $2, number = moved.number FROM \
             (SELECT entry_id, nextval(pg_get_serial_sequence('chat_entries', 'number')) AS number FROM \
             (SELECT entry_id FROM chat_entries WHERE session_id = $1 ORDER BY number) AS ordered) AS moved \
             WHERE entry.entry_id = moved.entry_id",
        )
        .bind(from.0)
        .bind(to.0)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }
}
