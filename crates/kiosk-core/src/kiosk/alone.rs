//! What the kiosk does by itself while the server is out of reach: it begins guests' conversations, and answers guests.

use assistant::{CartChange, Question};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kiosk_store::CacheChange;
use protocol::{
    ErrorCode,
    ambient::uuid_v7,
    catalogue::Product,
    ids::{Cursor, EntryId, KioskSessionId, OpKey, SessionId, Sku},
    kiosk_session::{ABSOLUTE_SECONDS, KioskSession},
    session::{Assurance, CartLine, Channel, ChatEntry, Sender},
    sync::OpBody,
    view::Notice,
};

use super::Kiosk;
use crate::{
    message::{Effect, Moment},
    server::{Token, token_hash},
    state::{Attract, Change, Conversation, Refused, State},
    thinking::Thought,
};

/// Bytes of a token.
const TOKEN: usize = 32;

impl Kiosk {
    /// A guest's conversation begins under names that the kiosk gives it; the server hears of it when it is in reach.
    pub(super) fn begin_alone(&mut self, now: Moment) -> Result<(), Refused> {
        let hold = KioskSessionId(uuid_v7(self.clock.as_ref(), self.entropy.as_ref()));
        let session_id = SessionId(uuid_v7(self.clock.as_ref(), self.entropy.as_ref()));
        let token = self.fresh_token();
        let op = self.op(hold, OpBody::BeginGuest { session_id, token_hash: token_hash(&token) });
        let session = KioskSession {
            kiosk_session_id: hold,
            session_id,
            assurance: Assurance::Guest,
            customer: None,
            profile: None,
            chat: Vec::new(),
            cart: Vec::new(),
            currency: self.device.as_ref().map(|device| device.shop.currency.clone()).unwrap_or_default(),
            version: 0,
            cursor: Cursor(0),
            absolute_seconds_left: ABSOLUTE_SECONDS,
        };
        let conversation = Box::new(Conversation::begun_here(session.clone(), token, op.key, now));
        let who = conversation.who.clone();
        self.state.converse(conversation)?;
        self.give_codes_up();
        self.notice = None;
        self.act(Effect::Begin(Box::new(session), op));
        self.greet(&who);
        Ok(())
    }

    fn fresh_token(&self) -> Token {
        let mut random = zeroize::Zeroizing::new([0; TOKEN]);
        self.entropy.fill(random.as_mut());
        Token::new(URL_SAFE_NO_PAD.encode(random.as_ref()))
    }

    /// The beginning of a conversation could not be kept on the disk: the server would never hear of it, so it is none.
    pub(crate) fn not_begun(&mut self, code: ErrorCode, now: Moment) {
        let mut attract = Attract::default();
        // Whoever is there is still there.
        attract.changed(now);
        match self.state.take_back(attract) {
            Ok(()) => {
                self.hush();
                self.tell(Notice::Refused { code }, now);
                self.want_handoff(now);
            }
            Err(refused) => tracing::debug!(%refused, "the conversation was over already"),
        }
    }

    /// Whether a message is answered by the kiosk's own assistant. A customer's waits for the server, which knows them.
    pub(super) fn answers_here(&self) -> bool {
        !self.online && matches!(&self.state, State::Conversation(conversation) if conversation.is_guest())
    }

    /// When the kiosk's own assistant takes over what a guest wrote before the loss of the server was noticed; none where nothing waits.
    pub(super) fn take_over_at(&self) -> Option<Moment> {
        let State::Conversation(conversation) = &self.state else { return None };
        self.alone_from.filter(|_| conversation.is_guest() && conversation.entries.wait_for_server())
    }

    pub(super) fn take_over(&mut self) {
        let State::Conversation(conversation) = &mut self.state else { return };
        for key in conversation.entries.take_over() {
            conversation.questions.ask(key);
        }
        self.think();
    }

    /// Thinks about the next message that the kiosk is to answer itself.
    pub(super) fn think(&mut self) {
        let State::Conversation(conversation) = &mut self.state else { return };
        while let Some(key) = conversation.questions.consider() {
            let Some((message, before)) = conversation.entries.asked(key) else {
                conversation.questions.settle(key);
                continue;
            };
            let question = Question {
                message,
                before,
                cart: conversation.cart.shown(),
                customer: None,
                currency: conversation.cart.currency.clone(),
                store: self.device.as_ref().map(|device| device.store.store_id.clone()),
            };
            self.effects.push(Effect::Think(key, Box::new(question)));
        }
    }

    /// The kiosk's own assistant has an answer.
    pub(super) fn thought(&mut self, key: OpKey, thought: &Thought, now: Moment) -> Result<(), Refused> {
        let refused = self.state.refuse("an answer that nobody waits for");
        let State::Conversation(conversation) = &mut self.state else { return Err(refused) };
        let hold = conversation.hold;
        if conversation.questions.settle(key) {
            let taken_over = conversation.entries.is_taken_over(key);
            // The server may have heard the message before it was lost, and changes a cart once.
            if taken_over && (self.online || !thought.reply.changes.is_empty()) {
                conversation.entries.give_back(key);
                conversation.asked(now);
            } else {
                for change in &thought.reply.changes {
                    self.change_as_asked(hold, change, &thought.added)?;
                }
                self.answer(hold, thought, taken_over.then_some(key), now)?;
            }
        }
        self.think();
        Ok(())
    }

    /// Changes the cart as the customer asked the assistant to.
    fn change_as_asked(&mut self, hold: KioskSessionId, change: &CartChange, added: &[Product]) -> Result<(), Refused> {
        match change.clone() {
            CartChange::Add { sku, quantity, options } => {
                let Some(line) = line(added, &sku) else { return Ok(()) };
                let line = CartLine { quantity, options: options.clone(), ..line };
                self.change_cart(hold, OpBody::AddToCart { sku, quantity, options }, Change::Add(line))
            }
            CartChange::SetQuantity { sku, quantity, options } => {
                let body = OpBody::SetQuantity { sku: sku.clone(), quantity, options: options.clone() };
                self.change_cart(hold, body, Change::Set { sku, options, quantity })
            }
        }
    }

    /// `instead_of` is the message that the server was to answer.
    fn answer(&mut self, hold: KioskSessionId, thought: &Thought, instead_of: Option<OpKey>, now: Moment) -> Result<(), Refused> {
        let Thought { reply, as_of, .. } = thought;
        let metadata = reply.metadata();
        let body = OpBody::Answer { message: reply.text.clone(), metadata: Some(metadata.clone()), answers: instead_of };
        let op = self.op(hold, body);
        let entry = ChatEntry {
            id: EntryId(op.key.0),
            sender: Sender::Agent,
            message: reply.text.clone(),
            timestamp: op.made_at,
            channel: Channel::Kiosk,
            metadata: Some(metadata),
        };
        let conversation = self.conversation()?;
        conversation.entries.answer(op.key, entry.clone(), as_of.unwrap_or(op.made_at));
        conversation.idle.heard(now);
        let effect = CacheChange::Entry { op: Some(op.key), entry };
        self.act(Effect::Record(op, Some(effect)));
        self.say(&reply.text);
        Ok(())
    }
}

/// One piece of a product, without options.
fn line(products: &[Product], sku: &Sku) -> Option<CartLine> {
    let product = products.iter().find(|product| product.sku == *sku)?;
    Some(CartLine {
        sku: product.sku.clone(),
        name: product.name.clone(),
        quantity: 1,
        price: product.price,
        price_minor: product.price_minor,
        currency: product.currency.clone(),
        image_url: product.image_url.clone(),
        options: std::collections::BTreeMap::new(),
        price_changed: false,
    })
}
