//! Opening keys and files when the kiosk starts.

use std::{path::Path, sync::Arc};

use kiosk_store::{Key, Setting, Shelf, Store, StoreError};
use protocol::{Entropy, ErrorCode, device::DeviceResponse};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    KeyStore, KeyStoreError,
    backends::Backends,
    device_key::{DamagedKey, DeviceKey},
    message::{Opened, Problem},
    server::Server,
};

/// The device's key in the secret store: PKCS#8.
const DEVICE_KEY: &str = "device-key";
/// The outbox's key in the secret store: 32 bytes.
const OUTBOX_KEY: &str = "outbox";

/// What a started kiosk works with.
pub(crate) struct Works {
    pub(crate) server: Arc<dyn Server>,
    pub(crate) store: Arc<dyn Store>,
    /// The copy of the catalogue. It belongs to nobody.
    pub(crate) shelf: Arc<dyn Shelf>,
}

/// What is remembered about this device over a restart.
#[derive(Serialize, Deserialize)]
struct Remembered {
    /// Another server knows another device.
    server: String,
    device: DeviceResponse,
}

/// Opens keys and files, making on the first start what is not there yet.
pub(crate) async fn open(
    keys: Arc<dyn KeyStore>,
    entropy: Arc<dyn Entropy>,
    backends: Arc<dyn Backends>,
    address: &str,
) -> Result<(Works, Opened), Problem> {
    let store_name = keys.describe();
    let secrets = if keys.is_quick() {
        Ok(secrets(keys.as_ref(), entropy.as_ref()))
    } else {
        tokio::task::spawn_blocking(move || secrets(keys.as_ref(), entropy.as_ref())).await
    };
    let (device_key, outbox_key) = match secrets {
        Ok(Ok(secrets)) => secrets,
        Ok(Err(problem)) => return Err(problem.shown(&store_name)),
        Err(error) => return Err(Problem { code: ErrorCode::InternalError, about: error.to_string(), passes: true }),
    };
    let store = backends.store(&outbox_key).await.map_err(|error| unopened(&error))?;
    let found = look(store.as_ref(), address).await.map_err(|error| unopened(&error));
    let opened = match found {
        Ok(opened) => opened,
        Err(problem) => {
            store.close().await;
            return Err(problem);
        }
    };
    Ok((Works { server: backends.server(device_key), store, shelf: backends.shelf(&outbox_key) }, opened))
}

/// Remembers what the server at `address` says about this device, or that it does not know it.
pub(crate) async fn remember(store: &dyn Store, address: &str, device: Option<DeviceResponse>) -> Result<(), StoreError> {
    let text = match device {
        Some(device) => serde_json::to_string(&Remembered { server: address.to_owned(), device })?,
        None => String::new(),
    };
    store.set_setting(Setting::Device, &text).await
}

async fn look(store: &dyn Store, address: &str) -> Result<Opened, StoreError> {
    let remembered = store.setting(Setting::Device).await?;
    let device = remembered
        .and_then(|text| serde_json::from_str::<Remembered>(&text).ok())
        .filter(|remembered| remembered.server == address)
        .map(|remembered| remembered.device);
    Ok(Opened { device, unfinished: store.unfinished_hold().await? })
}

/// Why there are no secrets.
enum NoSecrets {
    Store(KeyStoreError),
    Damaged(DamagedKey),
}

impl From<KeyStoreError> for NoSecrets {
    fn from(error: KeyStoreError) -> Self {
        Self::Store(error)
    }
}

impl From<DamagedKey> for NoSecrets {
    fn from(error: DamagedKey) -> Self {
        Self::Damaged(error)
    }
}

impl NoSecrets {
    fn shown(&self, store: &str) -> Problem {
        match self {
            Self::Store(error) => {
                tracing::warn!(%error, store, "the kiosk's keys cannot be read");
                let (code, about) = match error {
                    KeyStoreError::Locked => (ErrorCode::KeyStoreLocked, store.to_owned()),
                    KeyStoreError::Missing => (ErrorCode::KeyStoreMissing, store.to_owned()),
                    KeyStoreError::Other(_) => (ErrorCode::KeyStoreFailed, format!("{store}: {error}")),
                };
                Problem { code, about, passes: true }
            }
            Self::Damaged(error) => {
                tracing::error!(%error, store, "the device's key is damaged");
                Problem { code: ErrorCode::KeyStoreFailed, about: format!("{store}: {error}"), passes: false }
            }
        }
    }
}

/// Reads both keys; blocks. A key is used only after it was kept, so that no restart meets a stranger.
fn secrets(keys: &dyn KeyStore, entropy: &dyn Entropy) -> Result<(DeviceKey, Key), NoSecrets> {
    let device = kept(keys, DEVICE_KEY, DeviceKey::generate)?;
    let outbox = kept(keys, OUTBOX_KEY, || Ok(Zeroizing::new(Key::random(entropy).as_bytes().to_vec())))?;
    Ok((DeviceKey::from_pkcs8(&device)?, Key::from_bytes(&outbox).ok_or(DamagedKey)?))
}

fn kept(
    keys: &dyn KeyStore,
    name: &str,
    make: impl FnOnce() -> Result<Zeroizing<Vec<u8>>, DamagedKey>,
) -> Result<Zeroizing<Vec<u8>>, NoSecrets> {
    if let Some(secret) = keys.load(name)? {
        return Ok(secret);
    }
    let secret = make()?;
    keys.save(name, &secret)?;
    Ok(secret)
}

fn unopened(error: &StoreError) -> Problem {
    tracing::error!(%error, cause = std::error::Error::source(error).map(tracing::field::display), "the kiosk's files cannot be opened");
    let shown = |path: &Path| path.display().to_string();
    match error {
        StoreError::FolderNotWritable { folder, .. } => {
            Problem { code: ErrorCode::DataFolderNotWritable, about: shown(folder), passes: true }
        }
        StoreError::NewerDatabase { file } => Problem { code: ErrorCode::NewerDatabase, about: shown(file), passes: false },
        // A damaged file was replaced; what is left is a disk that is full, read-only or failing.
        other => Problem { code: ErrorCode::DataFolderNotWritable, about: other.cause(), passes: true },
    }
}
