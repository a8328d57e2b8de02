use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{AccountId, ProfileId, ServiceRequestId},
    staff::RequestStatus,
};
use sqlx::sqlite::SqliteRow;

use super::{
    SqliteTx,
    column::{Columns as _, failed, from_json, from_word, json, micros, word},
};
use crate::{
    Result,
    records::{Page, ServiceRequestRead, ServiceRequestRecord, ServiceRequestWrite},
};

fn request(row: &SqliteRow) -> Result<ServiceRequestRecord> {
    let object = |column: &'static str| row.text_or_none(column)?.map(|text| from_json(column, &text)).transpose();
    Ok(ServiceRequestRecord {
        id: ServiceRequestId(row.uuid("request_id")?),
        profile_id: ProfileId(row.uuid("profile_id")?),
        raw_input: row.text("raw_input")?,
        service_category: row.text("service_category")?,
        service_type: row.text("service_type")?,
        requirements: from_json("requirements", &row.text("requirements")?)?,
        location: object("location")?,
        timing: row.text_or_none("timing")?,
        budget: object("budget")?,
        status: from_word("request status", row.text("status")?)?,
        status_history: from_json("history", &row.text("status_history")?)?,
        created_at: row.at("created_at")?,
        updated_at: row.at("updated_at")?,
    })
}

#[async_trait]
impl ServiceRequestRead for SqliteTx {
    async fn service_request(&mut self, id: ServiceRequestId) -> Result<Option<ServiceRequestRecord>> {
        let row = sqlx::query("SELECT * FROM service_requests WHERE request_id = ?")
            .bind(id.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(request).transpose()
    }

    async fn service_requests(&mut self, status: Option<RequestStatus>, page: Page) -> Result<Vec<ServiceRequestRecord>> {
        let rows = sqlx::query(
            "SELECT * FROM service_requests WHERE ?1 IS NULL OR status = ?1 ORDER BY created_at DESC, request_id DESC LIMIT ?2 OFFSET ?3",
        )
        .bind(status.map(word).transpose()?)
        .bind(page.limit)
        .bind(i64::try_from(page.offset).unwrap_or(i64::MAX))
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        rows.iter().map(request).collect()
    }

    async fn service_requests_of(&mut self, profile: ProfileId, limit: u32) -> Result<Vec<ServiceRequestRecord>> {
        let rows =
            sqlx::query("SELECT * FROM service_requests WHERE profile_id = ? ORDER BY created_at DESC, request_id DESC LIMIT ?")
                .bind(profile.0)
                .bind(limit)
                .fetch_all(self.connection())
                .await
                .map_err(failed)?;
        rows.iter().map(request).collect()
    }

    async fn seen_requests(&mut self, account: AccountId, requests: &[ServiceRequestId]) -> Result<Vec<ServiceRequestId>> {
        let mut query = sqlx::QueryBuilder::new("SELECT request_id FROM request_views WHERE account_id = ");
        query.push_bind(account.0).push(" AND request_id IN (");
        let mut ids = query.separated(", ");
        for request in requests {
            ids.push_bind(request.0);
        }
        query.push(")");
        let rows = query.build().fetch_all(self.connection()).await.map_err(failed)?;
        rows.iter().map(|row| row.uuid("request_id").map(ServiceRequestId)).collect()
    }
}

#[async_trait]
impl ServiceRequestWrite for SqliteTx {
    async fn insert_service_request(&mut self, request: &ServiceRequestRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO service_requests (request_id, profile_id, raw_input, service_category, service_type, requirements, location, \
             timing, budget, status, status_history, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(request.id.0)
        .bind(request.profile_id.0)
        .bind(&request.raw_input)
        .bind(&request.service_category)
        .bind(&request.service_type)
        .bind(json(&request.requirements)?)
        .bind(request.location.as_ref().map(json).transpose()?)
        .bind(&request.timing)
        .bind(request.budget.as_ref().map(json).transpose()?)
        .bind(word(request.status)?)
        .bind(json(&request.status_history)?)
        .bind(micros(request.created_at))
        .bind(micros(request.updated_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn update_service_request(&mut self, request: &ServiceRequestRecord, was: RequestStatus) -> Result<bool> {
        let result = sqlx::query(
            "UPDATE service_requests SET raw_input = ?, service_category = ?, service_type = ?, requirements = ?, location = ?, \
             timing = ?, budget = ?, status = ?, status_history = ?, updated_at = ? WHERE request_id = ? AND status = ?",
        )
        .bind(&request.raw_input)
        .bind(&request.service_category)
        .bind(&request.service_type)
        .bind(json(&request.requirements)?)
        .bind(request.location.as_ref().map(json).transpose()?)
        .bind(&request.timing)
        .bind(request.budget.as_ref().map(json).transpose()?)
        .bind(word(request.status)?)
        .bind(json(&request.status_history)?)
        .bind(micros(request.updated_at))
        .bind(request.id.0)
        .bind(word(was)?)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn mark_request_seen(&mut self, request: ServiceRequestId, account: AccountId, at: Timestamp) -> Result<()> {
        sqlx::query("INSERT INTO request_views (request_id, account_id, viewed_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(request.0)
            .bind(account.0)
            .bind(micros(at))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn move_service_requests(&mut self, from: ProfileId, to: ProfileId) -> Result<()> {
        sqlx::query("UPDATE service_requests SET profile_id = ? WHERE profile_id = ?")
            .bind(to.0)
            .bind(from.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }
}
