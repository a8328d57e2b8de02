//! A session server in memory that behaves as a test wants.

use std::sync::Mutex;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use kiosk_core::{
    WavStream,
    server::{EventStream, Server, ServerError, Token, token_hash},
};
use protocol::{
    ApiError, Clock as _, ErrorCode,
    ambient::SystemClock,
    catalogue::CataloguePage,
    device::{DeviceResponse, EnrolmentRequest, EnrolmentResponse},
    event::{EventBody, StreamEvent},
    handoff::{GuestRequest, IssuedSession, MatchRequest, OpenHandoffRequest, OpenHandoffResponse},
    ids::{Cursor, HandoffId, KioskSessionId},
    kiosk_profile::KioskProfile,
    kiosk_session::KioskSession,
    session::{ChatEntry, Sender},
    speech::SpeechRequest,
    sync::{MAX_BYTES, Op, OpBody, PushRequest, PushResponse, Refusal},
};
use tokio::sync::mpsc;

use crate::{
    answers::{begun_away, device, entry, handoff_id, hold_id, is_chat, refused, session_id, snapshot},
    seal::{TOKEN, seal},
};

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
    pub cursor: i64,
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
