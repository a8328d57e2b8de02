//! The system's secret store: the Secret Service that the desktop's keyring offers. There is no second choice.

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use keyring::v1::{Entry, Error};
use kiosk_core::{KeyStore, KeyStoreError};
use secret_service::{EncryptionType, blocking::SecretService};
use zeroize::Zeroizing;

/// Under which name the keyring lists this program's secrets.
const SERVICE: &str = "vitrine";

/// Longest wait for an answer. A store that asks a person answers only when the person does.
const PATIENCE: Duration = Duration::from_secs(20);

/// The keyring of the session that the program runs in.
#[derive(Debug, Default)]
pub(crate) struct Keyring;

impl KeyStore for Keyring {
    fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyStoreError> {
        let name = name.to_owned();
        patiently(move || {
            look()?;
            match Entry::new(SERVICE, &name).and_then(|entry| entry.get_secret()) {
                Ok(secret) => Ok(Some(Zeroizing::new(secret))),
                Err(Error::NoEntry) => Ok(None),
                Err(problem) => Err(refusal(&problem)),
            }
        })
    }

    fn save(&self, name: &str, secret: &[u8]) -> Result<(), KeyStoreError> {
        let (name, secret) = (name.to_owned(), Zeroizing::new(secret.to_vec()));
        patiently(move || {
            look()?;
            Entry::new(SERVICE, &name).and_then(|entry| entry.set_secret(&secret)).map_err(|problem| refusal(&problem))
        })
    }

    fn describe(&self) -> String {
        "Secret Service (the session's keyring)".into()
    }
}

impl Keyring {
    /// Whether secrets could be kept now.
    pub(crate) fn check() -> Result<(), KeyStoreError> {
        patiently(look)
    }
}

/// Looks whether the store is there and open. Asking it for a secret straight away would put its prompt over the kiosk.
fn look() -> Result<(), KeyStoreError> {
    let service = SecretService::connect(EncryptionType::Plain).map_err(|_| KeyStoreError::Missing)?;
    match service.get_default_collection().and_then(|collection| collection.is_locked()) {
        Ok(false) => Ok(()),
        // Without a collection there is nothing that could be open: a person has to sign in or make one.
        Ok(true) | Err(secret_service::Error::NoResult | secret_service::Error::Locked) => Err(KeyStoreError::Locked),
        Err(secret_service::Error::Unavailable) => Err(KeyStoreError::Missing),
        Err(problem) => Err(KeyStoreError::Other(problem.to_string())),
    }
}

fn refusal(problem: &Error) -> KeyStoreError {
    match problem {
        Error::NoStorageAccess(_) => KeyStoreError::Locked,
        Error::NoDefaultStore => KeyStoreError::Missing,
        // The texts of these two kinds can hold the secret.
        Error::BadEncoding(_) | Error::BadDataFormat(..) => KeyStoreError::Other("the stored secret cannot be read".into()),
        problem => KeyStoreError::Other(problem.to_string()),
    }
}

fn patiently<T: Send + 'static>(ask: impl FnOnce() -> Result<T, KeyStoreError> + Send + 'static) -> Result<T, KeyStoreError> {
    let (answer, answered) = mpsc::channel();
    let asking = thread::Builder::new().name("keyring".into()).spawn(move || {
        let _ = answer.send(ask());
    });
    asking.map_err(|problem| KeyStoreError::Other(problem.to_string()))?;
    answered.recv_timeout(PATIENCE).unwrap_or_else(|problem| {
        Err(KeyStoreError::Other(match problem {
            RecvTimeoutError::Timeout => format!("it has not answered for {} s", PATIENCE.as_secs()),
            RecvTimeoutError::Disconnected => "its client stopped".into(),
        }))
    })
}
