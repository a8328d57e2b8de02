//! The way between one kiosk and the server: it delays, reorders, repeats, loses and breaks off.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::{StreamExt as _, stream};
use kiosk_core::{
    WavStream,
    server::{EventStream, Server, ServerError, Token},
};
use protocol::{
    ApiError, ErrorCode,
    catalogue::CataloguePage,
    device::{DeviceResponse, EnrolmentRequest, EnrolmentResponse},
    event::StreamEvent,
    handoff::{GuestRequest, IssuedSession, MatchRequest, OpenHandoffRequest, OpenHandoffResponse},
    ids::{Cursor, HandoffId, KioskSessionId},
    kiosk_session::KioskSession,
    session::{Channel, Sender},
    speech::SpeechRequest,
    sync::{OpBody, PushRequest, PushResponse, Refusal},
};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::{
    life::Life,
    shop::{Records, device},
    world::World,
};

/// The kiosk's system gives up what was not acknowledged for this long, and a stream on which no probe is answered.
const UNACKNOWLEDGED: Duration = Duration::from_secs(4);
/// A delayed copy of a message comes this much later at most.
const LATEST_COPY: u64 = 20_000;

/// One kiosk's way to the server, between a start and a power cut.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) world: Arc<World>,
    pub(crate) device: usize,
    pub(crate) life: Arc<Life>,
}

fn gone(why: &str) -> ServerError {
    ServerError::Unreachable(why.into())
}

impl Wire {
    /// One message on its way, in either direction.
    async fn travel(&self) -> Result<(), ServerError> {
        let world = &self.world;
        let sent = Instant::now();
        sleep(world.delay()).await;
        if world.mishap(30) {
            sleep(world.dice.millis(0, 300)).await;
            return Err(gone("the connection was reset"));
        }
        self.through(sent).await
    }

    /// Waits while the way is cut. What was sent is sent again with growing pauses, and given up in the end.
    async fn through(&self, sent: Instant) -> Result<(), ServerError> {
        let world = &self.world;
        if world.cut_since(self.device).is_none() {
            return Ok(());
        }
        let joined = async {
            loop {
                let changed = world.changed();
                if world.cut_since(self.device).is_none() {
                    break;
                }
                changed.await;
            }
            let paused = u64::try_from(sent.elapsed().as_millis()).unwrap_or(0);
            sleep(world.dice.millis(0, paused)).await;
        };
        timeout_at(sent + UNACKNOWLEDGED, joined).await.map_err(|_| gone("nothing is acknowledged"))
    }

    /// Brings a call to the server and its answer back.
    async fn call<T>(&self, what: &str, work: impl FnOnce(&mut Records) -> Result<T, ServerError>) -> Result<T, ServerError> {
        self.life.goes_on().await;
        let answer = self.call_through(work).await;
        self.life.goes_on().await;
        if let Err(error) = &answer {
            self.world.trace.note(format!("kiosk {}: {what}: {error}", self.device));
        }
        answer
    }

    async fn call_through<T>(&self, work: impl FnOnce(&mut Records) -> Result<T, ServerError>) -> Result<T, ServerError> {
        self.travel().await?;
        if !self.world.is_server_up() {
            return Err(gone("nobody listens"));
        }
        let answer = self.world.records(work);
        self.travel().await?;
        answer
    }

    /// The server takes a push in, change by change, each in a transaction of its own.
    async fn take_in(&self, request: &PushRequest) -> Result<PushResponse, ServerError> {
        let world = &self.world;
        let crashes = world.crashes();
        let fell = || !world.is_server_up() || world.crashes() != crashes;
        if fell() {
            return Err(gone("nobody listens"));
        }
        if world.mishap(20) {
            return Err(ServerError::Refused(ApiError::new(ErrorCode::InternalError, "it stumbled")));
        }
        let mut response = PushResponse::default();
        let mut held_up = BTreeSet::<KioskSessionId>::new();
        for op in &request.ops {
            sleep(world.dice.millis(0, 15)).await;
            if fell() {
                return Err(gone("the server fell"));
            }
            let in_order = world.records(|records| records.rules().in_order);
            if (in_order && held_up.contains(&op.kiosk_session_id)) || world.mishap(30) {
                held_up.insert(op.kiosk_session_id);
                response.later.push(Refusal::new(op.key, ApiError::new(ErrorCode::InternalError, "not now")));
                continue;
            }
            let at = world.now();
            if !world.records(|records| records.rules().durable) && world.mishap(50) {
                response.applied.push(op.key);
                continue;
            }
            match world.records(|records| records.apply(self.device, op, request.holding, at)) {
                None => {
                    world.trace.note(format!("applied {} of kiosk {}", op.key, self.device));
                    response.applied.push(op.key);
                    self.answer_later(op.kiosk_session_id, &op.body);
                }
                Some(error) => response.refused.push(Refusal::new(op.key, error)),
            }
        }
        if fell() { Err(gone("the server fell")) } else { Ok(response) }
    }

    /// The assistant answers a message after a while.
    fn answer_later(&self, hold: KioskSessionId, body: &OpBody) {
        let OpBody::Chat { message, answered_here: false } = body else { return };
        let Some(session) = self.world.records(|records| records.session_of(hold)) else { return };
        let (world, text) = (Arc::clone(&self.world), format!("an answer to {message}"));
        let wait = world.dice.millis(50, 800);
        tokio::spawn(async move {
            sleep(wait).await;
            let at = world.now();
            world.records(|records| records.write(session, Sender::Agent, &text, Channel::Kiosk, at));
        });
    }
}

#[async_trait]
impl Server for Wire {
    async fn device(&self) -> Result<DeviceResponse, ServerError> {
        self.call("device", |_| Ok(device(self.device))).await
    }

    async fn request_enrolment(&self, _: &EnrolmentRequest) -> Result<EnrolmentResponse, ServerError> {
        self.call("enrolment", |_| Ok(EnrolmentResponse { code: "BCDF-GHJK".into(), expires_in: 600, interval: 2 })).await
    }

    async fn open_handoff(&self, request: &OpenHandoffRequest) -> Result<OpenHandoffResponse, ServerError> {
        let at = self.world.now();
        self.call("handoff", |records| Ok(records.open_handoff(self.device, request, at))).await
    }

    async fn cancel_handoff(&self, handoff: HandoffId) -> Result<(), ServerError> {
        self.call("cancel", |records| {
            records.cancel_handoff(handoff);
            Ok(())
        })
        .await
    }

    async fn match_digits(&self, handoff: HandoffId, request: &MatchRequest) -> Result<IssuedSession, ServerError> {
        let at = self.world.now();
        let dice = &self.world.dice;
        self.call("match", |records| records.match_digits(self.device, handoff, &request.digits, dice, at)).await
    }

    async fn start_guest(&self, request: &GuestRequest) -> Result<IssuedSession, ServerError> {
        let at = self.world.now();
        let dice = &self.world.dice;
        self.call("guest", |records| records.start_guest(self.device, request, dice, at)).await
    }

    async fn kiosk_session(&self, token: &Token) -> Result<KioskSession, ServerError> {
        self.call("session", |records| records.kiosk_session(token)).await
    }

    async fn push(&self, request: &PushRequest) -> Result<PushResponse, ServerError> {
        self.life.goes_on().await;
        self.world.trace.note(format!("kiosk {}: pushes {}", self.device, request.ops.len()));
        let pushed = async {
            self.travel().await?;
            if self.world.mishap(80) {
                // A copy of the message comes once more, perhaps long after everything else.
                let (again, request) = (self.clone(), request.clone());
                let wait = self.world.dice.millis(0, LATEST_COPY);
                tokio::spawn(async move {
                    sleep(wait).await;
                    again.world.trace.note(format!("kiosk {}: a copy of a push arrives", again.device));
                    // Nobody waits for the answer.
                    let _ = again.take_in(&request).await;
                });
            }
            let response = self.take_in(request).await;
            self.travel().await?;
            response
        };
        let answer = pushed.await;
        self.life.goes_on().await;
        if let Err(error) = &answer {
            self.world.trace.note(format!("kiosk {}: push: {error}", self.device));
        }
        answer
    }

    async fn events(&self, after: Option<Cursor>) -> Result<EventStream, ServerError> {
        let at = self.world.now();
        let (cursor, first) = self.call("events", |records| records.open_stream(after, at)).await?;
        let feed = Feed { wire: self.clone(), cursor, first, crashes: self.world.crashes() };
        Ok(stream::unfold(feed, |mut feed| async {
            let next = feed.next().await?;
            Some((next, feed))
        })
        .boxed())
    }

    async fn catalogue(&self, after: Option<&str>, _: u32) -> Result<CataloguePage, ServerError> {
        let as_of = self.world.now();
        self.call("catalogue", |records| {
            let forgetful = !records.rules().whole;
            let page = records.catalogue.page(after, as_of, forgetful);
            page.ok_or_else(|| ServerError::Refused(ApiError::new(ErrorCode::CursorExpired, "no")))
        })
        .await
    }

    async fn speech(&self, _: &SpeechRequest) -> Result<WavStream, ServerError> {
        Err(ServerError::Refused(ApiError::new(ErrorCode::VoiceUnavailable, "nobody listens here")))
    }
}

/// One event stream.
struct Feed {
    wire: Wire,
    cursor: i64,
    first: Option<StreamEvent>,
    crashes: u64,
}

impl Feed {
    async fn next(&mut self) -> Option<Result<StreamEvent, ServerError>> {
        let world = Arc::clone(&self.wire.world);
        loop {
            self.wire.life.goes_on().await;
            let changed = world.changed();
            if world.crashes() != self.crashes || world.mishap(5) {
                sleep(world.delay()).await;
                self.wire.life.goes_on().await;
                return None;
            }
            if let Some(since) = world.cut_since(self.wire.device) {
                if since.elapsed() >= UNACKNOWLEDGED {
                    return Some(Err(gone("no probe is answered")));
                }
                let given_up = since + UNACKNOWLEDGED;
                // Either way it is looked at anew.
                let _ = timeout_at(given_up, changed).await;
                continue;
            }
            let event = self.first.take().or_else(|| world.records(|records| records.next_event(self.wire.device, self.cursor)));
            let Some(event) = event else {
                let _ = timeout(Duration::from_secs(25), changed).await;
                continue;
            };
            let sent = Instant::now();
            sleep(world.delay()).await;
            self.wire.life.goes_on().await;
            if let Err(error) = self.wire.through(sent).await {
                return Some(Err(error));
            }
            self.wire.life.goes_on().await;
            if world.crashes() != self.crashes {
                return None;
            }
            self.cursor = self.cursor.max(event.cursor.0);
            return Some(Ok(event));
        }
    }
}
