//! The kiosk: what it is doing, what it knows, and how it takes messages in. It does nothing itself; it says what to do.

mod alone;
mod answers;
mod events;
mod intents;
mod journey;
mod opening;
mod staff;
mod timers;
mod voice;

use std::{sync::Arc, time::Duration};

use protocol::{
    Clock, Entropy, ErrorCode,
    ambient::uuid_v7,
    device::DeviceResponse,
    ids::{Cursor, HandoffId, KioskSessionId, OpKey, SessionId},
    shop::Locale,
    sync::{Op, OpBody},
    view::Notice,
};

use crate::{
    backoff::Backoff,
    handoff::Handoffs,
    message::{Effect, Message, Moment, Stream},
    server::ServerError,
    state::{Refused, Staff, State},
};

pub(crate) use voice::Voice;

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(6);
/// A server out of reach for so long answers no guest in time; one that is back sooner does.
const GRACE: Duration = Duration::from_secs(3);

/// How this kiosk is set up.
pub(crate) struct Setup {
    pub(crate) locale: Locale,
    pub(crate) muted: bool,
    /// The server's address, for staff to read.
    pub(crate) server: String,
    /// The address is a guess: the settings could not be read.
    pub(crate) settings_damaged: bool,
}

/// The kiosk.
pub(crate) struct Kiosk {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    pub(crate) setup: Setup,
    pub(crate) state: State,
    pub(crate) staff: Staff,
    /// None where this device is not enrolled, or nothing is known yet.
    pub(crate) device: Option<DeviceResponse>,
    pub(crate) online: bool,
    /// From when the kiosk's own assistant answers what a guest wrote for the server; none while that is in reach.
    alone_from: Option<Moment>,
    /// The event stream stands; without it nobody would hear of a claim.
    streaming: bool,
    pub(crate) locale: Locale,
    pub(crate) voice: Voice,
    notice: Option<(Notice, Moment)>,
    pub(crate) handoffs: Handoffs,
    /// A handoff whose end came while one was being opened: the answer may be slower than the news.
    over_early: Option<HandoffId>,
    /// When the server is asked about this device again; none while it is known, or being asked.
    device_due: Option<Moment>,
    device_backoff: Backoff,
    /// The same where nothing else is tried that would find the server.
    connect_backoff: Backoff,
    open_backoff: Backoff,
    /// Where the event stream began the last time that it began with now: nothing before that comes through it.
    stream_from: Option<Cursor>,
    /// The last event of a session that was not on the screen: its hold may have begun already, and its answer be on the way.
    passed_by: Option<(SessionId, Cursor)>,
    /// When a snapshot that did not come is asked for again.
    snapshot_due: Option<Moment>,
    snapshot_backoff: Backoff,
    /// A hold that ended, perhaps before its session came.
    last_ended: Option<KioskSessionId>,
    /// A goodbye that the server has not heard of yet, and how long codes wait for that.
    unheard_goodbye: Option<(OpKey, Moment)>,
    /// In the order to be done.
    effects: Vec<Effect>,
}

impl Kiosk {
    pub(crate) fn new(setup: Setup, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            clock,
            entropy,
            locale: setup.locale,
            voice: Voice { muted: setup.muted, ..Voice::default() },
            setup,
            state: State::Starting,
            staff: Staff::default(),
            device: None,
            online: false,
            alone_from: None,
            streaming: false,
            notice: None,
            handoffs: Handoffs::default(),
            over_early: None,
            device_due: None,
            device_backoff: Backoff::default(),
            connect_backoff: Backoff::quick(),
            open_backoff: Backoff::default(),
            stream_from: None,
            passed_by: None,
            snapshot_due: None,
            snapshot_backoff: Backoff::quick(),
            last_ended: None,
            unheard_goodbye: None,
            effects: vec![Effect::Open],
        }
    }

    /// Takes a message in. What the state does not allow changes nothing.
    pub(crate) fn handle(&mut self, message: Message, now: Moment) {
        let done = match message {
            Message::Intent(intent) => self.intend(intent, now),
            Message::Opened(opened) => self.opened(opened, now),
            Message::Voice(voice) => {
                self.voice_changed(voice, now);
                Ok(())
            }
            Message::Stream(stream) => self.streamed(stream, now),
            Message::Answer(answer) => self.answered(answer, now),
            Message::Settled { applied, refused } => {
                self.settled(&applied, &refused, now);
                Ok(())
            }
            Message::PushFailed(error) => {
                self.goodbye_heard(now);
                self.failed(&error, now)
            }
            Message::PinChecked(right) => self.pin_checked(right, now),
            Message::Health(health) => self.told_health(*health),
            Message::LookedUp(text, answer) => self.staff.looked_up(&text, answer),
            // These two concern the loop alone.
            Message::Drawn(_) | Message::Shutdown(_) => Ok(()),
        };
        if let Err(refused) = done {
            tracing::debug!(%refused, "a message came too late or too early");
        }
        self.tick(now);
    }

    /// What is to be done now, in this order.
    pub(crate) fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    pub(crate) fn notice(&self, now: Moment) -> Option<Notice> {
        self.notice.filter(|(_, until)| now < *until).map(|(notice, _)| notice)
    }

    fn streamed(&mut self, stream: Stream, now: Moment) -> Result<(), Refused> {
        match stream {
            Stream::Up => {
                self.streaming = true;
                self.reached(now);
                // What waits for its next try need not wait any longer.
                self.act(Effect::Retry);
                self.fetch_missed(now);
                self.want_handoff(now);
                Ok(())
            }
            Stream::Down(error) => {
                self.streaming = false;
                self.failed(&error, now)
            }
            Stream::Missed => {
                if let State::Conversation(conversation) = &mut self.state {
                    conversation.missed = true;
                }
                Ok(())
            }
            Stream::Event(event) => {
                self.reached(now);
                self.happened(event, now)
            }
        }
    }

    fn act(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    fn tell(&mut self, notice: Notice, now: Moment) {
        self.notice = Some((notice, now + NOTICE));
    }

    /// The server answered.
    fn reached(&mut self, now: Moment) {
        let was = std::mem::replace(&mut self.online, true);
        self.alone_from = None;
        self.connect_backoff.reset();
        if self.device.is_some() {
            self.device_due = None;
            self.device_backoff.reset();
        }
        if !was {
            self.want_handoff(now);
        }
    }

    /// A call brought no answer of use. Knowing that, the kiosk asks about itself until the server is there again.
    fn failed(&mut self, error: &ServerError, now: Moment) -> Result<(), Refused> {
        if let ServerError::Refused(refusal) = error {
            self.reached(now);
            return if refusal.code == ErrorCode::KioskNotEnrolled { self.unenrolled(now) } else { Ok(()) };
        }
        if std::mem::replace(&mut self.online, false) {
            self.alone_from = Some(now + GRACE);
        }
        if self.device.is_some() && self.device_due.is_none() {
            self.device_due = Some(now + self.device_backoff.next(self.entropy.as_ref()));
        }
        Ok(())
    }

    /// Whom the kiosk has on its screen.
    pub(crate) fn holding(&self) -> Option<KioskSessionId> {
        match &self.state {
            State::Conversation(conversation) => Some(conversation.hold),
            _ => None,
        }
    }

    fn op(&self, hold: KioskSessionId, body: OpBody) -> Op {
        let key = OpKey(uuid_v7(self.clock.as_ref(), self.entropy.as_ref()));
        Op { key, kiosk_session_id: hold, made_at: self.clock.now(), body }
    }
}

#[cfg(test)]
mod tests;
