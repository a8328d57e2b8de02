//! What the shell holds of a running kiosk.

use std::{path::PathBuf, sync::Arc};

use protocol::{ApiError, Clock, Entropy, ErrorCode, intent::Intent, kiosk_health::KioskHealth, shop::Locale, view::View};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use url::Url;

use crate::{
    KeyStore, Picture, Speaker,
    backends::{Backends, Real},
    event_loop::{EventLoop, Parts},
    health::Vitals,
    intent_shape,
    kiosk::{Kiosk, Setup},
    message::{Message, Moment},
    pictures::Pictures,
    sync::Spare,
    view,
};

/// Messages that may wait for the loop.
const INBOX: usize = 256;

/// What the kiosk runs with.
#[derive(Clone)]
pub struct Deps {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// The system's secret store.
    pub keys: Arc<dyn KeyStore>,
    /// The loudspeaker, where there is one.
    pub speaker: Option<Arc<dyn Speaker>>,
    /// Made by [`http_client`](crate::http_client).
    pub http: reqwest::Client,
}

/// How this kiosk is set up.
#[derive(Clone, Debug)]
pub struct KioskConfig {
    /// The session server, such as `http://127.0.0.1:7878`; no path.
    pub server: Url,
    /// The folder of the kiosk's own files; made where it is missing.
    pub data_dir: PathBuf,
    /// The language before and after each customer.
    pub locale: Locale,
    /// Whether the voice is off before and after each customer.
    pub muted: bool,
    /// Whether `server` is a guess because the settings file could not be read. Where it leads nowhere, the screen says so.
    pub settings_damaged: bool,
}

/// A running kiosk. Clones are the same kiosk.
#[derive(Clone)]
pub struct KioskHandle {
    messages: mpsc::Sender<Message>,
    views: watch::Receiver<Arc<View>>,
    pictures: Arc<Pictures>,
    speaker: Option<Arc<dyn Speaker>>,
    vitals: Arc<Vitals>,
    anew: Arc<Notify>,
}

impl KioskHandle {
    /// Passes a touch on. What the state of the kiosk does not allow is not an error here: the next view tells.
    ///
    /// # Errors
    /// The intent is malformed (too long, out of range), or the kiosk is shutting down.
    pub fn intend(&self, intent: Intent) -> Result<(), ApiError> {
        intent_shape::check(&intent)?;
        // Before anything else, and not behind what the loop is doing just now.
        if let Some(speaker) = &self.speaker {
            speaker.stop();
        }
        self.messages.try_send(Message::Intent(intent)).map_err(|_| stopping())
    }

    /// Tells that the view with this number is on the screen.
    pub fn drawn(&self, number: u64) {
        // A lost acknowledgement costs a line in the log, nothing else.
        let _ = self.messages.try_send(Message::Drawn(number));
    }

    /// What the screen shows, now and later.
    #[must_use]
    pub fn views(&self) -> watch::Receiver<Arc<View>> {
        self.views.clone()
    }

    /// A picture of the shop, by its path on the server such as `/images/shirt.svg`.
    ///
    /// # Errors
    /// The path is not one of a picture, there is none, or the server is out of reach and the kiosk never fetched it.
    pub async fn picture(&self, path: &str) -> Result<Picture, ApiError> {
        self.pictures.get(path).await
    }

    /// How the kiosk is doing, for staff: the event stream, what waits to be sent, what went wrong. Asking writes nothing.
    pub async fn health(&self) -> KioskHealth {
        self.vitals.health().await
    }

    /// Waits until staff ask for the program to start anew; whoever runs it does that, after [`Self::shutdown`].
    pub async fn wants_to_start_anew(&self) {
        self.anew.notified().await;
    }

    /// Ends a running conversation, wipes it and stops the kiosk. Returns when all of that is done.
    pub async fn shutdown(&self) {
        let (done, finished) = oneshot::channel();
        if self.messages.send(Message::Shutdown(done)).await.is_ok() {
            // An error means that the loop has ended already.
            let _ = finished.await;
        }
    }
}

/// Starts the kiosk on the Tokio runtime of the caller.
///
/// The first view is [`Screen::Starting`](protocol::view::Screen::Starting). What stands in the way (no server, a locked secret
/// store, a folder that cannot be written) is a view too, and the kiosk tries to overcome it by itself.
#[must_use]
pub fn start(config: KioskConfig, deps: Deps) -> KioskHandle {
    let backends = Real {
        http: deps.http.clone(),
        address: config.server.clone(),
        data_dir: config.data_dir.clone(),
        clock: Arc::clone(&deps.clock),
        entropy: Arc::clone(&deps.entropy),
    };
    start_with(config, deps, Arc::new(backends))
}

/// [`start`] with another server and another store.
#[must_use]
pub fn start_with(config: KioskConfig, deps: Deps, backends: Arc<dyn Backends>) -> KioskHandle {
    let KioskConfig { server, data_dir, locale, muted, settings_damaged } = config;
    let setup = Setup { locale, muted, server: server.as_str().trim_end_matches('/').to_owned(), settings_damaged };
    let spare = Arc::<Spare>::default();
    let vitals = Arc::new(Vitals::new(Arc::clone(&deps.clock), setup.server.clone(), Arc::clone(&spare)));
    let kiosk = Kiosk::new(setup, Arc::clone(&deps.clock), Arc::clone(&deps.entropy));
    let (views, shown) = watch::channel(Arc::new(view::view(&kiosk, Moment::ZERO)));
    let pictures = Arc::new(Pictures::new(deps.http, &server, &data_dir, Arc::clone(&deps.clock), shown.clone()));
    tokio::spawn(Arc::clone(&pictures).follow());
    let (messages, inbox) = mpsc::channel(INBOX);
    let (speaker, anew) = (deps.speaker.clone(), Arc::<Notify>::default());
    let parts = Parts {
        clock: deps.clock,
        entropy: deps.entropy,
        keys: deps.keys,
        speaker: deps.speaker,
        backends,
        spare,
        vitals: Arc::clone(&vitals),
        pictures: Arc::clone(&pictures),
        anew: Arc::clone(&anew),
    };
    tokio::spawn(EventLoop::new(kiosk, parts, inbox, messages.downgrade(), views).run());
    KioskHandle { messages, views: shown, pictures, speaker, vitals, anew }
}

fn stopping() -> ApiError {
    ApiError::new(ErrorCode::ServiceUnavailable, "The kiosk is starting or stopping. Please try again in a moment.")
}
