//! The session server's documented rules, in memory: what a change does, once; what the event log holds; whom a hold belongs to.

use std::collections::BTreeMap;

use kiosk_core::server::{ServerError, token_hash};
use protocol::{
    ApiError, ErrorCode, Timestamp,
    catalogue::{CataloguePage, Product, ProductStock},
    device::{DeviceResponse, DeviceRole},
    event::{EventBody, StreamEvent},
    handoff::{GuestRequest, HandoffEnd, IssuedSession, OpenHandoffRequest, OpenHandoffResponse},
    ids::{Cursor, DeviceId, EntryId, HandoffId, KioskSessionId, OpKey, SessionId},
    kiosk_session::{EndReason, KioskCustomer, KioskSession},
    session::{Assurance, CartLine, Channel, ChatEntry, Sender},
    shop::{Locale, Shop, Store, Theme},
    sync::{Op, OpBody},
};
use uuid::Uuid;

use crate::{catalogue::Catalogue, dice::Dice, seal::seal};

/// The digits that every phone shows.
pub(crate) const DIGITS: &str = "42";
/// What is in every cart at first.
pub(crate) const SKUS: [&str; 3] = ["SKU-1", "SKU-2", "SKU-3"];
/// Most pieces of a line.
const MOST: u32 = 99;

/// Rules that a test may break to see that it is noticed.
#[expect(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// A change that was applied before is not applied again.
    pub once: bool,
    /// A change that cannot be applied now holds up the later ones of its conversation.
    pub in_order: bool,
    /// What is answered as applied is applied.
    pub durable: bool,
    /// A product that changed and was counted while a copy went on is told whole.
    pub whole: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { once: true, in_order: true, durable: true, whole: true }
    }
}

/// Whom an event is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Topic {
    Device(usize),
    Session(SessionId),
    Shop,
}

/// What became of a change.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answered {
    Never,
    Applied,
    Refused(ErrorCode),
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) guest: bool,
    pub(crate) live: bool,
    pub(crate) chat: Vec<ChatEntry>,
    pub(crate) cart: Vec<CartLine>,
    version: i64,
}

#[derive(Debug)]
pub(crate) struct Hold {
    device: usize,
    pub(crate) session: SessionId,
    pub(crate) ended: Option<EndReason>,
    token_hash: String,
}

#[derive(Debug)]
struct Handoff {
    device: usize,
    key: String,
    claimed: bool,
    over: bool,
}

/// What the server keeps. It survives a crash; what was not committed was never in it.
#[derive(Debug)]
pub(crate) struct Records {
    rules: Rules,
    sessions: BTreeMap<SessionId, Session>,
    holds: BTreeMap<KioskSessionId, Hold>,
    handoffs: BTreeMap<HandoffId, Handoff>,
    ops: BTreeMap<(usize, OpKey), Option<ApiError>>,
    log: Vec<(Topic, StreamEvent)>,
    forgotten: i64,
    pub(crate) catalogue: Catalogue,
    /// Every effect that a kiosk's change had, in the order it had it.
    effects: Vec<(KioskSessionId, OpKey)>,
    named: u128,
}

fn refused(code: ErrorCode) -> ServerError {
    ServerError::Refused(ApiError::new(code, "no"))
}

impl Records {
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            sessions: BTreeMap::new(),
            holds: BTreeMap::new(),
            handoffs: BTreeMap::new(),
            ops: BTreeMap::new(),
            log: Vec::new(),
            forgotten: 0,
            catalogue: Catalogue::of(&catalogue().products),
            effects: Vec::new(),
            named: 0,
        }
    }

    pub(crate) fn rules(&self) -> Rules {
        self.rules
    }

    fn name(&mut self) -> Uuid {
        self.named += 1;
        Uuid::from_u128(self.named)
    }

    pub(crate) fn newest(&self) -> i64 {
        i64::try_from(self.log.len()).unwrap_or(i64::MAX)
    }

    /// The log forgets what is older than its newest `kept` events.
    pub(crate) fn forget(&mut self, kept: i64) {
        self.forgotten = self.forgotten.max(self.newest() - kept);
    }

    fn append(&mut self, topic: Topic, body: EventBody, at: Timestamp) {
        let cursor = Cursor(self.newest() + 1);
        self.log.push((topic, StreamEvent { cursor, at, body }));
    }

    /// Where a stream begins, and its first event where it begins with now.
    pub(crate) fn open_stream(&self, after: Option<Cursor>, at: Timestamp) -> Result<(i64, Option<StreamEvent>), ServerError> {
        match after {
            Some(Cursor(after)) if after < self.forgotten || after > self.newest() => Err(refused(ErrorCode::CursorExpired)),
            Some(Cursor(after)) => Ok((after, None)),
            None => {
                let newest = self.newest();
                Ok((newest, Some(StreamEvent { cursor: Cursor(newest), at, body: EventBody::Opened })))
            }
        }
    }

    /// The next event after `cursor` for this device and the session it holds.
    pub(crate) fn next_event(&self, device: usize, cursor: i64) -> Option<StreamEvent> {
        let held = self.held_by(device).map(|hold| Topic::Session(hold.session));
        let after = self.log.iter().skip(usize::try_from(cursor).unwrap_or(0));
        let mut mine =
            after.filter(|(topic, _)| matches!(topic, Topic::Shop) || *topic == Topic::Device(device) || Some(*topic) == held);
        mine.next().map(|(_, event)| event.clone())
    }

    pub(crate) fn held_by(&self, device: usize) -> Option<&Hold> {
        self.holds.values().find(|hold| hold.device == device && hold.ended.is_none())
    }

    pub(crate) fn session_of(&self, hold: KioskSessionId) -> Option<SessionId> {
        self.holds.get(&hold).map(|hold| hold.session)
    }

    pub(crate) fn session(&self, id: SessionId) -> Option<&Session> {
        self.sessions.get(&id)
    }

    pub(crate) fn answer_of(&self, device: usize, key: OpKey) -> Answered {
        match self.ops.get(&(device, key)) {
            None => Answered::Never,
            Some(None) => Answered::Applied,
            Some(Some(refusal)) => Answered::Refused(refusal.code),
        }
    }

    pub(crate) fn effects(&self) -> &[(KioskSessionId, OpKey)] {
        &self.effects
    }

    /// Sessions of customers that somebody could write to from elsewhere.
    pub(crate) fn customers(&self) -> Vec<SessionId> {
        self.sessions.iter().filter(|(_, session)| session.live && !session.guest).map(|(id, _)| *id).collect()
    }

    pub(crate) fn open_handoff(&mut self, device: usize, request: &OpenHandoffRequest, at: Timestamp) -> OpenHandoffResponse {
        self.let_go(device, at);
        for handoff in self.handoffs.values_mut().filter(|handoff| handoff.device == device) {
            handoff.over = true;
        }
        let id = HandoffId(self.name());
        self.handoffs.insert(id, Handoff { device, key: request.ephemeral_key.clone(), claimed: false, over: false });
        OpenHandoffResponse {
            handoff_id: id,
            expires_in: 120,
            slot_seconds: 15,
            codes: vec!["ABCDEFGHIJKLMNOPQRSTUVWXYZ".into(); 8],
            typed_code: "BCDF-GHJK".into(),
        }
    }

    pub(crate) fn cancel_handoff(&mut self, id: HandoffId) {
        if let Some(handoff) = self.handoffs.get_mut(&id) {
            handoff.over = true;
        }
    }

    /// Tells the kiosks that the catalogue may have changed.
    pub(crate) fn tell_of_catalogue(&mut self, at: Timestamp) {
        self.append(Topic::Shop, EventBody::CatalogueChanged, at);
    }

    /// A phone holds its camera to the device.
    pub(crate) fn claim(&mut self, device: usize, at: Timestamp) {
        let open = |handoff: &Handoff| handoff.device == device && !handoff.over && !handoff.claimed;
        let Some((id, handoff)) = self.handoffs.iter_mut().rfind(|(_, handoff)| open(handoff)) else { return };
        handoff.claimed = true;
        let id = *id;
        self.append(Topic::Device(device), EventBody::HandoffClaimed { handoff_id: id }, at);
    }

    pub(crate) fn match_digits(
        &mut self,
        device: usize,
        id: HandoffId,
        digits: &str,
        dice: &Dice,
        at: Timestamp,
    ) -> Result<IssuedSession, ServerError> {
        let over = refused(ErrorCode::HandoffOver);
        let Some(handoff) =
            self.handoffs.get_mut(&id).filter(|handoff| handoff.device == device && handoff.claimed && !handoff.over)
        else {
            return Err(over);
        };
        handoff.over = true;
        if digits != DIGITS {
            return Err(refused(ErrorCode::WrongDigits));
        }
        let key = handoff.key.clone();
        // Customers come again: half of them have a conversation that goes on.
        let known = self.customers();
        let session = if known.is_empty() || dice.chance(500) { self.begin(false) } else { known[dice.index(known.len())] };
        self.issue(device, session, &key, &id.to_string(), dice, at)
    }

    pub(crate) fn start_guest(
        &mut self,
        device: usize,
        request: &GuestRequest,
        dice: &Dice,
        at: Timestamp,
    ) -> Result<IssuedSession, ServerError> {
        // A call of a kiosk that has died meanwhile may come after the one that has started since has a code.
        let open = self.handoffs.iter_mut().filter(|(_, handoff)| handoff.device == device && !handoff.over);
        let closed: Vec<HandoffId> = open
            .map(|(id, handoff)| {
                handoff.over = true;
                *id
            })
            .collect();
        for handoff_id in closed {
            self.append(Topic::Device(device), EventBody::HandoffOver { handoff_id, reason: HandoffEnd::KioskLeft }, at);
        }
        let session = self.begin(true);
        self.issue(device, session, &request.ephemeral_key, "", dice, at)
    }

    fn begin(&mut self, guest: bool) -> SessionId {
        let id = SessionId(self.name());
        let cart = SKUS.iter().map(|sku| line(sku, 1)).collect();
        self.sessions.insert(id, Session { guest, live: true, chat: Vec::new(), cart, version: 1 });
        id
    }

    fn issue(
        &mut self,
        device: usize,
        session: SessionId,
        key: &str,
        about: &str,
        dice: &Dice,
        at: Timestamp,
    ) -> Result<IssuedSession, ServerError> {
        self.let_go(device, at);
        let id = KioskSessionId(self.name());
        let token = format!("token of {id}");
        let sealed = seal(dice, key, about, &token).ok_or_else(|| refused(ErrorCode::ValidationError))?;
        self.holds.insert(id, Hold { device, session, ended: None, token_hash: token_hash(&token) });
        let shown = self.show(id).ok_or_else(|| refused(ErrorCode::SessionNotFound))?;
        Ok(IssuedSession { kiosk_session_id: id, token: sealed, session: shown })
    }

    fn show(&self, id: KioskSessionId) -> Option<KioskSession> {
        let hold = self.holds.get(&id).filter(|hold| hold.ended.is_none())?;
        let session = self.sessions.get(&hold.session).filter(|session| session.live)?;
        Some(KioskSession {
            kiosk_session_id: id,
            session_id: hold.session,
            assurance: if session.guest { Assurance::Guest } else { Assurance::Qr },
            customer: (!session.guest).then(|| KioskCustomer {
                first_name: "Asha".into(),
                loyalty_tier: "Gold".into(),
                loyalty_points: 7,
            }),
            profile: None,
            chat: session.chat.clone(),
            cart: session.cart.clone(),
            currency: "INR".into(),
            version: session.version,
            cursor: Cursor(self.newest()),
            absolute_seconds_left: 900,
        })
    }

    pub(crate) fn kiosk_session(&self, token: &str) -> Result<KioskSession, ServerError> {
        let hash = token_hash(token);
        let hold = self.holds.iter().find(|(_, hold)| hold.token_hash == hash).map(|(id, _)| *id);
        hold.and_then(|id| self.show(id)).ok_or_else(|| refused(ErrorCode::SessionExpired))
    }

    /// Somebody else comes to the device.
    fn let_go(&mut self, device: usize, at: Timestamp) {
        let held = self.holds.iter().find(|(_, hold)| hold.device == device && hold.ended.is_none()).map(|(id, _)| *id);
        if let Some(id) = held {
            self.end(id, EndReason::NextCustomer, at);
        }
    }

    fn end(&mut self, id: KioskSessionId, reason: EndReason, at: Timestamp) {
        let Some(hold) = self.holds.get_mut(&id).filter(|hold| hold.ended.is_none()) else { return };
        hold.ended = Some(reason);
        let (device, session) = (hold.device, hold.session);
        if let Some(session) = self.sessions.get_mut(&session).filter(|session| session.guest) {
            session.live = false;
        }
        self.append(Topic::Device(device), EventBody::KioskSessionEnded { kiosk_session_id: id, reason }, at);
    }

    /// Applies a change once, in one transaction; answers why it was refused, if it was.
    pub(crate) fn apply(&mut self, device: usize, op: &Op, holding: Option<KioskSessionId>, at: Timestamp) -> Option<ApiError> {
        if self.rules.once
            && let Some(seen) = self.ops.get(&(device, op.key))
        {
            return seen.clone();
        }
        let refusal = self.effect(device, op, holding, at).err();
        if refusal.is_none() {
            self.effects.push((op.kiosk_session_id, op.key));
        }
        self.ops.insert((device, op.key), refusal.clone());
        refusal
    }

    fn effect(&mut self, device: usize, op: &Op, holding: Option<KioskSessionId>, at: Timestamp) -> Result<(), ApiError> {
        let no = |code| Err(ApiError::new(code, "no"));
        if let OpBody::BeginGuest { session_id, token_hash } = &op.body {
            return self.begin_away(
                device,
                op.kiosk_session_id,
                *session_id,
                token_hash,
                holding == Some(op.kiosk_session_id),
                at,
            );
        }
        let Some(hold) = self.holds.get(&op.kiosk_session_id).filter(|hold| hold.device == device) else {
            return no(ErrorCode::Forbidden);
        };
        let id = hold.session;
        if let OpBody::End { reason } = op.body {
            self.end(op.kiosk_session_id, reason, at);
            if let Some(session) = self.sessions.get_mut(&id).filter(|session| session.guest) {
                session.live = false;
            }
            return Ok(());
        }
        let Some(session) = self.sessions.get_mut(&id).filter(|session| session.live) else {
            return no(ErrorCode::SessionExpired);
        };
        match &op.body {
            OpBody::Chat { message, .. } => {
                self.say(id, EntryId(op.key.0), Sender::User, message, Channel::Kiosk, Some(op.key), at);
            }
            OpBody::Answer { message, .. } => {
                self.say(id, EntryId(op.key.0), Sender::Agent, message, Channel::Kiosk, Some(op.key), at);
            }
            OpBody::AddToCart { sku, quantity, .. } => {
                match session.cart.iter_mut().find(|line| line.sku == *sku) {
                    Some(line) => line.quantity = (line.quantity + quantity).min(MOST),
                    None => session.cart.push(line(&sku.0, *quantity)),
                }
                self.cart_changed(id, Some(op.key), at);
            }
            OpBody::SetQuantity { sku, quantity: 0, .. } => {
                session.cart.retain(|line| line.sku != *sku);
                self.cart_changed(id, Some(op.key), at);
            }
            OpBody::SetQuantity { sku, quantity, .. } => {
                let Some(line) = session.cart.iter_mut().find(|line| line.sku == *sku) else {
                    return no(ErrorCode::ProductNotFound);
                };
                line.quantity = *quantity;
                self.cart_changed(id, Some(op.key), at);
            }
            OpBody::ChangeProfile { .. } | OpBody::BeginGuest { .. } | OpBody::End { .. } => {}
        }
        Ok(())
    }

    /// A guest who began without the server.
    fn begin_away(
        &mut self,
        device: usize,
        hold: KioskSessionId,
        session: SessionId,
        token_hash: &str,
        is_there: bool,
        at: Timestamp,
    ) -> Result<(), ApiError> {
        if self.holds.contains_key(&hold) || self.sessions.contains_key(&session) {
            return Err(ApiError::new(ErrorCode::Conflict, "no"));
        }
        if is_there {
            self.let_go(device, at);
        }
        self.sessions.insert(session, Session { guest: true, live: true, chat: Vec::new(), cart: Vec::new(), version: 1 });
        let ended = (!is_there).then_some(EndReason::NextCustomer);
        self.holds.insert(hold, Hold { device, session, ended, token_hash: token_hash.to_owned() });
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "an entry has this many parts")]
    fn say(
        &mut self,
        id: SessionId,
        entry: EntryId,
        sender: Sender,
        message: &str,
        channel: Channel,
        op: Option<OpKey>,
        at: Timestamp,
    ) {
        let Some(session) = self.sessions.get_mut(&id).filter(|session| session.live) else { return };
        session.version += 1;
        let entry = ChatEntry { id: entry, sender, message: message.to_owned(), timestamp: at, channel, metadata: None };
        session.chat.push(entry.clone());
        let body = EventBody::ChatAppended { session_id: id, entry, op, version: session.version };
        self.append(Topic::Session(id), body, at);
    }

    /// Somebody writes who is not at a kiosk: the assistant, or the customer on the web.
    pub(crate) fn write(&mut self, id: SessionId, sender: Sender, message: &str, channel: Channel, at: Timestamp) {
        let entry = EntryId(self.name());
        self.say(id, entry, sender, message, channel, None, at);
    }

    /// The customer changes the cart on the web.
    pub(crate) fn change_cart(&mut self, id: SessionId, sku: &str, quantity: u32, at: Timestamp) {
        let Some(session) = self.sessions.get_mut(&id).filter(|session| session.live) else { return };
        match session.cart.iter_mut().find(|line| line.sku.0 == sku) {
            Some(line) => line.quantity = quantity,
            None => session.cart.push(line(sku, quantity)),
        }
        self.cart_changed(id, None, at);
    }

    fn cart_changed(&mut self, id: SessionId, op: Option<OpKey>, at: Timestamp) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        session.version += 1;
        let body = EventBody::CartChanged { session_id: id, cart: session.cart.clone(), op, version: session.version };
        self.append(Topic::Session(id), body, at);
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
        image_url: String::new(),
        options: BTreeMap::new(),
        price_changed: false,
    }
}

/// The catalogue, as every kiosk has copied it long ago, from a server that is no more.
pub(crate) fn catalogue() -> CataloguePage {
    CataloguePage {
        revision: "1".into(),
        complete: true,
        as_of: Timestamp::from_unix_millis(0),
        total: 3,
        products: SKUS.iter().map(|sku| product(sku)).collect(),
        removed: Vec::new(),
        stock: SKUS.iter().map(|sku| ProductStock { sku: (*sku).into(), in_this_store: Some(2), everywhere: 5 }).collect(),
    }
}

pub(crate) fn product(sku: &str) -> Product {
    Product {
        sku: sku.into(),
        name: format!("Trail shoes {sku}"),
        description: String::new(),
        price: 10.0,
        price_minor: 1_000,
        currency: "INR".into(),
        rating: None,
        stock: 5,
        category: "Footwear".into(),
        subcategory: None,
        brand: None,
        gender: None,
        color: None,
        image_url: String::new(),
        attributes: BTreeMap::new(),
    }
}

/// What the server says about a device.
pub(crate) fn device(number: usize) -> DeviceResponse {
    DeviceResponse {
        device_id: DeviceId(Uuid::from_u128(number as u128)),
        role: DeviceRole::Kiosk,
        label: format!("Kiosk {number}"),
        store: Store {
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
            languages: vec![Locale::En],
            theme: Theme::default(),
            featured: vec![],
        },
        phone_origin: "https://shop.example".into(),
        featured: vec![],
        staff_pin: None,
    }
}
