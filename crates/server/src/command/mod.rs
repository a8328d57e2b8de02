//! The commands of `vitrine-server`.

mod adopt_key;
mod channel;
mod device;
mod doctor;
mod enrol;
mod import;
mod mail_flags;
mod provider_flags;
mod role;
mod serve;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use url::Url;

use mail_flags::MailFlags;
use provider_flags::ProviderFlags;

use crate::{
    Config,
    config::{BoundSettings, SecretAddress, Settings},
    logging::LogFormat,
    secret::Secret,
    voice_session::VoiceSettings,
};

/// Environment variable with the address of a Postgres database.
const DATABASE_URL: &str = "VITRINE_DATABASE_URL";
/// Environment variable with the address of the nodes' bus.
const BUS_URL: &str = "VITRINE_BUS_URL";

/// What has no flag, because every user of the machine can read a command line.
const SECRETS: &str = "\
VITRINE_DATABASE_URL=postgres://user:password@host:5432/name, or database_url in the config file,
keeps the records in Postgres instead of a file in the data folder.
VITRINE_BUS_URL=nats://host:4222, or bus_url, lets several nodes on it wake each other at once.";

/// The session server of Vitrine.
#[derive(Debug, Parser)]
#[command(name = "vitrine-server", version, about, disable_help_subcommand = true, after_help = SECRETS)]
pub struct Command {
    #[command(flatten)]
    settings: Flags,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Serves until it is told to stop.
    Serve,
    /// Takes in a shop's files; what is there already is replaced, nothing is doubled.
    Import(import::Import),
    /// Lets the kiosk that shows a code in, or takes that back.
    Enrol(enrol::Enrol),
    /// Lists the enrolled devices.
    Devices,
    /// Changes what an enrolled device may do.
    Device(device::Device),
    /// Keys of trusted channels and services, such as a WhatsApp bot.
    Channel(channel::Keys),
    /// Makes this node's server.key that of all nodes on the Postgres database; everybody is signed out.
    AdoptKey,
    /// Looks at everything that the server needs, and says what to do where something is wrong.
    Doctor(doctor::Doctor),
    /// Who is staff or a manager.
    Role(role::Roles),
}

#[derive(Debug, Args)]
struct Flags {
    /// A TOML file with the same settings.
    #[arg(long, global = true, env = "VITRINE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the database, the server's key and the pictures.
    #[arg(long, global = true, env = "VITRINE_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, global = true, env = "VITRINE_LISTEN", value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Addresses and ports to listen on as well, for clients with fixed ports, divided by commas.
    #[arg(long, global = true, env = "VITRINE_LISTEN_ALSO", value_name = "ADDR", value_delimiter = ',')]
    listen_also: Option<Vec<SocketAddr>>,
    /// Where phones and kiosks reach the server, such as <https://shop.example>.
    #[arg(long, global = true, env = "VITRINE_PUBLIC_URL", value_name = "URL")]
    public_url: Option<Url>,
    /// Country of phone numbers without a country code; default: the shop's.
    #[arg(long, global = true, env = "VITRINE_COUNTRY", value_name = "CC")]
    country: Option<String>,
    /// Least characters of a new password.
    #[arg(long, global = true, env = "VITRINE_PASSWORD_LENGTH", value_name = "N")]
    password_length: Option<usize>,
    /// Reverse proxies whose X-Forwarded-For is believed, divided by commas.
    #[arg(long, global = true, env = "VITRINE_PROXIES", value_name = "IP", value_delimiter = ',')]
    proxies: Option<Vec<IpAddr>>,
    /// Web sites of other origins whose pages may call, such as <https://shop.example>, divided by commas.
    #[arg(long, global = true, env = "VITRINE_ORIGINS", value_name = "ORIGIN", value_delimiter = ',')]
    origins: Option<Vec<String>>,
    /// Addresses besides this machine that may read /metrics, divided by commas.
    #[arg(long, global = true, env = "VITRINE_METRICS_FROM", value_name = "IP", value_delimiter = ',')]
    metrics_from: Option<Vec<IpAddr>>,
    /// Seconds that a server which was told to stop still takes connections, while /ready says that it goes.
    #[arg(long, global = true, env = "VITRINE_DRAIN_SECONDS", value_name = "N")]
    drain_seconds: Option<u32>,
    /// How the log is written: text for people, json for programs, one object a line. `VITRINE_LOG` says what is logged.
    #[arg(long, global = true, env = "VITRINE_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    log_format: LogFormat,
    #[command(flatten)]
    limits: BoundSettings,
    /// Trusts every caller, for a demonstration on this machine alone. Sessions made so end when it is switched off.
    #[arg(long, global = true, env = "VITRINE_DEMO", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    demo: Option<bool>,
    /// Seconds that a QR token of a signed-in phone can be scanned, 900 at most.
    #[arg(long, global = true, env = "VITRINE_QR_SECONDS", value_name = "N")]
    qr_seconds: Option<u32>,
    /// File with the token that opens POST /api/ingest. The environment variable `VITRINE_INGEST_TOKEN` may hold it instead.
    #[arg(long, global = true, env = "VITRINE_INGEST_TOKEN_FILE", value_name = "FILE")]
    ingest_token_file: Option<PathBuf>,
    /// File with the PIN, 4 to 8 digits, that opens kiosks' own screen for staff. The environment variable `VITRINE_STAFF_PIN` may
    /// hold it instead.
    #[arg(long, global = true, env = "VITRINE_STAFF_PIN_FILE", value_name = "FILE")]
    staff_pin_file: Option<PathBuf>,
    #[command(flatten)]
    provider: ProviderFlags,
    #[command(flatten)]
    mail: MailFlags,
    #[command(flatten)]
    voice: VoiceSettings,
    /// Keeps customers' photos and videos for a day; several nodes name a folder that all of them see.
    #[arg(long, global = true, env = "VITRINE_UPLOADS", value_name = "DIR")]
    uploads: Option<PathBuf>,
    /// US cents that the assistant may spend on one person a day; the built-in assistant costs nothing.
    #[arg(long, global = true, env = "VITRINE_CHAT_CENTS_PER_DAY", value_name = "N")]
    chat_cents_per_day: Option<u32>,
    /// US cents that the assistant may spend on one conversation.
    #[arg(long, global = true, env = "VITRINE_CHAT_CENTS_PER_SESSION", value_name = "N")]
    chat_cents_per_session: Option<u32>,
}

impl Flags {
    fn into_config(self) -> anyhow::Result<Config> {
        let file = self.config.as_deref().map(Settings::from_file).transpose()?.unwrap_or_default();
        let flags = Settings {
            data: self.data,
            database_url: std::env::var(DATABASE_URL).ok().map(SecretAddress::from),
            bus_url: std::env::var(BUS_URL).ok().map(SecretAddress::from),
            listen: self.listen,
            listen_also: self.listen_also,
            public_url: self.public_url,
            country: self.country,
            password_length: self.password_length,
            proxies: self.proxies,
            origins: self.origins,
            metrics_from: self.metrics_from,
            limits: self.limits,
            drain_seconds: self.drain_seconds,
            demo: self.demo,
            qr_seconds: self.qr_seconds,
            ingest_token: Secret::from_environment("VITRINE_INGEST_TOKEN")?,
            ingest_token_file: self.ingest_token_file,
            staff_pin: Secret::from_environment("VITRINE_STAFF_PIN")?,
            staff_pin_file: self.staff_pin_file,
            sign_in: self.provider.into_source()?.into_iter().collect(),
            mail: self.mail.into_source()?,
            voice: VoiceSettings { media_secret: Secret::from_environment("VITRINE_MEDIA_SECRET")?, ..self.voice },
            uploads: self.uploads,
            chat_cents_per_day: self.chat_cents_per_day,
            chat_cents_per_session: self.chat_cents_per_session,
        };
        flags.over(file)
    }
}

impl Command {
    /// How the log is written.
    #[must_use]
    pub fn log_format(&self) -> LogFormat {
        self.settings.log_format
    }

    /// Does what was asked.
    ///
    /// # Errors
    /// It could not be done; the error says what to do.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.settings.into_config();
        match self.action {
            Action::Doctor(doctor) => Ok(doctor.run(config).await),
            Action::Serve => serve::run(config?).await,
            Action::Import(import) => import.run(config?).await,
            Action::Enrol(enrol) => enrol.run(config?).await,
            Action::Devices => enrol::list(config?).await,
            Action::Device(device) => device.run(config?).await,
            Action::Channel(keys) => keys.run(config?).await,
            Action::AdoptKey => adopt_key::run(config?).await,
            Action::Role(roles) => roles.run(config?).await,
        }
    }
}
