use super::Finding;
use crate::{Config, voice_session::media_answers};

const CHECK: &str = "voice";

/// Whether conversations can be spoken, and their agent can tell what was said.
pub(super) async fn examine(config: &Config) -> Vec<Finding> {
    let voice = &config.voice;
    let parts = [
        ("media_url", voice.media_url.is_some()),
        ("media_key", voice.media_key.is_some()),
        ("media_secret", voice.media_secret.is_some()),
    ];
    let missing: Vec<&str> = parts.iter().filter(|(_, set)| !set).map(|(name, _)| *name).collect();
    if missing.len() == parts.len() {
        return vec![Finding::ok(CHECK, "no media server is set, so conversations are typed")];
    }
    let (Some(url), true) = (voice.media_internal_url.as_ref().or(voice.media_url.as_ref()), missing.is_empty()) else {
        return vec![Finding::fail(
            CHECK,
            format!("the media server is only half set, without {}, so nobody can speak", missing.join(" and ")),
            "Set media_url, media_key and media_secret_file in [voice], or none of them.",
        )];
    };
    // What is set may carry a name and a password.
    let place = url.origin().ascii_serialization();
    let mut findings = vec![if media_answers(url).await {
        Finding::ok(CHECK, format!("the media server takes connections at {place}"))
    } else {
        Finding::fail(
            CHECK,
            format!("the media server cannot be reached at {place}"),
            "Start it, and check media_url, or media_internal_url where this machine needs another address.",
        )
    }];
    if config.ingest_token.is_none() {
        findings.push(Finding::warn(
            CHECK,
            "no ingest token is set, so the voice agent cannot tell what was said and no transcript is kept",
            "Set VITRINE_INGEST_TOKEN, and give the agent the same.",
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{command::doctor::Level, secret::Secret};

    async fn levels(change: impl FnOnce(&mut Config)) -> Vec<Level> {
        let mut config = Config::at("x");
        change(&mut config);
        examine(&config).await.iter().map(|finding| finding.level).collect()
    }

    #[tokio::test]
    async fn a_media_server_is_set_wholly_or_not_at_all_and_takes_connections() {
        assert_eq!(levels(|_| ()).await, [Level::Ok]);
        assert_eq!(levels(|config| config.voice.media_key = Some("APIexample".into())).await, [Level::Fail]);
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let whole = |config: &mut Config| {
            config.voice.media_url = Some(format!("ws://shop:s3cret@{address}").parse().unwrap());
            config.voice.media_key = Some("APIexample".into());
            config.voice.media_secret = Some(Secret::new("s3cret"));
        };
        assert_eq!(levels(whole).await, [Level::Ok, Level::Warn], "nobody can tell what was said");
        let mut config = Config::at("x");
        whole(&mut config);
        config.ingest_token = Some(Secret::new("of-the-voice-agent"));
        assert_eq!(examine(&config).await.len(), 1);
        drop(taken);
        let findings = examine(&config).await;
        assert_eq!(findings[0].level, Level::Fail);
        let said = findings[0].to_string();
        assert!(said.contains(&address.port().to_string()) && !said.contains("s3cret"), "{said}");
    }
}
