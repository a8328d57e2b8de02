use std::path::PathBuf;

use clap::Args;

use crate::{
    mail::{MailSource, MailTls},
    secret::Secret,
};

/// The mail server.
#[derive(Debug, Args)]
pub(super) struct MailFlags {
    /// Mail server for links that reset passwords and verify addresses.
    #[arg(id = "mail_host", long = "mail-host", global = true, env = "VITRINE_MAIL_HOST", value_name = "HOST")]
    host: Option<String>,
    /// Its port; default: 587, 465 or 25, by the encryption.
    #[arg(id = "mail_port", long = "mail-port", global = true, env = "VITRINE_MAIL_PORT", value_name = "PORT")]
    port: Option<u16>,
    /// How the connection to it is encrypted.
    #[arg(id = "mail_tls", long = "mail-tls", global = true, env = "VITRINE_MAIL_TLS", value_name = "MODE")]
    tls: Option<MailTls>,
    /// The name by which the server signs in there.
    #[arg(id = "mail_user", long = "mail-user", global = true, env = "VITRINE_MAIL_USER", value_name = "NAME")]
    user: Option<String>,
    /// File with the password. The environment variable `VITRINE_MAIL_PASSWORD` may hold it instead.
    #[arg(
        id = "mail_password_file",
        long = "mail-password-file",
        global = true,
        env = "VITRINE_MAIL_PASSWORD_FILE",
        value_name = "FILE"
    )]
    password_file: Option<PathBuf>,
    /// Who the mails are from, such as "Example Shop <shop@shop.example>".
    #[arg(id = "mail_from", long = "mail-from", global = true, env = "VITRINE_MAIL_FROM", value_name = "ADDRESS")]
    from: Option<String>,
}

impl MailFlags {
    pub(super) fn into_source(self) -> anyhow::Result<MailSource> {
        Ok(MailSource {
            host: self.host,
            port: self.port,
            tls: self.tls,
            user: self.user,
            password: Secret::from_environment("VITRINE_MAIL_PASSWORD")?,
            password_file: self.password_file,
            from: self.from,
        })
    }
}
