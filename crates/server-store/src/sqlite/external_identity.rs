use async_trait::async_trait;
use protocol::ids::AccountId;

use super::{
    SqliteTx,
    column::{Columns as _, failed, micros},
};
use crate::{
    Result,
    records::{ExternalIdentityRead, ExternalIdentityRecord, ExternalIdentityWrite},
};

#[async_trait]
impl ExternalIdentityRead for SqliteTx {
    async fn account_of_subject(&mut self, issuer: &str, subject: &str) -> Result<Option<AccountId>> {
        let row = sqlx::query("SELECT account_id FROM external_identities WHERE issuer = ? AND subject = ?")
            .bind(issuer)
            .bind(subject)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.map(|row| row.uuid("account_id").map(AccountId)).transpose()
    }

    async fn external_identities(&mut self, account: AccountId) -> Result<Vec<ExternalIdentityRecord>> {
        let rows = sqlx::query("SELECT * FROM external_identities WHERE account_id = ? ORDER BY linked_at, issuer, subject")
            .bind(account.0)
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        let identity = |row: &sqlx::sqlite::SqliteRow| {
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
impl ExternalIdentityWrite for SqliteTx {
    async fn insert_external_identity(&mut self, identity: &ExternalIdentityRecord) -> Result<()> {
        sqlx::query("INSERT INTO external_identities (issuer, subject, account_id, linked_at) VALUES (?, ?, ?, ?)")
            .bind(&identity.issuer)
            .bind(&identity.subject)
            .bind(identity.account_id.0)
            .bind(micros(identity.linked_at))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn remove_external_identities(&mut self, account: AccountId) -> Result<u64> {
        let result = sqlx::query("DELETE FROM external_identities WHERE account_id = ?")
            .bind(account.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected())
    }
}
