//! `doctor`: looks at everything that a server needs, and says what to do where something is wrong. It changes nothing but a
//! file that it makes in the data folder and removes again, and it may run beside the server.

mod away;
mod database;
mod finding;
mod folder;
mod network;
mod speech;
mod voice;

use std::process::ExitCode;

use clap::Args;
pub(super) use finding::{Finding, Level};

use crate::{Config, output};

/// Arguments of `doctor`.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Prints one JSON object, for programs.
    #[arg(long)]
    json: bool,
}

impl Doctor {
    /// Looks at everything; `config` is none where it could not even be read.
    pub(super) async fn run(self, config: anyhow::Result<Config>) -> ExitCode {
        let findings = match config {
            Ok(config) => examine(&config).await,
            Err(error) => vec![Finding::fail("config", format!("{error:#}"), "Correct it; the other checks need it.")],
        };
        let failed = findings.iter().any(|finding| finding.level == Level::Fail);
        if self.json {
            let checks: Vec<_> = findings.iter().map(Finding::json).collect();
            output::say(serde_json::json!({"ok": !failed, "checks": checks}));
        } else {
            findings.iter().for_each(output::say);
        }
        if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![Finding::ok("config", "it can be read"), network::demo(config)];
    findings.extend(folder::examine(config));
    findings.extend(database::examine(config).await);
    findings.extend(network::listeners(config).await);
    findings.extend([
        network::public_url(config),
        network::proxies(config),
        network::metrics(config),
        network::bus(config).await,
    ]);
    findings.extend(away::public(config).await);
    findings.push(away::mail(config).await);
    findings.extend(away::providers(config).await);
    findings.push(speech::engines());
    findings.extend(voice::examine(config).await);
    findings
}
