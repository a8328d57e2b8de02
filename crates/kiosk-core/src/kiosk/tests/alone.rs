use assistant::{CartChange, Question, Reply};
use protocol::catalogue::Product;

use super::*;
use crate::{server::token_hash, thinking::Thought};

const AS_OF: i64 = 1_770_880_000_000;

fn product(sku: &str) -> Product {
    Product {
        sku: sku.into(),
        name: "Trail Knit".into(),
        description: String::new(),
        price: 34.5,
        price_minor: 3_450,
        currency: "INR".into(),
        rating: None,
        stock: 3,
        category: "Footwear".into(),
        subcategory: None,
        brand: None,
        gender: None,
        color: None,
        image_url: "/images/trail.svg".into(),
        attributes: std::collections::BTreeMap::new(),
    }
}

fn thought(reply: Reply) -> Box<Thought> {
    Box::new(Thought { reply, added: vec![product("SKU-9")], as_of: Some(Timestamp::from_unix_millis(AS_OF)) })
}

fn says(text: &str) -> Box<Thought> {
    let card = protocol::catalogue::ProductCard { in_this_store: Some(2), ..product("SKU-9").card() };
    thought(Reply { text: text.into(), cards: vec![card], intent: "recommendation", ..Reply::default() })
}

impl Table {
    /// A guest who began while the server was out of reach.
    fn alone() -> Self {
        let mut table = Self::attract();
        table.lost();
        table.intend(Intent::ContinueAsGuest);
        let utterance = table.kiosk.voice.utterance;
        table.answer(Answer::Rendered(utterance, None));
        table
    }

    /// A guest who began with the server.
    fn guest() -> Self {
        let mut table = Self::attract();
        table.intend(Intent::ContinueAsGuest);
        let mut issued = table.issued(None);
        issued.session.chat.clear();
        issued.session.cart.clear();
        table.answer(Answer::Guest(Ok(issued)));
        table.settle_voice();
        table.done.clear();
        table
    }

    /// The session that began here, and the change that tells the server of it.
    fn begun(&self) -> (KioskSession, Op) {
        let begun = |effect: &Effect| match effect {
            Effect::Begin(session, op) => Some(((**session).clone(), op.clone())),
            _ => None,
        };
        self.done.iter().find_map(begun).expect("nothing began")
    }

    fn questions(&self) -> Vec<(OpKey, Question)> {
        let asked = |effect: &Effect| match effect {
            Effect::Think(key, question) => Some((*key, (**question).clone())),
            _ => None,
        };
        self.done.iter().filter_map(asked).collect()
    }
}

#[test]
fn a_guest_begins_without_the_server() {
    let mut table = Table::attract();
    table.lost();
    table.intend(Intent::ContinueAsGuest);
    assert_eq!((table.talk().who, table.view().frame.online), (Who::Guest, false));
    assert_eq!(table.count(|effect| matches!(effect, Effect::StartGuest(_))), 0);
    let (session, op) = table.begun();
    assert_eq!(op.kiosk_session_id, session.kiosk_session_id);
    let OpBody::BeginGuest { session_id, token_hash: hash } = op.body else { panic!("{:?}", op.body) };
    let State::Conversation(conversation) = &table.kiosk.state else { panic!("no conversation") };
    assert_eq!((session_id, hash), (session.session_id, token_hash(&conversation.token)));
    assert!(table.rendered()[0].contains("Saffron"), "the machine's own voice greets");
}

#[test]
fn a_guest_whose_call_is_lost_begins_here() {
    let mut table = Table::attract();
    table.intend(Intent::ContinueAsGuest);
    let late = table.issued(None);
    table.answer(Answer::Guest(Err(unreachable())));
    assert_eq!((table.talk().who, table.view().notice), (Who::Guest, None));
    let (session, _) = table.begun();
    table.answer(Answer::Guest(Ok(late)));
    let ended = table.recorded().pop().unwrap();
    assert_eq!((ended.kiosk_session_id, ended.body), (hold_id(), OpBody::End { reason: EndReason::Done }));
    assert_eq!(table.kiosk.holding(), Some(session.kiosk_session_id), "what came too late is given back");
}

#[test]
fn a_guest_who_waits_for_a_code_on_its_way_begins_when_that_is_lost() {
    let mut table = Table::attract();
    table.wait(120.0);
    table.intend(Intent::ContinueAsGuest);
    table.answer(Answer::Handoff(Err(unreachable())));
    assert_eq!(table.talk().who, Who::Guest);
    assert_eq!(table.count(|effect| matches!(effect, Effect::StartGuest(_))), 0);
}

#[test]
fn a_beginning_that_the_disk_does_not_take_is_none() {
    let mut table = Table::alone();
    table.kiosk.not_begun(ErrorCode::DataFolderNotWritable, table.now);
    assert_eq!(table.screen(), "attract");
    assert_eq!(table.view().notice, Some(Notice::Refused { code: ErrorCode::DataFolderNotWritable }));
}

#[test]
fn the_kiosk_itself_answers_a_guest_and_says_how_old_the_stock_is() {
    let mut table = Table::alone();
    let key = table.write("shoes?");
    assert_eq!(table.recorded()[0].body, OpBody::Chat { message: "shoes?".into(), answered_here: true });
    let (asked, question) = table.questions().remove(0);
    assert_eq!((asked, question.message.as_str(), question.store), (key, "shoes?", Some("S01".into())));
    assert!(table.talk().thinking);
    table.answer(Answer::Thought(key, says("These.")));
    assert!(!table.talk().thinking);
    assert_eq!(table.texts(), [("shoes?".to_owned(), Delivery::Kept), ("These.".to_owned(), Delivery::Kept)]);
    let entry = table.talk().entries.pop().unwrap();
    assert_eq!((entry.cards.len(), entry.stock_as_of), (1, Some(Timestamp::from_unix_millis(AS_OF))));
    let OpBody::Answer { message, metadata: Some(metadata), answers: None } = table.recorded().pop().unwrap().body else {
        panic!("no answer")
    };
    assert_eq!((message.as_str(), metadata["intent"].as_str()), ("These.", Some("recommendation")));
    assert_eq!(table.rendered().last().unwrap(), "These.");
    table.intend(Intent::AddToCart { sku: "SKU-9".into(), options: std::collections::BTreeMap::new() });
    assert_eq!(table.cart(), [("SKU-9".to_owned(), 1)]);
}

#[test]
fn questions_are_answered_one_after_the_other_and_each_knows_those_before() {
    let mut table = Table::alone();
    let first = table.write("shoes?");
    let second = table.write("cheaper ones?");
    assert_eq!(table.questions().len(), 1);
    table.answer(Answer::Thought(first, says("These.")));
    let (key, question) = table.questions().pop().unwrap();
    assert_eq!(key, second);
    let before: Vec<_> = question.before.iter().map(|entry| entry.message.as_str()).collect();
    assert_eq!(before, ["shoes?"], "what came later is not before it");
    table.answer(Answer::Thought(second, says("And these.")));
    assert_eq!(table.talk().entries.len(), 4);
    assert!(!table.talk().thinking);
}

#[test]
fn the_assistant_changes_the_cart_as_a_customer_would() {
    let mut table = Table::alone();
    let key = table.write("two of the trail knit, please");
    let options: std::collections::BTreeMap<_, _> = [("size".to_owned(), "42".to_owned())].into();
    let changes = vec![CartChange::Add { sku: "SKU-9".into(), quantity: 2, options: options.clone() }];
    table.answer(Answer::Thought(key, thought(Reply { text: "Done.".into(), intent: "support", changes, ..Reply::default() })));
    assert_eq!((table.cart(), table.talk().cart.total_minor), (vec![("SKU-9".to_owned(), 2)], 6_900));
    let bodies: Vec<_> = table.recorded().into_iter().map(|op| op.body).skip(1).collect();
    assert!(matches!(&bodies[..], [OpBody::AddToCart { quantity: 2, .. }, OpBody::Answer { .. }]), "{bodies:?}");

    let key = table.write("take it out again");
    let changes = vec![CartChange::SetQuantity { sku: "SKU-9".into(), quantity: 0, options }];
    table.answer(Answer::Thought(key, thought(Reply { text: "Gone.".into(), intent: "support", changes, ..Reply::default() })));
    assert_eq!(table.cart(), []);
}

#[test]
fn an_answer_for_somebody_who_left_is_heard_by_nobody() {
    let mut table = Table::alone();
    let key = table.write("shoes?");
    table.intend(Intent::Done);
    table.wait(5.0);
    table.intend(Intent::ContinueAsGuest);
    table.answer(Answer::Thought(key, says("These.")));
    assert_eq!(table.texts(), []);
}

#[test]
fn the_server_is_asked_nothing_about_a_conversation_that_it_has_not_heard_of() {
    let mut table = Table::alone();
    let (_, begun) = table.begun();
    table.send(Message::Stream(Stream::Up));
    table.event_at(40, EventBody::Opened);
    for _ in 0..8 {
        table.wait(30.0);
        table.intend(Intent::Touched);
    }
    assert_eq!(table.count(|effect| matches!(effect, Effect::FetchSession(..))), 0);
    table.send(Message::Settled { applied: vec![begun.key], refused: vec![] });
    assert_eq!(table.count(|effect| matches!(effect, Effect::FetchSession(..))), 1, "what the stream did not tell");
}

#[test]
fn a_guest_goes_on_with_the_server() {
    let mut table = Table::alone();
    let (session, begun) = table.begun();
    let asked = table.write("shoes?");
    table.answer(Answer::Thought(asked, says("These.")));
    let answer = table.recorded().pop().unwrap().key;
    table.send(Message::Stream(Stream::Up));
    table.send(Message::Settled { applied: vec![begun.key, asked, answer], refused: vec![] });
    assert!(!table.talk().thinking, "everything is answered");
    assert!(table.texts().iter().all(|(_, delivery)| *delivery == Delivery::Sent));
    let mut snapshot = KioskSession { cursor: Cursor(9), ..session.clone() };
    snapshot.chat = vec![entry(asked.0.as_u128(), Sender::User, "shoes?"), entry(answer.0.as_u128(), Sender::Agent, "These.")];
    table.answer(Answer::Snapshot(session.kiosk_session_id, Ok(snapshot)));

    let next = table.write("and socks?");
    assert!(matches!(table.recorded().pop().unwrap().body, OpBody::Chat { answered_here: false, .. }));
    table.send(Message::Settled { applied: vec![next], refused: vec![] });
    assert!(table.talk().thinking);
    let said = |id, sender, text: &str, op| EventBody::ChatAppended {
        session_id: session.session_id,
        entry: entry(id, sender, text),
        op,
        version: 3,
    };
    table.event_at(10, said(next.0.as_u128(), Sender::User, "and socks?", Some(next)));
    table.event_at(11, said(12, Sender::Agent, "Wool ones.", None));
    let texts: Vec<_> = table.texts().into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, ["shoes?", "These.", "and socks?", "Wool ones."]);
    assert!(!table.talk().thinking);
    assert_eq!(table.talk().entries[3].stock_as_of, None, "with the server stock has no age");
}

#[test]
fn a_beginning_that_the_server_refuses_is_the_end_of_it() {
    let mut table = Table::alone();
    let (_, begun) = table.begun();
    let refusal = Refusal::new(begun.key, ApiError::new(ErrorCode::ValidationError, "no"));
    table.send(Message::Settled { applied: vec![], refused: vec![refusal] });
    assert_eq!(table.view().screen, Screen::Goodbye { reason: EndReason::SessionEnded, guest: true });
}

#[test]
fn what_a_guest_wrote_before_the_loss_was_noticed_is_answered_here_after_a_moment() {
    let mut table = Table::guest();
    let asked = table.write("shoes?");
    table.lost();
    table.wait(2.9);
    assert_eq!(table.questions().len(), 0, "the server may be back at once");
    table.wait(0.1);
    assert_eq!(table.questions()[0].0, asked);
    assert!(table.talk().thinking);
    table.answer(Answer::Thought(asked, says("These.")));
    assert_eq!(table.texts(), [("shoes?".to_owned(), Delivery::Kept), ("These.".to_owned(), Delivery::Kept)]);
    let answer = table.recorded().pop().unwrap();
    assert!(matches!(answer.body, OpBody::Answer { answers: Some(answers), .. } if answers == asked), "{answer:?}");
    table.wait(20.0);
    assert_eq!(table.questions().len(), 1, "once");
    table.send(Message::Stream(Stream::Up));
    table.send(Message::Settled { applied: vec![asked, answer.key], refused: vec![] });
    assert!(!table.talk().thinking, "everything is answered");
}

#[test]
fn the_next_message_of_a_guest_brings_the_answer_to_the_one_before() {
    let mut table = Table::guest();
    let first = table.write("shoes?");
    table.lost();
    let second = table.write("hello?");
    table.answer(Answer::Thought(first, says("These.")));
    table.answer(Answer::Thought(second, says("Hello.")));
    let asked: Vec<_> = table.questions().into_iter().map(|(key, _)| key).collect();
    assert_eq!(asked, [first, second]);
}

#[test]
fn a_server_that_is_back_at_once_answers_itself() {
    let mut table = Table::guest();
    let asked = table.write("shoes?");
    table.lost();
    table.wait(1.0);
    table.send(Message::Stream(Stream::Up));
    table.wait(10.0);
    assert_eq!(table.questions().len(), 0);
    table.lost();
    table.wait(3.0);
    table.send(Message::Settled { applied: vec![asked], refused: vec![] });
    table.answer(Answer::Thought(asked, says("Too late.")));
    assert_eq!(table.texts(), [("shoes?".to_owned(), Delivery::Sent)]);
    assert!(table.talk().thinking, "the server has it");
}

#[test]
fn a_wish_that_the_server_may_have_heard_changes_the_cart_there() {
    let mut table = Table::guest();
    let asked = table.write("put the trail knit into my cart");
    table.lost();
    table.wait(3.0);
    let changes = vec![CartChange::Add { sku: "SKU-9".into(), quantity: 1, options: std::collections::BTreeMap::new() }];
    table.answer(Answer::Thought(asked, thought(Reply { text: "Done.".into(), intent: "support", changes, ..Reply::default() })));
    assert_eq!((table.cart(), table.recorded().len()), (vec![], 1));
    assert_eq!(table.texts(), [("put the trail knit into my cart".to_owned(), Delivery::Waiting)]);
    table.wait(30.0);
    assert_eq!(table.questions().len(), 1, "the kiosk does not try again");
}

#[test]
fn a_customers_message_waits_for_the_server() {
    let mut table = Table::conversation();
    table.lost();
    table.write("where is my order?");
    assert_eq!(table.texts().last().unwrap().1, Delivery::Waiting);
    assert!(matches!(table.recorded()[0].body, OpBody::Chat { answered_here: false, .. }));
    assert_eq!(table.questions().len(), 0);
}

#[test]
fn a_message_that_was_not_kept_is_not_answered_and_the_next_one_is() {
    let mut table = Table::alone();
    let lost = table.write("lost");
    let kept = table.write("kept");
    table.kiosk.not_recorded(lost, ErrorCode::DataFolderNotWritable, table.now);
    table.answer(Answer::Thought(lost, says("To nobody.")));
    table.answer(Answer::Thought(kept, says("To you.")));
    let texts: Vec<_> = table.texts().into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, ["kept", "To you."]);
}

#[test]
fn goodbye_without_the_server_waits_for_it_and_leaves_nothing() {
    let mut table = Table::alone();
    table.write("a secret wish");
    table.intend(Intent::Done);
    assert_eq!(table.view().screen, Screen::Goodbye { reason: EndReason::Done, guest: true });
    assert_eq!(table.recorded().pop().unwrap().body, OpBody::End { reason: EndReason::Done });
    assert_eq!((table.count(|effect| matches!(effect, Effect::Wipe)), table.kiosk.holding()), (1, None));
    assert!(!serde_json::to_string(&table.view()).unwrap().contains("secret wish"));
}
