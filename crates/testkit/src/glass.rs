//! A shop's floor whose kiosk nobody drives: what is on the glass is read from its pixels, and touched where it stands.

use anyhow::{Context as _, Result, ensure};
use protocol::{ids::ClaimId, phone::ClaimState};

use crate::{
    desktop::{Desktop, Hands, Key, Size, Unattended, display::Pixels, qr},
    floor::{Floor, LABEL, PATIENCE, kiosk_data},
    phone::FakePhone,
    program::built,
    server::{STAFF_PIN, TestServer},
    visit, wait,
};

/// A screen rests where so many pictures in a row …
const RESTED: u32 = 5;
/// … differ in less than this part of their pixels.
const CARET: usize = 1_000;

/// A kiosk and its server.
#[derive(Debug)]
pub struct Glass {
    /// The kiosk's program.
    pub kiosk: Unattended,
    /// Hands before its screen.
    pub hands: Hands,
    /// What it stands on.
    pub desktop: Desktop,
    /// The server.
    pub server: TestServer,
}

/// The middle of something on the screen, in pixels.
pub type Place = (i16, i16);

impl Glass {
    /// An enrolled kiosk that shows its code.
    ///
    /// # Errors
    /// A part does not start.
    pub async fn open(size: Size) -> Result<Self> {
        let (desktop, server) = (Desktop::start(size)?, TestServer::start()?);
        let hands = Hands::before(&desktop.display)?;
        let mut glass = Self { kiosk: start(&desktop, &server)?, hands, desktop, server };
        let code = glass.kiosk.program.line(PATIENCE, |line| line.strip_prefix("enrolment code: ").map(str::to_owned))?;
        glass.server.enrol(&code, "S01", LABEL)?;
        glass.scan().await?;
        Ok(glass)
    }

    /// Ends the kiosk as a power cut would, and starts it again.
    ///
    /// # Errors
    /// It does not start.
    pub fn power_cycle(&mut self) -> Result<()> {
        self.kiosk.program.kill();
        self.kiosk = start(&self.desktop, &self.server)?;
        Ok(())
    }

    /// Reads the code on the glass once it is there.
    ///
    /// # Errors
    /// None comes.
    pub async fn scan(&self) -> Result<String> {
        let read = wait::until("a code on the glass", PATIENCE, async || self.scan_now());
        read.await.with_context(|| format!("the kiosk logged:\n{}", self.kiosk.logged()))
    }

    /// The code on the glass now.
    ///
    /// # Errors
    /// The screen cannot be read.
    pub fn scan_now(&self) -> Result<Option<String>> {
        let read = qr::read(&self.desktop.display.pixels()?);
        Ok(read.into_iter().find(|address| visit::display_code(address).is_ok()))
    }

    /// Brings whoever `phone` is signed in as from the code on the glass to the conversation.
    ///
    /// # Errors
    /// A step does not happen.
    pub async fn arrive(&self, phone: &FakePhone) -> Result<ClaimId> {
        let code = visit::display_code(&self.scan().await?)?;
        let (claim, digits) = phone.claim(&phone.visit(&code).await?.ticket).await?;
        wait::until_true("the code leaves the glass", PATIENCE, async || Ok(self.scan_now()?.is_none())).await?;
        self.still().await?;
        self.hands.write(&digits)?;
        let live = phone.claim_state(claim, PATIENCE, |state| match state {
            ClaimState::Digits { .. } => None,
            state => Some(matches!(state, ClaimState::Live)),
        });
        ensure!(live.await?, "the digits brought nobody in");
        self.still().await?;
        Ok(claim)
    }

    /// Holds the corner and types the staff's PIN, until their screen has come to rest.
    ///
    /// # Errors
    /// It does not come to rest.
    pub async fn open_staff_desk(&self) -> Result<()> {
        let before = self.desktop.display.pixels()?;
        self.hands.press(8, 8)?;
        let opened = wait::until_true("the corner opens something", PATIENCE, async || Ok(self.changed_much(&before)?)).await;
        self.hands.lift()?;
        opened?;
        self.still().await?;
        let pad = self.desktop.display.pixels()?;
        self.hands.write(STAFF_PIN)?;
        self.hands.key(Key::Return)?;
        wait::until_true("the PIN opens something", PATIENCE, async || Ok(self.changed_much(&pad)?)).await?;
        self.still().await
    }

    /// Whether most of the picture is another one than `before`.
    fn changed_much(&self, before: &Pixels) -> Result<bool> {
        let now = self.desktop.display.pixels()?;
        Ok(changed(before, &now) > now.width * now.height / 2)
    }

    /// Waits until the picture on the glass has come to rest.
    ///
    /// # Errors
    /// It does not.
    pub async fn still(&self) -> Result<()> {
        let (mut last, mut rested) = (self.desktop.display.pixels()?, 0);
        wait::until_true("the picture comes to rest", PATIENCE, async || {
            let now = self.desktop.display.pixels()?;
            // A caret blinks on a screen that rests.
            let resting = changed(&last, &now) < now.width * now.height / CARET;
            rested = if resting { rested + 1 } else { 0 };
            last = now;
            Ok(rested >= RESTED)
        })
        .await
    }
}

/// How many pixels differ.
fn changed(before: &Pixels, now: &Pixels) -> usize {
    now.grey().iter().zip(before.grey()).filter(|(now, before)| **now != *before).count()
}

fn start(desktop: &Desktop, server: &TestServer) -> Result<Unattended> {
    let data = kiosk_data(desktop);
    let data = data.to_str().context("the temporary folder's name is no text")?;
    let arguments = ["--role", "kiosk", "--print-enrolment-code", "--data", data, "--server", &server.origin()];
    Unattended::start(desktop, &built("vitrine")?, &arguments.map(str::to_owned))
}

impl Floor {
    /// Holds the corner and types the staff's PIN, until their screen says how the kiosk is doing.
    ///
    /// # Errors
    /// It does not open.
    pub async fn open_staff_desk(&self) -> Result<()> {
        let page = &self.kiosk.page;
        let corner = "dispatchEvent(new PointerEvent(arguments[0], { clientX: 8, clientY: 8 }));";
        page.run(corner, &["pointerdown".into()]).await?;
        page.find_within("[data-overlay=staff_pin]", PATIENCE).await?;
        page.run(corner, &["pointerup".into()]).await?;
        for digit in STAFF_PIN.chars() {
            self.kiosk.press(&format!("pin-{digit}")).await?;
        }
        self.kiosk.press("pin-enter").await?;
        page.find_within("[data-fact=version]", PATIENCE).await.map(drop)
    }

    /// Where an element stands on the glass; the same screen of a kiosk that nobody drives has it in the same place.
    ///
    /// # Errors
    /// It is not on the page.
    pub async fn place(&self, css: &str) -> Result<Place> {
        self.kiosk.page.find(css).await?;
        let script = "const at = document.querySelector(arguments[0]).getBoundingClientRect();
            const scale = window.devicePixelRatio;
            return [(at.x + at.width / 2) * scale, (at.y + at.height / 2) * scale].map(Math.round);";
        Ok(serde_json::from_value(self.kiosk.page.run(script, &[css.into()]).await?)?)
    }
}
