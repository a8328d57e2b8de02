use std::{sync::Mutex, time::Duration};

use protocol::{
    ApiError, Timestamp,
    ambient::SystemEntropy,
    catalogue::FeaturedProduct,
    device::{DeviceRole, EnrolmentResponse},
    event::{EventBody, StreamEvent},
    handoff::{CODES_AHEAD, HandoffEnd, IssuedSession, OpenHandoffRequest, OpenHandoffResponse},
    ids::{Cursor, DeviceId, EntryId, HandoffId, SessionId},
    intent::Intent,
    kiosk_session::{EndReason, KioskCustomer, KioskSession},
    session::{Assurance, CartLine, Channel, ChatEntry, Sender},
    shop::{Shop, Store, Theme},
    sync::Refusal,
    view::{ConversationView, Delivery, Overlay, Screen, View, Who},
};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::{
    VoiceState,
    message::{Answer, Opened, Problem},
    seal::tests::seal,
    view::view,
};

mod alone;
mod conversation;
mod handoff;
mod start;

#[derive(Debug)]
struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(1_770_890_400_000)
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// Counts, so that nothing is drawn twice.
#[derive(Debug, Default)]
struct Counting(Mutex<u64>);

impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) {
        let mut count = self.0.lock().unwrap();
        for part in out.chunks_mut(8) {
            *count += 1;
            part.copy_from_slice(&count.to_le_bytes()[..part.len()]);
        }
    }
}

/// A kiosk on the table: messages go in by hand, effects are looked at, and time passes when told to.
struct Table {
    kiosk: Kiosk,
    now: Moment,
    done: Vec<Effect>,
    cursor: i64,
}

impl Table {
    fn new() -> Self {
        let setup = Setup { locale: Locale::En, muted: false, server: "http://127.0.0.1:7878".into(), settings_damaged: false };
        let kiosk = Kiosk::new(setup, Arc::new(Fixed), Arc::new(Counting::default()));
        Self { kiosk, now: Duration::ZERO, done: Vec::new(), cursor: 0 }
    }

    /// Enrolled, connected, with a voice, and a code on the glass.
    fn attract() -> Self {
        let mut table = Self::new();
        table.send(Message::Voice(VoiceState { available: true, speaking: false }));
        table.send(Message::Opened(Ok(Opened { device: Some(device()), unfinished: None })));
        table.answer(Answer::Device(Ok(device())));
        table.send(Message::Stream(Stream::Up));
        table.open_handoff(1);
        table.done.clear();
        table
    }

    fn matching() -> Self {
        let mut table = Self::attract();
        table.event(EventBody::HandoffClaimed { handoff_id: handoff_id(1) });
        table
    }

    fn conversation() -> Self {
        let mut table = Self::matching();
        table.press(4);
        table.press(2);
        let issued = table.issued(Some(1));
        table.answer(Answer::Match(handoff_id(1), Ok(issued)));
        table.settle_voice();
        table.done.clear();
        table
    }

    fn send(&mut self, message: Message) {
        self.kiosk.handle(message, self.now);
        self.done.extend(self.kiosk.effects());
    }

    fn answer(&mut self, answer: Answer) {
        self.send(Message::Answer(answer));
    }

    fn intend(&mut self, intent: Intent) {
        self.send(Message::Intent(intent));
    }

    fn press(&mut self, digit: u8) {
        self.intend(Intent::PressDigit { digit });
    }

    fn write(&mut self, text: &str) -> OpKey {
        self.intend(Intent::SendMessage { text: text.into() });
        self.recorded().pop().unwrap().key
    }

    fn event(&mut self, body: EventBody) {
        self.cursor += 1;
        self.event_at(self.cursor, body);
    }

    fn event_at(&mut self, cursor: i64, body: EventBody) {
        self.send(Message::Stream(Stream::Event(StreamEvent { cursor: Cursor(cursor), at: Fixed.now(), body })));
    }

    fn appended(&mut self, id: u128, sender: Sender, text: &str, op: Option<OpKey>) {
        self.event(EventBody::ChatAppended { session_id: session_id(), entry: entry(id, sender, text), op, version: 1 });
    }

    fn lost(&mut self) {
        self.send(Message::Stream(Stream::Down(unreachable())));
    }

    /// Lets time pass, waking the kiosk exactly when it wants to be.
    fn wait(&mut self, seconds: f64) {
        let end = self.now + Duration::from_secs_f64(seconds);
        while let Some(deadline) = self.kiosk.deadline(self.now).filter(|deadline| *deadline <= end) {
            self.now = self.now.max(deadline);
            self.kiosk.tick(self.now);
            self.done.extend(self.kiosk.effects());
            assert!(
                self.kiosk.deadline(self.now).is_none_or(|next| next > self.now),
                "a timer that is due again at once is a busy loop"
            );
        }
        self.now = end;
    }

    fn view(&self) -> View {
        view(&self.kiosk, self.now)
    }

    fn screen(&self) -> &'static str {
        self.kiosk.state.name()
    }

    fn talk(&self) -> ConversationView {
        match self.view().screen {
            Screen::Conversation(conversation) => conversation,
            other => panic!("no conversation but {other:?}"),
        }
    }

    fn texts(&self) -> Vec<(String, Delivery)> {
        self.talk().entries.into_iter().map(|entry| (entry.text, entry.delivery)).collect()
    }

    fn cart(&self) -> Vec<(String, u32)> {
        self.talk().cart.lines.into_iter().map(|line| (line.sku.0, line.quantity)).collect()
    }

    /// The greeting has been said.
    fn settle_voice(&mut self) {
        let utterance = self.kiosk.voice.utterance;
        self.answer(Answer::Speech(utterance, Err(unreachable_voice())));
        self.answer(Answer::Rendered(utterance, None));
    }

    fn recorded(&self) -> Vec<Op> {
        self.done.iter().filter_map(|effect| if let Effect::Record(op, _) = effect { Some(op.clone()) } else { None }).collect()
    }

    fn spoken(&self) -> Vec<String> {
        self.done
            .iter()
            .filter_map(|effect| if let Effect::RequestSpeech(_, request) = effect { Some(request.input.clone()) } else { None })
            .collect()
    }

    /// What this machine itself was to say.
    fn rendered(&self) -> Vec<String> {
        self.done
            .iter()
            .filter_map(|effect| if let Effect::Render(_, request) = effect { Some(request.input.clone()) } else { None })
            .collect()
    }

    fn handoff_requests(&self) -> Vec<OpenHandoffRequest> {
        self.done
            .iter()
            .filter_map(|effect| if let Effect::OpenHandoff(request) = effect { Some(request.clone()) } else { None })
            .collect()
    }

    fn count(&self, is: impl Fn(&Effect) -> bool) -> usize {
        self.done.iter().filter(|effect| is(effect)).count()
    }

    /// Answers the request for a handoff that must be on its way.
    fn open_handoff(&mut self, id: u128) {
        assert!(self.kiosk.handoffs.is_opening(), "no handoff was asked for");
        self.answer(Answer::Handoff(Ok(OpenHandoffResponse {
            handoff_id: handoff_id(id),
            expires_in: 120,
            slot_seconds: 15,
            codes: (0..CODES_AHEAD).map(|slot| format!("ABCDEFGHIJKLMNOPQRSTUVW{id}{slot}")).collect(),
            typed_code: "BCDF-GHJK".into(),
        })));
    }

    /// What the server issues for a claimed handoff, or for a guest.
    fn issued(&self, handoff: Option<u128>) -> IssuedSession {
        let (public, about) = match (&self.kiosk.state, handoff) {
            (State::Matching(matching), Some(id)) => (matching.handoff.key.public().to_owned(), handoff_id(id).to_string()),
            (State::Attract(attract), None) => match &attract.guest {
                crate::state::GuestStart::Asked(key) => (key.public().to_owned(), String::new()),
                _ => panic!("no guest was asked for"),
            },
            _ => panic!("nothing to issue for"),
        };
        IssuedSession {
            kiosk_session_id: hold_id(),
            token: seal(&public, &about, "the token"),
            session: session(handoff.is_some()),
        }
    }
}

fn handoff_id(number: u128) -> HandoffId {
    HandoffId(Uuid::from_u128(number))
}

fn hold_id() -> KioskSessionId {
    KioskSessionId(Uuid::from_u128(100))
}

fn session_id() -> SessionId {
    SessionId(Uuid::from_u128(200))
}

fn entry(id: u128, sender: Sender, message: &str) -> ChatEntry {
    let metadata = (sender == Sender::Agent).then(|| json!({ "cards": [{ "sku": "SKU-9", "name": "Kurta", "price": 12.5 }] }));
    ChatEntry {
        id: EntryId(Uuid::from_u128(id)),
        sender,
        message: message.into(),
        timestamp: Fixed.now(),
        channel: Channel::Kiosk,
        metadata: metadata.and_then(|metadata| metadata.as_object().cloned()),
    }
}

fn line(sku: &str, quantity: u32) -> CartLine {
    CartLine {
        sku: sku.into(),
        name: sku.into(),
        quantity,
        price: 10.0,
        price_minor: 1_000,
        currency: "INR".into(),
        image_url: "/images/a.svg".into(),
        options: std::collections::BTreeMap::new(),
        price_changed: false,
    }
}

fn session(customer: bool) -> KioskSession {
    KioskSession {
        kiosk_session_id: hold_id(),
        session_id: session_id(),
        assurance: if customer { Assurance::Qr } else { Assurance::Guest },
        customer: customer.then(|| KioskCustomer { first_name: "Asha".into(), loyalty_tier: "Gold".into(), loyalty_points: 7 }),
        profile: None,
        chat: vec![ChatEntry { channel: Channel::Whatsapp, ..entry(1, Sender::Agent, "as we said") }],
        cart: vec![line("SKU-1", 2)],
        currency: "INR".into(),
        version: 1,
        cursor: Cursor(0),
        absolute_seconds_left: 900,
    }
}

fn device() -> DeviceResponse {
    DeviceResponse {
        device_id: DeviceId(Uuid::from_u128(5)),
        role: DeviceRole::Kiosk,
        label: "By the fitting rooms".into(),
        store: Store {
            store_id: "S01".into(),
            name: "Old Town".into(),
            city: "Pune".into(),
            address: "1 High Street".into(),
            opening_hours: "10:00-21:30".into(),
        },
        shop: Shop {
            name: "Saffron".into(),
            country: "IN".into(),
            currency: "INR".into(),
            time_zone: "Asia/Kolkata".into(),
            languages: vec![Locale::En, Locale::Hi],
            theme: Theme::default(),
            featured: vec!["SKU-1".into()],
        },
        phone_origin: "https://shop.example".into(),
        featured: vec![FeaturedProduct {
            sku: "SKU-1".into(),
            name: "Shirt".into(),
            image: "/images/a.svg".into(),
            color_hex: None,
        }],
        staff_pin: None,
    }
}

fn unreachable() -> ServerError {
    ServerError::Unreachable("nobody there".into())
}

fn unreachable_voice() -> ServerError {
    refused(ErrorCode::VoiceUnavailable)
}

fn refused(code: ErrorCode) -> ServerError {
    ServerError::Refused(ApiError::new(code, "no"))
}
