use async_trait::async_trait;
use protocol::{
    Timestamp,
    ids::{DeviceId, StoreId},
};
use sqlx::postgres::PgRow;
use time::OffsetDateTime;

use super::{
    PostgresTx,
    column::{Columns as _, clean, failed, from_word, instant, word},
};
use crate::{
    Result,
    records::{DeviceRead, DeviceRecord, DeviceWrite, EnrolmentRecord},
};

fn device(row: &PgRow) -> Result<DeviceRecord> {
    Ok(DeviceRecord {
        id: DeviceId(row.uuid("device_id")?),
        key_thumbprint: row.text("key_thumbprint")?,
        role: from_word("device role", row.text("role")?)?,
        store_id: StoreId(row.text("store_id")?),
        label: row.text("label")?,
        enrolled_at: row.at("enrolled_at")?,
        start_by_phone: row.flag("start_by_phone")?,
    })
}

fn enrolment(row: &PgRow) -> Result<EnrolmentRecord> {
    Ok(EnrolmentRecord {
        key_thumbprint: row.text("key_thumbprint")?,
        code_hash: row.bytes("code_hash")?,
        role: from_word("device role", row.text("role")?)?,
        created_at: row.at("created_at")?,
        expires_at: row.at("expires_at")?,
    })
}

#[async_trait]
impl DeviceRead for PostgresTx {
    async fn device(&mut self, id: DeviceId) -> Result<Option<DeviceRecord>> {
        let row = sqlx::query("SELECT * FROM devices WHERE device_id = $1")
            .bind(id.0)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(device).transpose()
    }

    async fn device_by_key(&mut self, thumbprint: &str) -> Result<Option<DeviceRecord>> {
        let row = sqlx::query("SELECT * FROM devices WHERE key_thumbprint = $1")
            .bind(clean(thumbprint))
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(device).transpose()
    }

    async fn devices(&mut self) -> Result<Vec<DeviceRecord>> {
        let rows = sqlx::query("SELECT * FROM devices ORDER BY store_id, label, device_id")
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        rows.iter().map(device).collect()
    }

    async fn enrolment(&mut self, code_hash: &[u8]) -> Result<Option<EnrolmentRecord>> {
        let row = sqlx::query("SELECT * FROM enrolments WHERE code_hash = $1")
            .bind(code_hash)
            .fetch_optional(self.connection())
            .await
            .map_err(failed)?;
        row.as_ref().map(enrolment).transpose()
    }

    async fn wrong_enrolment_codes(&mut self, since: Timestamp) -> Result<Vec<Timestamp>> {
        let rows: Vec<OffsetDateTime> = sqlx::query_scalar("SELECT at FROM wrong_enrolment_codes WHERE at >= $1 ORDER BY at")
            .bind(instant(since))
            .fetch_all(self.connection())
            .await
            .map_err(failed)?;
        Ok(rows.into_iter().map(Timestamp::from).collect())
    }
}

#[async_trait]
impl DeviceWrite for PostgresTx {
    async fn put_device(&mut self, device: &DeviceRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO devices (device_id, key_thumbprint, role, store_id, label, enrolled_at, start_by_phone) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (device_id) DO UPDATE SET key_thumbprint = excluded.key_thumbprint, role = excluded.role, \
             store_id = excluded.store_id, label = excluded.label, enrolled_at = excluded.enrolled_at, \
             start_by_phone = excluded.start_by_phone",
        )
        .bind(device.id.0)
        .bind(clean(&device.key_thumbprint))
        .bind(word(device.role)?)
        .bind(clean(&device.store_id.0))
        .bind(clean(&device.label))
        .bind(instant(device.enrolled_at))
        .bind(device.start_by_phone)
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn remove_device(&mut self, id: DeviceId) -> Result<bool> {
        let result = sqlx::query("DELETE FROM devices WHERE device_id = $1")
            .bind(id.0)
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(result.rows_affected() == 1)
    }

    async fn put_enrolment(&mut self, enrolment: &EnrolmentRecord) -> Result<()> {
        sqlx::query(
            "INSERT INTO enrolments (key_thumbprint, code_hash, role, created_at, expires_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (key_thumbprint) DO UPDATE SET code_hash = excluded.code_hash, role = excluded.role, \
             created_at = excluded.created_at, expires_at = excluded.expires_at",
        )
        .bind(clean(&enrolment.key_thumbprint))
        .bind(&enrolment.code_hash)
        .bind(word(enrolment.role)?)
        .bind(instant(enrolment.created_at))
        .bind(instant(enrolment.expires_at))
        .execute(self.connection())
        .await
        .map_err(failed)?;
        Ok(())
    }

    async fn remove_enrolment(&mut self, key_thumbprint: &str) -> Result<()> {
        sqlx::query("DELETE FROM enrolments WHERE key_thumbprint = $1")
            .bind(clean(key_thumbprint))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn note_wrong_enrolment_code(&mut self, at: Timestamp) -> Result<()> {
        sqlx::query("INSERT INTO wrong_enrolment_codes (at) VALUES ($1)")
            .bind(instant(at))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn forget_enrolments(&mut self, before: Timestamp) -> Result<u64> {
        let codes = sqlx::query("DELETE FROM enrolments WHERE expires_at < $1")
            .bind(instant(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        let mistakes = sqlx::query("DELETE FROM wrong_enrolment_codes WHERE at < $1")
            .bind(instant(before))
            .execute(self.connection())
            .await
            .map_err(failed)?;
        Ok(codes.rows_affected() + mistakes.rows_affected())
    }
}
