use std::time::Duration;

use server_store::{Found, StoreError, Survey, postgres, sqlite};

use super::Finding;
use crate::{
    Config,
    key::{self, ServerKey},
};

const PATIENCE: Duration = Duration::from_secs(5);
/// Clocks may differ by so many seconds.
const NEAR: f64 = 2.0;

/// The database, its clock, and whether the key here is that of the nodes that serve it.
pub(super) async fn examine(config: &Config) -> Vec<Finding> {
    let survey = match &config.database_url {
        Some(address) => postgres::survey(address.reveal(), PATIENCE).await,
        None => sqlite::survey(&config.database()).await,
    };
    match survey {
        Ok(survey) => {
            let mut findings = vec![database(&survey)];
            findings.extend(clock(&survey));
            findings.extend(key_of_nodes(config, &survey));
            findings
        }
        Err(error) => vec![unusable(&error)],
    }
}

fn unusable(error: &StoreError) -> Finding {
    let advice = match error {
        StoreError::BadAddress(_) => "Correct VITRINE_DATABASE_URL or database_url.",
        StoreError::NotOpened { .. } | StoreError::Unreachable(_) => {
            "Start the database, and check its address, user and network."
        }
        StoreError::Damaged { .. } => "Restore a backup.",
        _ => "Look into the database's own log.",
    };
    Finding::fail("database", error.to_string(), advice)
}

fn database(survey: &Survey) -> Finding {
    let Survey { place, kept_by, found, .. } = survey;
    match found {
        Found::Current => Finding::ok("database", format!("{place} on {kept_by} is up to date")),
        Found::Nothing => Finding::ok("database", format!("{place} on {kept_by} is still to be made, at the first start")),
        Found::Older(steps) => Finding::warn(
            "database",
            format!("{place} on {kept_by} is of an older version"),
            format!("Make a backup; the next start brings it up to date in {steps} steps."),
        ),
        Found::Newer => Finding::fail(
            "database",
            format!("{place} on {kept_by} was made by a newer version of vitrine-server"),
            "Start that version, or restore a backup from before the update.",
        ),
        Found::NotAllowed => Finding::fail(
            "database",
            format!("{place} on {kept_by} is empty, and its user may not make schemas in it"),
            "Run GRANT CREATE ON DATABASE for that user.",
        ),
    }
}

fn clock(survey: &Survey) -> Option<Finding> {
    let ahead = survey.clock_ahead?;
    let found = format!("this machine's clock is {ahead:+.1} s from the database's");
    Some(if ahead.abs() <= NEAR {
        Finding::ok("clock", found)
    } else {
        Finding::warn("clock", found, "Let both machines follow a time server; nodes judge each other's deadlines.")
    })
}

fn key_of_nodes(config: &Config, survey: &Survey) -> Option<Finding> {
    let theirs = survey.key_fingerprint.as_ref()?;
    let path = config.key_file();
    let same = ServerKey::load(&path).is_ok_and(|ours| key::same(&ours.fingerprint(), theirs));
    Some(if same {
        Finding::ok("nodes", "server.key is the key of the nodes on this database")
    } else {
        Finding::fail(
            "nodes",
            format!("{} is not the key of the nodes on this database", path.display()),
            "Copy server.key from another node's data folder, or, if it is lost, run vitrine-server adopt-key.",
        )
    })
}
