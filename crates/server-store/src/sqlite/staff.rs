use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{AccountId, EnrolmentId},
    staff::{EnrolmentStatus, Role},
};
use sqlx::sqlite::SqliteRow;

use super::{
    SqliteTx,
    column::{Columns as _, failed, from_json, from_word, json, micros, one_row, word},
};
use crate::{
    Result,
    records::{StaffEnrolmentRecord, StaffRead, StaffWrite},
};

fn enrolment(row: &SqliteRow) -> Result<StaffEnrolmentRecord> {
    Ok(StaffEnrolmentRecord {
        id: EnrolmentId(row.uuid("enrolment_id")?),
        account_id: AccountId(row.uuid("account_id")?),
        status: from_word("enrolment status", row.text("status")?)?,
        data: from_json("enrolment", &row.text("data")?)?,
        created_at: row.at("created_at")?,
        updated_at: row.at("updated_at")?,
        decided_by: row.uuid_or_none("decided_by")?.map(AccountId),
    })
}

#[async_trait]
impl StaffRead for SqliteTx {
    async fn roles(&mut self, account: AccountId) -> Result<Vec<Role>> {
        let rows = sqlx::query("SELECT role FROM account_roles WHERE account_id = ?")
            .bind(account.0)
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        let mut roles: Vec<Role> = rows.iter().map(|row| from_word("role", row.text("role")?)).collect::<Result<_>>()?;
        roles.sort_unstable();
        Ok(roles)
    }

    async fn accounts_with_roles(&mut self) -> Result<Vec<(AccountId, Role)>> {
        let rows = sqlx::query("SELECT account_id, role FROM account_roles ORDER BY granted_at, account_id, role")
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        rows.iter().map(|row| Ok((AccountId(row.uuid("account_id")?), from_word("role", row.text("role")?)?))).collect()
    }

    async fn staff_enrolment(&mut self, id: EnrolmentId) -> Result<Option<StaffEnrolmentRecord>> {
        let row = sqlx::query("SELECT * FROM staff_enrolments WHERE enrolment_id = ?")
            .bind(id.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(enrolment).transpose()
    }

    async fn staff_enrolment_of(&mut self, account: AccountId) -> Result<Option<StaffEnrolmentRecord>> {
        let row = sqlx::query("SELECT * FROM staff_enrolments WHERE account_id = ?")
            .bind(account.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(enrolment).transpose()
    }

    async fn staff_enrolments(&mut self, status: Option<EnrolmentStatus>, limit: u32) -> Result<Vec<StaffEnrolmentRecord>> {
        let rows = sqlx::query(
            "SELECT * FROM staff_enrolments WHERE ?1 IS NULL OR status = ?1 ORDER BY created_at, enrolment_id LIMIT ?2",
        )
        .bind(status.map(word).transpose()?)
        .bind(limit)
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        rows.iter().map(enrolment).collect()
    }
}

#[async_trait]
impl StaffWrite for SqliteTx {
    async fn grant_role(&mut self, account: AccountId, role: Role, by: Option<AccountId>, at: Timestamp) -> Result<bool> {
        let result = sqlx::query(
            "INSERT INTO account_roles (account_id, role, granted_at, granted_by) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(account.0)
        .bind(word(role)?)
        .bind(micros(at))
        .bind(by.map(|by| by.0))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn revoke_role(&mut self, account: AccountId, role: Role) -> Result<bool> {
        let result = sqlx::query("DELETE FROM account_roles WHERE account_id = ? AND role = ?")
            .bind(account.0)
            .bind(word(role)?)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn insert_staff_enrolment(&mut self, enrolment: &StaffEnrolmentRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO staff_enrolments (enrolment_id, account_id, status, data, created_at, updated_at, decided_by) \
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(enrolment.id.0)
        .bind(enrolment.account_id.0)
        .bind(word(enrolment.status)?)
        .bind(json(&enrolment.data)?)
        .bind(micros(enrolment.created_at))
        .bind(micros(enrolment.updated_at))
        .bind(enrolment.decided_by.map(|by| by.0))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn update_staff_enrolment(&mut self, enrolment: &StaffEnrolmentRecord) -> Result<()> {
        let result = sqlx::query(
            "UPDATE staff_enrolments SET status = ?, data = ?, updated_at = ?, decided_by = ? WHERE enrolment_id = ?",
        )
        .bind(word(enrolment.status)?)
        .bind(json(&enrolment.data)?)
        .bind(micros(enrolment.updated_at))
        .bind(enrolment.decided_by.map(|by| by.0))
        .bind(enrolment.id.0)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        one_row(&result)
    }
}
