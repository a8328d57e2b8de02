//! A kiosk's core on real files, without a window.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use kiosk_core::{Deps, KeyStore, KeyStoreError, KioskConfig, KioskHandle, http_client, start};
use kiosk_store::Key;
use protocol::{
    ambient::{SystemClock, SystemEntropy},
    shop::Locale,
    view::{Screen, View},
};
use testkit::server::TestServer;
use zeroize::Zeroizing;

/// Until a machine that does other things as well counts as stuck.
const PATIENCE: Duration = Duration::from_mins(1);

/// Keys in memory; they outlive the core.
#[derive(Default)]
struct Drawer(Mutex<HashMap<String, Vec<u8>>>);

impl KeyStore for Drawer {
    fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyStoreError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned().map(Zeroizing::new))
    }

    fn save(&self, name: &str, secret: &[u8]) -> Result<(), KeyStoreError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), secret.to_vec());
        Ok(())
    }

    fn describe(&self) -> String {
        "a drawer".into()
    }
}

/// A device that the server knows; its core may run or not.
pub struct Kiosk {
    keys: Arc<Drawer>,
    pub folder: PathBuf,
    origin: String,
}

impl Kiosk {
    /// Has the server know a new one.
    pub async fn enrol(server: &TestServer, folder: &Path) -> Result<Self> {
        let kiosk = Self { keys: Arc::default(), folder: folder.to_owned(), origin: server.origin() };
        let core = kiosk.start()?;
        let shown = until(&core, "a code for the operator", |view| match &view.screen {
            Screen::Enrolling { code, .. } => code.clone(),
            _ => None,
        });
        server.enrol(&shown.await?, "S01", "On the bench")?;
        until(&core, "a code for the customer", attracts).await?;
        core.shutdown().await;
        Ok(kiosk)
    }

    /// Starts its core.
    pub fn start(&self) -> Result<KioskHandle> {
        let config = KioskConfig {
            server: self.origin.parse().context("the server's address is none")?,
            data_dir: self.folder.clone(),
            locale: Locale::En,
            muted: true,
            settings_damaged: false,
        };
        let deps = Deps {
            clock: Arc::new(SystemClock::new()),
            entropy: Arc::new(SystemEntropy),
            keys: Arc::clone(&self.keys) as Arc<dyn KeyStore>,
            speaker: None,
            http: http_client()?,
        };
        Ok(start(config, deps))
    }

    /// The key of its files.
    pub fn key(&self) -> Result<Key> {
        let secret = self.keys.load("outbox")?.context("the kiosk has made no key")?;
        Key::from_bytes(&secret).context("the kiosk's key is none")
    }
}

/// Whether it shows a code to customers, and what.
pub fn attracts(view: &View) -> Option<()> {
    matches!(&view.screen, Screen::Attract(attract) if attract.code.is_some()).then_some(())
}

/// Waits for a view.
pub async fn until<T>(core: &KioskHandle, what: &str, wanted: impl Fn(&View) -> Option<T>) -> Result<T> {
    let mut views = core.views();
    let began = Instant::now();
    loop {
        let found = wanted(&views.borrow_and_update());
        if let Some(found) = found {
            return Ok(found);
        }
        let left = PATIENCE.saturating_sub(began.elapsed());
        tokio::time::timeout(left, views.changed()).await.with_context(|| format!("waited in vain for {what}"))??;
    }
}
