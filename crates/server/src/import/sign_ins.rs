use std::{
    collections::HashSet,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use protocol::{
    account::Preferences,
    ids::{AccountId, CustomerId},
};
use serde::{Deserialize, Serialize};
use server_store::records::{AccountRecord, CustomerRecord};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::{password, state::AppState};

/// How an imported customer signs in; written to a file that only its owner can read, and nowhere else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ZeroizeOnDrop)]
pub struct SignIn {
    /// The customer's name.
    pub name: String,
    /// E.164.
    pub phone: String,
    /// Drawn at random.
    pub password: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").finish_non_exhaustive()
    }
}

/// Gives those of the customers who have no password one, and lists them in the file at `path`. Who is listed there already
/// stays.
pub(super) async fn draw(state: &AppState, imported: &[CustomerId], path: &Path) -> anyhow::Result<()> {
    let listed = read(path)?;
    let imported: HashSet<&CustomerId> = imported.iter().collect();
    let without = state.read().await?.customers_without_password().await?;
    let without: Vec<CustomerRecord> = without.into_iter().filter(|customer| imported.contains(&customer.id)).collect();

    // Hashing takes a core for a moment each, so it is done before anything is locked.
    let hashed = stream::iter(&without).map(|customer| async move {
        let password = Zeroizing::new(password::draw(&*state.entropy));
        let hash = state.passwords.hash(&password).await?;
        anyhow::Ok((customer, password, hash))
    });
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let drawn: Vec<_> = hashed.buffered(cores).try_collect().await?;

    let mut list: Vec<SignIn> =
        listed.into_iter().filter(|one| !without.iter().any(|customer| customer.phone == one.phone)).collect();
    let mut tx = state.write().await?;
    for (customer, password, hash) in drawn {
        if let Some(account) = tx.account_of_customer(&customer.id).await? {
            if account.password_hash.is_some() {
                continue;
            }
            let now = tx.now();
            tx.set_password_hash(account.id, &hash, now).await?;
        } else if tx.account_by_phone(&customer.phone).await?.is_some() {
            // Somebody signed up with this number; only proof of both may link an account to a customer.
            continue;
        } else {
            let account = account(state, customer, hash);
            tx.insert_account(&account).await?;
        }
        list.push(SignIn { name: customer.name.clone(), phone: customer.phone.clone(), password: password.to_string() });
    }
    // On disk before the passwords count, and in place after: a password that nobody was told cannot be told later.
    let part = write_beside(path, &list)?;
    tx.commit().await?;
    fs::rename(&part, path)?;
    Ok(())
}

fn account(state: &AppState, customer: &CustomerRecord, hash: String) -> AccountRecord {
    let now = state.now();
    AccountRecord {
        id: AccountId(state.new_id()),
        phone: Some(customer.phone.clone()),
        // The shop's own records say whose number it is.
        phone_verified: true,
        email: None,
        email_verified: false,
        pending_email: None,
        display_name: customer.name.clone(),
        password_hash: Some(hash),
        preferences: Preferences::default(),
        customer_id: Some(customer.id.clone()),
        created_at: now,
        updated_at: now,
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<SignIn>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).context("it is there, but cannot be read"),
    };
    // The cause would quote the file, and with it a password.
    serde_json::from_slice(&bytes).map_err(|_| anyhow::anyhow!("it is no list of sign-ins; move it away or name another file"))
}

/// Writes the list to a file beside `path` that only its owner can read.
fn write_beside(path: &Path, list: &[SignIn]) -> anyhow::Result<PathBuf> {
    let mut name = path.file_name().context("it has no name")?.to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    match fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let text = Zeroizing::new(serde_json::to_vec_pretty(list)?);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part)?;
    file.write_all(&text)?;
    file.sync_all()?;
    Ok(part)
}
