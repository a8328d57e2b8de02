//! What an operator can set: a TOML file, environment variables above it, the command line above both.

mod bounds;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use anyhow::Context as _;
pub use bounds::{BoundSettings, Bounds};
use serde::Deserialize;
use url::{Host, Url};
use zeroize::Zeroizing;

use crate::{
    mail::{MailSettings, MailSource},
    provider::{self, ProviderSettings, ProviderSource},
    secret::Secret,
    voice_session::{VoiceConfig, VoiceSettings},
};

/// The address of a server nobody configured.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7070);

/// A server that was told to stop takes connections no longer than this.
const LONGEST_DRAIN_SECONDS: u32 = 300;

/// A QR token lives no longer than this.
const LONGEST_QR_SECONDS: u32 = 900;

/// The server's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Holds the database, the server's key and the pictures.
    pub data: PathBuf,
    /// The Postgres database; none: the SQLite file in the data folder.
    pub database_url: Option<SecretAddress>,
    /// The NATS bus by which several nodes wake each other; none: they look at the event log by themselves.
    pub bus_url: Option<SecretAddress>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where to listen as well, for clients with fixed ports; the same is served everywhere.
    pub listen_also: Vec<SocketAddr>,
    /// Where phones and kiosks reach the server, without a path; none: `http://` and the listening address.
    pub public_url: Option<Url>,
    /// Country of phone numbers without a country code, ISO 3166-1 alpha-2; none: the shop's.
    pub country: Option<String>,
    /// Least characters of a new password.
    pub password_length: usize,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
    /// Origins of other web sites whose pages may call, such as `https://shop.example`.
    pub origins: Vec<String>,
    /// Addresses besides this machine that may read the figures for monitoring.
    pub metrics_from: Vec<IpAddr>,
    /// What callers may use up.
    pub bounds: Bounds,
    /// How long a server that was told to stop still takes connections, so that balancers see it go.
    pub drain: Duration,
    /// Trusts every caller. Only for a demonstration on one machine.
    pub demo: bool,
    /// Seconds that a QR token of a signed-in phone can be scanned.
    pub qr_seconds: u32,
    /// Opens `POST /api/ingest`; none: nothing does.
    pub ingest_token: Option<Secret>,
    /// The PIN that opens kiosks' own screen for staff, 4 to 8 digits; none: nothing does.
    pub staff_pin: Option<Secret>,
    /// Where else people sign in.
    pub sign_in: Vec<ProviderSettings>,
    /// How mail is sent; none: it is not.
    pub mail: Option<MailSettings>,
    /// Spoken conversations.
    pub voice: VoiceConfig,
    /// Keeps customers' photos and videos, see [`Config::media`]; none: a folder beside the other data. Several nodes name
    /// one that all of them see.
    pub uploads: Option<PathBuf>,
    /// US cents that the assistant may spend on one person a day.
    pub chat_cents_per_day: u32,
    /// US cents that the assistant may spend on one conversation.
    pub chat_cents_per_session: u32,
}

impl Config {
    /// The settings of a server with its data in `data`.
    #[must_use]
    pub fn at(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            database_url: None,
            bus_url: None,
            listen: DEFAULT_LISTEN,
            listen_also: Vec::new(),
            public_url: None,
            country: None,
            password_length: 8,
            proxies: Vec::new(),
            origins: Vec::new(),
            metrics_from: Vec::new(),
            bounds: Bounds::default(),
            drain: Duration::from_secs(1),
            demo: false,
            qr_seconds: 60,
            ingest_token: None,
            staff_pin: None,
            sign_in: Vec::new(),
            mail: None,
            voice: VoiceConfig::default(),
            uploads: None,
            chat_cents_per_day: 200,
            chat_cents_per_session: 50,
        }
    }

    /// The database of a server that is not told another one.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data.join("vitrine.db")
    }

    /// The server's key.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        self.data.join("server.key")
    }

    /// Product pictures.
    #[must_use]
    pub fn images(&self) -> PathBuf {
        self.data.join("images")
    }

    /// Photos and videos of customers.
    #[must_use]
    pub fn media(&self) -> PathBuf {
        self.uploads.clone().unwrap_or_else(|| self.data.join("media"))
    }

    /// What speech engines write for a moment.
    #[must_use]
    pub fn speech(&self) -> PathBuf {
        self.data.join("speech")
    }

    /// Refuses a demonstration that others could reach: whoever reaches it is trusted.
    ///
    /// # Errors
    /// `demo` is on and the server listens, or is announced, beyond this machine.
    pub fn check_demo(&self) -> anyhow::Result<()> {
        let announced = self.public_url.as_ref().is_none_or(is_loopback) && self.proxies.is_empty();
        let listens = self.listen.ip().is_loopback() && self.listen_also.iter().all(|address| address.ip().is_loopback());
        anyhow::ensure!(
            !self.demo || (listens && announced),
            "demo trusts every caller, so it works on this machine alone: listen on 127.0.0.1 without a public_url and proxies, or switch demo off"
        );
        Ok(())
    }

    /// Whether pages of this origin, which is not the server's own, may call.
    #[must_use]
    pub fn lets_page_in(&self, origin: &str) -> bool {
        self.origins.iter().any(|known| known == origin)
            || (self.demo
                && Url::parse(origin).is_ok_and(|url| is_loopback(&url) && url.origin().ascii_serialization() == origin))
    }

    /// Whether browsers reach the server by TLS, or would have to: a server that listens beyond its own machine stands
    /// behind a proxy with TLS unless its public address says otherwise.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.public_url.as_ref().map_or(!self.listen.ip().is_loopback(), |url| url.scheme() == "https")
    }

    /// Where phones and kiosks reach the server, without a trailing slash, such as `https://shop.example`.
    #[must_use]
    pub fn public_origin(&self) -> String {
        let url = self.public_url.as_ref().map_or_else(|| format!("http://{}", self.listen), Url::to_string);
        url.trim_end_matches('/').to_owned()
    }
}

/// An address with a name and a password in it. It is never shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct SecretAddress(Zeroizing<String>);

impl SecretAddress {
    /// The address itself, for whoever connects.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretAddress {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text.trim().to_owned()))
    }
}

impl FromStr for SecretAddress {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.to_owned().into())
    }
}

impl std::fmt::Debug for SecretAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretAddress")
    }
}

/// The same settings as a source gives them, each optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// See [`Config::data`].
    pub data: Option<PathBuf>,
    /// See [`Config::database_url`].
    pub database_url: Option<SecretAddress>,
    /// See [`Config::bus_url`].
    pub bus_url: Option<SecretAddress>,
    /// See [`Config::listen`].
    pub listen: Option<SocketAddr>,
    /// See [`Config::listen_also`].
    pub listen_also: Option<Vec<SocketAddr>>,
    /// See [`Config::public_url`].
    pub public_url: Option<Url>,
    /// See [`Config::country`].
    pub country: Option<String>,
    /// See [`Config::password_length`].
    pub password_length: Option<usize>,
    /// See [`Config::proxies`].
    pub proxies: Option<Vec<IpAddr>>,
    /// See [`Config::origins`].
    pub origins: Option<Vec<String>>,
    /// See [`Config::metrics_from`].
    pub metrics_from: Option<Vec<IpAddr>>,
    /// See [`Config::bounds`].
    #[serde(default)]
    pub limits: BoundSettings,
    /// See [`Config::drain`], in seconds.
    pub drain_seconds: Option<u32>,
    /// See [`Config::demo`].
    pub demo: Option<bool>,
    /// See [`Config::qr_seconds`].
    pub qr_seconds: Option<u32>,
    /// See [`Config::ingest_token`]. A file with a secret may be named in the config file, the secret itself may not.
    #[serde(skip)]
    pub ingest_token: Option<Secret>,
    /// Holds the ingest token.
    pub ingest_token_file: Option<PathBuf>,
    /// See [`Config::staff_pin`].
    #[serde(skip)]
    pub staff_pin: Option<Secret>,
    /// Holds the staff's PIN.
    pub staff_pin_file: Option<PathBuf>,
    /// See [`Config::sign_in`]; those of every source count.
    #[serde(default)]
    pub sign_in: Vec<ProviderSource>,
    /// See [`Config::mail`].
    #[serde(default)]
    pub mail: MailSource,
    /// See [`Config::voice`].
    #[serde(default)]
    pub voice: VoiceSettings,
    /// See [`Config::uploads`].
    pub uploads: Option<PathBuf>,
    /// See [`Config::chat_cents_per_day`].
    pub chat_cents_per_day: Option<u32>,
    /// See [`Config::chat_cents_per_session`].
    pub chat_cents_per_session: Option<u32>,
}

impl Settings {
    /// Reads a TOML file.
    ///
    /// # Errors
    /// The file is not there, or a line of it makes no sense; the error names the line.
    pub fn from_file(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("the config file {} cannot be read", path.display()))?;
        toml::from_str(&text)
            .map_err(|error| without_secret(&error, &text))
            .with_context(|| format!("the config file {} is damaged; correct the line shown, or remove the file", path.display()))
    }

    /// These settings, with `below` for what they leave open, as a whole config.
    ///
    /// # Errors
    /// A value is not possible.
    pub fn over(self, below: Self) -> anyhow::Result<Config> {
        let data = self.data.or(below.data).map_or_else(default_data, Ok)?;
        let config = Config::at(data);
        let public_url = self.public_url.or(below.public_url);
        if let Some(url) = &public_url {
            anyhow::ensure!(
                matches!(url.scheme(), "http" | "https") && url.path() == "/" && url.query().is_none() && url.host().is_some(),
                "public_url must be like https://shop.example, without a path"
            );
        }
        let qr_seconds = self.qr_seconds.or(below.qr_seconds).unwrap_or(config.qr_seconds);
        anyhow::ensure!((1..=LONGEST_QR_SECONDS).contains(&qr_seconds), "qr_seconds must be from 1 to {LONGEST_QR_SECONDS}");
        let origins = self.origins.or(below.origins).unwrap_or_default();
        let origins = origins.iter().filter(|text| !text.is_empty()).map(|text| origin(text)).collect::<Result<_, _>>()?;
        let drain = self.drain_seconds.or(below.drain_seconds);
        anyhow::ensure!(
            drain.is_none_or(|seconds| seconds <= LONGEST_DRAIN_SECONDS),
            "drain_seconds must be at most {LONGEST_DRAIN_SECONDS}"
        );
        let ingest_token =
            first_secret(&[(self.ingest_token, self.ingest_token_file), (below.ingest_token, below.ingest_token_file)])?;
        let staff_pin = first_secret(&[(self.staff_pin, self.staff_pin_file), (below.staff_pin, below.staff_pin_file)])?;
        let is_pin =
            |pin: &Secret| (4..=8).contains(&pin.reveal().len()) && pin.reveal().bytes().all(|digit| digit.is_ascii_digit());
        anyhow::ensure!(staff_pin.as_ref().is_none_or(is_pin), "the staff's PIN must be 4 to 8 digits");
        let sign_in = provider::read_all(self.sign_in.into_iter().chain(below.sign_in).collect())?;
        let mail = self.mail.over(below.mail)?;
        Ok(Config {
            sign_in,
            mail,
            database_url: self.database_url.or(below.database_url).filter(|address| !address.0.is_empty()),
            bus_url: self.bus_url.or(below.bus_url).filter(|address| !address.0.is_empty()),
            ingest_token,
            staff_pin,
            voice: self.voice.over(below.voice)?,
            listen: self.listen.or(below.listen).unwrap_or(config.listen),
            listen_also: self.listen_also.or(below.listen_also).unwrap_or_default(),
            public_url,
            country: self.country.or(below.country).map(|country| country.to_ascii_uppercase()),
            password_length: self.password_length.or(below.password_length).unwrap_or(config.password_length),
            proxies: self.proxies.or(below.proxies).unwrap_or_default(),
            origins,
            metrics_from: self.metrics_from.or(below.metrics_from).unwrap_or_default(),
            bounds: self.limits.over(below.limits)?,
            drain: drain.map_or(config.drain, |seconds| Duration::from_secs(seconds.into())),
            demo: self.demo.or(below.demo).unwrap_or_default(),
            qr_seconds,
            uploads: self.uploads.or(below.uploads),
            chat_cents_per_day: self.chat_cents_per_day.or(below.chat_cents_per_day).unwrap_or(config.chat_cents_per_day),
            chat_cents_per_session: self
                .chat_cents_per_session
                .or(below.chat_cents_per_session)
                .unwrap_or(config.chat_cents_per_session),
            ..config
        })
    }
}

/// Words in the names of settings that hold a secret, or beside which somebody may have put one by mistake.
const SECRETS: [&str; 5] = ["database_url", "bus_url", "secret", "password", "token"];

/// The error as it stands, unless it would show a line with an address that may hold a password.
fn without_secret(error: &toml::de::Error, text: &str) -> anyhow::Error {
    let span = error.span().unwrap_or_default();
    let begin = text.get(..span.start).unwrap_or_default();
    let number = begin.matches('\n').count();
    let last = number + text.get(span).unwrap_or_default().matches('\n').count();
    let in_confidence = |line: &str| SECRETS.iter().any(|name| line.contains(name));
    let secret = text.lines().skip(number).take(last - number + 1).any(in_confidence);
    if secret { anyhow::anyhow!("line {}: {}", number + 1, error.message()) } else { anyhow::anyhow!("{error}") }
}

/// An origin as browsers write it.
fn origin(text: &str) -> anyhow::Result<String> {
    let url = Url::parse(text).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    });
    let url = url.with_context(|| {
        format!("{text:?} in origins is no origin; name each web site like https://shop.example, without a path, and never *")
    })?;
    Ok(url.origin().ascii_serialization())
}

/// Whether an address leads to this machine alone.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The first secret that is given, itself or by its file.
pub(crate) fn first_secret(sources: &[(Option<Secret>, Option<PathBuf>)]) -> anyhow::Result<Option<Secret>> {
    for (secret, file) in sources {
        match (secret, file) {
            (Some(secret), _) => return Ok(Some(secret.clone())),
            (None, Some(file)) => return Secret::from_file(file).map(Some),
            (None, None) => {}
        }
    }
    Ok(None)
}

/// `$XDG_DATA_HOME/vitrine-server`, else `~/.local/share/vitrine-server`.
fn default_data() -> anyhow::Result<PathBuf> {
    let base = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share")))
        .context("there is no home folder to keep data in; give a folder with --data DIR or VITRINE_DATA")?;
    Ok(base.join("vitrine-server"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, anyhow::Result<Settings>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vitrine.toml");
        std::fs::write(&path, text).unwrap();
        let settings = Settings::from_file(&path);
        (folder, settings)
    }

    #[test]
    fn the_command_line_wins_over_the_file() {
        let (_folder, settings) = file("data = \"/srv/shop\"\nlisten = \"0.0.0.0:80\"\ncountry = \"in\"\n");
        let flags = Settings { listen: Some(([127, 0, 0, 1], 9).into()), ..Settings::default() };
        let config = flags.over(settings.unwrap()).unwrap();
        assert_eq!(config.data, PathBuf::from("/srv/shop"));
        assert_eq!(config.listen.to_string(), "127.0.0.1:9");
        assert_eq!(config.country.as_deref(), Some("IN"));
        assert_eq!(config.public_origin(), "http://127.0.0.1:9");
    }

    #[test]
    fn a_damaged_file_is_refused_with_its_line() {
        let (_folder, settings) = file("data = \"/srv/shop\"\nlisten = \n");
        let error = format!("{:#}", settings.unwrap_err());
        assert!(error.contains("line 2"), "{error}");
        let (_folder, settings) = file("data = \"/srv/shop\"\ncolour = \"red\"\n");
        let error = format!("{:#}", settings.unwrap_err());
        assert!(error.contains("colour") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn the_address_of_the_database_is_never_shown() {
        for line in [
            "database_url = postgres://shop:s3cret@db/shop",
            "database_url = \"postgres://shop:s3cret@db/shop",
            "database_url = [\"s3cret\"]",
        ] {
            let (_folder, settings) = file(&format!("data = \"x\"\n{line}\n"));
            let error = format!("{0:#} {0:?}", settings.unwrap_err());
            assert!(error.contains("line 2") && !error.contains("s3cret"), "{error}");
        }
        let (_folder, settings) = file("database_url = \"postgres://shop:s3cret@db/shop\"\n");
        let config = settings.unwrap().over(Settings::default()).unwrap();
        assert!(!format!("{config:?}").contains("s3cret"), "{config:?}");
        assert_eq!(config.database_url.unwrap().reveal(), "postgres://shop:s3cret@db/shop");
        let empty = Settings { database_url: Some(String::new().into()), ..Settings::default() };
        assert_eq!(empty.over(Settings::default()).unwrap().database_url, None, "an empty variable is none");
    }

    #[test]
    fn providers_and_mail_come_from_the_file_and_a_secret_in_it_is_refused_unseen() {
        let text = "data = \"x\"\n[[sign_in]]\nname = \"Shop account\"\nissuer = \"https://id.example\"\nclient_id = \"shop\"\n\
                    [[sign_in]]\nissuer = \"https://other.example\"\naudiences = [\"https://shop.example\"]\n\
                    [mail]\nhost = \"mail.example\"\nfrom = \"Shop <shop@shop.example>\"\n";
        let config = file(text).1.unwrap().over(Settings::default()).unwrap();
        let ids: Vec<&str> = config.sign_in.iter().map(|provider| provider.id.as_str()).collect();
        assert_eq!(ids, ["shop-account", "other-example"]);
        assert_eq!(config.mail.unwrap().port, 587);
        for line in ["[[sign_in]]\nclient_secret = \"s3cret\"", "[mail]\npassword = \"s3cret\""] {
            let (_folder, settings) = file(&format!("data = \"x\"\n{line}\n"));
            let error = format!("{0:#} {0:?}", settings.unwrap_err());
            assert!(error.contains("line 3") && !error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn a_demonstration_stays_on_this_machine() {
        let demo = |listen: &str, public: Option<&str>| {
            let public_url = public.map(|url| url.parse().unwrap());
            Config { demo: true, listen: listen.parse().unwrap(), public_url, ..Config::at("x") }
        };
        demo("127.0.0.1:7070", None).check_demo().unwrap();
        demo("[::1]:7070", Some("http://localhost:7070")).check_demo().unwrap();
        let also = Config { listen_also: vec!["0.0.0.0:5002".parse().unwrap()], ..demo("127.0.0.1:7070", None) };
        for config in [demo("0.0.0.0:7070", None), demo("127.0.0.1:7070", Some("https://shop.example")), also] {
            assert!(config.check_demo().unwrap_err().to_string().contains("this machine alone"));
            Config { demo: false, ..config }.check_demo().unwrap();
        }
        let behind_a_proxy = Config { proxies: vec![[127, 0, 0, 1].into()], ..demo("127.0.0.1:7070", None) };
        assert!(behind_a_proxy.check_demo().is_err());
    }

    #[test]
    fn a_secret_comes_from_the_environment_or_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "of the file\n").unwrap();
        let file = Settings { data: Some("x".into()), ingest_token_file: Some(path), ..Settings::default() };
        let token = |flags: Settings| flags.over(file.clone()).unwrap().ingest_token.unwrap();
        assert_eq!(token(Settings::default()).reveal(), "of the file");
        let environment = Settings { ingest_token: Some(Secret::new("of the environment")), ..Settings::default() };
        assert_eq!(token(environment).reveal(), "of the environment");
    }

    #[test]
    fn cookies_are_kept_to_tls_unless_the_server_is_reached_without() {
        let mut config = Config::at("x");
        assert!(!config.is_secure(), "nobody else reaches loopback");
        config.listen = ([0, 0, 0, 0], 80).into();
        assert!(config.is_secure());
        config.public_url = Some("http://kiosk.example".parse().unwrap());
        assert!(!config.is_secure());
        config.public_url = Some("https://kiosk.example".parse().unwrap());
        assert!(config.is_secure());
    }

    #[test]
    fn other_sites_are_named_by_their_origins() {
        let with = |texts: &[&str]| {
            let origins = Some(texts.iter().map(|text| (*text).to_owned()).collect());
            Settings { data: Some("x".into()), origins, ..Settings::default() }.over(Settings::default())
        };
        let origins = with(&["https://Shop.example:443/", "http://localhost:3000", ""]).unwrap().origins;
        assert_eq!(origins, ["https://shop.example", "http://localhost:3000"]);
        for text in ["*", "null", "shop.example", "https://shop.example/page", "https://user@shop.example", "file:///x"] {
            assert!(with(&[text]).unwrap_err().to_string().contains("origins"), "{text}");
        }
    }

    #[test]
    fn limits_are_a_table_of_the_file() {
        let (_folder, settings) = file("data = \"x\"\nlisten_also = [\"127.0.0.1:5002\"]\n[limits]\nanonymous_reads = 5\n");
        let config = settings.unwrap().over(Settings::default()).unwrap();
        assert_eq!(config.bounds, Bounds { anonymous_reads: 5, ..Bounds::default() });
        assert_eq!(config.listen_also, ["127.0.0.1:5002".parse().unwrap()]);
        let (_folder, settings) = file("[limits]\nreads = 5\n");
        assert!(format!("{:#}", settings.unwrap_err()).contains("reads"));
    }

    #[test]
    fn a_public_address_has_no_path() {
        let with = |url: &str| {
            Settings { data: Some("x".into()), public_url: Some(url.parse().unwrap()), ..Settings::default() }
                .over(Settings::default())
        };
        assert_eq!(with("https://shop.example/").unwrap().public_origin(), "https://shop.example");
        for url in ["https://shop.example/kiosk", "ftp://shop.example", "https://shop.example/?a=b"] {
            assert!(with(url).is_err(), "{url}");
        }
    }
}
