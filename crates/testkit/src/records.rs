//! What the server has in its SQLite file, read behind its back.

use std::path::Path;

use anyhow::Result;
use serde_json::Value;
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

/// What was said, and what is in the carts.
#[derive(Debug, Default)]
pub struct Records {
    /// Session, text and whether a customer said it at a kiosk, in the order of all conversations.
    pub said: Vec<(Vec<u8>, String, bool)>,
    /// The option `mark` of each line, and its quantity.
    pub marked: Vec<(String, u64)>,
}

impl Records {
    /// Reads it; `data` is the server's data folder.
    ///
    /// # Errors
    /// It cannot be read.
    pub async fn of(data: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new().filename(data.join("vitrine.db")).read_only(true);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let said = "SELECT session_id, message, channel = 'kiosk' AND sender = 'user' FROM chat_entries ORDER BY number";
        let said = sqlx::query_as(said).fetch_all(&mut connection).await?;
        let states: Vec<String> = sqlx::query_scalar("SELECT state FROM sessions").fetch_all(&mut connection).await?;
        connection.close().await?;
        let mut marked = Vec::new();
        for state in states {
            let state: Value = serde_json::from_str(&state)?;
            for line in state["cart"].as_array().into_iter().flatten() {
                let mark = line["options"]["mark"].as_str().map(str::to_owned);
                marked.extend(mark.zip(line["quantity"].as_u64()));
            }
        }
        Ok(Self { said, marked })
    }

    /// How often this is there, as something said or in a cart.
    #[must_use]
    pub fn times(&self, text: &str) -> u64 {
        let said = self.said.iter().filter(|(_, said, _)| said == text).count() as u64;
        said + self.marked.iter().filter(|(mark, _)| mark == text).map(|(_, quantity)| quantity).sum::<u64>()
    }

    /// Everything said in the conversation in which this was said.
    #[must_use]
    pub fn conversation_with(&self, text: &str) -> Vec<&str> {
        let Some((session, ..)) = self.said.iter().find(|(_, said, _)| said == text) else { return Vec::new() };
        self.said.iter().filter(|(other, ..)| other == session).map(|(_, said, _)| said.as_str()).collect()
    }
}
