use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{AppState, Config, import, output};

/// Arguments of `import`.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The folder with shop.json, the CSV files and images/.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Draw a password for every customer of the folder without one, and list them in FILE, readable by its owner alone.
    #[arg(long, value_name = "FILE")]
    sign_ins: Option<PathBuf>,
}

impl Import {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let state = AppState::open(config).await?;
        let imported = import::import(&state, &self.folder, self.sign_ins.as_deref(), &progress()).await;
        state.store.close().await;
        let report = imported?;
        output::complain(report.to_string().trim_end());
        anyhow::ensure!(report.took_anything(), "nothing could be read in {}; the reasons stand above", self.folder.display());
        Ok(ExitCode::SUCCESS)
    }
}

/// A bar on a terminal, nothing elsewhere.
fn progress() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{msg:20} {bar:30} {pos}/{len}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
