use protocol::ErrorCode;
use serde::Deserialize;

use super::{Answer, Failure};

const MOST_PER_PAGE: u32 = 10_000;
const DEFAULT: u32 = 20;

/// Which part of a list is asked for.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// 1 to 10 000; default 20.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 10_000)]
    pub limit: Option<String>,
    /// How many to leave out; default 0.
    #[param(value_type = Option<u32>)]
    pub offset: Option<String>,
}

impl Page {
    /// At most how many, and how many to leave out.
    ///
    /// # Errors
    /// They are no numbers, or too large.
    pub fn read(&self) -> Answer<(u32, u32)> {
        let limit = number("limit", self.limit.as_deref())?.unwrap_or(DEFAULT);
        if !(1..=MOST_PER_PAGE).contains(&limit) {
            return Err(Failure::field("limit", ErrorCode::ValidationError, "limit must be from 1 to 10000"));
        }
        Ok((limit, number("offset", self.offset.as_deref())?.unwrap_or(0)))
    }
}

fn number(name: &str, text: Option<&str>) -> Answer<Option<u32>> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| Failure::field(name, ErrorCode::ValidationError, format!("{name} must be a number")))
}
