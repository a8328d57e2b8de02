//! What the customers have ordered so far.

use std::fmt;

use crate::catalogue;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Taken.
    Placed,
    /// On its way.
    Shipped,
    /// With the customer.
    Delivered,
    /// Given up by the customer.
    Cancelled,
}

impl fmt::Display for Status {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Placed => "placed",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
        })
    }
}

/// One product of an order.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The number in the SKU.
    pub sku: u32,
    /// Pieces.
    pub quantity: u32,
    /// The customer's rating, in tenths of a star.
    pub rating: u32,
}

impl Line {
    /// Rupees for one piece, as in the catalogue.
    pub fn unit_price(&self) -> u32 {
        catalogue::product(self.sku).map_or(0, |product| product.price)
    }

    /// Rupees for the line.
    pub fn total(&self) -> u32 {
        self.unit_price() * self.quantity
    }
}

/// An order.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Its id.
    pub id: &'static str,
    /// The customer's number.
    pub customer: u32,
    /// What was ordered.
    pub lines: &'static [Line],
    /// Where it stands.
    pub status: Status,
    /// When it was placed, UTC.
    pub created_at: &'static str,
    /// Where it was placed.
    pub channel: &'static str,
}

impl Order {
    /// Rupees for the whole order.
    pub fn total(&self) -> u32 {
        self.lines.iter().map(Line::total).sum()
    }

    /// The lines as JSON.
    pub fn items(&self) -> String {
        let lines: Vec<String> = self
            .lines
            .iter()
            .map(|line| {
                format!(
                    "{{\"sku\": \"SKU-{}\", \"qty\": {}, \"unit_price\": {}.0, \"line_total\": {}.0}}",
                    line.sku,
                    line.quantity,
                    line.unit_price(),
                    line.total()
                )
            })
            .collect();
        format!("[{}]", lines.join(", "))
    }
}

/// The orders, oldest first.
pub const ORDERS: &[Order] = &[
    Order {
        id: "ORD000101",
        customer: 102,
        lines: &[Line { sku: 1079, quantity: 1, rating: 47 }, Line { sku: 1023, quantity: 2, rating: 44 }],
        status: Status::Delivered,
        created_at: "2025-10-04T05:12:44.120518",
        channel: "web",
    },
    Order {
        id: "ORD000102",
        customer: 102,
        lines: &[Line { sku: 1035, quantity: 1, rating: 49 }],
        status: Status::Delivered,
        created_at: "2025-10-17T13:40:09.551302",
        channel: "whatsapp",
    },
    Order {
        id: "ORD000103",
        customer: 101,
        lines: &[Line { sku: 1056, quantity: 1, rating: 46 }, Line { sku: 1103, quantity: 1, rating: 45 }],
        status: Status::Delivered,
        created_at: "2025-11-09T07:32:38.830321",
        channel: "web",
    },
    Order {
        id: "ORD000104",
        customer: 103,
        lines: &[Line { sku: 1041, quantity: 2, rating: 38 }],
        status: Status::Delivered,
        created_at: "2025-12-21T10:05:51.007746",
        channel: "whatsapp",
    },
    Order {
        id: "ORD000105",
        customer: 103,
        lines: &[Line { sku: 1083, quantity: 1, rating: 0 }],
        status: Status::Cancelled,
        created_at: "2026-01-06T15:21:30.418200",
        channel: "web",
    },
    Order {
        id: "ORD000106",
        customer: 101,
        lines: &[Line { sku: 1083, quantity: 1, rating: 48 }],
        status: Status::Delivered,
        created_at: "2026-01-18T16:48:02.274415",
        channel: "whatsapp",
    },
    Order {
        id: "ORD000107",
        customer: 102,
        lines: &[Line { sku: 1089, quantity: 1, rating: 46 }],
        status: Status::Shipped,
        created_at: "2026-02-20T06:27:15.903127",
        channel: "web",
    },
    Order {
        id: "ORD000108",
        customer: 103,
        lines: &[Line { sku: 1095, quantity: 1, rating: 40 }],
        status: Status::Placed,
        created_at: "2026-02-24T11:59:40.640083",
        channel: "web",
    },
];
