//! A customer's phone: a real mobile browser page, without a head.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::Result;
use serde_json::json;

use crate::{
    desktop::{Size, driver::WebDriver, home::Home},
    program::{Program, free_port},
};

/// A phone's screen.
pub const PHONE: Size = (390, 844);

const LIMIT: Duration = Duration::from_secs(30);

/// A browser that has never been anywhere. Its folders vanish with it.
#[derive(Debug)]
pub struct PhoneBrowser {
    /// The page.
    pub page: WebDriver,
    _driver: Program,
    _home: Home,
}

impl PhoneBrowser {
    /// Starts it.
    ///
    /// # Errors
    /// Chromium or its driver does not start.
    pub async fn start() -> Result<Self> {
        let home = Home::new()?;
        let port = free_port()?;
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).stdin(Stdio::null()).env_clear().envs(home.environment());
        let mut driver = Program::start(command)?;
        driver.line(LIMIT, |line| line.contains("started successfully").then_some(()))?;
        let profile = home.path().join("profile");
        let (width, height) = PHONE;
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": {
                "args": [
                    "--headless=new",
                    // A browser that runs as root, as in containers, has no sandbox.
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-dev-shm-usage",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--no-first-run",
                    "--no-default-browser-check",
                    "--lang=en",
                    format!("--window-size={width},{height}"),
                    format!("--user-data-dir={}", profile.display()),
                ],
                "mobileEmulation": {"deviceMetrics": {"width": width, "height": height, "pixelRatio": 1.0, "touch": true, "mobile": true}},
            },
        });
        Ok(Self { page: WebDriver::open(port, capabilities).await?, _driver: driver, _home: home })
    }
}
