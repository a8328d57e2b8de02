use std::collections::BTreeMap;

use protocol::{
    Timestamp,
    ids::Sku,
    session::{Channel, ChatEntry, RecentView, Sender, UpdateRequest},
};
use serde_json::{Map, Value, json};
use server_store::records::SessionRecord;

use super::{SessionError, cart, chat, token};
use crate::{caller::Own, transaction::Tx};

pub(super) const RECENT: usize = 50;
/// The action that appends to the conversation.
pub(super) const CHAT_MESSAGE: &str = "chat_message";

/// Applies one documented action. `bound` is the one channel that the caller speaks for. Answers with the conversation, where the
/// action had to read it.
///
/// # Errors
/// The action is unknown, lacks something, or is refused.
pub async fn apply(
    tx: &mut Tx,
    own: &mut Own,
    bound: Option<Channel>,
    request: UpdateRequest,
) -> Result<Option<Vec<ChatEntry>>, SessionError> {
    let by_number_only = own.is_by_number_only();
    let session = &mut own.session;
    if request.if_version.is_some_and(|version| version != session.version) {
        return Err(SessionError::VersionConflict);
    }
    let payload = request.payload;
    let done = match request.action.as_str() {
        "add_to_cart" => {
            let Some(Value::Object(item)) = payload.get("item") else {
                return Err(SessionError::BadRequest("'item' is required for add_to_cart action".into()));
            };
            let sku =
                sku_of(item).ok_or_else(|| SessionError::BadRequest("'item' needs a 'sku' for add_to_cart action".into()))?;
            cart::add_to_cart(tx, session, &sku, quantity_of(item)?.unwrap_or(1), options_of(item)?.unwrap_or_default(), None)
                .await
        }
        "remove_from_cart" => {
            let sku = sku_of(&payload)
                .ok_or_else(|| SessionError::BadRequest("'sku' is required for remove_from_cart action".into()))?;
            cart::remove_from_cart(tx, session, &sku, options_of(&payload)?.as_ref()).await
        }
        "set_quantity" => {
            let sku =
                sku_of(&payload).ok_or_else(|| SessionError::BadRequest("'sku' is required for set_quantity action".into()))?;
            let quantity = quantity_of(&payload)?
                .ok_or_else(|| SessionError::BadRequest("'quantity' is required for set_quantity action".into()))?;
            cart::set_quantity(tx, session, &sku, quantity, options_of(&payload)?.unwrap_or_default(), None).await
        }
        "clear_cart" => cart::clear_cart(tx, session).await,
        "view_product" => {
            let product = ["product", "product_id"].iter().find_map(|name| text(&payload, name));
            let product = product.ok_or_else(|| {
                SessionError::BadRequest("'product' or 'product_id' is required for view_product action".into())
            })?;
            view_product(tx, session, &Sku(product)).await
        }
        CHAT_MESSAGE => {
            let new = chat_message(session, bound, &payload)?;
            let tells_address = new.metadata.as_ref().is_some_and(|metadata| metadata.contains_key("shipping_address"));
            if by_number_only && tells_address {
                return Err(SessionError::StrongerLoginRequired);
            }
            return chat::say(tx, session, new).await.map(|said| Some(said.conversation));
        }
        "set_user" => set_user(tx, session, &payload).await,
        other => Err(SessionError::BadRequest(format!("Unsupported action: {}", other.chars().take(60).collect::<String>()))),
    };
    done.map(|()| None)
}

/// Notes that the customer looked at a product.
///
/// # Errors
/// No such product.
pub async fn view_product(tx: &mut Tx, session: &mut SessionRecord, sku: &Sku) -> Result<(), SessionError> {
    if tx.product(sku).await?.is_none() {
        return Err(SessionError::ProductNotFound(sku.clone()));
    }
    let now = tx.now();
    session.state.recent.insert(0, RecentView { product: sku.clone(), viewed_at: now });
    session.state.recent.truncate(RECENT);
    session.state.last_action = Some(last_action("view_product", now, [("product", json!(sku))]));
    token::save(tx, session).await
}

pub(super) fn chat_message(
    session: &SessionRecord,
    bound: Option<Channel>,
    payload: &Map<String, Value>,
) -> Result<chat::NewEntry, SessionError> {
    let bad = |text: &str| SessionError::BadRequest(text.to_owned());
    let Some(Value::String(message)) = payload.get("message") else {
        return Err(bad("'message' is required for chat_message action"));
    };
    let sender = match payload.get("sender") {
        None | Some(Value::Null) => Sender::User,
        Some(Value::String(sender)) if sender == "user" => Sender::User,
        Some(Value::String(sender)) if sender == "agent" => Sender::Agent,
        Some(_) => return Err(bad("'sender' must be 'user' or 'agent'")),
    };
    let metadata = match payload.get("metadata") {
        None | Some(Value::Null) => None,
        Some(Value::Object(metadata)) => Some(metadata.clone()).filter(|metadata| !metadata.is_empty()),
        Some(_) => return Err(bad("'metadata' must be an object")),
    };
    let named = channel_of(payload)?;
    if bound.is_some() && named.is_some() && bound != named {
        return Err(SessionError::Forbidden("These credentials speak for another channel."));
    }
    let channel = named.or(bound).unwrap_or(session.channel);
    Ok(chat::NewEntry { sender, message: message.clone(), channel, metadata, op: None, mergeable: true })
}

/// Only the session's own customer can be set: a body proves nothing about who sends it.
async fn set_user(tx: &mut Tx, session: &mut SessionRecord, payload: &Map<String, Value>) -> Result<(), SessionError> {
    let user =
        text(payload, "user_id").ok_or_else(|| SessionError::BadRequest("'user_id' is required for set_user action".into()))?;
    if user != session.customer_id.0 {
        return Err(SessionError::Forbidden("A session can only be given its own customer."));
    }
    session.user_id.clone_from(&user);
    session.state.last_action = Some(last_action("set_user", tx.now(), [("user_id", json!(user))]));
    token::save(tx, session).await
}

pub(super) fn last_action<const N: usize>(kind: &str, at: Timestamp, more: [(&str, Value); N]) -> Map<String, Value> {
    let mut action = Map::new();
    action.insert("type".into(), kind.into());
    action.insert("timestamp".into(), json!(at));
    action.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
    action
}

/// A text or number that is not blank.
fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn sku_of(object: &Map<String, Value>) -> Option<Sku> {
    ["sku", "SKU", "product_id"].iter().find_map(|name| text(object, name)).map(Sku)
}

fn quantity_of(object: &Map<String, Value>) -> Result<Option<u32>, SessionError> {
    let value = ["quantity", "qty"].iter().find_map(|name| object.get(*name).filter(|value| !value.is_null()));
    let Some(value) = value else { return Ok(None) };
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|number| *number <= cart::MOST_PIECES);
    number.map(Some).ok_or_else(|| SessionError::BadRequest("'quantity' must be a whole number from 0 to 99".into()))
}

fn options_of(object: &Map<String, Value>) -> Result<Option<BTreeMap<String, String>>, SessionError> {
    let bad = || SessionError::BadRequest("'options' must be an object of texts".into());
    let options = match object.get("options") {
        None | Some(Value::Null) => None,
        Some(Value::Object(options)) => Some(
            options
                .iter()
                .map(|(name, value)| Ok((name.clone(), value.as_str().ok_or_else(bad)?.to_owned())))
                .collect::<Result<_, SessionError>>()?,
        ),
        Some(_) => return Err(bad()),
    };
    // Older clients send the size beside the product.
    let size = text(object, "size").filter(|_| options.is_none()).map(|size| BTreeMap::from([("size".to_owned(), size)]));
    Ok(options.or(size))
}

pub(super) fn channel_of(object: &Map<String, Value>) -> Result<Option<Channel>, SessionError> {
    match text(object, "channel") {
        None => Ok(None),
        Some(name) => parse_channel(&name).map(Some),
    }
}

/// A channel by its documented name.
pub(crate) fn parse_channel(name: &str) -> Result<Channel, SessionError> {
    Channel::parse(name).ok_or_else(|| SessionError::BadRequest("channel must be web, kiosk, whatsapp or telegram".into()))
}
