//! What the event loop hears, and what it does in return.

use std::time::Duration;

use assistant::Question;
use kiosk_store::CacheChange;
use protocol::{
    ErrorCode,
    device::{DeviceResponse, EnrolmentResponse, StaffPin},
    event::StreamEvent,
    handoff::{GuestRequest, IssuedSession, OpenHandoffRequest, OpenHandoffResponse},
    ids::{Cursor, HandoffId, KioskSessionId, OpKey},
    intent::Intent,
    kiosk_health::KioskHealth,
    kiosk_session::KioskSession,
    look_up::LookUpAnswer,
    speech::SpeechRequest,
    sync::{Op, Refusal},
};
use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

use crate::{
    VoiceState, WavStream,
    server::{ServerError, Token},
    thinking::Thought,
};

/// Time since the kiosk started; it never goes back.
pub(crate) type Moment = Duration;

/// What the event loop hears.
pub(crate) enum Message {
    /// Somebody touched the screen.
    Intent(Intent),
    /// The view with this number is on the screen.
    Drawn(u64),
    /// The program ends.
    Shutdown(oneshot::Sender<()>),
    /// Keys and files are open, or not.
    Opened(Result<Opened, Problem>),
    /// The voice changed.
    Voice(VoiceState),
    /// The event stream.
    Stream(Stream),
    /// The server answered, or not.
    Answer(Answer),
    /// The server took changes from the outbox in.
    Settled {
        /// Applied now or before.
        applied: Vec<OpKey>,
        /// Refused for good.
        refused: Vec<Refusal>,
    },
    /// A push did not get through.
    PushFailed(ServerError),
    /// The staff's PIN was right, or not.
    PinChecked(bool),
    /// How the kiosk is doing.
    Health(Box<KioskHealth>),
    /// What that text found.
    LookedUp(String, LookUpAnswer),
}

/// Sends into the loop's inbox without keeping the loop alive.
#[derive(Clone)]
pub(crate) struct Inbox(pub(crate) mpsc::WeakSender<Message>);

impl Inbox {
    /// False once the loop has ended.
    pub(crate) async fn send(&self, message: Message) -> bool {
        match self.0.upgrade() {
            Some(sender) => sender.send(message).await.is_ok(),
            None => false,
        }
    }
}

/// What was found when keys and files were opened.
pub(crate) struct Opened {
    /// What the server said about this device when it last could.
    pub(crate) device: Option<DeviceResponse>,
    /// A hold that the last run of the program did not end.
    pub(crate) unfinished: Option<KioskSessionId>,
}

/// What stands in the way of starting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) code: ErrorCode,
    /// What staff can look up; never a secret.
    pub(crate) about: String,
    /// Waiting may help.
    pub(crate) passes: bool,
}

/// What the event stream says.
pub(crate) enum Stream {
    /// It stands.
    Up,
    /// It cannot be opened.
    Down(ServerError),
    /// Events were missed for good: take a snapshot once it stands.
    Missed,
    /// Something happened.
    Event(StreamEvent),
}

/// What the server answered.
pub(crate) enum Answer {
    Device(Result<DeviceResponse, ServerError>),
    Enrolment(Result<EnrolmentResponse, ServerError>),
    Handoff(Result<OpenHandoffResponse, ServerError>),
    Match(HandoffId, Result<IssuedSession, ServerError>),
    Guest(Result<IssuedSession, ServerError>),
    Snapshot(KioskSessionId, Result<KioskSession, ServerError>),
    Speech(u64, Result<WavStream, ServerError>),
    /// This machine itself speaks, or cannot.
    Rendered(u64, Option<WavStream>),
    /// The kiosk's own assistant has an answer to the message of that change.
    Thought(OpKey, Box<Thought>),
}

impl Answer {
    /// Why the call brought nothing, where it did not.
    pub(crate) fn failure(&self) -> Option<ErrorCode> {
        match self {
            Self::Device(answer) => answer.as_ref().err(),
            Self::Enrolment(answer) => answer.as_ref().err(),
            Self::Handoff(answer) => answer.as_ref().err(),
            Self::Match(_, answer) | Self::Guest(answer) => answer.as_ref().err(),
            Self::Snapshot(_, answer) => answer.as_ref().err(),
            Self::Speech(_, answer) => answer.as_ref().err(),
            Self::Rendered(..) | Self::Thought(..) => None,
        }
        .map(ServerError::code)
    }
}

/// What the event loop does.
pub(crate) enum Effect {
    /// Opens keys and files; answered by [`Message::Opened`].
    Open,
    /// Answered by [`Answer::Device`].
    FetchDevice,
    /// Answered by [`Answer::Enrolment`].
    RequestEnrolment,
    /// Answered by [`Answer::Handoff`].
    OpenHandoff(OpenHandoffRequest),
    /// Best effort: a handoff ends by itself.
    CancelHandoff(HandoffId),
    /// Answered by [`Answer::Match`].
    Match(HandoffId, Zeroizing<String>),
    /// Answered by [`Answer::Guest`].
    StartGuest(GuestRequest),
    /// Answered by [`Answer::Snapshot`].
    FetchSession(KioskSessionId, Token),
    /// Opens the event stream and pushes what waits, where that is not going on already.
    Connect,
    /// Ends what [`Self::Connect`] began.
    Disconnect,
    /// Tries what waits for its next try at once.
    Retry,
    /// Remembers what the server says about this device, or that it does not know it.
    Remember(Option<Box<DeviceResponse>>),
    /// Puts a change into the outbox, and its effect into the cache; it is pushed at once.
    Record(Op, Option<CacheChange>),
    /// Keeps a session.
    Hold(Box<KioskSession>),
    /// Keeps a session that begins here, and puts its beginning into the outbox.
    Begin(Box<KioskSession>, Op),
    /// Takes an event in.
    Apply(Cursor, Option<CacheChange>),
    /// Erases the customer from the disk.
    Wipe,
    /// Stops the voice, and what it was to say.
    Silence,
    /// Answered by [`Answer::Speech`].
    RequestSpeech(u64, SpeechRequest),
    /// Has this machine itself speak; answered by [`Answer::Rendered`].
    Render(u64, SpeechRequest),
    /// Has the kiosk's own assistant answer the message of that change; answered by [`Answer::Thought`].
    Think(OpKey, Box<Question>),
    /// Plays what came.
    Play(WavStream),
    /// Answered by [`Message::PinChecked`].
    CheckPin(Zeroizing<String>, StaffPin),
    /// Answered by [`Message::Health`].
    LookAtHealth,
    /// Looks a text up in the copy of the catalogue, instead of the one before; answered by [`Message::LookedUp`].
    LookUp(String),
    /// Forgets what was looked up.
    ForgetLookUps,
    /// Asks the server soon what has changed in the catalogue.
    FollowCatalogue,
    /// Asks whoever runs the kiosk to start it anew.
    StartAnew,
}
