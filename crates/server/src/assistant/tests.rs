//! Everyday sentences, asked over the demo shop.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use indicatif::ProgressBar;
use protocol::{
    Timestamp,
    ambient::{SystemClock, SystemEntropy},
    ids::{CustomerId, EntryId, StoreId},
    session::{CartLine, Channel, ChatEntry, Sender},
};
use serde_json::{Map, json};
use server_store::records::ProductRecord;

use super::*;
use crate::{AppState, Config, import::import};

/// A customer in the demo shop; what the shop answers becomes part of the conversation.
struct Visit {
    state: AppState,
    question: Question,
    _folder: tempfile::TempDir,
}

impl Visit {
    async fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::at(folder.path().join("data"));
        let state = AppState::open_with(config, Arc::new(SystemClock::new()), Arc::new(SystemEntropy)).await.unwrap();
        let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../demo-shop/shop");
        import(&state, &shop, None, &ProgressBar::hidden()).await.unwrap();
        let question = Question {
            message: String::new(),
            before: Vec::new(),
            cart: Vec::new(),
            customer: None,
            currency: "INR".into(),
            store: Some(StoreId::from("S01")),
        };
        Self { state, question, _folder: folder }
    }

    async fn with_customer(mut self, id: &str) -> Self {
        let customer = self.state.read().await.unwrap().customer(&CustomerId::from(id)).await.unwrap();
        self.question.customer = customer.as_ref().map(known);
        self
    }

    /// Asks without a trace.
    async fn ask(&self, message: &str) -> Reply {
        let question = Question { message: message.into(), ..self.question.clone() };
        self.state.assistant.reply(&*self.state.store, &question).await.unwrap()
    }

    /// Asks and goes on from there.
    async fn say(&mut self, message: &str) -> Reply {
        let reply = self.ask(message).await;
        self.note(Sender::User, message, None);
        self.note(Sender::Agent, &reply.text, Some(reply.metadata()));
        reply
    }

    fn note(&mut self, sender: Sender, message: &str, metadata: Option<Map<String, serde_json::Value>>) {
        let entry = ChatEntry {
            id: EntryId(self.state.new_id()),
            sender,
            message: message.into(),
            timestamp: Timestamp::from_unix_millis(0),
            channel: Channel::Kiosk,
            metadata,
        };
        self.question.before.push(entry);
    }

    async fn products(&self, reply: &Reply) -> Vec<ProductRecord> {
        let skus: Vec<Sku> = reply.cards.iter().map(|card| card.sku.clone()).collect();
        self.state.read().await.unwrap().products(&skus).await.unwrap()
    }

    fn line(&mut self, sku: &str, name: &str, quantity: u32, price_minor: i64, size: Option<&str>) {
        let options = size.map(|size| ("size".to_owned(), size.to_owned())).into_iter().collect();
        self.question.cart.push(CartLine {
            sku: sku.into(),
            name: name.into(),
            quantity,
            price: 0.0,
            price_minor,
            currency: "INR".into(),
            image_url: String::new(),
            options,
            price_changed: false,
        });
    }
}

fn names(reply: &Reply) -> Vec<&str> {
    reply.cards.iter().map(|card| card.name.as_str()).collect()
}

fn added(reply: &Reply) -> Option<(&str, u32, Option<&str>)> {
    match reply.changes.as_slice() {
        [CartChange::Add { sku, quantity, options }] => Some((sku.as_ref(), *quantity, options.get("size").map(String::as_str))),
        _ => None,
    }
}

/// What is asked, and what must be true of every product on the cards.
type Expectation = (&'static str, fn(&ProductRecord) -> bool);

const SEARCHES: &[Expectation] = &[
    ("jackets under 5000", |product| product.subcategory.as_deref().is_some_and(is_jacket) && product.price_minor <= 500_000),
    ("Do you have something below ₹3,000 for a wedding?", |product| {
        product.price_minor <= 300_000 && tagged(product, &["wedding"])
    }),
    ("shoes between 2000 and 4000", |product| {
        product.category == "Footwear" && (200_000..=400_000).contains(&product.price_minor)
    }),
    ("trainers", |product| product.subcategory.as_deref() == Some("Sneakers")),
    ("a pair of sneakers for running", |product| product.name == "Trail Knit"),
    ("pants for the office", |product| product.subcategory.as_deref() == Some("Trousers") && tagged(product, &["office"])),
    ("blue jeans", |product| product.subcategory.as_deref() == Some("Jeans")),
    ("something for the monsoon", |product| tagged(product, &["rain", "monsoon", "waterproof"])),
    ("I need a waterproof jacket before the monsoon", |product| {
        tagged(product, &["rain", "monsoon", "waterproof"]) && is_outer(product)
    }),
    ("Looking for something warm for Shimla next week, not too bulky", |product| tagged(product, &["warm", "winter"])),
    ("warm sweaters for men", |product| product.category == "Knitwear" && product.gender.as_deref() != Some("Women")),
    ("dresses for my wife", |product| product.subcategory.as_deref() == Some("Dresses")),
    ("women's boots", |product| product.subcategory.as_deref() == Some("Boots") && product.gender.as_deref() == Some("Women")),
    ("green jacket", |product| ["Pine", "Sage", "Moss"].contains(&product.color.as_deref().unwrap_or_default())),
    ("beige sandals", |product| {
        product.subcategory.as_deref() == Some("Sandals") || product.color.as_deref() != Some("Espresso")
    }),
    ("a denim jacket", |product| tagged(product, &["denim"]) || is_outer(product)),
    ("a bag for my laptop", |product| product.category == "Bags"),
    ("white t shirt", |product| product.subcategory.as_deref() == Some("T-Shirts")),
    ("boots in 42", |product| product.attributes["sizes"].split('|').any(|size| size == "42")),
    ("kurta for the sangeet", |product| product.subcategory.as_deref() == Some("Kurtas") && tagged(product, &["wedding"])),
    ("not leather shoes", |product| !product.attributes["material"].to_lowercase().contains("leather")),
    ("red dress for a party", |product| product.subcategory.as_deref() == Some("Dresses")),
    ("shoes to go with the jacket", |product| product.category == "Footwear"),
    ("मुझे नीली शर्ट चाहिए", |product| product.subcategory.as_deref() == Some("Shirts")),
    ("camisa azul", |product| product.subcategory.as_deref() == Some("Shirts")),
    ("Hello, do you have scarves?", |product| product.subcategory.as_deref() == Some("Scarves")),
    ("a gift under 2000", |product| tagged(product, &["gift"]) && product.price_minor <= 200_000),
    ("Hill Walk Derby", |product| product.name == "Hill Walk Derby"),
];

fn is_jacket(subcategory: &str) -> bool {
    ["Jackets", "Rainwear"].contains(&subcategory)
}

fn is_outer(product: &ProductRecord) -> bool {
    product.category == "Outerwear"
}

fn tagged(product: &ProductRecord, tags: &[&str]) -> bool {
    product.attributes["tags"].split('|').any(|tag| tags.contains(&tag))
}

#[tokio::test]
async fn everyday_searches_find_what_is_meant() {
    let visit = Visit::begin().await;
    for (message, expected) in SEARCHES {
        let reply = visit.ask(message).await;
        let products = visit.products(&reply).await;
        assert!((1..=3).contains(&products.len()), "{message}: {}", reply.text);
        for product in &products {
            assert!(expected(product), "{message}: {} {:?}: {}", product.name, product.color, reply.text);
        }
        assert!(["recommendation", "gifting"].contains(&reply.intent), "{message}: {}", reply.intent);
        assert!(!reply.text.contains('!') && reply.text.ends_with('.'), "{message}: {}", reply.text);
        assert_eq!(visit.ask(message).await, reply, "{message}: the same question has the same answer");
    }
}

#[tokio::test]
async fn the_sentence_says_what_was_asked() {
    let visit = Visit::begin().await;
    for (message, text) in [
        ("warm jackets under ₹6,000", "Here are three warm jackets up to ₹6,000. The "),
        ("green jackets for women", "Here are two jackets for women in green. The "),
        ("kurtas for a wedding between 3000 and 5000", "Here are three kurtas for a wedding from ₹3,000 to ₹5,000. The "),
        ("cheap caps", "Here are three caps. The Six Panel Cap in sand and pine is ₹899"),
        ("velvet jackets", "Nothing here is called velvet, but there are jackets. The "),
        ("black blazers in XXL", "I have no blazers in black in size XXL. Leaving out the colour, the "),
        ("Hill Walk Derby", "The Hill Walk Derby comes in tan and oxblood. The Hill Walk Derby in tan is ₹3,790"),
    ] {
        let reply = visit.ask(message).await;
        assert!(reply.text.starts_with(text), "{message}: {}", reply.text);
    }
}

#[tokio::test]
async fn what_is_said_of_the_first_is_true() {
    let visit = Visit::begin().await;
    let mut said = 0;
    for message in
        ["jackets", "shirts", "boots", "kurtas", "dresses", "bags", "sneakers", "coats", "warm things for men", "blue shirts"]
    {
        let reply = visit.ask(message).await;
        let products = visit.products(&reply).await;
        let (first, others) = products.split_first().unwrap();
        assert!(reply.text.contains(&crate::money::shown(first.price_minor, "INR")), "{message}: {}", reply.text);
        if reply.text.contains("the least expensive of them") {
            said += 1;
            assert!(others.iter().all(|other| other.price_minor > first.price_minor), "{message}: {}", reply.text);
        }
        if reply.text.contains("the best rated of them") {
            said += 1;
            assert!(others.iter().all(|other| other.rating < first.rating), "{message}: {}", reply.text);
        }
    }
    assert!(said > 2, "nothing is ever said of the first");
}

#[tokio::test]
async fn what_cannot_be_met_is_said_with_what_was_left_out() {
    let visit = Visit::begin().await;
    for (message, text, name) in [
        ("jackets under 500", "I have no jackets up to ₹500. Leaving out the price, the", None),
        ("purple boots", "I have no boots in purple. Leaving out the colour, the", None),
        ("derby shoes in size 46", "I have no ", None),
        ("men's skirts", "I have no skirts for men. Leaving out whom it is for, the", None),
        ("kurtas for running", "I have no kurtas for running. Leaving out the occasion, the", Some("Kurta")),
    ] {
        let reply = visit.ask(message).await;
        assert!(reply.text.starts_with(text), "{message}: {}", reply.text);
        assert!(!reply.cards.is_empty(), "{message}");
        if let Some(name) = name {
            assert!(names(&reply).iter().any(|shown| shown.contains(name)), "{message}: {}", reply.text);
        }
    }
    let cheapest = visit.ask("jackets under 500").await;
    assert!(cheapest.cards.is_sorted_by_key(|card| card.price_minor), "{}", cheapest.text);
}

#[tokio::test]
async fn who_has_no_wish_yet_sees_what_is_rated_highest() {
    let visit = Visit::begin().await;
    for message in ["show me something nice", "what's trending?", "surprise me"] {
        let reply = visit.ask(message).await;
        assert_eq!((reply.intent, reply.cards.len()), ("trend", 3), "{message}: {}", reply.text);
        assert!(visit.products(&reply).await.iter().all(|product| product.rating >= Some(4.7)), "{message}");
    }
}

#[tokio::test]
async fn nothing_found_is_said_honestly() {
    let visit = Visit::begin().await;
    for message in ["xylophone", "a lawnmower under 2000", "привет", "a lawnmower with a card"] {
        let reply = visit.ask(message).await;
        assert!(reply.cards.is_empty() && reply.intent == "fallback", "{message}: {}", reply.text);
        assert!(reply.text.starts_with("I found nothing for"), "{message}: {}", reply.text);
    }
    for message in ["where are the fitting rooms?", "can I pay by card?"] {
        let reply = visit.ask(message).await;
        assert!(reply.cards.is_empty() && reply.text.contains("ask somebody in the store"), "{message}: {}", reply.text);
    }
    assert!(visit.ask("what do you have?").await.text.starts_with("Tell me a little more"));
}

#[tokio::test]
async fn a_follow_up_narrows_or_goes_on_from_what_was_said() {
    let mut visit = Visit::begin().await;
    let first = visit.say("jackets").await;
    let black = visit.say("under 4500").await;
    assert!(
        visit.products(&black).await.iter().all(|product| is_outer(product) && product.price_minor <= 450_000),
        "{}",
        black.text
    );
    let least = first.cards.iter().chain(&black.cards).map(|card| card.price_minor).min().unwrap();

    let mut visit = Visit::begin().await;
    visit.say("Fisher Cable Sweater").await;
    let cheaper = visit.say("something cheaper please").await;
    assert!(!cheaper.cards.is_empty() && cheaper.text.contains("less"), "{}", cheaper.text);
    assert!(visit.products(&cheaper).await.iter().all(|product| product.category == "Knitwear"));
    let before = visit.question.before[1].metadata.as_ref().unwrap()["cards"].as_array().unwrap().clone();
    let before = before.iter().map(|card| card["price_minor"].as_i64().unwrap()).min().unwrap();
    assert!(cheaper.cards.iter().all(|card| card.price_minor < before));
    assert!(least > 0);

    let more = visit.say("show me more").await;
    assert!(more.cards.iter().all(|card| !cheaper.cards.iter().any(|shown| shown.sku == card.sku)), "{}", more.text);
}

#[tokio::test]
async fn when_nothing_costs_less_it_is_said() {
    let mut visit = Visit::begin().await;
    let caps = visit.say("cheap caps").await;
    assert_eq!(caps.cards[0].price_minor, 89_900);
    let reply = visit.say("anything cheaper?").await;
    assert!(reply.cards.is_empty() && reply.text.contains("least expensive of the caps"), "{}", reply.text);
}

#[tokio::test]
async fn adding_asks_for_the_size_and_takes_the_answer() {
    let mut visit = Visit::begin().await;
    let shown = visit.say("warm jackets under 6000").await;
    let second = shown.cards[1].sku.0.clone();
    let asked = visit.say("add two of the second one").await;
    assert!(asked.changes.is_empty() && asked.text.starts_with("Which size of the "), "{}", asked.text);
    assert_eq!(asked.wants_size_of, Some((Sku::from(second.as_str()), 2)));
    let put = visit.say("M please").await;
    assert_eq!(added(&put), Some((second.as_str(), 2, Some("M"))), "{}", put.text);
    assert!(put.text.contains("in M are in your cart"), "{}", put.text);
}

#[tokio::test]
async fn a_question_for_the_size_does_not_swallow_another_wish() {
    let mut visit = Visit::begin().await;
    visit.say("warm jackets").await;
    visit.say("add the first one").await;
    let reply = visit.say("actually show me boots").await;
    assert!(visit.products(&reply).await.iter().all(|product| product.subcategory.as_deref() == Some("Boots")), "{}", reply.text);
}

#[tokio::test]
async fn products_are_pointed_at_in_many_ways() {
    let mut visit = Visit::begin().await;
    visit.note(
        Sender::Agent,
        "Two ideas",
        Some(Map::from_iter([("cards".to_owned(), json!([{"sku": "SKU-1001"}, {"sku": "SKU-1005"}, {"sku": "SKU-1095"}]))])),
    );
    for (message, expected) in [
        ("add the first one in L", ("SKU-1001", 1, Some("L"))),
        ("add it in m", ("SKU-1001", 1, Some("M"))),
        ("add the second in XL", ("SKU-1005", 1, Some("XL"))),
        ("add the last one", ("SKU-1095", 1, None)),
        ("put the tote in my cart", ("SKU-1095", 1, None)),
        ("I'll take the saffron one in S", ("SKU-1005", 1, Some("S"))),
        ("add the field jacket in xl", ("SKU-1001", 1, Some("XL"))),
        ("Add the Hill Walk Derby in 42", ("SKU-1077", 1, Some("42"))),
        ("add the Hill Walk Derby in oxblood in 38", ("SKU-1078", 1, Some("38"))),
        ("add 3 of the tote", ("SKU-1095", 3, None)),
    ] {
        let reply = visit.ask(message).await;
        assert_eq!(added(&reply), Some(expected), "{message}: {}", reply.text);
    }
    let wrong = visit.ask("add the first one in 46").await;
    assert!(wrong.changes.is_empty() && wrong.text.starts_with("There is no 46 of it."), "{}", wrong.text);
    let unclear = visit.ask("add the fourth").await;
    assert!(unclear.changes.is_empty(), "{}", unclear.text);
    let wish = visit.ask("add a blue shirt").await;
    assert!(wish.changes.is_empty() && !wish.cards.is_empty(), "{}", wish.text);
}

#[tokio::test]
async fn the_cart_is_told_and_changed() {
    let mut visit = Visit::begin().await;
    assert_eq!(visit.ask("what is in my cart?").await.text, "Your cart is empty. Tell me what you are looking for.");
    visit.line("SKU-1001", "Quilted Field Jacket", 1, 529_000, Some("M"));
    visit.line("SKU-1095", "Market Tote", 2, 179_900, None);
    let told = visit.ask("What is in my cart?").await;
    assert_eq!(told.text, "In your cart: the Quilted Field Jacket in M and two of the Market Tote. Together ₹8,888.");
    let out = visit.ask("remove the market tote").await;
    assert_eq!(out.changes, [CartChange::SetQuantity { sku: "SKU-1095".into(), quantity: 0, options: BTreeMap::new() }]);
    assert_eq!(visit.ask("empty my cart").await.changes.len(), 2);
}

#[tokio::test]
async fn stock_is_told_for_this_store_and_the_others() {
    let mut visit = Visit::begin().await;
    let named = visit.ask("is the Downpour Shell available here?").await;
    assert!(named.text.starts_with("Of the Downpour Shell in saffron this store has five"), "{}", named.text);
    visit.say("Quilted Field Jacket in pine").await;
    let reply = visit.say("do you have it in M?").await;
    assert_eq!(reply.intent, "inventory");
    assert_eq!(
        reply.text,
        "Of the Quilted Field Jacket in pine this store has four, and there are six online and three at Park Street. It is made in M; \
         the counts are of all sizes together."
    );
    assert_eq!(reply.cards[0].in_this_store, Some(4));
    visit.question.store = None;
    let reply = visit.ask("how many are left of it?").await;
    assert!(
        reply.text.starts_with("Of the Quilted Field Jacket in pine there are six online, four at Linking Road"),
        "{}",
        reply.text
    );
    assert_eq!(reply.cards[0].in_this_store, None);
}

#[tokio::test]
async fn cards_carry_what_is_known_about_this_customer_and_store() {
    let visit = Visit::begin().await.with_customer("101").await;
    let reply = visit.ask("Riverside Wrap Dress").await;
    assert_eq!(reply.cards[0].personalized_reason.as_deref(), Some("You bought this before"), "{}", reply.text);
    assert_eq!(reply.cards[0].sizes, ["XS", "S", "M", "L", "XL"]);
    assert!(reply.cards[0].color_hex.as_ref().is_some_and(|color| color.starts_with('#')));
    for message in ["sneakers", "warm jackets", "handbags", "boots", "dresses", "shirts under 2000"] {
        for card in visit.ask(message).await.cards {
            let mut tx = visit.state.read().await.unwrap();
            let pieces = tx
                .inventory(&card.sku)
                .await
                .unwrap()
                .into_iter()
                .find(|count| count.location == "store:S01")
                .map(|count| count.quantity);
            assert_eq!(card.in_this_store, pieces, "{}", card.name);
            let reason = card.personalized_reason.unwrap_or_default();
            if let Some(left) = reason.strip_suffix(" left in this store") {
                assert_eq!(left.parse().ok(), pieces, "{}", card.name);
            }
            if reason.starts_with("Not in this store") {
                assert_eq!(pieces, Some(0), "{}", card.name);
            }
            if let Some(limit) = reason.strip_prefix("Within your ") {
                assert!(limit == "₹2,000" && card.price_minor <= 200_000, "{}", card.name);
            }
        }
    }
}

#[tokio::test]
async fn small_talk_is_answered_shortly() {
    let visit = Visit::begin().await.with_customer("101").await;
    assert_eq!(visit.ask("hello").await.text, "Hello, Asha. What are you looking for today?");
    assert!(visit.ask("thanks a lot").await.text.starts_with("With pleasure"));
    assert_eq!(visit.ask("hi").await.intent, "support");
}

#[tokio::test]
async fn the_intent_travels_with_the_answer() {
    let visit = Visit::begin().await;
    let metadata = visit.ask("boots").await.metadata();
    assert_eq!((&metadata["intent"], &metadata["method"]), (&json!("recommendation"), &json!("rules")));
    assert_eq!(metadata["cards"].as_array().unwrap().len(), 3);
    assert_eq!(metadata["cards"][0]["type"], "product");
}
