//! A kiosk with a server, a secret store and a loudspeaker of a test's choosing, in time that the test controls.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use kiosk_core::{
    Backends, Deps, DeviceKey, KeyStore, KeyStoreError, KioskConfig, KioskHandle, Speaker, VoiceState, WavStream, http_client,
    server::Server, start_with,
};
use kiosk_store::{Key, MemoryShelf, MemoryStore, Shelf, Store, StoreError};
use protocol::{
    ambient::{SystemClock, SystemEntropy},
    event::EventBody,
    intent::Intent,
    shop::Locale,
    view::View,
};
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::{answers::handoff_id, server::FakeServer};

/// A secret store in memory.
#[derive(Default)]
pub struct FakeKeys {
    pub trouble: Mutex<Option<KeyStoreError>>,
    pub secrets: Mutex<HashMap<String, Vec<u8>>>,
}

impl KeyStore for FakeKeys {
    fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyStoreError> {
        match self.trouble.lock().unwrap().clone() {
            Some(error) => Err(error),
            None => Ok(self.secrets.lock().unwrap().get(name).cloned().map(Zeroizing::new)),
        }
    }

    fn save(&self, name: &str, secret: &[u8]) -> Result<(), KeyStoreError> {
        self.secrets.lock().unwrap().insert(name.to_owned(), secret.to_vec());
        Ok(())
    }

    fn describe(&self) -> String {
        "a test's keys".into()
    }
}

/// A loudspeaker that remembers.
pub struct FakeSpeaker {
    state: watch::Sender<VoiceState>,
    pub spoken: Arc<Mutex<VecDeque<String>>>,
    pub stops: Mutex<u32>,
}

impl FakeSpeaker {
    fn new() -> Self {
        let state = watch::Sender::new(VoiceState { available: true, speaking: false });
        Self { state, spoken: Arc::default(), stops: Mutex::default() }
    }
}

impl Speaker for FakeSpeaker {
    fn speak(&self, mut wav: WavStream) {
        self.state.send_modify(|state| state.speaking = true);
        let spoken = Arc::clone(&self.spoken);
        tokio::spawn(async move {
            let sound = wav.next().await.unwrap().unwrap();
            spoken.lock().unwrap().push_back(String::from_utf8(sound.to_vec()).unwrap());
        });
    }

    fn stop(&self) {
        *self.stops.lock().unwrap() += 1;
        self.state.send_if_modified(|state| std::mem::take(&mut state.speaking));
    }

    fn state(&self) -> watch::Receiver<VoiceState> {
        self.state.subscribe()
    }
}

struct Fakes {
    server: Arc<FakeServer>,
    store: Arc<MemoryStore>,
    shelf: Arc<MemoryShelf>,
}

#[async_trait]
impl Backends for Fakes {
    fn server(&self, _: DeviceKey) -> Arc<dyn Server> {
        Arc::clone(&self.server) as Arc<dyn Server>
    }

    async fn store(&self, _: &Key) -> Result<Arc<dyn Store>, StoreError> {
        Ok(Arc::clone(&self.store) as Arc<dyn Store>)
    }

    fn shelf(&self, _: &Key) -> Arc<dyn Shelf> {
        Arc::clone(&self.shelf) as Arc<dyn Shelf>
    }
}

/// A kiosk and what it stands on.
pub struct Table {
    pub server: Arc<FakeServer>,
    pub store: Arc<MemoryStore>,
    pub shelf: Arc<MemoryShelf>,
    pub keys: Arc<FakeKeys>,
    pub speaker: Arc<FakeSpeaker>,
    pub kiosk: KioskHandle,
    pub views: watch::Receiver<Arc<View>>,
    /// The folder of pictures.
    _folder: tempfile::TempDir,
}

impl Table {
    /// A kiosk that is enrolled and has never run.
    pub fn start() -> Self {
        let server = Arc::new(FakeServer::default());
        server.script(|script| script.enrolled = true);
        Self::start_on(server, Arc::default(), Arc::default())
    }

    pub fn start_on(server: Arc<FakeServer>, store: Arc<MemoryStore>, keys: Arc<FakeKeys>) -> Self {
        Self::start_with(server, store, Arc::default(), keys)
    }

    pub fn start_with(server: Arc<FakeServer>, store: Arc<MemoryStore>, shelf: Arc<MemoryShelf>, keys: Arc<FakeKeys>) -> Self {
        let speaker = Arc::new(FakeSpeaker::new());
        let folder = tempfile::tempdir().unwrap();
        let config = KioskConfig {
            server: "http://127.0.0.1:7878".parse().unwrap(),
            data_dir: folder.path().to_owned(),
            locale: Locale::En,
            muted: false,
            settings_damaged: false,
        };
        let deps = Deps {
            clock: Arc::new(SystemClock::new()),
            entropy: Arc::new(SystemEntropy),
            keys: Arc::clone(&keys) as Arc<dyn KeyStore>,
            speaker: Some(Arc::clone(&speaker) as Arc<dyn Speaker>),
            http: http_client().unwrap(),
        };
        let backends = Fakes { server: Arc::clone(&server), store: Arc::clone(&store), shelf: Arc::clone(&shelf) };
        let kiosk = start_with(config, deps, Arc::new(backends));
        let views = kiosk.views();
        Self { server, store, shelf, keys, speaker, kiosk, views, _folder: folder }
    }

    /// Waits until the screen is as wanted; with time under control this cannot take long.
    pub async fn until(&mut self, wanted: impl Fn(&View) -> bool) -> Arc<View> {
        let wanted = self.views.wait_for(|view| wanted(view));
        let view = tokio::time::timeout(Duration::from_hours(1), wanted).await.map(|view| Arc::clone(&view.unwrap()));
        view.unwrap_or_else(|_| panic!("the screen never became as wanted; it is {:?}", self.views.borrow()))
    }

    /// Waits until something besides the screen is as wanted.
    pub async fn eventually(&self, wanted: impl Fn() -> bool) {
        for _ in 0..10_000 {
            if wanted() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it never became as wanted");
    }

    pub fn intend(&self, intent: Intent) {
        self.kiosk.intend(intent).unwrap();
    }

    pub fn write(&self, text: &str) {
        self.intend(Intent::SendMessage { text: text.into() });
    }

    /// A code is on the glass and the event stream stands.
    pub async fn attract(&mut self) -> Arc<View> {
        self.until(|view| matches!(&view.screen, protocol::view::Screen::Attract(attract) if attract.code.is_some())).await
    }

    /// A customer signed in.
    pub async fn sign_in(&mut self) -> Arc<View> {
        self.attract().await;
        let current = self.server.script(|script| handoff_id(script.handoffs));
        self.server.happens(EventBody::HandoffClaimed { handoff_id: current });
        self.until(|view| matches!(view.screen, protocol::view::Screen::Matching { .. })).await;
        self.intend(Intent::PressDigit { digit: 4 });
        self.intend(Intent::PressDigit { digit: 2 });
        self.until(|view| matches!(view.screen, protocol::view::Screen::Conversation(_))).await
    }
}
