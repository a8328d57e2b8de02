//! Customers: what the shop knows about a person.

use async_trait::async_trait;
use protocol::{customer::Purchase, ids::CustomerId};

use crate::Result;

/// A customer.
#[derive(Clone, PartialEq)]
pub struct CustomerRecord {
    /// Decimal text.
    pub id: CustomerId,
    /// Full name.
    pub name: String,
    /// Years.
    pub age: Option<u16>,
    /// As given.
    pub gender: String,
    /// E.164, or empty; nobody else has it.
    pub phone: String,
    /// Part of the address.
    pub city: String,
    /// Part of the address.
    pub building_name: String,
    /// Part of the address.
    pub address_landmark: String,
    /// Bronze, Silver, Gold or Platinum.
    pub loyalty_tier: String,
    /// Never negative.
    pub loyalty_points: i64,
    /// `mobile`, `web` or `kiosk`.
    pub device_preference: String,
    /// In the smallest unit of the shop's currency.
    pub total_spend_minor: i64,
    /// Pieces.
    pub items_purchased: i64,
    /// 0 to 5.
    pub average_rating: f64,
    /// Days.
    pub days_since_last_purchase: i64,
    /// `Satisfied`, `Neutral`, `Unsatisfied` or `New`.
    pub satisfaction: String,
    /// What was bought before.
    pub purchase_history: Vec<Purchase>,
}

impl std::fmt::Debug for CustomerRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CustomerRecord").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Questions about customers.
#[async_trait]
pub trait CustomerRead {
    /// The customer of that id.
    async fn customer(&mut self, id: &CustomerId) -> Result<Option<CustomerRecord>>;
    /// The customer with that E.164 phone.
    async fn customer_by_phone(&mut self, phone: &str) -> Result<Option<CustomerRecord>>;
    /// Every customer without an account that has a password, in order of id; those without a phone are left out.
    async fn customers_without_password(&mut self) -> Result<Vec<CustomerRecord>>;
    /// How many there are.
    async fn customer_count(&mut self) -> Result<u64>;
    /// A page of them, in order of id.
    async fn list_customers(&mut self, limit: u32, offset: u32) -> Result<Vec<CustomerRecord>>;
    /// The customer who writes from that Telegram chat.
    async fn customer_by_telegram_chat(&mut self, chat_id: &str) -> Result<Option<CustomerRecord>>;
}

/// Changes of customers.
#[async_trait]
pub trait CustomerWrite {
    /// A decimal id above every id that was ever there.
    async fn next_customer_id(&mut self) -> Result<CustomerId>;
    /// Keeps or replaces the customer of that id. A phone of another customer is refused as a duplicate.
    async fn put_customer(&mut self, customer: &CustomerRecord) -> Result<()>;
    /// Notes who writes from that Telegram chat; who did before, does no more.
    async fn link_telegram_chat(&mut self, chat_id: &str, customer: &CustomerId) -> Result<()>;
}
