use std::process::ExitCode;

use clap::{Args, Subcommand};
use protocol::session::Channel;
use server_store::records::Scope;

use crate::{AppState, Config, caller::keys, output};

/// Arguments of `channel`. It works beside a running server, on the same data folder.
#[derive(Debug, Args)]
pub(super) struct Keys {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Makes a key for a channel or service, and shows it once.
    Add {
        /// What to call it. A key called whatsapp, telegram, web or kiosk speaks for that channel.
        name: String,
        /// The channel it speaks for, where the name is not the channel's.
        #[arg(long = "for", value_name = "CHANNEL", value_parser = channel)]
        channel: Option<Channel>,
        /// What it opens; may be given several times. Default for a channel: resume and agent.
        #[arg(long = "scope", value_name = "SCOPE", value_parser = scope)]
        scopes: Vec<Scope>,
    },
    /// Lists the keys; none of them can be shown again.
    List,
    /// Takes a key back; it opens nothing from this moment on.
    Revoke {
        /// What it is called.
        name: String,
    },
}

fn channel(name: &str) -> Result<Channel, String> {
    Channel::parse(name).ok_or_else(|| "a channel is web, kiosk, whatsapp or telegram".to_owned())
}

fn scope(name: &str) -> Result<Scope, String> {
    let known = Scope::ALL.into_iter().find(|scope| scope.as_str() == name);
    known.ok_or_else(|| format!("a scope is one of {}", Scope::ALL.map(Scope::as_str).join(", ")))
}

impl Keys {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let state = AppState::open(config).await?;
        let done = match self.action {
            Action::Add { name, channel, scopes } => add(&state, &name, channel, scopes).await,
            Action::List => list(&state).await,
            Action::Revoke { name } => revoke(&state, &name).await,
        };
        state.store.close().await;
        done.map(|()| ExitCode::SUCCESS)
    }
}

async fn add(state: &AppState, name: &str, channel: Option<Channel>, mut scopes: Vec<Scope>) -> anyhow::Result<()> {
    let channel = channel.or_else(|| Channel::parse(name.trim()));
    if scopes.is_empty() && channel.is_some() {
        scopes = vec![Scope::Resume, Scope::Agent];
    }
    let (key, text) = keys::add(state, name, channel, &scopes).await?;
    output::complain(format_args!("{}; send it in the header X-Channel-Key. It is not shown again:", about(&key)));
    output::say(text.as_str());
    Ok(())
}

async fn list(state: &AppState) -> anyhow::Result<()> {
    let keys = state.read().await?.channel_keys().await?;
    if keys.is_empty() {
        output::say("there is no key; make one with `vitrine-server channel add whatsapp`");
    }
    for key in keys {
        output::say(format_args!("{}  since {}", about(&key), key.created_at));
    }
    Ok(())
}

async fn revoke(state: &AppState, name: &str) -> anyhow::Result<()> {
    keys::revoke(state, name).await?;
    output::say(format_args!("revoked \"{}\"; it opens nothing any more", name.trim()));
    Ok(())
}

fn about(key: &server_store::records::ChannelKeyRecord) -> String {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let whom = key.channel.map_or_else(|| "a service".to_owned(), |channel| format!("channel {}", channel.as_str()));
    format!("\"{}\" for {whom} opens {}", key.name, scopes.join(", "))
}
