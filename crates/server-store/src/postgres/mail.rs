use async_trait::async_trait;
use protocol::{Timestamp, ids::AccountId};
use uuid::Uuid;

use super::{
    PostgresTx,
    column::{Columns as _, failed, from_word, instant, word},
};
use crate::{
    Result,
    records::{MailRead, MailRecord, MailWrite},
};

#[async_trait]
impl MailRead for PostgresTx {
    async fn next_mail_due(&mut self) -> Result<Option<Timestamp>> {
        let row = sqlx::query("SELECT min(due_at) AS due_at FROM mails").fetch_one(self.connection()).await.map_err(failed)?;
        row.at_or_none("due_at")
    }
}

#[async_trait]
impl MailWrite for PostgresTx {
    async fn insert_mail(&mut self, mail: &MailRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO mails (mail_id, purpose, email, account_id, locale, failures, created_at, due_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(mail.id)
        .bind(word(mail.purpose)?)
        .bind(&mail.email)
        .bind(mail.account_id.map(|account| account.0))
        .bind(word(mail.locale)?)
        .bind(i32::try_from(mail.failures).unwrap_or(i32::MAX))
        .bind(instant(mail.created_at))
        .bind(instant(mail.due_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn take_due_mail(&mut self, now: Timestamp, again: Timestamp) -> Result<Option<MailRecord>> {
        let row = sqlx::query(
            "UPDATE mails SET due_at = $1 WHERE mail_id = (SELECT mail_id FROM mails WHERE due_at <= $2 \
             ORDER BY due_at, mail_id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *",
        )
        .bind(instant(again))
        .bind(instant(now))
        .fetch_optional(self.connection())
        .await
        .map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(MailRecord {
            id: row.uuid("mail_id")?,
            purpose: from_word("purpose", row.text("purpose")?)?,
            email: row.text("email")?,
            account_id: row.uuid_or_none("account_id")?.map(AccountId),
            locale: from_word("locale", row.text("locale")?)?,
            failures: u32::try_from(row.small("failures")?).unwrap_or(u32::MAX),
            created_at: row.at("created_at")?,
            due_at: row.at("due_at")?,
        }))
    }

    async fn postpone_mail(&mut self, id: Uuid, again: Timestamp) -> Result<()> {
        sqlx::query("UPDATE mails SET failures = failures + 1, due_at = $1 WHERE mail_id = $2")
            .bind(instant(again))
            .bind(id)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn remove_mail(&mut self, id: Uuid) -> Result<()> {
        sqlx::query("DELETE FROM mails WHERE mail_id = $1").bind(id).execute(self.connection()).await.map_err(failed)?;
        Ok(())
    }
}
