use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;
use url::Url;

use crate::{Result, StoreError};

/// Parameters of an address that are understood. Others, such as those that hosted databases write for other programs, are
/// left out.
const KNOWN: &[&str] =
    &["sslmode", "sslrootcert", "sslcert", "sslkey", "host", "port", "dbname", "user", "password", "application_name"];

/// Where a database is.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) options: PgConnectOptions,
    /// Without user and password.
    pub(super) place: String,
}

impl Address {
    /// Reads an address such as `postgres://user:password@host:5432/name`.
    pub(super) fn read(text: &str) -> Result<Self> {
        let bad = |why: &str| StoreError::BadAddress(why.to_owned());
        let mut url = Url::parse(text.trim()).map_err(|error| StoreError::BadAddress(error.to_string()))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(bad("it must begin with postgres://"));
        }
        let (known, others): (Vec<_>, Vec<_>) =
            url.query_pairs().into_owned().partition(|(name, _)| KNOWN.contains(&name.as_str()));
        for (name, _) in &others {
            tracing::warn!(name, "a parameter of the database's address is left out");
        }
        url.set_query(None);
        if !known.is_empty() {
            url.query_pairs_mut().extend_pairs(known);
        }
        // What it says of a bad value would repeat it.
        let options =
            PgConnectOptions::from_str(url.as_str()).map_err(|_| bad("a part of it after the ? or the name is wrong"))?;
        let host = options.get_socket().map_or_else(|| options.get_host().to_owned(), |socket| socket.display().to_string());
        let name = options.get_database().unwrap_or(options.get_username());
        let place = format!("postgres://{host}:{}/{name}", options.get_port());
        Ok(Self { options: options.application_name("vitrine-server"), place })
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_user_and_password() {
        let address =
            Address::read("postgres://asha:s3cret@db.example:6000/shop?sslmode=require&pgbouncer=true&passwd=s3cret").unwrap();
        assert_eq!(format!("{address:?}"), "postgres://db.example:6000/shop");
        assert_eq!(address.options.get_username(), "asha");
    }

    #[test]
    fn a_socket_is_an_address_too() {
        let address = Address::read("postgresql:///shop?host=/run/postgresql&user=shop").unwrap();
        assert_eq!(address.place, "postgres:///run/postgresql:5432/shop");
    }

    #[test]
    fn a_bad_address_is_refused_without_repeating_it() {
        for text in
            ["mysql://u:s3cret@db/x", "s3cret", "postgres://u:s3cret@db:99999/x", "postgres://u:s3cret@db/x?sslmode=s3cret"]
        {
            let refused = Address::read(text).unwrap_err();
            assert!(matches!(refused, StoreError::BadAddress(_)), "{refused:?}");
            assert!(!format!("{refused} {refused:?}").contains("s3cret"), "{refused:?}");
        }
    }
}
