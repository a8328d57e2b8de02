use std::{error::Error as _, sync::Arc, time::Duration};

use protocol::{ambient::SystemClock, routes};

use super::Finding;
use crate::{Config, mail, provider::Providers};

const PATIENCE: Duration = Duration::from_secs(5);

/// Whether the mail server lets us in.
pub(super) async fn mail(config: &Config) -> Finding {
    let Some(settings) = &config.mail else {
        return Finding::warn(
            "mail",
            "no mail server is set, so nobody can reset a password or verify an address",
            "Set host and from in [mail].",
        );
    };
    let place = format!("{}:{}", settings.host, settings.port);
    match tokio::time::timeout(PATIENCE, mail::try_out(settings)).await {
        Ok(Ok(())) => Finding::ok("mail", format!("{place} lets us in")),
        Ok(Err(cause)) => {
            Finding::fail("mail", format!("{place}: {cause}"), "Check host, port, tls, user and password in [mail].")
        }
        Err(_) => Finding::fail("mail", format!("{place} does not answer"), "Check host and port in [mail], and the network."),
    }
}

/// Whether each sign-in provider publishes its keys.
pub(super) async fn providers(config: &Config) -> Vec<Finding> {
    let clock = Arc::new(SystemClock::new());
    let answers = Providers::new(&config.sign_in, &(clock as _)).try_out().await;
    if answers.is_empty() {
        return vec![Finding::ok("sign_in", "no provider is set")];
    }
    let finding = |(issuer, answer): (String, Result<usize, String>)| match answer {
        Ok(keys) => Finding::ok("sign_in", format!("{issuer} publishes {keys} keys")),
        Err(cause) => Finding::fail(
            "sign_in",
            format!("{issuer}: {cause}"),
            "Check the issuer in [[sign_in]], and that this machine reaches it.",
        ),
    };
    answers.into_iter().map(finding).collect()
}

/// Whether a server of ours answers under the public address.
pub(super) async fn public(config: &Config) -> Option<Finding> {
    const CHECK: &str = "reach";
    config.public_url.as_ref()?;
    let address = format!("{}{}", config.public_origin(), routes::HEALTH);
    // An error means that a provider of cryptography is installed already, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build();
    let answer = match client {
        Ok(client) => client.get(&address).send().await,
        Err(error) => Err(error),
    };
    Some(match answer {
        Ok(answer) if answer.status().is_success() && answer.headers().contains_key(routes::HEADER_REQUEST_ID) => {
            Finding::ok(CHECK, format!("a vitrine-server answers at {}", config.public_origin()))
        }
        Ok(answer) => Finding::warn(
            CHECK,
            format!("{address} answers {}, not as a vitrine-server would", answer.status().as_u16()),
            "Start the server, and let the proxy pass every path on to it, with its headers.",
        ),
        Err(error) => Finding::warn(
            CHECK,
            format!("{address} cannot be reached from here ({})", cause(&error)),
            "Start the server and the proxy, and check the proxy's name and certificate.",
        ),
    })
}

/// The innermost reason, which says most.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost = error.source();
    while let Some(next) = innermost.and_then(std::error::Error::source) {
        innermost = Some(next);
    }
    innermost.map_or_else(|| "it does not answer".to_owned(), ToString::to_string)
}
