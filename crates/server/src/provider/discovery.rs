use serde::Deserialize;
use url::Url;

use super::fetch::{FetchError, Http};

/// What a provider says about itself (OpenID Connect Discovery 1.0).
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Discovery {
    issuer: String,
    pub(super) jwks_uri: Url,
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Option<Url>,
    pub(super) userinfo_endpoint: Option<Url>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    /// The provider names itself in each answer (RFC 9207).
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl Discovery {
    /// Whether the client secret may be sent in a header. Without a list, that is what every provider takes.
    pub(super) fn takes_secret_in_header(&self) -> bool {
        self.token_endpoint_auth_methods_supported
            .as_ref()
            .is_none_or(|methods| methods.iter().any(|name| name == "client_secret_basic"))
    }

    /// Whether the client secret may be sent in the body.
    pub(super) fn takes_secret_in_body(&self) -> bool {
        self.token_endpoint_auth_methods_supported.iter().flatten().any(|name| name == "client_secret_post")
    }
}

/// Fetches the discovery document of `issuer`.
pub(super) async fn fetch(http: &Http, issuer: &str) -> Result<Discovery, FetchError> {
    let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let address: Url = address.parse().map_err(|_| FetchError::Unfit("the issuer is no address".into()))?;
    let discovery: Discovery = http.get(&address, None).await?;
    if discovery.issuer != issuer {
        // Tokens will say the same.
        return Err(FetchError::Unfit(format!(
            "it calls itself {}; set the issuer to exactly that, if that is whom you mean",
            discovery.issuer
        )));
    }
    http.check(&discovery.authorization_endpoint)?;
    Ok(discovery)
}
