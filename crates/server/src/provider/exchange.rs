use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::header::HeaderValue;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{About, Claims, Jws, Person, Provider, discovery::Discovery, fetch::FetchError};
use crate::state::AppState;

/// What the token endpoint answers.
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

/// What the userinfo endpoint answers.
#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    #[serde(flatten)]
    about: About,
}

/// A code that the provider gave a browser, and what goes with it.
pub(super) struct Code<'a> {
    pub(super) given: &'a str,
    pub(super) verifier: &'a str,
    pub(super) redirect: &'a str,
    pub(super) nonce: &'a str,
}

impl Provider {
    /// Gives a code back to the provider; answers who it is that signed in there.
    ///
    /// # Errors
    /// The provider does not take the code, or its answer is not for this sign-in.
    pub(super) async fn redeem(
        self: &std::sync::Arc<Self>,
        state: &AppState,
        discovery: &Discovery,
        code: &Code<'_>,
    ) -> Result<Person, FetchError> {
        let unfit = |why: &str| FetchError::Unfit(why.to_owned());
        let endpoint = discovery.token_endpoint.as_ref().ok_or_else(|| unfit("it has no token endpoint"))?;
        let client = self.settings.client_id.as_deref().unwrap_or_default();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.given),
            ("redirect_uri", code.redirect),
            ("code_verifier", code.verifier),
        ];
        let tokens: Tokens = match &self.settings.client_secret {
            None => {
                form.push(("client_id", client));
                self.http.post(endpoint, &form, None).await?
            }
            Some(secret) => {
                let in_header = if discovery.takes_secret_in_header() {
                    self.http.post(endpoint, &form, Some(basic(client, secret.reveal())?)).await
                } else {
                    Err(FetchError::invalid_client())
                };
                match in_header {
                    // Some providers let each client choose; a client that was not let in has not used up its code.
                    Err(error) if error.is_invalid_client() && discovery.takes_secret_in_body() => {
                        form.extend([("client_id", client), ("client_secret", secret.reveal())]);
                        self.http.post(endpoint, &form, None).await?
                    }
                    answered => answered?,
                }
            }
        };
        let jws = Jws::read(&tokens.id_token).ok_or_else(|| unfit("its ID token is not signed in a way that is taken"))?;
        let claims: Claims = jws.claims().ok_or_else(|| unfit("its ID token lacks a claim"))?;
        self.check_signature(&jws).await.map_err(|_| unfit("its ID token is not signed by it"))?;
        if !claims.answers(&self.settings, state.now(), code.nonce) {
            return Err(unfit("its ID token is not for this sign-in; check that client_id is right and both clocks are"));
        }
        let about = self.more_about(discovery, &claims, tokens.access_token.as_deref()).await;
        Ok(claims.person(&about))
    }

    /// Name and e-mail, where the ID token does not have them. A person without them is one all the same.
    async fn more_about(&self, discovery: &Discovery, claims: &Claims, access_token: Option<&str>) -> About {
        let (Some(endpoint), Some(token), false) = (&discovery.userinfo_endpoint, access_token, claims.tells_name()) else {
            return About::default();
        };
        match self.http.get::<UserInfo>(endpoint, Some(token)).await {
            Ok(info) if info.sub == claims.subject() => info.about,
            Ok(_) => About::default(),
            Err(error) => {
                tracing::warn!(issuer = self.settings.issuer, %error, "the sign-in provider told no name");
                About::default()
            }
        }
    }
}

/// Name and secret of a client as RFC 6749 section 2.3.1 wants them: each encoded as in a form, then as basic authentication.
fn basic(client: &str, secret: &str) -> Result<HeaderValue, FetchError> {
    let encode = |text: &str| Zeroizing::new(url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>());
    let pair = Zeroizing::new(format!("{}:{}", *encode(client), *encode(secret)));
    let mut value = HeaderValue::from_str(&format!("Basic {}", BASE64_STANDARD.encode(pair.as_bytes())))
        .map_err(|_| FetchError::Unfit("the client secret cannot be sent".into()))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_with_strange_letters_arrives_whole() {
        let value = basic("shop", "a:b/c d%").unwrap();
        let sent = BASE64_STANDARD.decode(value.to_str().unwrap().strip_prefix("Basic ").unwrap()).unwrap();
        assert_eq!(String::from_utf8(sent).unwrap(), "shop:a%3Ab%2Fc+d%25");
        assert!(value.is_sensitive());
    }
}
