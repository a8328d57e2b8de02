//! The one event loop: takes messages in, does what the kiosk says, and shows each change.

use std::{sync::Arc, time::Duration};

use assistant::Question;
use protocol::{
    Clock, Entropy,
    device::{EnrolmentRequest, StaffPin},
    handoff::MatchRequest,
    ids::OpKey,
    kiosk_health::{Part, StreamState},
    speech::SpeechRequest,
    sync::OpBody,
    view::View,
};
use tokio::{
    sync::{Notify, mpsc, oneshot, watch},
    task::AbortHandle,
    time::Instant,
};
use zeroize::Zeroizing;

use crate::{
    KeyStore, Speaker, VoiceState,
    backends::Backends,
    catalogue::Copier,
    health::{self, Vitals},
    kiosk::Kiosk,
    look_up,
    message::{Answer, Effect, Inbox, Message, Moment, Problem},
    opening::{self, Works},
    pictures::{Ahead, PAUSE_BETWEEN_PICTURES, Pictures},
    server::Server,
    staff_pin,
    stream::Listener,
    sync::{Holding, Means, Pusher, Rouse, Spare},
    thinking, view,
};

/// How long the end of the program waits for a last push.
const LAST_PUSH: Duration = Duration::from_secs(2);

/// What the loop works with from the first moment on.
pub(crate) struct Parts {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) keys: Arc<dyn KeyStore>,
    pub(crate) speaker: Option<Arc<dyn Speaker>>,
    pub(crate) backends: Arc<dyn Backends>,
    /// Ends of conversations that the disk did not take.
    pub(crate) spare: Arc<Spare>,
    pub(crate) vitals: Arc<Vitals>,
    pub(crate) pictures: Arc<Pictures>,
    /// Told when staff want the program to start anew.
    pub(crate) anew: Arc<Notify>,
}

/// What [`opening::open`] brought, on its way into the loop.
type Opening = Result<(Works, crate::message::Opened), Problem>;

/// The loop.
pub(crate) struct EventLoop {
    kiosk: Kiosk,
    parts: Parts,
    inbox: mpsc::Receiver<Message>,
    /// For tasks to answer into the inbox.
    messages: Inbox,
    views: watch::Sender<Arc<View>>,
    voice: watch::Receiver<VoiceState>,
    /// Keeps `voice` open where there is no speaker.
    _no_voice: watch::Sender<VoiceState>,
    opening: Option<oneshot::Receiver<Opening>>,
    works: Option<Works>,
    /// The event stream, the pushing of the outbox, and the copying of the catalogue and its pictures.
    connected: Vec<AbortHandle>,
    speech: Option<AbortHandle>,
    look_up: Option<AbortHandle>,
    retry: Arc<Notify>,
    rouse: Arc<Rouse>,
    holding: Arc<Holding>,
    /// The catalogue may have changed.
    changed: Arc<Notify>,
    /// The copy of the catalogue has got products.
    grown: Arc<Notify>,
    started: Instant,
    /// When the view was sent that shows another screen than the one before, to measure until it is drawn.
    switched: Option<(u64, Instant)>,
}

impl EventLoop {
    pub(crate) fn new(
        kiosk: Kiosk,
        parts: Parts,
        inbox: mpsc::Receiver<Message>,
        messages: mpsc::WeakSender<Message>,
        views: watch::Sender<Arc<View>>,
    ) -> Self {
        let (no_voice, silent) = watch::channel(VoiceState::default());
        let voice = parts.speaker.as_ref().map_or(silent, |speaker| speaker.state());
        Self {
            kiosk,
            parts,
            inbox,
            messages: Inbox(messages),
            views,
            voice,
            _no_voice: no_voice,
            opening: None,
            works: None,
            connected: Vec::new(),
            speech: None,
            look_up: None,
            retry: Arc::default(),
            rouse: Arc::default(),
            holding: Arc::default(),
            changed: Arc::default(),
            grown: Arc::default(),
            started: Instant::now(),
            switched: None,
        }
    }

    /// Runs until the kiosk is shut down.
    pub(crate) async fn run(mut self) {
        self.kiosk.voice.device = *self.voice.borrow_and_update();
        loop {
            self.perform().await;
            self.show();
            let now = self.now();
            let deadline = self.kiosk.deadline(now);
            tokio::select! {
                biased;
                message = self.inbox.recv() => match message {
                    Some(Message::Shutdown(done)) => {
                        self.shut_down().await;
                        // An error means that nobody waits for it.
                        let _ = done.send(());
                        return;
                    }
                    Some(message) => self.take(message),
                    None => return self.shut_down().await,
                },
                Ok(()) = self.voice.changed() => {
                    let voice = *self.voice.borrow_and_update();
                    self.take(Message::Voice(voice));
                }
                opened = wait(&mut self.opening) => self.opened(opened),
                () = sleep_until(self.started, deadline) => self.kiosk.tick(self.started.elapsed()),
            }
        }
    }

    fn now(&self) -> Moment {
        self.started.elapsed()
    }

    fn take(&mut self, message: Message) {
        let now = self.now();
        if let Message::Drawn(number) = message {
            if let Some((_, sent)) = self.switched.take_if(|(switched, _)| number >= *switched) {
                tracing::info!(view = number, milliseconds = sent.elapsed().as_millis(), "a screen is drawn");
            }
            return;
        }
        self.kiosk.handle(message, now);
    }

    fn opened(&mut self, opening: Opening) {
        self.opening = None;
        let now = self.now();
        if let Err(problem) = &opening {
            self.parts.vitals.saw(Part::Start, problem.code);
        }
        let opened = opening.map(|(works, opened)| {
            self.parts.vitals.opened(Arc::clone(&works.store), Arc::clone(&works.shelf));
            self.works = Some(works);
            opened
        });
        self.kiosk.handle(Message::Opened(opened), now);
    }

    /// Sends a view where something changed.
    fn show(&mut self) {
        let mut view = view::view(&self.kiosk, self.now());
        let last = Arc::clone(&self.views.borrow());
        view.number = last.number;
        if *last == view {
            return;
        }
        view.number += 1;
        if std::mem::discriminant(&view.screen) != std::mem::discriminant(&last.screen) {
            self.switched = Some((view.number, Instant::now()));
        }
        self.views.send_replace(Arc::new(view));
    }

    /// Does what the kiosk says, in order, until it says nothing more.
    async fn perform(&mut self) {
        loop {
            let effects = self.kiosk.effects();
            // Before a change of it can be pushed.
            self.holding.set(self.kiosk.holding());
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                self.perform_one(effect).await;
            }
        }
    }

    async fn perform_one(&mut self, effect: Effect) {
        match effect {
            Effect::Open => self.open(),
            Effect::Connect => self.connect(),
            Effect::Disconnect => self.disconnect(),
            Effect::Retry => {
                self.retry.notify_waiters();
                self.rouse.everything();
                self.changed.notify_one();
            }
            Effect::Silence => {
                if let Some(speaker) = &self.parts.speaker {
                    speaker.stop();
                }
                if let Some(speech) = self.speech.take() {
                    speech.abort();
                }
            }
            Effect::Play(wav) => {
                if let Some(speaker) = &self.parts.speaker {
                    speaker.speak(wav);
                }
            }
            Effect::Remember(_) | Effect::Record(..) | Effect::Hold(_) | Effect::Begin(..) | Effect::Apply(..) | Effect::Wipe => {
                self.keep(effect).await;
            }
            Effect::Think(key, question) => self.think(key, question),
            Effect::Render(utterance, request) => self.render(utterance, request),
            Effect::CheckPin(typed, pin) => self.check_pin(typed, pin),
            Effect::LookAtHealth => self.look_at_health(),
            Effect::LookUp(text) => self.look_up(text),
            Effect::ForgetLookUps => self.forget_look_ups().await,
            Effect::FollowCatalogue => self.changed.notify_one(),
            Effect::StartAnew => self.parts.anew.notify_one(),
            Effect::FetchDevice
            | Effect::RequestEnrolment
            | Effect::OpenHandoff(_)
            | Effect::CancelHandoff(_)
            | Effect::Match(..)
            | Effect::StartGuest(_)
            | Effect::FetchSession(..)
            | Effect::RequestSpeech(..) => self.ask(effect),
        }
    }

    fn open(&mut self) {
        let (done, opening) = oneshot::channel();
        self.opening = Some(opening);
        let keys = Arc::clone(&self.parts.keys);
        self.parts.vitals.keys_in(&keys.describe());
        let entropy = Arc::clone(&self.parts.entropy);
        let backends = Arc::clone(&self.parts.backends);
        let address = self.kiosk.setup.server.clone();
        tokio::spawn(async move {
            // An error means that the program ended meanwhile.
            let _ = done.send(opening::open(keys, entropy, backends, &address).await);
        });
    }

    fn check_pin(&self, typed: Zeroizing<String>, pin: StaffPin) {
        let messages = self.messages.clone();
        tokio::spawn(async move {
            let right = tokio::task::spawn_blocking(move || staff_pin::is_right(&typed, &pin)).await;
            messages.send(Message::PinChecked(right.unwrap_or(false))).await;
        });
    }

    fn render(&mut self, utterance: u64, request: SpeechRequest) {
        let (messages, speaker) = (self.messages.clone(), self.parts.speaker.clone());
        let task = tokio::spawn(async move {
            let wav = match speaker {
                Some(speaker) => speaker.render(&request).await,
                None => None,
            };
            messages.send(Message::Answer(Answer::Rendered(utterance, wav))).await;
        });
        if let Some(before) = self.speech.replace(task.abort_handle()) {
            before.abort();
        }
    }

    fn think(&self, key: OpKey, question: Box<Question>) {
        let Some(works) = &self.works else { return };
        let store = self.kiosk.device.as_ref().map(|device| device.store.clone());
        thinking::begin(Arc::clone(&works.shelf), store, self.messages.clone(), Arc::clone(&self.parts.vitals), (key, question));
    }

    fn look_at_health(&self) {
        let (messages, vitals) = (self.messages.clone(), Arc::clone(&self.parts.vitals));
        tokio::spawn(async move {
            messages.send(Message::Health(Box::new(vitals.health().await))).await;
        });
    }

    fn look_up(&mut self, text: String) {
        let Some(works) = &self.works else { return };
        let (messages, catalogue) = (self.messages.clone(), Arc::clone(&works.shelf));
        let task = tokio::spawn(async move {
            let answer = look_up::answer(catalogue.as_ref(), &text).await;
            messages.send(Message::LookedUp(text, answer)).await;
        });
        if let Some(before) = self.look_up.replace(task.abort_handle()) {
            before.abort();
        }
    }

    async fn forget_look_ups(&mut self) {
        if let Some(task) = self.look_up.take() {
            task.abort();
        }
        if let Some(works) = &self.works {
            works.shelf.forget_questions().await;
        }
    }

    fn connect(&mut self) {
        let Some(works) = &self.works else { return };
        if !self.connected.is_empty() && self.connected.iter().all(|task| !task.is_finished()) {
            return;
        }
        let listener = Listener {
            server: Arc::clone(&works.server),
            store: Arc::clone(&works.store),
            entropy: Arc::clone(&self.parts.entropy),
            messages: self.messages.clone(),
            retry: Arc::clone(&self.retry),
            vitals: Arc::clone(&self.parts.vitals),
        };
        let copier = Copier {
            server: Arc::clone(&works.server),
            shelf: Arc::clone(&works.shelf),
            clock: Arc::clone(&self.parts.clock),
            entropy: Arc::clone(&self.parts.entropy),
            changed: Arc::clone(&self.changed),
            grown: Arc::clone(&self.grown),
            vitals: Arc::clone(&self.parts.vitals),
        };
        let ahead = Ahead {
            pictures: Arc::clone(&self.parts.pictures),
            shelf: Arc::clone(&works.shelf),
            entropy: Arc::clone(&self.parts.entropy),
            grown: Arc::clone(&self.grown),
            pause: PAUSE_BETWEEN_PICTURES,
        };
        let Some(means) = self.means() else { return };
        self.disconnect();
        let pusher = Pusher::new(means);
        self.connected = vec![
            tokio::spawn(listener.run()).abort_handle(),
            tokio::spawn(pusher.run()).abort_handle(),
            tokio::spawn(copier.run()).abort_handle(),
            tokio::spawn(ahead.run()).abort_handle(),
        ];
    }

    fn means(&self) -> Option<Means> {
        let works = self.works.as_ref()?;
        Some(Means {
            server: Arc::clone(&works.server),
            store: Arc::clone(&works.store),
            entropy: Arc::clone(&self.parts.entropy),
            messages: self.messages.clone(),
            rouse: Arc::clone(&self.rouse),
            spare: Arc::clone(&self.parts.spare),
            vitals: Arc::clone(&self.parts.vitals),
            holding: Arc::clone(&self.holding),
        })
    }

    fn disconnect(&mut self) {
        for task in self.connected.drain(..) {
            task.abort();
        }
        self.parts.vitals.stream(StreamState::Off);
    }

    /// Writes to the disk before anything else happens. A failure is told to the kiosk where a customer must know.
    async fn keep(&mut self, effect: Effect) {
        let Some(works) = &self.works else { return };
        let store = Arc::clone(&works.store);
        let kept = match effect {
            Effect::Remember(device) => {
                opening::remember(store.as_ref(), &self.kiosk.setup.server, device.map(|device| *device)).await
            }
            Effect::Record(op, change) => {
                let kept = store.record(&op, change.as_ref()).await;
                match (&kept, &op.body) {
                    (Ok(()), _) => {}
                    // Who leaves is let go on the server whatever the disk does.
                    (Err(_), OpBody::End { .. }) => self.parts.spare.keep(op),
                    (Err(error), _) => self.kiosk.not_recorded(op.key, health::disk_code(error), self.started.elapsed()),
                }
                self.rouse.new_change();
                kept
            }
            Effect::Hold(session) => store.hold(&session).await,
            Effect::Begin(session, op) => {
                let kept = store.begin(&session, &op).await;
                if let Err(error) = &kept {
                    self.kiosk.not_begun(health::disk_code(error), self.started.elapsed());
                }
                self.rouse.new_change();
                kept
            }
            Effect::Apply(cursor, change) => store.apply(cursor, change.as_ref()).await,
            Effect::Wipe => {
                // A wipe forgets which hold was not ended, so its end tries the disk once more before that.
                for op in self.parts.spare.list() {
                    if store.record(&op, None).await.is_ok() {
                        self.parts.spare.forget(op.key);
                    }
                }
                // What they looked for is in the memory of the catalogue's connections.
                works.shelf.forget_questions().await;
                store.wipe_customer().await
            }
            _ => Ok(()),
        };
        if let Err(error) = kept {
            self.parts.vitals.disk(&error);
            tracing::error!(%error, cause = std::error::Error::source(&error).map(tracing::field::display), "the disk did not take a change");
        }
    }

    /// Asks the server; the answer is a message.
    fn ask(&mut self, effect: Effect) {
        let Some(works) = &self.works else { return };
        let messages = self.messages.clone();
        let server = Arc::clone(&works.server);
        let is_speech = matches!(effect, Effect::RequestSpeech(..));
        let vitals = Arc::clone(&self.parts.vitals);
        let task = tokio::spawn(async move {
            if let Some(answer) = answer(server.as_ref(), effect).await {
                if let Some(code) = answer.failure() {
                    vitals.saw(Part::Call, code);
                }
                messages.send(Message::Answer(answer)).await;
            }
        });
        if is_speech && let Some(before) = self.speech.replace(task.abort_handle()) {
            before.abort();
        }
    }

    async fn shut_down(&mut self) {
        let now = self.now();
        self.kiosk.shut_down(now);
        self.perform().await;
        self.show();
        self.disconnect();
        if let Some(means) = self.means()
            && tokio::time::timeout(LAST_PUSH, Pusher::new(means).push_out()).await.is_err()
        {
            tracing::info!("the last changes stay in the outbox until the next start");
        }
        if let Some(works) = self.works.take() {
            works.shelf.close().await;
            works.store.close().await;
        }
    }
}

/// Asks the server what an effect asks for.
async fn answer(server: &dyn Server, effect: Effect) -> Option<Answer> {
    Some(match effect {
        Effect::FetchDevice => Answer::Device(server.device().await),
        Effect::RequestEnrolment => Answer::Enrolment(server.request_enrolment(&EnrolmentRequest::default()).await),
        Effect::OpenHandoff(request) => Answer::Handoff(server.open_handoff(&request).await),
        Effect::Match(id, digits) => {
            Answer::Match(id, server.match_digits(id, &MatchRequest { digits: digits.to_string() }).await)
        }
        Effect::StartGuest(request) => Answer::Guest(server.start_guest(&request).await),
        Effect::FetchSession(hold, token) => Answer::Snapshot(hold, server.kiosk_session(&token).await),
        Effect::RequestSpeech(utterance, request) => Answer::Speech(utterance, server.speech(&request).await),
        Effect::CancelHandoff(id) => {
            if let Err(error) = server.cancel_handoff(id).await {
                tracing::debug!(%error, "a handoff was not given up; it ends by itself");
            }
            return None;
        }
        _ => return None,
    })
}

async fn wait(opening: &mut Option<oneshot::Receiver<Opening>>) -> Opening {
    match opening {
        Some(opening) => match opening.await {
            Ok(opening) => opening,
            Err(error) => Err(Problem { code: protocol::ErrorCode::InternalError, about: error.to_string(), passes: true }),
        },
        None => std::future::pending().await,
    }
}

async fn sleep_until(started: Instant, deadline: Option<Moment>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(started + deadline).await,
        None => std::future::pending().await,
    }
}
