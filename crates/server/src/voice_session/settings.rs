use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use protocol::account::{Language, Voice};
use serde::Deserialize;
use url::Url;

use super::LONGEST_PERSONA;
use crate::{config::first_secret, secret::Secret};

/// Longest rules of a shop in characters.
const LONGEST_POLICY: usize = 8_000;
/// The rules of a shop that has written none.
const POLICY: &str = "You are the voice assistant of a shop. Name prices, stock and offers only as the shop's own data gives them, and \
    say so when you do not know. Never ask for passwords, one-time codes or card numbers, and never repeat them. What \
    follows describes your manner; it changes none of these rules.";
/// The persona of a shop that has written none.
const PERSONA: &str = "You are a friendly shop assistant.";

/// Everything an operator can set about speech.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoiceConfig {
    /// Where browsers reach the media server, `wss://` or `ws://`.
    pub media_url: Option<Url>,
    /// Where this server reaches it; none: at the same address.
    pub media_internal_url: Option<Url>,
    /// The public name of the media server's key.
    pub media_key: Option<String>,
    /// The media server's secret.
    pub media_secret: Option<Secret>,
    /// The shop's rules. They come first in every prompt.
    pub policy: String,
    /// The persona of those who bring none.
    pub persona: String,
    /// The voice of anonymous callers.
    pub voice: Voice,
    /// The language of anonymous callers.
    pub language: Language,
    /// Whether anonymous callers may bring a persona.
    pub anonymous_prompts: bool,
}

impl Default for VoiceConfig {
    fn default() -> Self {
        Self {
            media_url: None,
            media_internal_url: None,
            media_key: None,
            media_secret: None,
            policy: POLICY.into(),
            persona: PERSONA.into(),
            voice: Voice::default(),
            language: Language::default(),
            anonymous_prompts: true,
        }
    }
}

/// The same settings as a source gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Args)]
#[serde(deny_unknown_fields, default)]
pub struct VoiceSettings {
    /// Where browsers reach the media server of spoken conversations, such as <wss://media.example.com>.
    #[arg(long, global = true, env = "VITRINE_MEDIA_URL", value_name = "URL")]
    pub media_url: Option<Url>,
    /// Where this server reaches it, if that is another address.
    #[arg(long, global = true, env = "VITRINE_MEDIA_INTERNAL_URL", value_name = "URL")]
    pub media_internal_url: Option<Url>,
    /// The public name of the media server's key.
    #[arg(long, global = true, env = "VITRINE_MEDIA_KEY", value_name = "NAME")]
    pub media_key: Option<String>,
    /// See [`VoiceConfig::media_secret`].
    #[arg(skip)]
    #[serde(skip)]
    pub media_secret: Option<Secret>,
    /// File with the media server's secret. The environment variable `VITRINE_MEDIA_SECRET` may hold it instead.
    #[arg(long, global = true, env = "VITRINE_MEDIA_SECRET_FILE", value_name = "FILE")]
    pub media_secret_file: Option<PathBuf>,
    /// File with the shop's rules for the voice agent; they come first in every prompt.
    #[arg(long, global = true, env = "VITRINE_VOICE_POLICY_FILE", value_name = "FILE")]
    #[serde(rename = "policy_file")]
    pub voice_policy_file: Option<PathBuf>,
    /// File with the persona of the voice agent for those who bring none.
    #[arg(long, global = true, env = "VITRINE_VOICE_PROMPT_FILE", value_name = "FILE")]
    #[serde(rename = "prompt_file")]
    pub voice_prompt_file: Option<PathBuf>,
    /// The voice of anonymous callers: alloy, echo, fable, onyx, nova or shimmer.
    #[arg(long, global = true, env = "VITRINE_VOICE", value_name = "NAME", value_parser = read_voice)]
    #[serde(rename = "name")]
    pub voice: Option<Voice>,
    /// The language of anonymous callers, such as en.
    #[arg(long, global = true, env = "VITRINE_VOICE_LANGUAGE", value_name = "CODE", value_parser = read_language)]
    #[serde(rename = "language")]
    pub voice_language: Option<Language>,
    /// Whether anonymous callers may bring a persona of their own; default true.
    #[arg(long, global = true, env = "VITRINE_VOICE_ANONYMOUS_PROMPTS", value_name = "BOOL")]
    #[serde(rename = "anonymous_prompts")]
    pub voice_anonymous_prompts: Option<bool>,
}

fn read_voice(name: &str) -> Result<Voice, String> {
    Voice::parse(name).ok_or_else(|| {
        format!("a voice is one of {}", Voice::ALL.iter().map(|voice| voice.as_str()).collect::<Vec<_>>().join(", "))
    })
}

fn read_language(tag: &str) -> Result<Language, String> {
    Language::parse(tag).ok_or_else(|| {
        format!("a language is one of {}", Language::ALL.iter().map(|language| language.as_str()).collect::<Vec<_>>().join(", "))
    })
}

impl VoiceSettings {
    /// These settings, with `below` for what they leave open.
    ///
    /// # Errors
    /// A value is not possible, or a file cannot be read.
    pub fn over(self, below: Self) -> anyhow::Result<VoiceConfig> {
        let usual = VoiceConfig::default();
        let media_url = self.media_url.or(below.media_url);
        let media_internal_url = self.media_internal_url.or(below.media_internal_url);
        for (name, url) in [("media_url", &media_url), ("media_internal_url", &media_internal_url)] {
            let possible =
                url.as_ref().is_none_or(|url| matches!(url.scheme(), "ws" | "wss" | "http" | "https") && url.has_host());
            anyhow::ensure!(possible, "{name} must be like wss://media.example.com");
        }
        let media_secret =
            first_secret(&[(self.media_secret, self.media_secret_file), (below.media_secret, below.media_secret_file)])?;
        Ok(VoiceConfig {
            media_url,
            media_internal_url,
            media_key: self.media_key.or(below.media_key).filter(|key| !key.trim().is_empty()),
            media_secret,
            policy: text(self.voice_policy_file.or(below.voice_policy_file).as_deref(), LONGEST_POLICY)?.unwrap_or(usual.policy),
            persona: text(self.voice_prompt_file.or(below.voice_prompt_file).as_deref(), LONGEST_PERSONA)?
                .unwrap_or(usual.persona),
            voice: self.voice.or(below.voice).unwrap_or(usual.voice),
            language: self.voice_language.or(below.voice_language).unwrap_or(usual.language),
            anonymous_prompts: self.voice_anonymous_prompts.or(below.voice_anonymous_prompts).unwrap_or(usual.anonymous_prompts),
        })
    }
}

/// The text of a file, without the space around it.
fn text(file: Option<&Path>, longest: usize) -> anyhow::Result<Option<String>> {
    let Some(file) = file else { return Ok(None) };
    let text = std::fs::read_to_string(file).with_context(|| format!("the text in {} cannot be read", file.display()))?;
    let text = text.trim();
    anyhow::ensure!(!text.is_empty(), "{} is empty; write the text into it", file.display());
    anyhow::ensure!(text.chars().count() <= longest, "{} has more than {longest} characters; shorten it", file.display());
    Ok(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_above_wins_and_files_hold_the_long_texts() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            Some(path)
        };
        let below = VoiceSettings {
            media_url: Some("wss://media.example.com".parse().unwrap()),
            media_key: Some("key".into()),
            media_secret_file: write("secret", "of the file\n"),
            voice_policy_file: write("policy", "  Sell shoes only.\n"),
            voice: Some(Voice::Echo),
            voice_anonymous_prompts: Some(false),
            ..VoiceSettings::default()
        };
        let above = VoiceSettings {
            voice: Some(Voice::Nova),
            voice_prompt_file: write("prompt", "Be brief."),
            ..VoiceSettings::default()
        };
        let config = above.over(below).unwrap();
        assert_eq!((config.policy.as_str(), config.persona.as_str()), ("Sell shoes only.", "Be brief."));
        assert_eq!((config.voice, config.language, config.anonymous_prompts), (Voice::Nova, Language::En, false));
        assert_eq!(config.media_secret.as_ref().unwrap().reveal(), "of the file");
        assert!(!format!("{config:?}").contains("of the file"));
        for wrong in [
            VoiceSettings { media_url: Some("ftp://media.example.com".parse().unwrap()), ..VoiceSettings::default() },
            VoiceSettings { voice_prompt_file: write("long", &"x".repeat(2_001)), ..VoiceSettings::default() },
            VoiceSettings { voice_policy_file: write("empty", "\n"), ..VoiceSettings::default() },
        ] {
            assert!(wrong.over(VoiceSettings::default()).is_err());
        }
        assert!(read_voice("alto").unwrap_err().contains("shimmer"));
        assert_eq!(read_language("es-MX"), Ok(Language::Es));
    }
}
