//! The committed TypeScript is what the types generate.
#![cfg(feature = "ts")]
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::{collections::BTreeMap, fs, path::Path};

use protocol::{ApiError, account, intent, kiosk_health, phone, view};
use ts_rs::{Config, TS};

fn generated() -> BTreeMap<String, String> {
    let folder = std::env::temp_dir().join(format!("vitrine-typescript-{}", std::process::id()));
    let config = Config::new().with_out_dir(&folder).with_large_int("number");
    view::View::export_all(&config).unwrap();
    intent::Intent::export_all(&config).unwrap();
    ApiError::export_all(&config).unwrap();
    kiosk_health::KioskHealth::export_all(&config).unwrap();
    phone::VisitRequest::export_all(&config).unwrap();
    phone::Visit::export_all(&config).unwrap();
    phone::PhoneMe::export_all(&config).unwrap();
    phone::PhoneSignIn::export_all(&config).unwrap();
    phone::PhoneSignUp::export_all(&config).unwrap();
    phone::ProviderStart::export_all(&config).unwrap();
    phone::ProviderAddress::export_all(&config).unwrap();
    account::MailRequest::export_all(&config).unwrap();
    account::PasswordResetRequest::export_all(&config).unwrap();
    account::TokenRequest::export_all(&config).unwrap();
    phone::ClaimRequest::export_all(&config).unwrap();
    phone::Claim::export_all(&config).unwrap();
    let files = read(&folder);
    fs::remove_dir_all(&folder).unwrap();
    files
}

fn read(folder: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = fs::read_dir(folder) else { return BTreeMap::new() };
    entries
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap().replace("\r\n", "\n")))
        .collect()
}

#[test]
fn the_committed_typescript_is_what_the_types_generate() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/lib/generated");
    let generated = generated();
    if std::env::var_os("VITRINE_REGENERATE").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in &generated {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    assert_eq!(generated, read(&folder), "the wire types changed: run `cargo xtask gen` and commit ui/src/lib/generated");
}
