//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use url::Url;

/// The in-store kiosk that goes on where the customer left off.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub(crate) struct Options {
    /// What this screen is for.
    #[arg(long, value_enum, env = "VITRINE_ROLE")]
    pub(crate) role: Option<Role>,

    /// The session server's address, such as <https://shop.example>.
    #[arg(long, value_name = "URL", env = "VITRINE_SERVER", value_parser = server)]
    pub(crate) server: Option<Url>,

    /// The folder of this kiosk's own files.
    #[arg(long, value_name = "DIR", env = "VITRINE_KIOSK_DATA")]
    pub(crate) data: Option<PathBuf>,

    /// An ordinary window instead of the whole screen, for development.
    #[arg(long)]
    pub(crate) windowed: bool,

    /// Print each new enrolment code to stdout, and a line once this kiosk is enrolled.
    #[arg(long)]
    pub(crate) print_enrolment_code: bool,

    /// Print what this kiosk would run with, and end.
    #[arg(long)]
    pub(crate) doctor: bool,
}

/// What a screen is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// A touchscreen for customers.
    #[default]
    Kiosk,
    /// A desk for associates.
    Staff,
}

/// Reads the address of a session server: scheme, host and port alone.
pub(crate) fn server(text: &str) -> Result<Url, String> {
    let expected = "expected the address of a session server, such as https://shop.example or http://127.0.0.1:7070";
    let url = Url::parse(text).map_err(|problem| format!("{problem}; {expected}"))?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    if matches!(url.scheme(), "http" | "https") && url.has_host() && bare && anonymous { Ok(url) } else { Err(expected.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_scheme_host_and_port() {
        assert!(server("http://127.0.0.1:7070").is_ok());
        assert!(server("https://shop.example/").is_ok());
        for wrong in [
            "shop.example",
            "ftp://shop.example",
            "https://shop.example/api",
            "https://me:pw@shop.example",
            "https://shop.example/?a=1",
        ] {
            assert!(server(wrong).unwrap_err().contains("such as https://shop.example"), "{wrong}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        <Options as clap::CommandFactory>::command().debug_assert();
    }
}
