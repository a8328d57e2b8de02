//! What an operator may get wrong is answered with a sentence that says what to do.

use std::{fs, net::TcpListener};

use anyhow::{Result, ensure};
use sqlx::{Connection as _, SqliteConnection};
use testkit::{
    program::Ended,
    server::{self, TestServer, demo_shop},
};

fn refused(ended: &Ended, words: &[&str]) {
    assert!(!ended.status.success(), "it was not refused: {}", ended.said);
    for word in words {
        assert!(ended.said.contains(word), "{word:?} is not in:\n{}", ended.said);
    }
    assert!(!ended.said.contains("panicked"), "{}", ended.said);
}

#[test]
fn a_taken_port_is_named() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let taken = TcpListener::bind(("127.0.0.1", 0))?;
    let address = taken.local_addr()?;
    let ended = server::run(folder.path(), ["serve", "--listen", &address.to_string()])?;
    refused(&ended, &[&address.port().to_string(), "--listen"]);
    Ok(())
}

#[test]
fn a_data_folder_that_cannot_be_written_is_named() -> Result<()> {
    let folder = tempfile::tempdir()?;
    // A file where the folder should be: nobody can write below it, not even root.
    let data = folder.path().join("taken");
    fs::write(&data, "")?;
    refused(&server::run(&data, ["serve", "--listen", "127.0.0.1:0"])?, &[&data.display().to_string()]);
    Ok(())
}

#[test]
fn a_damaged_config_file_is_named_with_its_line() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("vitrine.toml");
    fs::write(&config, "listen = \"127.0.0.1:0\"\npassword_length = twelve\n")?;
    refused(&server::run(folder.path(), ["serve", "--config", &config.display().to_string()])?, &["vitrine.toml", "2"]);
    Ok(())
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_left_alone() -> Result<()> {
    let server = TestServer::prepare()?;
    let database = fs::read_dir(server.data())?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "db"));
    let database = database.ok_or_else(|| anyhow::anyhow!("there is no database"))?;
    // A migration that this program does not know.
    let mut connection = SqliteConnection::connect(&format!("sqlite:{}", database.display())).await?;
    let future = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (99999999999999, 'of the future', 1, x'00', 0)";
    sqlx::query(future).execute(&mut connection).await?;
    connection.close().await?;
    let before = fs::read(&database)?;
    refused(&server.run(["serve", "--listen", "127.0.0.1:0"])?, &["newer"]);
    ensure!(fs::read(&database)? == before, "the database was changed");
    Ok(())
}

#[test]
fn a_bad_row_is_reported_with_its_number_and_the_good_ones_are_imported_once() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let shop = folder.path().join("shop");
    copy(&demo_shop(), &shop)?;
    let products = shop.join("products.csv");
    let text = fs::read_to_string(&products)?;
    let mut lines: Vec<&str> = text.lines().collect();
    let bad = lines[1].replacen("SKU-", "SKU-BAD-", 1);
    let bad =
        bad.split(',').map(|cell| if cell.parse::<f64>().is_ok() { "not a number" } else { cell }).collect::<Vec<_>>().join(",");
    lines.insert(3, &bad);
    fs::write(&products, lines.join("\n") + "\n")?;

    let data = folder.path().join("data");
    for _ in 0..2 {
        let ended = server::run(&data, ["import".as_ref(), shop.as_os_str()])?;
        ensure!(ended.status.success(), "{}", ended.said);
        ensure!(ended.said.contains("products.csv") && ended.said.contains('4'), "the row is not named:\n{}", ended.said);
    }
    Ok(())
}

fn copy(from: &std::path::Path, to: &std::path::Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
