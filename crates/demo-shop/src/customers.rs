//! Three customers, all invented.

use crate::orders::{self, Order, Status};

/// How a customer's purchase history is written; both notations exist in the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// A list with single quotes.
    SingleQuoted,
    /// JSON.
    Json,
}

/// A customer.
#[derive(Clone, Copy, Debug)]
pub struct Customer {
    /// Number of the customer.
    pub id: u32,
    /// Full name.
    pub name: &'static str,
    /// Years.
    pub age: u32,
    /// Gender as the data writes it.
    pub gender: &'static str,
    /// Ten digits without the country's code.
    pub phone_number: &'static str,
    /// City.
    pub city: &'static str,
    /// Building.
    pub building_name: &'static str,
    /// A landmark near by.
    pub address_landmark: &'static str,
    /// Loyalty tier.
    pub loyalty_tier: &'static str,
    /// Loyalty points.
    pub loyalty_points: u32,
    /// Where the customer likes to shop.
    pub device_preference: &'static str,
    /// Whole days from the last purchase to the day the data was written, 1 March 2026.
    pub days_since_last_purchase: u32,
    /// Satisfaction.
    pub satisfaction: &'static str,
    /// Notation of the purchase history.
    pub notation: Notation,
}

/// The customers, in order of their ids.
pub const CUSTOMERS: [Customer; 3] = [
    Customer {
        id: 101,
        name: "Asha Menon",
        age: 29,
        gender: "Female",
        phone_number: "9820000101",
        city: "Mumbai",
        building_name: "Sea Breeze Apartments",
        address_landmark: "Opposite the lending library, Bandra West",
        loyalty_tier: "Silver",
        loyalty_points: 1211,
        device_preference: "mobile",
        days_since_last_purchase: 42,
        satisfaction: "Satisfied",
        notation: Notation::SingleQuoted,
    },
    Customer {
        id: 102,
        name: "Ravi Kulkarni",
        age: 41,
        gender: "Male",
        phone_number: "9820000102",
        city: "Pune",
        building_name: "Banyan Court",
        address_landmark: "Behind the cycle market, Kothrud",
        loyalty_tier: "Gold",
        loyalty_points: 3480,
        device_preference: "web",
        days_since_last_purchase: 9,
        satisfaction: "Satisfied",
        notation: Notation::Json,
    },
    Customer {
        id: 103,
        name: "Meera Dutta",
        age: 34,
        gender: "Female",
        phone_number: "9820000103",
        city: "Kolkata",
        building_name: "Lake View House",
        address_landmark: "Near the rowing club, Southern Avenue",
        loyalty_tier: "Bronze",
        loyalty_points: 260,
        device_preference: "mobile",
        days_since_last_purchase: 5,
        satisfaction: "Neutral",
        notation: Notation::Json,
    },
];

impl Customer {
    /// The orders that count as purchases: all but the cancelled.
    pub fn purchases(&self) -> impl Iterator<Item = &'static Order> + use<> {
        let id = self.id;
        orders::ORDERS.iter().filter(move |order| order.customer == id && order.status != Status::Cancelled)
    }

    /// Rupees spent.
    pub fn total_spend(&self) -> u32 {
        self.purchases().map(Order::total).sum()
    }

    /// Pieces bought.
    pub fn items_purchased(&self) -> u32 {
        self.purchases().flat_map(|order| order.lines).map(|line| line.quantity).sum()
    }

    /// Mean of the ratings given, in tenths of a star, rounded; 0 without any.
    pub fn average_rating(&self) -> u32 {
        let ratings: Vec<u32> = self.purchases().flat_map(|order| order.lines).map(|line| line.rating).collect();
        let count = u32::try_from(ratings.len()).unwrap_or(0);
        (ratings.iter().sum::<u32>() + count / 2).checked_div(count).unwrap_or(0)
    }

    /// The purchase history in this customer's notation.
    pub fn purchase_history(&self) -> String {
        let entries: Vec<String> = self
            .purchases()
            .flat_map(|order| order.lines.iter().map(move |line| (order, line)))
            .map(|(order, line)| {
                format!(
                    "{{\"order_id\": \"{}\", \"sku\": \"SKU-{}\", \"qty\": {}, \"amount\": {}.0, \"date\": \"{}\", \"rating\": {}.{}}}",
                    order.id,
                    line.sku,
                    line.quantity,
                    line.total(),
                    order.created_at.split('T').next().unwrap_or_default(),
                    line.rating / 10,
                    line.rating % 10,
                )
            })
            .collect();
        let json = format!("[{}]", entries.join(", "));
        match self.notation {
            Notation::Json => json,
            Notation::SingleQuoted => json.replace('"', "'"),
        }
    }
}
