//! The real kiosk window, driven through WebKit's own driver.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::{
    desktop::{Desktop, driver::WebDriver},
    program::{Program, free_port},
    wait,
};

/// The kiosk's program with its window open. Dropping it ends the program as a power cut would.
#[derive(Debug)]
pub struct KioskWindow {
    /// The page in the window.
    pub page: WebDriver,
    driver: Program,
}

impl KioskWindow {
    /// Starts `program` on `desktop`.
    ///
    /// # Errors
    /// It opens no window; the error shows what it said.
    pub async fn open(desktop: &Desktop, program: &Path, arguments: &[String]) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new("WebKitWebDriver");
        command.arg(format!("--port={port}")).args(["--host=127.0.0.1"]).stdin(Stdio::null());
        desktop.furnish(&mut command);
        command.env("TAURI_WEBVIEW_AUTOMATION", "true");
        let driver = Program::start(command)?;
        let capabilities = json!({"webkitgtk:browserOptions": {"binary": program, "args": arguments}});
        let page = WebDriver::open(port, capabilities).await;
        let page = page.with_context(|| format!("the kiosk's window does not open; it said:\n{}", driver.said()))?;
        Ok(Self { page, driver })
    }

    /// Everything the program has said on its outputs.
    #[must_use]
    pub fn said(&self) -> String {
        self.driver.said()
    }

    /// Ends the program at once, as a power cut would.
    pub fn cut_power(&mut self) {
        self.driver.kill();
    }

    /// The screen it shows now.
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn screen(&self) -> Result<Option<String>> {
        self.page.attribute("[data-screen]", "data-screen").await
    }

    /// Waits for a screen.
    ///
    /// # Errors
    /// It does not come within `limit`; the error shows the page and what the program said.
    pub async fn shows(&self, screen: &str, limit: Duration) -> Result<()> {
        let shown = wait::until_true(&format!("the kiosk shows {screen}"), limit, async || {
            Ok(self.screen().await?.as_deref() == Some(screen))
        })
        .await;
        match shown {
            Ok(()) => Ok(()),
            Err(error) => {
                let (text, now) = (self.page.page_text().await.unwrap_or_default(), self.screen().await.unwrap_or_default());
                Err(error.context(format!("the kiosk shows {now:?}:\n{text}\nand said:\n{}", self.said())))
            }
        }
    }

    /// Touches the button of an action.
    ///
    /// # Errors
    /// It is not there.
    pub async fn press(&self, action: &str) -> Result<()> {
        self.page.click(&format!("[data-action=\"{action}\"]")).await
    }
}
