use protocol::{
    customer::Customer,
    session::{CartLine, ChatEntry, Session, SessionData, SessionMetadata},
};
use server_store::{
    ReadTx, StoreError,
    records::{CustomerRecord, SessionRecord, SessionStatus},
};

use super::{begin::Details, cart::show_cart_in, snapshot::SHOWN_ENTRIES};
use crate::{caller::Own, catalogue, key::ServerKey, money};

/// A session as every documented endpoint shows it.
///
/// # Errors
/// The store failed.
pub async fn session(tx: &mut dyn ReadTx, key: &ServerKey, record: &SessionRecord) -> Result<Session, StoreError> {
    let conversation = tx.chat_entries(record.id, SHOWN_ENTRIES).await?;
    session_saying(tx, key, record, conversation).await
}

/// As [`session`], for who knows the conversation.
async fn session_saying(
    tx: &mut dyn ReadTx,
    key: &ServerKey,
    record: &SessionRecord,
    conversation: Vec<ChatEntry>,
) -> Result<Session, StoreError> {
    let currency = catalogue::currency(tx).await?;
    let profile =
        if record.guest { None } else { tx.customer(&record.customer_id).await?.map(|record| customer(&record, &currency)) };
    let cart = show_cart_in(tx, record, &currency).await?;
    Ok(assembled(key, record, conversation, cart, profile))
}

fn assembled(
    key: &ServerKey,
    record: &SessionRecord,
    conversation: Vec<ChatEntry>,
    cart: Vec<CartLine>,
    profile: Option<Customer>,
) -> Session {
    let state = &record.state;
    let data = SessionData {
        cart,
        recent: state.recent.clone(),
        chat_context: conversation,
        last_action: state.last_action.clone(),
        channels: state.channels.clone(),
        conversation_summary: state.conversation_summary.clone(),
        last_recommended_skus: state.last_recommended_skus.clone(),
        shipping_address: state.shipping_address.clone(),
        customer_profile: profile.clone(),
    };
    let metadata = SessionMetadata {
        channels: state.channels.clone(),
        chat_context: Vec::new(),
        conversation_summary: state.conversation_summary.clone(),
        last_recommended_skus: state.last_recommended_skus.clone(),
    };
    Session {
        session_id: record.id,
        session_token: key.session_token(record.id, record.generation),
        phone: record.phone.clone(),
        telegram_chat_id: record.telegram_chat_id.clone(),
        channel: record.channel,
        user_id: record.user_id.clone(),
        customer_id: record.customer_id.clone(),
        data,
        metadata,
        created_at: record.created_at,
        updated_at: record.updated_at,
        is_active: record.status == SessionStatus::Active,
        expires_at: record.expires_at,
        customer_profile: profile,
        version: record.version,
        guest: record.guest,
        assurance: record.assurance,
    }
}

/// As [`session`], as far as the caller may see it: of somebody known by a typed number alone, only first name and tier.
///
/// # Errors
/// The store failed.
pub async fn own(tx: &mut dyn ReadTx, key: &ServerKey, own: &Own) -> Result<Session, StoreError> {
    own_saying(tx, key, own, None).await
}

/// As [`own`], for who may know the conversation.
pub(super) async fn own_saying(
    tx: &mut dyn ReadTx,
    key: &ServerKey,
    own: &Own,
    conversation: Option<Vec<ChatEntry>>,
) -> Result<Session, StoreError> {
    let shown = match conversation {
        Some(conversation) => session_saying(tx, key, &own.session, conversation).await?,
        None => session(tx, key, &own.session).await?,
    };
    Ok(seen(own, shown))
}

/// As [`own_saying`], after a message, which changes neither cart nor customer: those are as they were `shown` to the same caller.
pub(super) fn own_said(key: &ServerKey, own: &Own, shown: Session, conversation: Vec<ChatEntry>) -> Session {
    seen(own, assembled(key, &own.session, conversation, shown.data.cart, shown.customer_profile))
}

fn seen(own: &Own, mut shown: Session) -> Session {
    shown.assurance = own.assurance;
    if own.is_by_number_only() {
        shown.data.shipping_address = None;
        for profile in [&mut shown.customer_profile, &mut shown.data.customer_profile] {
            *profile = profile.take().map(|profile| customer_by_number(&profile));
        }
    }
    shown
}

/// What is shown of a customer who is known by a typed number alone: first name and tier.
#[must_use]
pub fn customer_by_number(customer: &Customer) -> Customer {
    Customer {
        customer_id: customer.customer_id.clone(),
        name: customer.first_name().to_owned(),
        age: None,
        gender: String::new(),
        phone_number: customer.phone_number.clone(),
        city: String::new(),
        building_name: String::new(),
        address_landmark: String::new(),
        loyalty_tier: customer.loyalty_tier.clone(),
        loyalty_points: 0,
        device_preference: String::new(),
        total_spend: 0.0,
        items_purchased: 0,
        average_rating: 0.0,
        days_since_last_purchase: 0,
        satisfaction: String::new(),
        purchase_history: Vec::new(),
    }
}

/// A guest as the documented API shows a customer: what was told, and nothing that the shop knows.
#[must_use]
pub fn guest(record: &SessionRecord, told: &Details) -> Customer {
    Customer {
        customer_id: record.customer_id.clone(),
        name: told.name.clone(),
        age: told.age,
        gender: told.gender.clone(),
        phone_number: record.phone.clone(),
        city: told.city.clone(),
        building_name: String::new(),
        address_landmark: String::new(),
        loyalty_tier: "Bronze".into(),
        loyalty_points: 0,
        device_preference: record.channel.as_str().into(),
        total_spend: 0.0,
        items_purchased: 0,
        average_rating: 0.0,
        days_since_last_purchase: 0,
        satisfaction: "New".into(),
        purchase_history: Vec::new(),
    }
}

/// A customer as the documented API shows it.
#[must_use]
pub fn customer(record: &CustomerRecord, currency: &str) -> Customer {
    Customer {
        customer_id: record.id.clone(),
        name: record.name.clone(),
        age: record.age,
        gender: record.gender.clone(),
        phone_number: record.phone.clone(),
        city: record.city.clone(),
        building_name: record.building_name.clone(),
        address_landmark: record.address_landmark.clone(),
        loyalty_tier: record.loyalty_tier.clone(),
        loyalty_points: record.loyalty_points,
        device_preference: record.device_preference.clone(),
        total_spend: money::decimal(record.total_spend_minor, currency),
        items_purchased: record.items_purchased,
        average_rating: record.average_rating,
        days_since_last_purchase: record.days_since_last_purchase,
        satisfaction: record.satisfaction.clone(),
        purchase_history: record.purchase_history.clone(),
    }
}
