//! Roles as an operator gives them: a command on the data folder.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use protocol::{account::Preferences, ids::AccountId, staff::Role};
use server::{AppState, Config};
use server_store::records::AccountRecord;
use testkit::{program::Ended, server::run as run_server};

async fn with_account(data: &Path, email_verified: bool) -> AccountId {
    let state = AppState::open(Config::at(data)).await.unwrap();
    let id = AccountId(state.new_id());
    let mut tx = state.write().await.unwrap();
    let now = tx.now();
    tx.insert_account(&AccountRecord {
        id,
        phone: None,
        phone_verified: false,
        email: Some("ravi@example.com".into()),
        email_verified,
        pending_email: None,
        display_name: "Ravi Sample".into(),
        password_hash: None,
        preferences: Preferences::default(),
        customer_id: None,
        created_at: now,
        updated_at: now,
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    state.store.close().await;
    id
}

async fn roles(data: &Path, id: AccountId) -> Vec<Role> {
    let state = AppState::open(Config::at(data)).await.unwrap();
    let roles = state.read().await.unwrap().roles(id).await.unwrap();
    state.store.close().await;
    roles
}

fn run(data: &Path, arguments: &[&str]) -> Ended {
    run_server(data, [&["role"], arguments].concat()).unwrap()
}

#[tokio::test]
async fn the_operator_makes_the_first_manager_and_takes_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let id = with_account(folder.path(), true).await;
    let added = run(folder.path(), &["add", "Ravi@Example.com", "manager"]);
    assert!(added.status.success(), "{}", added.said);
    assert!(added.said.contains("\"Ravi Sample\" (ravi@example.com) is now manager"), "{}", added.said);
    assert_eq!(roles(folder.path(), id).await, [Role::Manager]);
    assert!(run(folder.path(), &["list"]).said.contains("manager  \"Ravi Sample\""));
    assert!(run(folder.path(), &["remove", &id.to_string(), "manager"]).status.success());
    assert_eq!(roles(folder.path(), id).await, []);
}

#[tokio::test]
async fn an_email_that_nobody_verified_gives_no_role_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let id = with_account(folder.path(), false).await;
    let refused = run(folder.path(), &["add", "ravi@example.com", "staff"]);
    assert!(!refused.status.success());
    assert!(refused.said.contains("--unverified"), "{}", refused.said);
    assert_eq!(roles(folder.path(), id).await, []);
    assert!(run(folder.path(), &["add", &id.to_string(), "staff"]).status.success(), "the id was told by its owner");
    assert!(run(folder.path(), &["add", "ravi@example.com", "manager", "--unverified"]).status.success());
    assert_eq!(roles(folder.path(), id).await, [Role::Staff, Role::Manager]);
    for wrong in [["add", "nobody@example.com", "staff"], ["add", "ravi@example.com", "customer"]] {
        assert!(!run(folder.path(), &wrong).status.success(), "{wrong:?}");
    }
}
