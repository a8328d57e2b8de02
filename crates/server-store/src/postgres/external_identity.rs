use async_trait::async_trait;
use protocol::ids::AccountId;

use super::{
    PostgresTx,
    column::{Columns as _, clean, failed, instant},
};
use crate::{
    Result,
    records::{ExternalIdentityRead, ExternalIdentityRecord, ExternalIdentityWrite},
};

#[async_trait]
impl ExternalIdentityRead for PostgresTx {
    async fn account_of_subject(&mut self, issuer: &str, subject: &str) -> Result<Option<AccountId>> {
        let row = sqlx::query("SELECT account_id FROM external_identities WHERE issuer = $1 AND subject = $2")
            .bind(clean(issuer))
            .bind(clean(subject))
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.map(|row| row.uuid("account_id").map(AccountId)).transpose()
    }

    async fn external_identities(&mut self, account: AccountId) -> Result<Vec<ExternalIdentityRecord>> {
        let rows = sqlx::query("SELECT * FROM external_identities WHERE account_id = $1 ORDER BY linked_at, issuer, subject")
            .bind(account.0)
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        let identity = |row: &sqlx::postgres::PgRow| {
            Ok(ExternalIdentityRecord {
                issuer: row.text("issuer")?,
                subject: row.text("subject")?,
                account_id: AccountId(row.uuid("account_id")?),
                linked_at: row.at("linked_at")?,
            })
        };
        rows.iter().map(identity).collect()
    }
}

#[async_trait]
impl ExternalIdentityWrite for PostgresTx {
    async fn insert_external_identity(&mut self, identity: &ExternalIdentityRecord) -> Result<()> {
        sqlx::query("INSERT INTO external_identities (issuer, subject, account_id, linked_at) VALUES ($1, $2, $3, $4)")
            .bind(clean(&identity.issuer))
            .bind(clean(&identity.subject))
            .bind(identity.account_id.0)
            .bind(instant(identity.linked_at))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn remove_external_identities(&mut self, account: AccountId) -> Result<u64> {
        let result = sqlx::query("DELETE FROM external_identities WHERE account_id = $1")
            .bind(account.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
