//! The shop's two stores.

/// A store.
#[derive(Clone, Copy, Debug)]
pub struct Store {
    /// Its id.
    pub id: &'static str,
    /// Its name for customers.
    pub name: &'static str,
    /// Its city.
    pub city: &'static str,
    /// Street, quarter and postal code.
    pub address: &'static str,
    /// From and to, local time.
    pub opening_hours: &'static str,
}

/// The stores, in the order of the last two columns of a product's stock.
pub const STORES: [Store; 2] = [
    Store {
        id: "S01",
        name: "Linking Road",
        city: "Mumbai",
        address: "214 Linking Road, Bandra West, 400050",
        opening_hours: "10:30-21:30",
    },
    Store {
        id: "S02",
        name: "Park Street",
        city: "Kolkata",
        address: "38 Park Street, Taltala, 700016",
        opening_hours: "11:00-21:00",
    },
];
