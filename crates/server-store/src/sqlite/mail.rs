use async_trait::async_trait;
use protocol::{Timestamp, ids::AccountId};
use uuid::Uuid;

use super::{
    SqliteTx,
    column::{Columns as _, failed, from_word, micros, word},
};
use crate::{
    Result,
    records::{MailRead, MailRecord, MailWrite},
};

#[async_trait]
impl MailRead for SqliteTx {
    async fn next_mail_due(&mut self) -> Result<Option<Timestamp>> {
        let row = sqlx::query("SELECT min(due_at) AS due_at FROM mails").fetch_one(self.connection()).await.map_err(failed)?;
        row.at_or_none("due_at")
    }
}

#[async_trait]
impl MailWrite for SqliteTx {
    async fn insert_mail(&mut self, mail: &MailRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO mails (mail_id, purpose, email, account_id, locale, failures, created_at, due_at) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(mail.id)
        .bind(word(mail.purpose)?)
        .bind(&mail.email)
        .bind(mail.account_id.map(|account| account.0))
        .bind(word(mail.locale)?)
        .bind(i64::from(mail.failures))
        .bind(micros(mail.created_at))
        .bind(micros(mail.due_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn take_due_mail(&mut self, now: Timestamp, again: Timestamp) -> Result<Option<MailRecord>> {
        let row = sqlx::query(
            "UPDATE mails SET due_at = ? WHERE mail_id = (SELECT mail_id FROM mails WHERE due_at <= ? \
             ORDER BY due_at, mail_id LIMIT 1) RETURNING *",
        )
        .bind(micros(again))
        .bind(micros(now))
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
            failures: u32::try_from(row.integer("failures")?).unwrap_or(u32::MAX),
            created_at: row.at("created_at")?,
            due_at: row.at("due_at")?,
        }))
    }

    async fn postpone_mail(&mut self, id: Uuid, again: Timestamp) -> Result<()> {
        sqlx::query("UPDATE mails SET failures = failures + 1, due_at = ? WHERE mail_id = ?")
            .bind(micros(again))
            .bind(id)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn remove_mail(&mut self, id: Uuid) -> Result<()> {
        sqlx::query("DELETE FROM mails WHERE mail_id = ?").bind(id).execute(self.connection()).await.map_err(failed)?;
        Ok(())
    }
}
