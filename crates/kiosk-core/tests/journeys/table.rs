//! A kiosk with a server, a secret store and a loudspeaker of a test's choosing, in time that the test controls.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::StreamExt as _;
use hpke::{
    Deserializable as _, OpModeS, Serializable as _, aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256, rand_core,
};
use kiosk_core::{
    Backends, Deps, DeviceKey, KeyStore, KeyStoreError, KioskConfig, KioskHandle, Speaker, VoiceState, WavStream, http_client,
    server::{EventStream, Server, ServerError, Token, token_hash},
    start_with,
};
use kiosk_store::{Key, MemoryShelf, MemoryStore, Shelf, Store, StoreError};
use protocol::{
    ApiError, Clock as _, Entropy, ErrorCode, Timestamp,
    ambient::{SystemClock, SystemEntropy},
    catalogue::CataloguePage,
    device::{DeviceResponse, DeviceRole, EnrolmentRequest, EnrolmentResponse, StaffPin},
    event::{EventBody, StreamEvent},
    handoff::{GuestRequest, IssuedSession, MatchRequest, OpenHandoffRequest, OpenHandoffResponse, SEAL_INFO, Sealed},
    ids::{Cursor, DeviceId, EntryId, HandoffId, KioskSessionId, OpKey, SessionId},
    intent::Intent,
    kiosk_profile::KioskProfile,
    kiosk_session::{KioskCustomer, KioskSession},
    session::{Assurance, Channel, ChatEntry, Sender},
    shop::{Locale, Shop, Store as ShopStore, Theme},
    speech::SpeechRequest,
    sync::{MAX_BYTES, Op, OpBody, PushRequest, PushResponse, Refusal},
    view::View,
};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;
use zeroize::Zeroizing;

pub const TOKEN: &str = "the kiosk's own token";

/// A session server in memory, as well or badly behaved as a test wants.
#[derive(Default)]
pub struct FakeServer(Mutex<Script>);

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Script {
    pub offline: bool,
    pub enrolled: bool,
    /// The answer of the next push gets lost although the push is applied.
    pub lose_next_answer: bool,
    /// A batch with this message is refused whole, as malformed.
    pub poison: Option<String>,
    /// A change with this message is answered as one for later.
    pub later: Option<String>,
    /// The server stumbles over a batch with this message.
    pub stumbles: Option<String>,
    /// A batch with this message brings the server down: no answer comes, and the stream breaks off.
    pub falls: Option<String>,
    /// Every push is refused, with the seconds after which to come again.
    pub busy: Option<u32>,
    /// The next stream answers that the cursor is too old.
    pub log_too_short: bool,
    /// Asked for a guest, it falls silent.
    pub no_guests: bool,
    pub pushes: Vec<Vec<Op>>,
    /// Whom the kiosk had on its screen with each of them.
    pub holding: Vec<Option<KioskSessionId>>,
    /// When each of them came.
    pub pushed_at: Vec<tokio::time::Instant>,
    pub applied: Vec<Op>,
    pub streams: Vec<Option<Cursor>>,
    pub handoffs: u128,
    /// How often it was asked what has changed in the catalogue.
    pub asked_for_changes: u32,
    ephemeral_key: String,
    stream: Option<mpsc::UnboundedSender<Result<StreamEvent, ServerError>>>,
    cursor: i64,
    pub history: Vec<ChatEntry>,
    /// The customer's.
    pub profile: Option<KioskProfile>,
    /// How often somebody asked for a snapshot.
    pub snapshots: u32,
}

impl FakeServer {
    pub fn script<T>(&self, change: impl FnOnce(&mut Script) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    /// Nobody is there any more; streams break off.
    pub fn go_offline(&self) {
        self.script(|script| {
            script.offline = true;
            script.stream = None;
        });
    }

    pub fn go_online(&self) {
        self.script(|script| script.offline = false);
    }

    pub fn break_stream(&self) {
        self.script(|script| script.stream = None);
    }

    /// Appends to the event log and tells the stream.
    pub fn happens(&self, body: EventBody) {
        self.script(|script| {
            script.cursor += 1;
            let event = StreamEvent { cursor: Cursor(script.cursor), at: SystemClock::new().now(), body };
            if let Some(stream) = &script.stream {
                stream.send(Ok(event)).unwrap();
            }
        });
    }

    pub fn says(&self, message: &str) {
        let entry = entry(Sender::Agent, message);
        self.happens(EventBody::ChatAppended { session_id: session_id(), entry, op: None, version: 1 });
    }

    /// The customer's shoe size is set somewhere else.
    pub fn sets_shoe_size(&self, size: &str) {
        self.script(|script| {
            let profile = script.profile.get_or_insert_default();
            profile.version += 1;
            profile.shoe_size = Some(size.into());
        });
        self.happens(EventBody::ProfileChanged { session_id: session_id(), op: None });
    }

    fn there(&self) -> Result<std::sync::MutexGuard<'_, Script>, ServerError> {
        let script = self.0.lock().unwrap();
        if script.offline { Err(ServerError::Unreachable("gone".into())) } else { Ok(script) }
    }
}

#[async_trait]
impl Server for FakeServer {
    async fn device(&self) -> Result<DeviceResponse, ServerError> {
        if self.there()?.enrolled { Ok(device()) } else { Err(refused(ErrorCode::KioskNotEnrolled)) }
    }

    async fn request_enrolment(&self, _: &EnrolmentRequest) -> Result<EnrolmentResponse, ServerError> {
        drop(self.there()?);
        Ok(EnrolmentResponse { code: "BCDF-GHJK".into(), expires_in: 600, interval: 2 })
    }

    async fn open_handoff(&self, request: &OpenHandoffRequest) -> Result<OpenHandoffResponse, ServerError> {
        let mut script = self.there()?;
        script.handoffs += 1;
        script.ephemeral_key.clone_from(&request.ephemeral_key);
        Ok(OpenHandoffResponse {
            handoff_id: handoff_id(script.handoffs),
            expires_in: 120,
            slot_seconds: 15,
            codes: vec!["ABCDEFGHIJKLMNOPQRSTUVWXYZ".into(); 8],
            typed_code: "BCDF-GHJK".into(),
        })
    }

    async fn cancel_handoff(&self, _: HandoffId) -> Result<(), ServerError> {
        self.there().map(drop)
    }

    async fn match_digits(&self, handoff: HandoffId, request: &MatchRequest) -> Result<IssuedSession, ServerError> {
        let script = self.there()?;
        if request.digits != "42" {
            return Err(refused(ErrorCode::WrongDigits));
        }
        let token = seal(&script.ephemeral_key, &handoff.to_string());
        Ok(IssuedSession { kiosk_session_id: hold_id(), token, session: snapshot(&script, true) })
    }

    async fn start_guest(&self, request: &GuestRequest) -> Result<IssuedSession, ServerError> {
        let script = self.there()?;
        if script.no_guests {
            return Err(ServerError::Unreachable("silence".into()));
        }
        Ok(IssuedSession {
            kiosk_session_id: hold_id(),
            token: seal(&request.ephemeral_key, ""),
            session: snapshot(&script, false),
        })
    }

    async fn kiosk_session(&self, token: &Token) -> Result<KioskSession, ServerError> {
        let mut script = self.there()?;
        script.snapshots += 1;
        if token.as_str() == TOKEN {
            return Ok(snapshot(&script, true));
        }
        begun_away(&script, &token_hash(token)).ok_or_else(|| refused(ErrorCode::SessionExpired))
    }

    async fn push(&self, request: &PushRequest) -> Result<PushResponse, ServerError> {
        let mut script = self.there()?;
        script.pushes.push(request.ops.clone());
        script.holding.push(request.holding);
        script.pushed_at.push(tokio::time::Instant::now());
        let holds = |text: &Option<String>| request.ops.iter().any(|op| text.as_ref().is_some_and(|text| is_chat(op, text)));
        if let Some(seconds) = script.busy {
            let mut error = ApiError::new(ErrorCode::RateLimited, "later");
            error.retry_after = Some(seconds);
            return Err(ServerError::Refused(error));
        }
        if serde_json::to_vec(request).unwrap().len() > MAX_BYTES {
            return Err(refused(ErrorCode::PayloadTooLarge));
        }
        if holds(&script.poison) {
            return Err(refused(ErrorCode::ValidationError));
        }
        if holds(&script.falls) {
            script.stream = None;
            return Err(ServerError::Unreachable("it fell".into()));
        }
        if holds(&script.stumbles) {
            return Err(refused(ErrorCode::InternalError));
        }
        let mut response = PushResponse::default();
        let mut held_up = Vec::new();
        for op in &request.ops {
            if held_up.contains(&op.kiosk_session_id) || script.later.as_ref().is_some_and(|text| is_chat(op, text)) {
                held_up.push(op.kiosk_session_id);
                response.later.push(Refusal::new(op.key, ApiError::new(ErrorCode::InternalError, "not now")));
                continue;
            }
            if matches!(op.body, OpBody::SetQuantity { .. }) {
                response.refused.push(Refusal::new(op.key, ApiError::new(ErrorCode::InsufficientStock, "no")));
                continue;
            }
            if let OpBody::ChangeProfile { base_version, field, seen, value } = &op.body
                && let Some(profile) = &mut script.profile
            {
                if profile.version != *base_version && profile.get(*field) != seen.as_deref() {
                    let error = ApiError::new(ErrorCode::VersionConflict, "choose again");
                    response.refused.push(Refusal { profile: Some(profile.clone()), ..Refusal::new(op.key, error) });
                    continue;
                }
                profile.version += 1;
                profile.set(*field, value.clone());
            }
            response.applied.push(op.key);
            if script.applied.iter().all(|known| known.key != op.key) {
                script.applied.push(op.clone());
            }
        }
        if std::mem::take(&mut script.lose_next_answer) {
            return Err(ServerError::Unreachable("the answer got lost".into()));
        }
        Ok(response)
    }

    async fn events(&self, after: Option<Cursor>) -> Result<EventStream, ServerError> {
        let mut script = self.there()?;
        script.streams.push(after);
        if std::mem::take(&mut script.log_too_short) {
            return Err(refused(ErrorCode::CursorExpired));
        }
        let (sender, mut receiver) = mpsc::unbounded_channel();
        script.stream = Some(sender);
        Ok(futures_util::stream::poll_fn(move |context| receiver.poll_recv(context)).boxed())
    }

    async fn catalogue(&self, _: Option<&str>, _: u32) -> Result<CataloguePage, ServerError> {
        self.there()?.asked_for_changes += 1;
        Ok(CataloguePage {
            revision: "an empty shop".into(),
            complete: true,
            as_of: SystemClock::new().now(),
            total: 0,
            products: Vec::new(),
            removed: Vec::new(),
            stock: Vec::new(),
        })
    }

    async fn speech(&self, request: &SpeechRequest) -> Result<WavStream, ServerError> {
        drop(self.there()?);
        let sound = bytes::Bytes::from(request.input.clone());
        Ok(futures_util::stream::iter([Ok(sound)]).boxed())
    }
}

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

pub fn handoff_id(number: u128) -> HandoffId {
    HandoffId(Uuid::from_u128(number))
}

pub fn hold_id() -> KioskSessionId {
    KioskSessionId(Uuid::from_u128(100))
}

pub fn session_id() -> SessionId {
    SessionId(Uuid::from_u128(200))
}

/// An entry with an id of its own.
pub fn entry(sender: Sender, message: &str) -> ChatEntry {
    let id = EntryId(protocol::ambient::uuid_v7(&SystemClock::new(), &SystemEntropy));
    ChatEntry {
        id,
        sender,
        message: message.into(),
        timestamp: Timestamp::from_unix_millis(0),
        channel: Channel::Kiosk,
        metadata: None,
    }
}

pub fn is_chat(op: &Op, text: &str) -> bool {
    matches!(&op.body, OpBody::Chat { message, .. } if message == text)
}

pub fn key_of(ops: &[Op], text: &str) -> OpKey {
    ops.iter().find(|op| is_chat(op, text)).unwrap().key
}

fn snapshot(script: &Script, customer: bool) -> KioskSession {
    KioskSession {
        kiosk_session_id: hold_id(),
        session_id: session_id(),
        assurance: Assurance::Qr,
        customer: customer.then(|| KioskCustomer { first_name: "Asha".into(), loyalty_tier: "Gold".into(), loyalty_points: 7 }),
        profile: script.profile.clone().filter(|_| customer),
        chat: script.history.clone(),
        cart: vec![],
        currency: "INR".into(),
        version: 1,
        cursor: Cursor(script.cursor),
        absolute_seconds_left: 900,
    }
}

/// The session that a guest began with a token of that hash while the server was away, as its changes have made it.
fn begun_away(script: &Script, hash: &str) -> Option<KioskSession> {
    let begins = |op: &Op| match &op.body {
        OpBody::BeginGuest { session_id, token_hash } if token_hash == hash => Some((op.kiosk_session_id, *session_id)),
        _ => None,
    };
    let (hold, session) = script.applied.iter().find_map(begins)?;
    let said = |op: &Op| {
        let (sender, message, metadata) = match &op.body {
            OpBody::Chat { message, .. } => (Sender::User, message, None),
            OpBody::Answer { message, metadata } => (Sender::Agent, message, metadata.clone()),
            _ => return None,
        };
        Some(ChatEntry { id: EntryId(op.key.0), timestamp: op.made_at, metadata, ..entry(sender, message) })
    };
    let chat = script.applied.iter().filter(|op| op.kiosk_session_id == hold).filter_map(said).collect();
    Some(KioskSession {
        kiosk_session_id: hold,
        session_id: session,
        assurance: Assurance::Guest,
        chat,
        ..snapshot(script, false)
    })
}

fn device() -> DeviceResponse {
    DeviceResponse {
        device_id: DeviceId(Uuid::from_u128(5)),
        role: DeviceRole::Kiosk,
        label: "By the door".into(),
        store: ShopStore {
            store_id: "S01".into(),
            name: "Old Town".into(),
            city: "Pune".into(),
            address: "1 High Street".into(),
            opening_hours: String::new(),
        },
        shop: Shop {
            name: "Saffron".into(),
            country: "IN".into(),
            currency: "INR".into(),
            time_zone: "Asia/Kolkata".into(),
            languages: vec![Locale::En, Locale::Hi],
            theme: Theme::default(),
            featured: vec![],
        },
        phone_origin: "https://shop.example".into(),
        featured: vec![],
        staff_pin: Some(Box::new(staff_pin())),
    }
}

fn refused(code: ErrorCode) -> ServerError {
    ServerError::Refused(ApiError::new(code, "no"))
}

struct Dice;

impl rand_core::TryRng for Dice {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(u32::from_ne_bytes(SystemEntropy.bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(u64::from_ne_bytes(SystemEntropy.bytes()))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Self::Error> {
        SystemEntropy.fill(out);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Dice {}

/// Seals the token as the real server does.
fn seal(public: &str, about: &str) -> Sealed {
    let public = URL_SAFE_NO_PAD.decode(public).unwrap();
    let public = <X25519HkdfSha256 as hpke::Kem>::PublicKey::from_bytes(&public).unwrap();
    let (enc, mut context) = hpke::setup_sender_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &public,
        SEAL_INFO,
        &mut Dice,
    )
    .unwrap();
    let ciphertext = context.seal(TOKEN.as_bytes(), about.as_bytes()).unwrap();
    Sealed { enc: URL_SAFE_NO_PAD.encode(enc.to_bytes()), ciphertext: URL_SAFE_NO_PAD.encode(ciphertext) }
}

/// The PIN 2580.
fn staff_pin() -> StaffPin {
    StaffPin { salt: "MDEyMzQ1Njc4OWFiY2RlZg".into(), rounds: 1_000, hash: "FW5_B4dM4mDft_2Bxip8C66spqFO_eexP1brA4dwbqc".into() }
}
