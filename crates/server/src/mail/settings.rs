use std::path::PathBuf;

use anyhow::Context as _;
use lettre::message::Mailbox;
use serde::Deserialize;

use crate::secret::Secret;

/// How mail leaves the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailSettings {
    /// The mail server's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: MailTls,
    /// The name by which the server signs in there; none: it does not.
    pub user: Option<String>,
    /// The password that goes with the name.
    pub password: Option<Secret>,
    /// Who the mails are from, such as `Example Shop <shop@shop.example>`.
    pub from: Mailbox,
}

/// How a connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// From its first byte; port 465.
    Tls,
    /// By the command STARTTLS, without which nothing is sent; port 587.
    #[default]
    Starttls,
    /// Not at all; only to a mail server on this machine. Port 25.
    None,
}

impl MailTls {
    const fn port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::Starttls => 587,
            Self::None => 25,
        }
    }
}

/// The same as a source gives it, each part optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSource {
    /// See [`MailSettings::host`].
    pub host: Option<String>,
    /// See [`MailSettings::port`]; default: the one of the encryption.
    pub port: Option<u16>,
    /// See [`MailSettings::tls`].
    pub tls: Option<MailTls>,
    /// See [`MailSettings::user`].
    pub user: Option<String>,
    /// See [`MailSettings::password`]. A config file may name a file that holds it, not the password itself.
    #[serde(skip)]
    pub password: Option<Secret>,
    /// Holds the password.
    pub password_file: Option<PathBuf>,
    /// See [`MailSettings::from`].
    pub from: Option<String>,
}

impl MailSource {
    /// These settings, with `below` for what they leave open; none where nobody set any.
    ///
    /// # Errors
    /// Something is missing or not possible; the error says what to write.
    pub fn over(self, below: Self) -> anyhow::Result<Option<MailSettings>> {
        let password =
            crate::config::first_secret(&[(self.password, self.password_file), (below.password, below.password_file)])?;
        let Some(host) = self.host.or(below.host).filter(|host| !host.is_empty()) else {
            anyhow::ensure!(
                self.from.or(below.from).is_none() && password.is_none(),
                "mail needs the name of a mail server; set host in [mail], or VITRINE_MAIL_HOST"
            );
            return Ok(None);
        };
        let from = self.from.or(below.from).context("mail needs a sender; set from in [mail], or VITRINE_MAIL_FROM")?;
        let from = from.parse().with_context(|| format!("the sender {from} must be like Example Shop <shop@shop.example>"))?;
        let tls = self.tls.or(below.tls).unwrap_or_default();
        let here = host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
        anyhow::ensure!(
            tls != MailTls::None || here,
            "mail to {host} would travel unencrypted, and with it the links that open accounts; set tls to starttls or tls"
        );
        let user = self.user.or(below.user);
        anyhow::ensure!(
            user.is_some() == password.is_some(),
            "the mail server's user and password go together; set both or none"
        );
        Ok(Some(MailSettings { port: self.port.or(below.port).unwrap_or(tls.port()), host, tls, user, password, from }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(host: &str) -> MailSource {
        MailSource { host: Some(host.into()), from: Some("Shop <shop@shop.example>".into()), ..MailSource::default() }
    }

    fn read(source: MailSource) -> anyhow::Result<Option<MailSettings>> {
        source.over(MailSource::default())
    }

    #[test]
    fn a_mail_server_is_spoken_to_with_encryption_unless_it_is_this_machine() {
        let settings = read(source("mail.example")).unwrap().unwrap();
        assert_eq!((settings.tls, settings.port), (MailTls::Starttls, 587));
        let plain = |host: &str| read(MailSource { tls: Some(MailTls::None), ..source(host) });
        assert!(plain("mail.example").unwrap_err().to_string().contains("unencrypted"));
        assert_eq!(plain("127.0.0.1").unwrap().unwrap().port, 25);
    }

    #[test]
    fn what_is_half_set_is_refused() {
        assert_eq!(read(MailSource::default()).unwrap(), None);
        assert!(read(MailSource { from: None, ..source("mail.example") }).is_err());
        assert!(read(MailSource { host: None, ..source("") }).is_err());
        assert!(read(MailSource { from: Some("nobody".into()), ..source("mail.example") }).is_err());
        assert!(read(MailSource { user: Some("shop".into()), ..source("mail.example") }).is_err());
        let password = Some(Secret::new("s3cret"));
        let whole = read(MailSource { user: Some("shop".into()), password, ..source("mail.example") }).unwrap().unwrap();
        assert!(!format!("{whole:?}").contains("s3cret"));
    }
}
