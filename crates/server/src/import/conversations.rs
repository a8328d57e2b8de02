use std::{collections::BTreeMap, path::Path, time::Duration};

use protocol::{
    ids::{CustomerId, EntryId, SessionId, Sku},
    session::{Assurance, Channel, ChatEntry, Sender, text_or_number},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use server_store::{
    ReadTx, StoreError,
    records::{CartItem, CustomerRecord, ProductRecord, SessionRecord, SessionState, SessionStatus},
};

use super::{Basis, Doubles, FileReport, table::short};
use crate::{
    catalogue, key,
    session::{LIFE, operations::import_history},
    state::AppState,
    transaction::Tx,
};

const FILE: &str = "conversations.json";
const LONGEST_MESSAGE: usize = 4_000;
const MOST_LINES: usize = 100;
const MOST_PIECES: u32 = 99;

#[derive(Debug, Deserialize)]
struct File {
    conversations: Vec<Value>,
}

/// What a customer said and chose before they come to a kiosk.
#[derive(Debug, Deserialize)]
struct Conversation {
    #[serde(deserialize_with = "text_or_number")]
    customer_id: Option<String>,
    entries: Vec<Entry>,
    #[serde(default)]
    cart: Vec<Line>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    minutes_ago: u32,
    channel: Channel,
    sender: Sender,
    message: String,
    #[serde(default)]
    skus: Vec<Sku>,
}

#[derive(Debug, Deserialize)]
struct Line {
    sku: Sku,
    quantity: u32,
    #[serde(default)]
    size: Option<String>,
}

/// Makes each conversation its customer's session. A customer who has a session, or whose conversation was imported
/// before, is left alone: what was said since must neither be doubled nor lost.
pub(super) async fn import(state: &AppState, dir: &Path, basis: &Basis) -> anyhow::Result<Option<FileReport>> {
    let path = dir.join(FILE);
    if !path.exists() {
        return Ok(None);
    }
    let read = std::fs::read(&path).map_err(|error| error.to_string());
    let file: File = match read.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string())) {
        Ok(file) => file,
        Err(problem) => return Ok(Some(FileReport::unreadable(FILE, problem))),
    };
    let mut report = FileReport::new(FILE);
    let mut doubles = Doubles::default();
    let mut tx = state.write().await?;
    for (value, number) in file.conversations.into_iter().zip(1..) {
        let read = serde_json::from_value(value).map_err(|error| error.to_string()).and_then(|conversation| {
            let conversation = check(conversation)?;
            doubles.check(conversation.customer_id.as_deref().unwrap_or_default(), number)?;
            Ok(conversation)
        });
        let outcome = match read {
            Ok(conversation) => keep(&mut tx, conversation, basis).await?,
            Err(reason) => Err(reason),
        };
        match outcome {
            Ok(true) => report.taken += 1,
            Ok(false) => report.kept += 1,
            Err(reason) => report.refuse(number, reason),
        }
    }
    tx.commit().await?;
    Ok(Some(report))
}

fn check(mut conversation: Conversation) -> Result<Conversation, String> {
    if conversation.entries.is_empty() {
        return Err("entries is empty".into());
    }
    if conversation.entries.iter().any(|entry| entry.message.chars().count() > LONGEST_MESSAGE) {
        return Err(format!("a message has more than {LONGEST_MESSAGE} characters"));
    }
    if conversation.cart.len() > MOST_LINES {
        return Err(format!("the cart has more than {MOST_LINES} lines"));
    }
    if conversation.cart.iter().any(|line| !(1..=MOST_PIECES).contains(&line.quantity)) {
        return Err(format!("quantity must be from 1 to {MOST_PIECES}"));
    }
    conversation.entries.sort_by_key(|entry| std::cmp::Reverse(entry.minutes_ago));
    Ok(conversation)
}

/// Keeps one conversation; answers false where the customer was left alone, or why it is refused.
async fn keep(tx: &mut Tx, conversation: Conversation, basis: &Basis) -> anyhow::Result<Result<bool, String>> {
    let customer_id = CustomerId(conversation.customer_id.clone().unwrap_or_default());
    let Some(customer) = tx.customer(&customer_id).await? else {
        return Ok(Err(format!("there is no customer {}", short(&customer_id.0))));
    };
    let id = session_id(tx.state(), &customer_id);
    if tx.session(id).await?.is_some() || tx.active_session_of(&customer_id).await?.is_some() {
        return Ok(Ok(false));
    }
    let products = match products(tx.reader(), &conversation).await? {
        Ok(products) => products,
        Err(reason) => return Ok(Err(reason)),
    };

    let now = tx.now();
    let mut session = session(tx.state(), id, &customer, &conversation, &products);
    let entries: Vec<ChatEntry> =
        conversation.entries.iter().map(|entry| chat_entry(tx.state(), entry, &products, &basis.currency)).collect();
    session.created_at = entries.first().map_or(now, |entry| entry.timestamp);
    tx.insert_session(&session).await?;
    import_history(tx, &mut session, entries).await?;
    Ok(Ok(true))
}

/// The id under which a customer's conversation is imported, always the same, so that it is found again.
fn session_id(state: &AppState, customer: &CustomerId) -> SessionId {
    let mac = state.key.mac("imported conversation", &[customer.0.as_bytes()]);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&mac[..16]);
    SessionId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

async fn products(
    tx: &mut dyn ReadTx,
    conversation: &Conversation,
) -> Result<Result<BTreeMap<Sku, ProductRecord>, String>, StoreError> {
    let mut products = BTreeMap::new();
    let skus = conversation.entries.iter().flat_map(|entry| &entry.skus).chain(conversation.cart.iter().map(|line| &line.sku));
    for sku in skus {
        let Some(product) = tx.product(sku).await? else { return Ok(Err(format!("there is no product {}", short(&sku.0)))) };
        products.insert(sku.clone(), product);
    }
    Ok(Ok(products))
}

fn session(
    state: &AppState,
    id: SessionId,
    customer: &CustomerRecord,
    conversation: &Conversation,
    products: &BTreeMap<Sku, ProductRecord>,
) -> SessionRecord {
    let now = state.now();
    SessionRecord {
        id,
        generation: 0,
        token_hash: key::sha256(state.key.session_token(id, 0).as_bytes()).to_vec(),
        customer_id: customer.id.clone(),
        phone: customer.phone.clone(),
        telegram_chat_id: None,
        channel: conversation.entries.first().map_or(Channel::Web, |entry| entry.channel),
        user_id: customer.id.0.clone(),
        guest: false,
        assurance: Assurance::Channel,
        state: SessionState { cart: cart(&conversation.cart, products), ..SessionState::default() },
        version: 1,
        status: SessionStatus::Active,
        created_at: now,
        updated_at: now,
        expires_at: now.plus(LIFE),
    }
}

/// Lines of the same product and size become one.
fn cart(lines: &[Line], products: &BTreeMap<Sku, ProductRecord>) -> Vec<CartItem> {
    let mut cart: Vec<CartItem> = Vec::new();
    for line in lines {
        let product = products.get(&line.sku);
        // Where there is one size only, nobody chooses, and the line must grow when a kiosk adds another piece.
        let chooses = product.is_none_or(|product| catalogue::card(product, "").sizes.len() != 1);
        let size = line.size.iter().filter(|_| chooses);
        let options: BTreeMap<String, String> = size.map(|size| ("size".to_owned(), size.clone())).collect();
        if let Some(same) = cart.iter_mut().find(|item| item.sku == line.sku && item.options == options) {
            same.quantity = (same.quantity + line.quantity).min(MOST_PIECES);
        } else {
            let price_minor = product.map_or(0, |product| product.price_minor);
            cart.push(CartItem { sku: line.sku.clone(), quantity: line.quantity, options, price_minor });
        }
    }
    cart
}

fn chat_entry(state: &AppState, entry: &Entry, products: &BTreeMap<Sku, ProductRecord>, currency: &str) -> ChatEntry {
    let cards: Vec<Value> =
        entry.skus.iter().filter_map(|sku| products.get(sku)).map(|product| json!(catalogue::card(product, currency))).collect();
    ChatEntry {
        id: EntryId(state.new_id()),
        sender: entry.sender,
        message: entry.message.clone(),
        timestamp: state.now().minus(Duration::from_secs(u64::from(entry.minutes_ago) * 60)),
        channel: entry.channel,
        metadata: (!cards.is_empty()).then(|| Map::from_iter([("cards".to_owned(), Value::Array(cards))])),
    }
}
