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
    /// Session, SKU and quantity of each line.
    pub lines: Vec<(Vec<u8>, String, u64)>,
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
        let states: Vec<(Vec<u8>, String)> =
            sqlx::query_as("SELECT session_id, state FROM sessions").fetch_all(&mut connection).await?;
        connection.close().await?;
        let (mut marked, mut lines) = (Vec::new(), Vec::new());
        for (session, state) in states {
            let state: Value = serde_json::from_str(&state)?;
            for line in state["cart"].as_array().into_iter().flatten() {
                let mark = line["options"]["mark"].as_str().map(str::to_owned);
                marked.extend(mark.zip(line["quantity"].as_u64()));
                let sku = line["sku"].as_str().map(str::to_owned);
                lines.extend(sku.zip(line["quantity"].as_u64()).map(|(sku, quantity)| (session.clone(), sku, quantity)));
            }
        }
        Ok(Self { said, marked, lines })
    }

    /// How often this is there, as something said or in a cart.
    #[must_use]
    pub fn times(&self, text: &str) -> u64 {
        let said = self.said.iter().filter(|(_, said, _)| said == text).count() as u64;
        said + self.marked.iter().filter(|(mark, _)| mark == text).map(|(_, quantity)| quantity).sum::<u64>()
    }

    /// SKUs and quantities in the cart of the conversation in which this was said.
    #[must_use]
    pub fn cart_with(&self, text: &str) -> Vec<(&str, u64)> {
        let Some((session, ..)) = self.said.iter().find(|(_, said, _)| said == text) else { return Vec::new() };
        let of_it = self.lines.iter().filter(|(other, ..)| other == session);
        of_it.map(|(_, sku, quantity)| (sku.as_str(), *quantity)).collect()
    }

    /// Everything said in the conversation in which this was said.
    #[must_use]
    pub fn conversation_with(&self, text: &str) -> Vec<&str> {
        let Some((session, ..)) = self.said.iter().find(|(_, said, _)| said == text) else { return Vec::new() };
        self.said.iter().filter(|(other, ..)| other == session).map(|(_, said, _)| said.as_str()).collect()
    }
}
