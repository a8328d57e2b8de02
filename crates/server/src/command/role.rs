use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use protocol::staff::Role;
use server_store::{ReadTx, records::AccountRecord};

use crate::{
    AppState, Config,
    account::normalise_email,
    output,
    staff::operations::{appoint, dismiss},
};

/// Arguments of `role`. It works beside a running server, on the same data folder.
#[derive(Debug, Args)]
pub(super) struct Roles {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Makes somebody staff or a manager.
    Add {
        /// The person's e-mail, or the id of the account.
        person: String,
        /// staff or manager.
        #[arg(value_parser = role)]
        role: Role,
        /// Also if nobody has proved that the e-mail is this person's.
        #[arg(long)]
        unverified: bool,
    },
    /// Takes a role back.
    Remove {
        /// The person's e-mail, or the id of the account.
        person: String,
        /// staff or manager.
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Lists who is staff or a manager.
    List,
}

fn role(name: &str) -> Result<Role, String> {
    match name.parse() {
        Ok(role @ (Role::Staff | Role::Manager)) => Ok(role),
        _ => Err("a role is staff or manager; everybody is a customer".to_owned()),
    }
}

impl Roles {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let state = AppState::open(config).await?;
        let done = match self.action {
            Action::Add { person, role, unverified } => add(&state, &person, role, unverified).await,
            Action::Remove { person, role } => remove(&state, &person, role).await,
            Action::List => list(&state).await,
        };
        state.store.close().await;
        done.map(|()| ExitCode::SUCCESS)
    }
}

async fn add(state: &AppState, person: &str, role: Role, unverified: bool) -> anyhow::Result<()> {
    let mut tx = state.write().await?;
    let account = find(tx.reader(), person).await?;
    // Anybody can register with the e-mail of somebody else.
    anyhow::ensure!(
        unverified || account.email_verified || !person.contains('@'),
        "nobody has proved that {person} belongs to the account of \"{}\", made at {}; let its owner follow the link in the mail, name \
         the account by its id, or repeat the command with --unverified",
        account.display_name,
        account.created_at
    );
    let new = if role == Role::Staff {
        appoint(&mut tx, account.id).await?
    } else {
        let now = tx.now();
        tx.grant_role(account.id, role, None, now).await?
    };
    tx.commit().await?;
    let is = if new { "is now" } else { "already was" };
    output::say(format_args!("{} {is} {}", about(&account), role.as_str()));
    Ok(())
}

async fn remove(state: &AppState, person: &str, role: Role) -> anyhow::Result<()> {
    let mut tx = state.write().await?;
    let account = find(tx.reader(), person).await?;
    let had = if role == Role::Staff { dismiss(&mut tx, account.id).await? } else { tx.revoke_role(account.id, role).await? };
    tx.commit().await?;
    let is = if had { "is no longer" } else { "was not" };
    output::say(format_args!("{} {is} {}", about(&account), role.as_str()));
    Ok(())
}

async fn list(state: &AppState) -> anyhow::Result<()> {
    let mut tx = state.read().await?;
    let roles = tx.accounts_with_roles().await?;
    if roles.is_empty() {
        output::say("nobody is staff or a manager; make somebody one with `vitrine-server role add EMAIL manager`");
    }
    for (id, role) in roles {
        if let Some(account) = tx.account(id).await? {
            output::say(format_args!("{}  {}", role.as_str(), about(&account)));
        }
    }
    Ok(())
}

async fn find(tx: &mut dyn ReadTx, person: &str) -> anyhow::Result<AccountRecord> {
    let account = match person.parse() {
        Ok(id) => tx.account(id).await?,
        Err(_) => tx.account_by_email(&normalise_email(person)?).await?,
    };
    account.with_context(|| format!("there is no account of {person}; let its owner register first"))
}

fn about(account: &AccountRecord) -> String {
    format!("\"{}\" ({})", account.display_name, account.email.clone().unwrap_or_else(|| account.id.to_string()))
}
