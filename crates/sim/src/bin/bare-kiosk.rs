//! The kiosk's core without a window, for tests that kill it: the real event loop, encrypted files and HTTP. It is told what to do
//! line by line on its standard input, and shows each view as a line of its standard output.
//!
//! `intend JSON` is a touch, `health` asks how it is doing. `view JSON` and `health JSON` come back.

use std::{
    fs,
    io::{BufRead as _, Write as _},
    path::PathBuf,
    sync::Arc,
};

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use kiosk_core::{Deps, KeyStore, KeyStoreError, KioskConfig, KioskHandle, http_client, start};
use protocol::{
    ambient::{SystemClock, SystemEntropy},
    shop::Locale,
};
use serde::Serialize;
use tokio::sync::mpsc;
use tracing_subscriber::EnvFilter;
use url::Url;
use zeroize::Zeroizing;

#[derive(Debug, Parser)]
struct Options {
    /// The session server's address.
    #[arg(long)]
    server: Url,
    /// The kiosk's own folder.
    #[arg(long)]
    data: PathBuf,
    /// The folder of its keys; a test's stand-in for the system's secret store.
    #[arg(long)]
    keys: PathBuf,
}

/// Keys in a folder.
struct Drawer(PathBuf);

impl KeyStore for Drawer {
    fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyStoreError> {
        match fs::read(self.0.join(name)) {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(KeyStoreError::Other(error.to_string())),
        }
    }

    fn save(&self, name: &str, secret: &[u8]) -> Result<(), KeyStoreError> {
        // Whole or not at all, as a kill may come in between.
        let fresh = self.0.join(format!("{name}.fresh"));
        let kept = fs::create_dir_all(&self.0).and_then(|()| fs::write(&fresh, secret));
        kept.and_then(|()| fs::rename(fresh, self.0.join(name))).map_err(|error| KeyStoreError::Other(error.to_string()))
    }

    fn describe(&self) -> String {
        "a drawer".into()
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    tracing_subscriber::fmt().with_env_filter(EnvFilter::from_default_env()).with_writer(std::io::stderr).init();
    let config =
        KioskConfig { server: options.server, data_dir: options.data, locale: Locale::En, muted: true, settings_damaged: false };
    let deps = Deps {
        clock: Arc::new(SystemClock::new()),
        entropy: Arc::new(SystemEntropy),
        keys: Arc::new(Drawer(options.keys)),
        speaker: None,
        http: http_client()?,
    };
    serve(&start(config, deps)).await
}

/// Until nobody tells it anything any more.
async fn serve(kiosk: &KioskHandle) -> Result<()> {
    let mut lines = lines();
    let mut views = kiosk.views();
    views.mark_changed();
    loop {
        tokio::select! {
            changed = views.changed() => {
                changed?;
                let view = Arc::clone(&views.borrow_and_update());
                tell("view", &*view)?;
            }
            line = lines.recv() => match line.as_deref() {
                None => break,
                Some("health") => tell("health", &kiosk.health().await)?,
                Some(line) => {
                    let intent = line.strip_prefix("intend ").with_context(|| format!("nobody understands {line}"))?;
                    if let Err(error) = kiosk.intend(serde_json::from_str(intent)?) {
                        bail!("the kiosk does not take {intent}: {error}");
                    }
                }
            },
        }
    }
    kiosk.shutdown().await;
    Ok(())
}

fn tell(word: &str, value: &impl Serialize) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{word} {}", serde_json::to_string(value)?)?;
    Ok(out.flush()?)
}

fn lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(64);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
}
