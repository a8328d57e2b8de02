//! Instants on the wire: UTC, RFC 3339, microseconds, ending in `Z`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// An instant in UTC with a resolution of one microsecond.
///
/// Written as `2026-02-12T10:00:00.123456Z`; any RFC 3339 text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// The instant `millis` milliseconds after 1970-01-01T00:00:00Z; instants that no calendar holds become the epoch.
    #[must_use]
    pub fn from_unix_millis(millis: i64) -> Self {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
            .map_or(Self(OffsetDateTime::UNIX_EPOCH), Self::from)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_millis(self) -> i64 {
        i64::try_from(self.0.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// The instant as the `time` crate has it.
    #[must_use]
    pub fn inner(self) -> OffsetDateTime {
        self.0
    }

    /// This instant moved by `by`, or the latest one there is.
    #[must_use]
    pub fn plus(self, by: std::time::Duration) -> Self {
        time::Duration::try_from(by).ok().and_then(|by| self.0.checked_add(by)).map_or(self, Self)
    }

    /// This instant moved back by `by`, or unchanged where that leaves the calendar.
    #[must_use]
    pub fn minus(self, by: std::time::Duration) -> Self {
        time::Duration::try_from(by).ok().and_then(|by| self.0.checked_sub(by)).map_or(self, Self)
    }

    /// How long after `earlier` this is; zero when it is not after.
    #[must_use]
    pub fn since(self, earlier: Self) -> std::time::Duration {
        (self.0 - earlier.0).try_into().unwrap_or_default()
    }

    /// Reads any RFC 3339 text.
    ///
    /// # Errors
    /// The text is not RFC 3339.
    pub fn parse(text: &str) -> Result<Self, time::error::Parse> {
        OffsetDateTime::parse(text, &Rfc3339).map(Self::from)
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(at: OffsetDateTime) -> Self {
        let at = at.to_offset(UtcOffset::UTC);
        Self(at.replace_microsecond(at.microsecond()).unwrap_or(at))
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = self.0;
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.microsecond()
        )
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Timestamp {}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(|_| D::Error::custom("an instant such as 2026-02-12T10:00:00.123456Z is expected"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_with_microseconds_and_z() {
        assert_eq!(Timestamp::from_unix_millis(1_770_890_400_123).to_string(), "2026-02-12T10:00:00.123000Z");
    }

    #[test]
    fn any_offset_and_fraction_is_read() {
        let a = Timestamp::parse("2026-02-12T15:30:00.5+05:30").unwrap();
        assert_eq!(a.to_string(), "2026-02-12T10:00:00.500000Z");
    }

    #[test]
    fn what_is_finer_than_a_microsecond_is_dropped() {
        let a = Timestamp::parse("2026-02-12T10:00:00.123456789Z").unwrap();
        assert_eq!(a, Timestamp::parse(&a.to_string()).unwrap());
    }
}
