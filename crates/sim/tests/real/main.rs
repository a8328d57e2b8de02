//! The promises on the real parts: the real kiosk core with its encrypted files, the real server with its database, and a wire
//! between them that is cut at moments of the dice; the server's power goes, too.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test stops where it fails")]

mod catalogue;

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use kiosk_core::{Deps, KeyStore, KeyStoreError, KioskConfig, KioskHandle, http_client, start};
use protocol::{
    ambient::{SystemClock, SystemEntropy},
    intent::Intent,
    session::{ChatEntry, Sender},
    shop::Locale,
    view::{ConversationView, Delivery, Screen, View},
};
use testkit::{channel::WebChannel, phone::FakePhone, server::TestServer};
use zeroize::Zeroizing;

/// Until a machine that does other things as well counts as stuck.
const PATIENCE: Duration = Duration::from_mins(1);
#[derive(Default)]
struct Drawer(Mutex<HashMap<String, Vec<u8>>>);

impl KeyStore for Drawer {
    fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyStoreError> {
        Ok(self.0.lock().unwrap().get(name).cloned().map(Zeroizing::new))
    }

    fn save(&self, name: &str, secret: &[u8]) -> Result<(), KeyStoreError> {
        self.0.lock().unwrap().insert(name.to_owned(), secret.to_vec());
        Ok(())
    }

    fn describe(&self) -> String {
        "a drawer".into()
    }
}

async fn until<T>(kiosk: &KioskHandle, what: &str, limit: Duration, wanted: impl Fn(&View) -> Option<T>) -> T {
    let mut views = kiosk.views();
    let looking = async {
        loop {
            let found = wanted(&views.borrow_and_update());
            if let Some(found) = found {
                return found;
            }
            views.changed().await.unwrap();
        }
    };
    let found = tokio::time::timeout(limit, looking).await;
    found.unwrap_or_else(|_| panic!("{what}: not within {limit:?}; the screen is {:?}", kiosk.views().borrow().screen))
}

/// A kiosk of this server, with its files in `folder` and its keys in `drawer`.
fn switched_on(server: &TestServer, folder: &Path, drawer: &Arc<Drawer>) -> KioskHandle {
    let config = KioskConfig {
        server: server.origin().parse().unwrap(),
        data_dir: folder.join("kiosk"),
        locale: Locale::En,
        muted: true,
        settings_damaged: false,
    };
    let deps = Deps {
        clock: Arc::new(SystemClock::new()),
        entropy: Arc::new(SystemEntropy),
        keys: Arc::clone(drawer) as Arc<dyn KeyStore>,
        speaker: None,
        http: http_client().unwrap(),
    };
    start(config, deps)
}

/// The operator types the code that the kiosk shows.
async fn let_in(server: &TestServer, kiosk: &KioskHandle) {
    let code = until(kiosk, "a code for the operator", PATIENCE, |view| match &view.screen {
        Screen::Enrolling { code, .. } => code.clone(),
        _ => None,
    })
    .await;
    server.enrol(&code, "S01", "At the wire").unwrap();
}

fn talk(view: &View) -> Option<&ConversationView> {
    match &view.screen {
        Screen::Conversation(talk) => Some(talk),
        _ => None,
    }
}

/// Dice of a fixed seed.
struct Dice(u64);

impl Dice {
    fn millis(&mut self, most: u64) -> Duration {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Duration::from_millis((self.0 >> 33) % most)
    }
}

fn count(chat: &[ChatEntry], text: &str) -> usize {
    chat.iter().filter(|entry| entry.message == text).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cuts_and_power_cuts_lose_nothing_and_double_nothing() {
    let mut server = TestServer::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let kiosk = switched_on(&server, folder.path(), &Arc::default());
    let_in(&server, &kiosk).await;
    let typed = until(&kiosk, "a code for the customer", PATIENCE, |view| match &view.screen {
        Screen::Attract(attract) => attract.code.as_ref().map(|code| code.typed.clone()),
        _ => None,
    })
    .await;
    let who = server.sign_ins()[0].clone();
    // Past the wire, so that it is there while the kiosk is cut off.
    let directly = format!("http://127.0.0.1:{}", server.port());
    let web = WebChannel::login(&directly, &who.phone, &who.password).await.unwrap();
    let phone = FakePhone::new(&server.origin()).unwrap();
    let visit = phone.visit(&typed).await.unwrap();
    phone.sign_in(&who.phone, &who.password).await.unwrap();
    let (_, digits) = phone.claim(&visit.ticket).await.unwrap();
    until(&kiosk, "the number pad", PATIENCE, |view| matches!(view.screen, Screen::Matching { .. }).then_some(())).await;
    for digit in digits.bytes() {
        kiosk.intend(Intent::PressDigit { digit: digit - b'0' }).unwrap();
    }
    until(&kiosk, "the conversation", PATIENCE, |view| talk(view).map(|_| ())).await;

    let mut dice = Dice(20_260_212);
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for round in 0..8 {
        tokio::time::sleep(dice.millis(300)).await;
        let falls = round % 4 == 3;
        if falls {
            server.kill();
        } else {
            server.wire().cut();
        }
        let apart_for = dice.millis(6_000);
        let began = Instant::now();
        for number in 0..3 {
            let text = format!("here {round}.{number}");
            kiosk.intend(Intent::SendMessage { text: text.clone() }).unwrap();
            here.push(text);
            tokio::time::sleep(dice.millis(200)).await;
        }
        if !falls {
            let text = format!("there {round}");
            web.say("user", &text).await.unwrap();
            there.push(text);
        }
        tokio::time::sleep(apart_for.saturating_sub(began.elapsed())).await;
        if falls {
            server.serve().unwrap();
        } else {
            server.wire().mend();
        }
        let all = |view: &View| {
            let entries = &talk(view)?.entries;
            let has = |text: &String| entries.iter().any(|entry| entry.text == *text && entry.delivery == Delivery::Sent);
            (view.frame.online && here.iter().all(has) && there.iter().all(has)).then_some(())
        };
        until(&kiosk, &format!("round {round} is over"), PATIENCE, all).await;
    }

    let chat = web.restore().await.unwrap().data.chat_context;
    for text in here.iter().chain(&there) {
        assert_eq!(count(&chat, text), 1, "{text}");
    }
    let said: Vec<_> = chat
        .iter()
        .filter(|entry| entry.sender == Sender::User && entry.message.starts_with("here "))
        .map(|entry| entry.message.clone())
        .collect();
    assert_eq!(said, here, "in the order they were written");
    kiosk.shutdown().await;
}
