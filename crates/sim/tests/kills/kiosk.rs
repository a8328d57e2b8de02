//! A kiosk without a window in a process of its own, and whoever stands before it.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, Result};
use protocol::{
    intent::Intent,
    kiosk_health::KioskHealth,
    session::{Channel, Sender},
    view::{ConversationView, Delivery, Screen, View},
};
use tempfile::TempDir;
use testkit::{phone::FakePhone, program::Program};
use tokio::{sync::watch, time::timeout};

/// Until a machine that does other things as well counts as stuck.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A kiosk.
pub struct Kiosk {
    name: usize,
    server: String,
    folder: TempDir,
    program: Option<(Program, ChildStdin)>,
    shown: Arc<Shown>,
    /// Everything that was done here, each with the number of its conversation, in order.
    pub made: Vec<(usize, String)>,
    conversations: usize,
    /// Of who comes here when it is no guest.
    pub phone: FakePhone,
}

/// What its screen has shown.
struct Shown {
    view: watch::Sender<Option<View>>,
    health: watch::Sender<Option<KioskHealth>>,
    /// What the customer was shown as said or put into the cart, and so believes to be kept.
    kept: Mutex<BTreeSet<String>>,
}

impl Shown {
    fn read(&self, line: &str) {
        match line.split_once(' ') {
            Some(("view", json)) => {
                let Ok(view) = serde_json::from_str::<View>(json) else { return };
                if let Some(talk) = talk(&view) {
                    self.kept.lock().unwrap_or_else(PoisonError::into_inner).extend(kept(talk));
                }
                self.view.send_replace(Some(view));
            }
            Some(("health", json)) => drop(self.health.send_replace(serde_json::from_str(json).ok())),
            _ => {}
        }
    }
}

fn kept(talk: &ConversationView) -> impl Iterator<Item = String> {
    let own = talk.entries.iter().filter(|entry| entry.sender == Sender::User && entry.channel == Channel::Kiosk);
    let said = own.filter(|entry| entry.delivery != Delivery::Refused).map(|entry| entry.text.clone());
    said.chain(talk.cart.lines.iter().filter_map(|line| line.options.get("mark").cloned()))
}

pub fn talk(view: &View) -> Option<&ConversationView> {
    match &view.screen {
        Screen::Conversation(talk) => Some(talk),
        _ => None,
    }
}

impl Kiosk {
    pub fn new(name: usize, server: &str, phone: FakePhone) -> Result<Self> {
        let shown = Shown { view: watch::Sender::new(None), health: watch::Sender::new(None), kept: Mutex::default() };
        Ok(Self {
            name,
            server: server.to_owned(),
            folder: tempfile::tempdir()?,
            program: None,
            shown: Arc::new(shown),
            made: Vec::new(),
            conversations: 0,
            phone,
        })
    }

    pub fn start(&mut self) -> Result<()> {
        self.start_at(&["env".to_owned()])
    }

    /// Starts it on another machine, which `enter` enters.
    pub fn start_at(&mut self, enter: &[String]) -> Result<()> {
        let folder = |name: &str| -> PathBuf { self.folder.path().join(name) };
        let (name, rest) = enter.split_first().context("there is a machine")?;
        let mut command = Command::new(name);
        command.args(rest).arg(env!("CARGO_BIN_EXE_bare-kiosk"));
        command.args(["--server", &self.server]).arg("--data").arg(folder("data")).arg("--keys").arg(folder("keys"));
        let mut program = Program::start_raw({
            command.stdin(Stdio::piped());
            command
        })?;
        let (input, output) = program.input().zip(program.output()).context("a started program has both")?;
        let shown = Arc::clone(&self.shown);
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                shown.read(&line);
            }
        });
        self.program = Some((program, input));
        Ok(())
    }

    /// As a power cut would.
    pub fn kill(&mut self) {
        self.program = None;
        self.shown.view.send_replace(None);
        self.shown.health.send_replace(None);
    }

    pub fn said(&self) -> String {
        self.program.as_ref().map(|(program, _)| program.said()).unwrap_or_default()
    }

    fn tell(&mut self, line: &str) -> Result<()> {
        let (_, input) = self.program.as_mut().context("it is off")?;
        Ok(writeln!(input, "{line}")?)
    }

    pub fn intend(&mut self, intent: &Intent) -> Result<()> {
        self.tell(&format!("intend {}", serde_json::to_string(intent)?))
    }

    pub async fn health(&mut self) -> Result<KioskHealth> {
        self.shown.health.send_replace(None);
        let mut health = self.shown.health.subscribe();
        self.tell("health")?;
        let told = timeout(PATIENCE, health.wait_for(Option::is_some)).await.context("it does not tell how it is")??;
        told.clone().context("it was just there")
    }

    pub fn view(&self) -> Option<View> {
        self.shown.view.borrow().clone()
    }

    /// What its customers believe to be kept.
    pub fn kept(&self) -> BTreeSet<String> {
        self.shown.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How much of what was done here its customers believe to be kept.
    pub fn kept_here(&self) -> usize {
        let kept = self.kept();
        self.made.iter().filter(|(_, text)| kept.contains(text)).count()
    }

    pub async fn until<T>(&self, what: &str, limit: Duration, wanted: impl Fn(&View) -> Option<T>) -> Result<T> {
        let mut views = self.shown.view.subscribe();
        let looking = async {
            loop {
                if let Some(found) = views.borrow_and_update().as_ref().and_then(&wanted) {
                    return Ok(found);
                }
                views.changed().await?;
            }
        };
        let found = timeout(limit, looking).await;
        found.with_context(|| {
            let screen = self.view().map(|view| view.screen);
            format!("{what}: not within {limit:?} on kiosk {}; it shows {screen:?} and said\n{}", self.name, self.said())
        })?
    }

    /// Somebody begins a conversation where nobody is; false where that does not come about.
    pub async fn arrive(&mut self, guest: bool, limit: Duration) -> Result<bool> {
        if self.view().as_ref().and_then(talk).is_some() {
            return Ok(true);
        }
        let attract = |view: &View| match &view.screen {
            Screen::Attract(attract) => Some(attract.code.as_ref().map(|code| code.typed.clone())),
            _ => None,
        };
        let code = self.until("the attract screen", PATIENCE, attract).await?;
        if guest || !self.sign_in(code).await? {
            self.intend(&Intent::ContinueAsGuest)?;
        }
        let arrived = self.until("the conversation", limit, |view| talk(view).map(|_| ())).await.is_ok();
        self.conversations += usize::from(arrived);
        Ok(arrived)
    }

    async fn sign_in(&mut self, code: Option<String>) -> Result<bool> {
        let Some(code) = code else { return Ok(false) };
        // Codes and claims are limited; then somebody else comes.
        let Ok(visit) = self.phone.visit(&code).await else { return Ok(false) };
        let Ok((_, digits)) = self.phone.claim(&visit.ticket).await else { return Ok(false) };
        let pad = |view: &View| matches!(view.screen, Screen::Matching { .. }).then_some(());
        self.until("the number pad", PATIENCE, pad).await?;
        for digit in digits.bytes() {
            self.intend(&Intent::PressDigit { digit: digit - b'0' })?;
        }
        Ok(true)
    }

    fn mark(&mut self) -> String {
        let mark = format!("kiosk {} conversation {} jacket {}", self.name, self.conversations, self.made.len());
        self.made.push((self.conversations, mark.clone()));
        mark
    }

    /// The customer says something that nobody has said before; none where there is no customer.
    pub fn say(&mut self) -> Result<Option<String>> {
        if self.view().as_ref().and_then(talk).is_none() {
            return Ok(None);
        }
        let text = self.mark();
        self.intend(&Intent::SendMessage { text: text.clone() })?;
        Ok(Some(text))
    }

    /// The customer puts a piece of what the shop has shown into the cart, if it has shown anything.
    pub fn add(&mut self) -> Result<()> {
        let view = self.view();
        let mut shown = view.as_ref().and_then(talk).into_iter().flat_map(|talk| &talk.entries).flat_map(|entry| &entry.cards);
        let Some(card) = shown.next() else { return Ok(()) };
        let options = BTreeMap::from([("mark".to_owned(), self.mark())]);
        self.intend(&Intent::AddToCart { sku: card.sku.clone(), options })
    }
}
