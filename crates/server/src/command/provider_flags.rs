use std::path::PathBuf;

use clap::Args;

use crate::{provider::ProviderSource, secret::Secret};

/// One sign-in provider; several stand in the config file.
#[derive(Debug, Args)]
pub(super) struct ProviderFlags {
    /// A sign-in provider, by the issuer address it writes in its tokens; several stand in the config file.
    #[arg(id = "oidc_issuer", long = "oidc-issuer", global = true, env = "VITRINE_OIDC_ISSUER", value_name = "URL")]
    issuer: Option<String>,
    /// The provider's name on buttons; default: its host.
    #[arg(id = "oidc_name", long = "oidc-name", global = true, env = "VITRINE_OIDC_NAME", value_name = "NAME")]
    name: Option<String>,
    /// What the provider calls this shop; without it only bearer tokens are taken.
    #[arg(id = "oidc_client_id", long = "oidc-client-id", global = true, env = "VITRINE_OIDC_CLIENT_ID", value_name = "ID")]
    client_id: Option<String>,
    /// File with the client secret. The environment variable `VITRINE_OIDC_CLIENT_SECRET` may hold it instead.
    #[arg(
        id = "oidc_client_secret_file",
        long = "oidc-client-secret-file",
        global = true,
        env = "VITRINE_OIDC_CLIENT_SECRET_FILE",
        value_name = "FILE"
    )]
    client_secret_file: Option<PathBuf>,
    /// Further values of `aud` or `azp` in tokens that mean this shop, divided by commas.
    #[arg(
        id = "oidc_audiences",
        long = "oidc-audiences",
        global = true,
        env = "VITRINE_OIDC_AUDIENCES",
        value_name = "NAME",
        value_delimiter = ','
    )]
    audiences: Option<Vec<String>>,
}

impl ProviderFlags {
    pub(super) fn into_source(self) -> anyhow::Result<Option<ProviderSource>> {
        let source = ProviderSource {
            id: None,
            name: self.name,
            issuer: self.issuer,
            client_id: self.client_id,
            client_secret: Secret::from_environment("VITRINE_OIDC_CLIENT_SECRET")?,
            client_secret_file: self.client_secret_file,
            client_secret_variable: None,
            audiences: self.audiences,
        };
        Ok((!source.is_empty()).then_some(source))
    }
}
