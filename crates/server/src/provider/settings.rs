use std::path::PathBuf;

use anyhow::Context as _;
use serde::Deserialize;
use url::Url;

use crate::{config::is_loopback, secret::Secret};

/// A sign-in provider: any issuer of OpenID Connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderSettings {
    /// Names it in addresses: lower-case letters, digits and hyphens.
    pub id: String,
    /// As customers know it.
    pub name: String,
    /// Exactly as the provider writes it in its tokens, such as `https://id.example`.
    pub issuer: String,
    /// What the provider calls this shop; none: only bearer tokens are taken, and the phone page does not offer it.
    pub client_id: Option<String>,
    /// Proves the shop to the provider; none for public clients.
    pub client_secret: Option<Secret>,
    /// Further values of `aud` or `azp` that mean this shop.
    pub audiences: Vec<String>,
}

impl ProviderSettings {
    /// Whether a token's `aud` or `azp` means this shop.
    #[must_use]
    pub fn is_meant(&self, name: &str) -> bool {
        self.client_id.as_deref() == Some(name) || self.audiences.iter().any(|audience| audience == name)
    }
}

/// The same as a source gives it, each part optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSource {
    /// See [`ProviderSettings::id`]; default: made of the name.
    pub id: Option<String>,
    /// See [`ProviderSettings::name`]; default: the issuer's host.
    pub name: Option<String>,
    /// See [`ProviderSettings::issuer`].
    pub issuer: Option<String>,
    /// See [`ProviderSettings::client_id`].
    pub client_id: Option<String>,
    /// See [`ProviderSettings::client_secret`]. A config file may name where the secret is, not the secret itself.
    #[serde(skip)]
    pub client_secret: Option<Secret>,
    /// Holds the client secret.
    pub client_secret_file: Option<PathBuf>,
    /// Environment variable that holds the client secret.
    pub client_secret_variable: Option<String>,
    /// See [`ProviderSettings::audiences`].
    pub audiences: Option<Vec<String>>,
}

impl ProviderSource {
    /// Whether anything was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The whole settings.
    ///
    /// # Errors
    /// Something is missing or not possible; the error says what to write.
    pub fn read(self) -> anyhow::Result<ProviderSettings> {
        let issuer = self.issuer.context("a sign-in provider needs its issuer, such as https://id.example")?;
        let host = check_issuer(&issuer)?;
        let name = self.name.unwrap_or(host);
        anyhow::ensure!(
            (1..=60).contains(&name.chars().count()),
            "the name of the sign-in provider {issuer} has 1 to 60 characters"
        );
        let id = self.id.unwrap_or_else(|| slug(&name));
        let plain = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        anyhow::ensure!(
            plain && (1..=40).contains(&id.len()),
            "the id of the sign-in provider {issuer} has 1 to 40 lower-case letters, digits and hyphens"
        );
        let client_secret =
            match (self.client_secret, &self.client_secret_file, &self.client_secret_variable) {
                (Some(secret), ..) => Some(secret),
                (None, Some(file), _) => Some(Secret::from_file(file)?),
                (None, None, Some(variable)) => Some(Secret::from_environment(variable)?.with_context(|| {
                    format!("the environment variable {variable} with the client secret of {issuer} is not set")
                })?),
                (None, None, None) => None,
            };
        let client_id = self.client_id.filter(|id| !id.is_empty());
        let audiences = self.audiences.unwrap_or_default();
        anyhow::ensure!(
            client_id.is_some() || !audiences.is_empty(),
            "the sign-in provider {issuer} needs a client_id, or audiences whose tokens are taken; any token would be taken otherwise"
        );
        Ok(ProviderSettings { id, name, issuer, client_id, client_secret, audiences })
    }
}

/// The settings of several providers, none of which can be taken for another.
///
/// # Errors
/// One is not possible, or two have the same id or issuer.
pub fn read_all(sources: Vec<ProviderSource>) -> anyhow::Result<Vec<ProviderSettings>> {
    let mut all: Vec<ProviderSettings> = Vec::new();
    for source in sources {
        let settings = source.read()?;
        anyhow::ensure!(all.iter().all(|other| other.id != settings.id), "two sign-in providers have the id {}", settings.id);
        anyhow::ensure!(
            all.iter().all(|other| other.issuer != settings.issuer),
            "two sign-in providers have the issuer {}; list both audiences in one",
            settings.issuer
        );
        all.push(settings);
    }
    Ok(all)
}

/// The issuer's host, if the issuer is one.
fn check_issuer(issuer: &str) -> anyhow::Result<String> {
    let url: Url = issuer.parse().with_context(|| format!("the issuer {issuer} is no address"))?;
    let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    anyhow::ensure!(safe && plain, "the issuer must be like https://id.example, as the provider writes it in its tokens");
    url.host_str().map(str::to_owned).context("the issuer has no host")
}

fn slug(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    if slug.is_empty() { "provider".into() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(issuer: &str) -> ProviderSource {
        ProviderSource { issuer: Some(issuer.into()), client_id: Some("shop".into()), ..ProviderSource::default() }
    }

    #[test]
    fn a_provider_is_named_by_its_host_unless_it_has_a_name() {
        let settings = source("https://id.example/realms/shop").read().unwrap();
        assert_eq!((settings.id.as_str(), settings.name.as_str()), ("id-example", "id.example"));
        let named = ProviderSource { name: Some("Shop Login".into()), ..source("https://id.example") }.read().unwrap();
        assert_eq!(named.id, "shop-login");
    }

    #[test]
    fn an_issuer_is_reached_by_tls_or_on_this_machine() {
        for good in ["https://id.example", "https://id.example/", "http://127.0.0.1:9", "http://localhost:9"] {
            source(good).read().unwrap();
        }
        for bad in ["http://id.example", "id.example", "ftp://id.example", "https://id.example?a=b", "https://a:b@id.example"] {
            assert!(source(bad).read().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_provider_whose_tokens_could_be_for_anybody_is_refused() {
        let nobody = ProviderSource { client_id: None, ..source("https://id.example") };
        assert!(nobody.clone().read().unwrap_err().to_string().contains("audiences"));
        ProviderSource { audiences: Some(vec!["https://shop.example".into()]), ..nobody }.read().unwrap();
        assert!(read_all(vec![source("https://id.example"), source("https://id.example")]).is_err());
    }
}
