use std::process::ExitCode;

use anyhow::Context as _;
use protocol::ambient::SystemEntropy;

use crate::{Config, key::ServerKey, output, state};

/// For when the key of the nodes is lost: what it signed is worth nothing any more.
pub(super) async fn run(config: Config) -> anyhow::Result<ExitCode> {
    state::make_private_folder(&config)?;
    let store = state::open_store(&config).await?;
    let nodes =
        store.shared().context("a database in a file takes whatever server.key lies beside it; there is nothing to adopt")?;
    let key = ServerKey::load_or_make(&config.key_file(), &SystemEntropy)?;
    nodes.keep_key_fingerprint(&key.fingerprint(), true).await?;
    store.close().await;
    output::say(format_args!(
        "{} is the key of all nodes now; copy it to the others and start them again",
        config.key_file().display()
    ));
    Ok(ExitCode::SUCCESS)
}
