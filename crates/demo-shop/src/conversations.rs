//! Conversations the customers have had on other channels, and the carts they left behind.

use serde::Serialize;

use crate::settings::pretty;

#[derive(Serialize)]
struct Conversations {
    conversations: Vec<Conversation>,
}

#[derive(Serialize)]
struct Conversation {
    customer_id: String,
    entries: Vec<Entry>,
    cart: Vec<CartLine>,
}

#[derive(Serialize)]
struct Entry {
    minutes_ago: u32,
    channel: &'static str,
    sender: &'static str,
    message: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    skus: Vec<String>,
}

#[derive(Serialize)]
struct CartLine {
    sku: String,
    quantity: u32,
    size: &'static str,
}

/// `conversations.json`.
pub fn json() -> Vec<u8> {
    pretty(&Conversations { conversations: vec![asha(), ravi(), meera()] })
}

fn user(minutes_ago: u32, channel: &'static str, message: &'static str) -> Entry {
    Entry { minutes_ago, channel, sender: "user", message, skus: Vec::new() }
}

fn agent(minutes_ago: u32, channel: &'static str, message: &'static str, skus: &[u32]) -> Entry {
    let skus = skus.iter().map(|sku| format!("SKU-{sku}")).collect();
    Entry { minutes_ago, channel, sender: "agent", message, skus }
}

fn conversation(customer: u32, entries: Vec<Entry>, cart: &[(u32, u32, &'static str)]) -> Conversation {
    Conversation {
        customer_id: customer.to_string(),
        entries,
        cart: cart.iter().map(|&(sku, quantity, size)| CartLine { sku: format!("SKU-{sku}"), quantity, size }).collect(),
    }
}

fn asha() -> Conversation {
    let (web, whatsapp) = ("web", "whatsapp");
    conversation(
        101,
        vec![
            user(4330, web, "Do you have a sky blue shirt I could borrow from the men's side? Oxford, not shiny."),
            agent(4329, web, "The Clerk Oxford Shirt in sky is soft and matt, ₹1,899. An S would sit loosely on you.", &[1022]),
            user(4325, web, "Nice, put the S in my cart."),
            agent(4324, web, "Done, the Clerk Oxford Shirt in S is in your cart.", &[1022]),
            user(1530, whatsapp, "Looking for something warm for Shimla next week, not too bulky"),
            agent(
                1529,
                whatsapp,
                "The Quilted Field Jacket in pine would do well: warm down to 5 °C, and it folds into its own pocket. It is ₹5,290. Shall I add an M?",
                &[1001],
            ),
            user(1522, whatsapp, "Yes, M. I will try it at Linking Road tomorrow. Shoes to go with it later, I wear 38."),
            agent(1521, whatsapp, "The M is in your cart, and Linking Road has four of them. See you tomorrow.", &[1001]),
        ],
        &[(1001, 1, "M"), (1022, 1, "S")],
    )
}

fn ravi() -> Conversation {
    let (web, whatsapp) = ("web", "whatsapp");
    conversation(
        102,
        vec![
            user(7265, web, "My cousin marries in Kolkata this month. I need a kurta that survives the dancing."),
            agent(
                7264,
                web,
                "The Baraat Kurta comes in ivory and in wine, both ₹4,990, embroidered and softly lined. Wine is the evening colour.",
                &[1037, 1038],
            ),
            user(7251, web, "Ivory. I am an XL in shirts, same here?"),
            agent(7250, web, "Yes, XL. It is in your cart now.", &[1037]),
            user(2905, whatsapp, "What do I wear on my feet with the ivory kurta? Flat, please."),
            agent(
                2904,
                whatsapp,
                "The Bazaar Chappal in chestnut, hand-plaited, ₹1,890. It softens after a day or two, so wear it at home first.",
                &[1093],
            ),
            user(2898, whatsapp, "Good. 43. Can I pick both up at Park Street on Friday?"),
            agent(
                2897,
                whatsapp,
                "Park Street has both. The chappal in 43 is in your cart, ready to reserve when you arrive.",
                &[1037, 1093],
            ),
        ],
        &[(1037, 1, "XL"), (1093, 1, "43")],
    )
}

fn meera() -> Conversation {
    let (web, whatsapp) = ("web", "whatsapp");
    conversation(
        103,
        vec![
            user(10120, whatsapp, "The mulmul kurtas are lovely but one came a little tight. What size next time?"),
            agent(
                10118,
                whatsapp,
                "Sorry about that. Take an L in the Mulmul Long Kurta; it is cut close at the shoulder.",
                &[1041],
            ),
            user(1385, web, "I need a waterproof jacket before the monsoon, bright enough to be seen on a cycle"),
            agent(
                1384,
                web,
                "The Downpour Shell in saffron is fully waterproof, with taped seams and a proper hood, ₹4,490. For drizzle only, the Drizzle Parka is ₹3,690.",
                &[1005, 1007],
            ),
            user(1379, web, "The saffron one in L. And a bag that keeps a laptop dry?"),
            agent(1378, web, "The Courier Backpack in slate blue, water-repellent, with a 15-inch sleeve, ₹3,990.", &[1101]),
            user(1371, web, "Add both, and a cap in sand please"),
            agent(
                1370,
                web,
                "All three are in your cart: ₹9,379 together. Park Street has them if you want to feel the canvas first.",
                &[1005, 1101, 1107],
            ),
        ],
        &[(1005, 1, "L"), (1101, 1, "One size"), (1107, 1, "One size")],
    )
}
