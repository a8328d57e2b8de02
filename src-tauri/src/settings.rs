//! Device settings that are no secret: what stays when a customer leaves.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use protocol::shop::Locale;
use serde::{Deserialize, Serialize};
use tauri::AppHandle;
use tauri_plugin_store::StoreExt as _;

use crate::options::{self, Role};

/// Inside the data folder.
const FILE: &str = "settings.json";

/// Where a shop with one machine runs its server.
const DEFAULT_SERVER: &str = "http://127.0.0.1:7070";

/// The settings file. Command line and environment go before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    /// What this screen is for.
    pub(crate) role: Role,
    /// The session server's address.
    pub(crate) server: String,
    /// The language before and after each customer.
    pub(crate) locale: Locale,
    /// 0 to 100.
    pub(crate) volume: u8,
    /// Whether the voice is off before and after each customer.
    pub(crate) muted: bool,
    /// Memory of the program and its page above which it starts again while nobody is there, in MiB; 0 for no limit.
    pub(crate) memory_limit_mib: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            role: Role::Kiosk,
            server: DEFAULT_SERVER.into(),
            locale: Locale::En,
            volume: 100,
            muted: false,
            memory_limit_mib: 1_536,
        }
    }
}

/// What was found in the data folder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The file, or the defaults where there is none yet.
    Settings(Settings),
    /// A file that makes no sense; it was put out of the way, and the defaults hold.
    Damaged {
        /// Why, for people.
        cause: String,
        /// Where it is now; none where it could not be moved.
        set_aside: Option<PathBuf>,
    },
}

impl Found {
    /// The settings to run with; a damaged file is told to the log.
    pub(crate) fn settings(self) -> Settings {
        match self {
            Self::Settings(settings) => settings,
            Self::Damaged { cause, set_aside } => {
                let place = set_aside.map_or_else(|| "where it was".to_owned(), |path| path.display().to_string());
                tracing::warn!(
                    cause,
                    "the settings file is damaged; it is kept as {place}, and the kiosk runs with the defaults"
                );
                Settings::default()
            }
        }
    }
}

/// Reads the settings in `folder`, and sets a damaged file aside.
pub(crate) fn read(folder: &Path) -> Found {
    let file = folder.join(FILE);
    let cause = match fs::read(&file) {
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => return Found::Settings(Settings::default()),
        Err(problem) => return Found::Damaged { cause: problem.to_string(), set_aside: None },
        Ok(bytes) => match parse(&bytes) {
            Ok(settings) => return Found::Settings(settings),
            Err(cause) => cause,
        },
    };
    Found::Damaged { cause, set_aside: set_aside(&file).ok() }
}

fn parse(bytes: &[u8]) -> Result<Settings, String> {
    // As an object first: a list would be taken for the members in their order.
    let members: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(bytes).map_err(|problem| problem.to_string())?;
    let settings: Settings = serde_json::from_value(members.into()).map_err(|problem| problem.to_string())?;
    options::server(&settings.server).map_err(|problem| format!("server: {problem}"))?;
    if settings.volume > 100 {
        return Err(format!("volume: {} is more than 100", settings.volume));
    }
    Ok(settings)
}

/// Moves `file` to the first free name; never over an older one.
fn set_aside(file: &Path) -> io::Result<PathBuf> {
    let mut number = 1_u32;
    loop {
        let place = file.with_file_name(format!("{FILE}.damaged-{number}"));
        match fs::hard_link(file, &place) {
            Ok(()) => return fs::remove_file(file).map(|()| place),
            Err(problem) if problem.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(problem) => return Err(problem),
        }
    }
}

/// Opens the file through the store and writes down what is not in it yet, so that whoever sets a kiosk up finds every setting.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn keep(app: &AppHandle, folder: &Path, settings: &Settings) -> anyhow::Result<()> {
    let store = app.store(folder.join(FILE)).context("the settings file cannot be opened")?;
    let values = serde_json::to_value(settings)?;
    for (name, value) in values.as_object().into_iter().flatten() {
        if !store.has(name) {
            store.set(name, value.clone());
        }
    }
    store.save().context("the settings file cannot be written")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), text).unwrap();
        folder
    }

    #[test]
    fn without_a_file_the_defaults_hold() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()), Found::Settings(Settings::default()));
    }

    #[test]
    fn what_the_file_does_not_say_is_the_default() {
        let folder = folder_with(r#"{"server":"https://shop.example","locale":"ar","from_the_future":1}"#);
        let expected = Settings { server: "https://shop.example".into(), locale: Locale::Ar, ..Settings::default() };
        assert_eq!(read(folder.path()), Found::Settings(expected));
    }

    #[test]
    fn a_damaged_file_is_set_aside_and_no_older_one_is_lost() {
        for damage in ["", "{", "[]", r#"{"volume":101}"#, r#"{"server":"nowhere"}"#, r#"{"role":"boss"}"#, "\u{0}\u{0}"] {
            let folder = folder_with(damage);
            let first = folder.path().join("settings.json.damaged-1");
            fs::write(&first, "older").unwrap();
            let Found::Damaged { set_aside: Some(place), .. } = read(folder.path()) else {
                panic!("{damage:?} was taken for settings")
            };
            assert_eq!(place, folder.path().join("settings.json.damaged-2"));
            assert_eq!(fs::read_to_string(place).unwrap(), damage);
            assert_eq!(fs::read_to_string(first).unwrap(), "older");
            assert_eq!(read(folder.path()), Found::Settings(Settings::default()));
        }
    }
}
