use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{AccountId, ProfileId, ServiceRequestId},
    staff::RequestStatus,
};
use sqlx::postgres::PgRow;

use super::{
    PostgresTx,
    column::{Columns as _, clean, clean_or_none, failed, from_word, instant, json, word},
};
use crate::{
    Result,
    records::{Page, ServiceRequestRead, ServiceRequestRecord, ServiceRequestWrite},
};

fn request(row: &PgRow) -> Result<ServiceRequestRecord> {
    Ok(ServiceRequestRecord {
        id: ServiceRequestId(row.uuid("request_id")?),
        profile_id: ProfileId(row.uuid("profile_id")?),
        raw_input: row.text("raw_input")?,
        service_category: row.text("service_category")?,
        service_type: row.text("service_type")?,
        requirements: row.json("requirements", "requirements")?,
        location: row.json_or_none("location", "location")?,
        timing: row.text_or_none("timing")?,
        budget: row.json_or_none("budget", "budget")?,
        status: from_word("request status", row.text("status")?)?,
        status_history: row.json("history", "status_history")?,
        created_at: row.at("created_at")?,
        updated_at: row.at("updated_at")?,
    })
}

#[async_trait]
impl ServiceRequestRead for PostgresTx {
    async fn service_request(&mut self, id: ServiceRequestId) -> Result<Option<ServiceRequestRecord>> {
        let row = sqlx::query("SELECT * FROM service_requests WHERE request_id = $1")
            .bind(id.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(request).transpose()
    }

    async fn service_requests(&mut self, status: Option<RequestStatus>, page: Page) -> Result<Vec<ServiceRequestRecord>> {
        let rows = sqlx::query(
            "SELECT * FROM service_requests WHERE $1::text IS NULL OR status = $1 ORDER BY created_at DESC, request_id DESC LIMIT $2 OFFSET $3",
        )
        .bind(status.map(word).transpose()?)
        .bind(i64::from(page.limit))
        .bind(i64::try_from(page.offset).unwrap_or(i64::MAX))
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        rows.iter().map(request).collect()
    }

    async fn service_requests_of(&mut self, profile: ProfileId, limit: u32) -> Result<Vec<ServiceRequestRecord>> {
        let rows = sqlx::query(
            "SELECT * FROM service_requests WHERE profile_id = $1 ORDER BY created_at DESC, request_id DESC LIMIT $2",
        )
        .bind(profile.0)
        .bind(i64::from(limit))
        .fetch_all(self.connection())
        .await
        .map_err(failed)?;
        rows.iter().map(request).collect()
    }

    async fn seen_requests(&mut self, account: AccountId, requests: &[ServiceRequestId]) -> Result<Vec<ServiceRequestId>> {
        let ids: Vec<uuid::Uuid> = requests.iter().map(|request| request.0).collect();
        let rows = sqlx::query("SELECT request_id FROM request_views WHERE account_id = $1 AND request_id = ANY ($2)")
            .bind(account.0)
            .bind(ids)
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        rows.iter().map(|row| row.uuid("request_id").map(ServiceRequestId)).collect()
    }
}

#[async_trait]
impl ServiceRequestWrite for PostgresTx {
    async fn insert_service_request(&mut self, request: &ServiceRequestRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO service_requests (request_id, profile_id, raw_input, service_category, service_type, requirements, location, \
             timing, budget, status, status_history, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(request.id.0)
        .bind(request.profile_id.0)
        .bind(clean(&request.raw_input))
        .bind(clean(&request.service_category))
        .bind(clean(&request.service_type))
        .bind(json(&request.requirements)?)
        .bind(request.location.as_ref().map(json).transpose()?)
        .bind(clean_or_none(request.timing.as_deref()))
        .bind(request.budget.as_ref().map(json).transpose()?)
        .bind(word(request.status)?)
        .bind(json(&request.status_history)?)
        .bind(instant(request.created_at))
        .bind(instant(request.updated_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn update_service_request(&mut self, request: &ServiceRequestRecord, was: RequestStatus) -> Result<bool> {
        let result = sqlx::query(
            "UPDATE service_requests SET raw_input = $1, service_category = $2, service_type = $3, requirements = $4, location = $5, \
             timing = $6, budget = $7, status = $8, status_history = $9, updated_at = $10 WHERE request_id = $11 AND status = $12",
        )
        .bind(clean(&request.raw_input))
        .bind(clean(&request.service_category))
        .bind(clean(&request.service_type))
        .bind(json(&request.requirements)?)
        .bind(request.location.as_ref().map(json).transpose()?)
        .bind(clean_or_none(request.timing.as_deref()))
        .bind(request.budget.as_ref().map(json).transpose()?)
        .bind(word(request.status)?)
        .bind(json(&request.status_history)?)
        .bind(instant(request.updated_at))
        .bind(request.id.0)
        .bind(word(was)?)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn mark_request_seen(&mut self, request: ServiceRequestId, account: AccountId, at: Timestamp) -> Result<()> {
        sqlx::query("INSERT INTO request_views (request_id, account_id, viewed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(request.0)
            .bind(account.0)
            .bind(instant(at))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn move_service_requests(&mut self, from: ProfileId, to: ProfileId) -> Result<()> {
        sqlx::query("UPDATE service_requests SET profile_id = $1 WHERE profile_id = $2")
            .bind(to.0)
            .bind(from.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }
}
