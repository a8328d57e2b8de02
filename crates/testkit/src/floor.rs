//! A shop's floor: a server, a kiosk in its window, and what a customer does there with hands and phone.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result};
use protocol::kiosk_health::KioskHealth;
use serde::Deserialize;
use tokio::{io::AsyncReadExt as _, net::UnixStream};

use crate::{
    desktop::{Desktop, KioskWindow, PhoneBrowser, Size, qr},
    program::built,
    server::{SignIn, TestServer},
    visit, wait,
};

/// How long something on a busy machine may take before it counts as not happening.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Where the kiosk stands.
pub const LABEL: &str = "By the fitting rooms";

/// A kiosk on a desktop of its own, and its server.
#[derive(Debug)]
pub struct Floor {
    /// The window.
    pub kiosk: KioskWindow,
    /// What the window stands on.
    pub desktop: Desktop,
    /// The server.
    pub server: TestServer,
    /// What is started as the kiosk.
    pub machine: Machine,
}

/// The machine that a kiosk's program is started on.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The program, or one that starts it.
    pub program: PathBuf,
    /// Its data folder.
    pub data: PathBuf,
}

impl Machine {
    /// The program as it was built, with its data in the home of `desktop`.
    ///
    /// # Errors
    /// It has not been built.
    pub fn of(desktop: &Desktop) -> Result<Self> {
        Ok(Self { program: built("vitrine")?, data: kiosk_data(desktop) })
    }

    /// Opens its window on `desktop`, for the server at `origin` or the one of its settings.
    ///
    /// # Errors
    /// It does not open.
    pub async fn open_window(&self, desktop: &Desktop, origin: Option<&str>) -> Result<KioskWindow> {
        let data = self.data.to_str().context("the data folder's name is no text")?;
        let server = origin.map(|origin| ["--server", origin]);
        let arguments: Vec<String> =
            ["--role", "kiosk", "--data", data].into_iter().chain(server.into_iter().flatten()).map(str::to_owned).collect();
        KioskWindow::open(desktop, &self.program, &arguments).await
    }
}

impl Floor {
    /// A whole floor with an enrolled kiosk that shows its code.
    ///
    /// # Errors
    /// A part does not start.
    pub async fn open(size: Size) -> Result<Self> {
        let floor = Self::set_up(Desktop::start(size)?, TestServer::start()?).await?;
        floor.enrol().await?;
        floor.kiosk.shows("attract", PATIENCE).await?;
        Ok(floor)
    }

    /// Opens the kiosk's window on `desktop`.
    ///
    /// # Errors
    /// It does not open.
    pub async fn set_up(desktop: Desktop, server: TestServer) -> Result<Self> {
        let machine = Machine::of(&desktop)?;
        Self::set_up_on(machine, desktop, server).await
    }

    /// The same on a machine of the test's own.
    ///
    /// # Errors
    /// It does not open.
    pub async fn set_up_on(machine: Machine, desktop: Desktop, server: TestServer) -> Result<Self> {
        let kiosk = machine.open_window(&desktop, Some(&server.origin())).await?;
        Ok(Self { kiosk, desktop, server, machine })
    }

    /// Ends the kiosk as a power cut would, and starts it again.
    ///
    /// # Errors
    /// The window does not open.
    pub async fn power_cycle(&mut self) -> Result<()> {
        self.kiosk.cut_power();
        self.kiosk = self.machine.open_window(&self.desktop, Some(&self.server.origin())).await?;
        Ok(())
    }

    /// The same, with nobody naming the server: the kiosk goes by its settings.
    ///
    /// # Errors
    /// The window does not open.
    pub async fn power_cycle_without_address(&mut self) -> Result<()> {
        self.kiosk.cut_power();
        self.kiosk = self.machine.open_window(&self.desktop, None).await?;
        Ok(())
    }

    /// Types the code that the kiosk shows into the server, as an operator does.
    ///
    /// # Errors
    /// The kiosk shows none, or the server refuses it.
    pub async fn enrol(&self) -> Result<()> {
        self.kiosk.shows("enrolling", PATIENCE).await?;
        let code = wait::until("an enrolment code", PATIENCE, async || {
            let shown = self.kiosk.page.text("[data-testid=enrolment-code]").await?;
            Ok((shown.len() == 9 && shown.is_ascii()).then_some(shown))
        })
        .await?;
        self.server.enrol(&code, "S01", LABEL)
    }

    /// What can be seen and heard now, for whoever has to find out why a story went wrong; the screen is saved as `picture`.
    pub async fn evidence(&self, picture: &Path) -> String {
        let saved = self
            .desktop
            .display
            .screenshot(picture)
            .map_or_else(|error| format!("{error:#}"), |()| picture.display().to_string());
        let screen = self.kiosk.screen().await.ok().flatten().unwrap_or_default();
        let text = self.kiosk.page.page_text().await.unwrap_or_else(|error| format!("{error:#}"));
        let end = |said: String| said.lines().rev().take(40).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n");
        format!(
            "picture: {saved}\nthe kiosk shows {screen}:\n{text}\nthe kiosk said:\n{}\nthe server said:\n{}",
            end(self.kiosk.said()),
            end(self.server.said())
        )
    }

    /// The kiosk's data folder.
    #[must_use]
    pub fn kiosk_data(&self) -> PathBuf {
        self.machine.data.clone()
    }

    /// How the kiosk is doing, as it tells whoever may read its data folder.
    ///
    /// # Errors
    /// It does not tell.
    pub async fn health(&self) -> Result<KioskHealth> {
        let mut stream = UnixStream::connect(self.machine.data.join("health.sock")).await?;
        let mut told = Vec::new();
        stream.read_to_end(&mut told).await?;
        Ok(serde_json::from_slice(&told)?)
    }

    /// Holds a camera to the screen: the address in the code that is there now, read from the screen's pixels.
    ///
    /// # Errors
    /// No code of a handoff comes.
    pub async fn scan(&self) -> Result<String> {
        wait::until("a code on the screen", PATIENCE, async || self.scan_now()).await
    }

    /// The same without waiting; none where no code is on the screen.
    ///
    /// # Errors
    /// The screen cannot be read.
    pub fn scan_now(&self) -> Result<Option<String>> {
        let read = qr::read(&self.desktop.display.pixels()?);
        Ok(read.into_iter().find(|address| visit::display_code(address).is_ok()))
    }

    /// Holds `phone` to the screen until its page names the kiosk; the address that did it. A code that was over just then is
    /// scanned anew, as people do.
    ///
    /// # Errors
    /// No scan succeeds.
    pub async fn visit(&self, phone: &PhoneBrowser) -> Result<String> {
        for _ in 0..3 {
            let address = self.scan().await?;
            phone.page.goto(&address).await?;
            let arrived = wait::until("the phone names the kiosk", PATIENCE, async || {
                Ok(phone.state().await?.filter(|state| state == "visit" || state == "gone"))
            });
            if arrived.await? == "visit" {
                return Ok(address);
            }
        }
        anyhow::bail!("three codes in a row were over when the phone came with them")
    }

    /// Types the two digits on the kiosk.
    ///
    /// # Errors
    /// The number pad does not come.
    pub async fn type_digits(&self, digits: &str) -> Result<()> {
        self.kiosk.shows("matching", PATIENCE).await?;
        for digit in digits.chars() {
            self.kiosk.press(&format!("digit-{digit}")).await?;
        }
        Ok(())
    }

    /// Brings `who` from the code on the screen to the conversation.
    ///
    /// # Errors
    /// A step does not happen.
    pub async fn sign_in(&self, phone: &PhoneBrowser, who: &SignIn) -> Result<()> {
        self.visit(phone).await?;
        phone.sign_in(who).await?;
        let digits = phone.continue_on_kiosk().await?;
        self.type_digits(&digits).await?;
        self.kiosk.shows("conversation", PATIENCE).await
    }

    /// Writes to the shop: the first word on the keyboard of the screen, the rest at once, then Send.
    ///
    /// # Errors
    /// The screen has no text entry.
    pub async fn write(&self, text: &str) -> Result<()> {
        let page = &self.kiosk.page;
        self.kiosk.press("open-keyboard").await?;
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        for letter in word.to_lowercase().chars() {
            page.click(&format!("[data-testid=keyboard] [data-key=\"{letter}\"]")).await?;
        }
        if !rest.is_empty() {
            page.click("[data-testid=keyboard] [data-key=space]").await?;
            page.type_into("[data-testid=message]", rest).await?;
        }
        self.kiosk.press("send").await
    }
}

/// An entry of the conversation as it stands on the kiosk's screen.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ShownEntry {
    /// Its key in the page.
    pub key: String,
    /// `user` or `agent`.
    pub sender: String,
    /// Where it was written.
    pub channel: String,
    /// `sent`, `waiting` or `refused`.
    pub delivery: String,
    /// What it says, as drawn.
    pub text: String,
    /// The SKUs of its cards.
    pub cards: Vec<String>,
}

impl ShownEntry {
    /// Where one of its cards is in the page.
    #[must_use]
    pub fn card(&self, sku: &str) -> String {
        format!("[data-entry=\"{}\"] [data-card=\"{sku}\"]", self.key)
    }
}

impl Floor {
    /// The conversation on the screen, oldest first.
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn entries(&self) -> Result<Vec<ShownEntry>> {
        let script = "return [...document.querySelectorAll('[data-entry]')].map((entry) => ({
            key: entry.dataset.entry, sender: entry.dataset.sender, channel: entry.dataset.channel,
            delivery: entry.dataset.delivery, text: entry.textContent,
            cards: [...entry.querySelectorAll('[data-card]')].map((card) => card.dataset.card) }));";
        Ok(serde_json::from_value(self.kiosk.page.run(script, &[]).await?)?)
    }

    /// Waits for the entry that contains `text`.
    ///
    /// # Errors
    /// It does not come.
    pub async fn entry_with(&self, text: &str) -> Result<ShownEntry> {
        wait::until(&format!("an entry with {text:?} on the kiosk"), PATIENCE, async || {
            Ok(self.entries().await?.into_iter().find(|entry| entry.text.contains(text)))
        })
        .await
    }

    /// The words of an entry alone, without what the page adds for those who cannot see it, and without its cards.
    ///
    /// # Errors
    /// The entry is not there, or says nothing.
    pub async fn said(&self, entry: &ShownEntry) -> Result<String> {
        let script = "
            const bubble = document.querySelector(`[data-entry=\"${arguments[0]}\"] .bubble`);
            return bubble && [...bubble.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join('').trim();";
        let said = self.kiosk.page.run(script, &[entry.key.as_str().into()]).await?;
        said.as_str().map(str::to_owned).context("the entry says nothing")
    }

    /// Waits until the shop has the last word, with cards.
    ///
    /// # Errors
    /// It does not answer so.
    pub async fn answer_with_cards(&self) -> Result<ShownEntry> {
        wait::until("an answer with cards on the kiosk", PATIENCE, async || {
            let last = self.entries().await?.pop();
            Ok(last.filter(|entry| entry.sender == "agent" && !entry.cards.is_empty()))
        })
        .await
    }

    /// Puts a card's product into the cart; where it has sizes, in the first one.
    ///
    /// # Errors
    /// The card is not there.
    pub async fn add_to_cart(&self, entry: &ShownEntry, sku: &str) -> Result<()> {
        let (page, card) = (&self.kiosk.page, entry.card(sku));
        page.click(&format!("{card} [data-action=add-to-cart]")).await?;
        // The sizes take the button's place in the same frame, and the touch on one of them adds it.
        if page.look(&format!("{card} [data-size]")).await?.is_some() {
            page.click(&format!("{card} [data-size]")).await?;
        }
        Ok(())
    }
}

/// Where a kiosk on `desktop` keeps its data.
#[must_use]
pub fn kiosk_data(desktop: &Desktop) -> PathBuf {
    desktop.home.path().join("kiosk")
}

impl PhoneBrowser {
    /// The state of the phone page.
    ///
    /// # Errors
    /// The page does not answer.
    pub async fn state(&self) -> Result<Option<String>> {
        self.page.attribute("[data-state]", "data-state").await
    }

    /// Waits for a state of the phone page.
    ///
    /// # Errors
    /// It does not come; the error shows the page.
    pub async fn shows(&self, state: &str) -> Result<()> {
        let shown = wait::until_true(&format!("the phone shows {state}"), PATIENCE, async || {
            Ok(self.state().await?.as_deref() == Some(state))
        })
        .await;
        match shown {
            Ok(()) => Ok(()),
            Err(error) => Err(error.context(format!("the phone shows:\n{}", self.page.page_text().await.unwrap_or_default()))),
        }
    }

    /// Touches the button of an action.
    ///
    /// # Errors
    /// It is not there.
    pub async fn tap(&self, action: &str) -> Result<()> {
        self.page.click(&format!("[data-action=\"{action}\"]")).await
    }

    /// From the visit through the sign-in form, back to the visit.
    ///
    /// # Errors
    /// A step does not happen.
    pub async fn sign_in(&self, who: &SignIn) -> Result<()> {
        self.shows("visit").await?;
        self.tap("sign-in").await?;
        self.shows("sign-in").await?;
        self.page.type_into("[name=phone_number]", &who.phone).await?;
        self.page.type_into("[name=password]", &who.password).await?;
        self.tap("submit").await?;
        self.shows("visit").await
    }

    /// Continue: the two digits that the phone shows then.
    ///
    /// # Errors
    /// They do not come.
    pub async fn continue_on_kiosk(&self) -> Result<String> {
        self.tap("continue").await?;
        self.shows("digits").await?;
        let shown: String = self.page.text("[data-digits]").await?.chars().filter(char::is_ascii_digit).collect();
        anyhow::ensure!(shown.len() == 2, "the phone shows {shown:?} for digits");
        Ok(shown)
    }
}
