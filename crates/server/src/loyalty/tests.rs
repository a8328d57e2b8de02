//! Loyalty as its documents describe it.

use protocol::routes;
use serde_json::{Value, json};
use server_store::records::{CouponRecord, LoyaltyRules, PromotionRecord, Scope, TierRules};

use crate::testing::TestServer;

const KEY: &str = "x-channel-key";
const TOKEN: &str = "x-session-token";

/// A shop with coupons and promotions, a customer's token and a service's key. The customer is 902, the clock stands at
/// Thursday 00:30 in Chicago.
struct Place {
    server: TestServer,
    token: String,
    key: String,
}

impl Place {
    async fn new() -> Self {
        let server = TestServer::start().await;
        let token = server.signed_up("2025550150").await;
        let key = server.key(None, &[Scope::Loyalty]).await;
        let mut tx = server.state.write().await.unwrap();
        for (code, discount_percent, min_purchase_minor) in [("SAVE15", 15, 75_000), ("NEW50", 50, 200_000)] {
            tx.put_coupon(&CouponRecord { code: code.into(), discount_percent, min_purchase_minor, description: String::new() })
                .await
                .unwrap();
        }
        for (name, discount_percent, from_minute, until_minute, category) in
            [("Early", 20, 0, 2 * 60, None), ("Evening", 60, 17 * 60, 20 * 60, None), ("Shoes", 10, 0, 24 * 60, Some("Footwear"))]
        {
            tx.put_promotion(&PromotionRecord {
                name: name.into(),
                discount_percent,
                min_purchase_minor: 10_000,
                days: Vec::new(),
                from_minute,
                until_minute,
                category: category.map(str::to_owned),
                description: String::new(),
            })
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
        Self { server, token, key }
    }

    async fn ask(&self, path: &str, body: Value) -> crate::testing::Reply {
        self.server.post(path, &[(TOKEN, &self.token)], &body).await
    }

    async fn credit(&self, user: &str, points: i64, order: &str) -> crate::testing::Reply {
        let body = json!({"user_id": user, "points": points, "order_id": order});
        self.server.post(routes::LOYALTY_ADD_POINTS, &[(KEY, &self.key)], &body).await
    }

    async fn points(&self) -> i64 {
        self.server.get("/loyalty/points/902", &[(TOKEN, &self.token)]).await.expect(200)["points"].as_i64().unwrap()
    }
}

#[tokio::test]
async fn a_tier_says_what_is_next() {
    let place = Place::new().await;
    let tier = async |user: &str| place.server.get(&format!("/loyalty/tier/{user}"), &[(KEY, &place.key)]).await.expect(200);
    let known = json!({"user_id": "901", "points": 1_211, "tier": "Silver", "benefits": {}, "next_tier": "Gold",
        "points_to_next_tier": 789, "source": "supabase"});
    assert_eq!(tier("901").await, known);
    let unknown = json!({"user_id": "999", "points": 0, "tier": "Bronze", "benefits": {}, "next_tier": "Silver",
        "points_to_next_tier": 500, "source": "default"});
    assert_eq!(tier("999").await, unknown);
    assert_eq!(
        place.server.get("/loyalty/points/901", &[(KEY, &place.key)]).await.expect(200),
        json!({"user_id": "901", "points": 1_211})
    );
}

#[tokio::test]
async fn points_are_for_their_owner_and_for_services() {
    let place = Place::new().await;
    let own = [(TOKEN, place.token.as_str())];
    place.server.get("/loyalty/tier/902", &own).await.expect(200);
    for path in ["/loyalty/tier/901", "/loyalty/points/901", "/loyalty/points/999"] {
        place.server.get(path, &own).await.refused(404, "customer_not_found", "Customer not found");
        place.server.get(path, &[]).await.refused(401, "authentication_required", "Please sign in first.");
    }
    let agent = place.server.key(None, &[Scope::Agent]).await;
    place.server.get("/loyalty/tier/902", &[(KEY, &agent)]).await.expect(403);
    let credit = json!({"user_id": "902", "points": 5, "order_id": "O1"});
    place.ask(routes::LOYALTY_ADD_POINTS, credit).await.expect(401);
    assert_eq!(place.points().await, 0, "nobody credits themselves");
}

#[tokio::test]
async fn an_order_is_credited_once_and_the_tier_follows() {
    let place = Place::new().await;
    let body = place.credit("902", 600, "O1").await.expect(200);
    assert_eq!((&body["success"], &body["points_added"], &body["new_balance"]), (&json!(true), &json!(600), &json!(600)));
    assert_eq!(body["reason"], json!("purchase"));
    place.credit("902", 600, "O1").await.refused(409, "conflict", "This order was credited already.");
    assert_eq!(place.points().await, 600);
    let profile = place.server.get(routes::SESSION_RESTORE, &[(TOKEN, &place.token)]).await.expect(200);
    let profile = &profile["session"]["customer_profile"];
    assert_eq!((&profile["loyalty_points"], &profile["loyalty_tier"]), (&json!(600), &json!("Silver")));
    place.credit("999", 5, "O2").await.refused(404, "customer_not_found", "Customer not found");
    let without = json!({"user_id": "902", "points": 5});
    let refused = place.server.post(routes::LOYALTY_ADD_POINTS, &[(KEY, &place.key)], &without).await.expect(400);
    assert_eq!(refused["code"], json!("bad_request"));
    let once = [(KEY, place.key.as_str()), ("idempotency-key", "k")];
    for _ in 0..2 {
        place.server.post(routes::LOYALTY_ADD_POINTS, &once, &without).await.expect(200);
    }
    assert_eq!(place.points().await, 605);
    for points in [json!(0), json!(-5), json!(1e30), json!("5")] {
        let body = json!({"user_id": "902", "points": points, "order_id": "O9"});
        place.server.post(routes::LOYALTY_ADD_POINTS, &[(KEY, &place.key)], &body).await.expect(422);
    }
}

#[tokio::test]
async fn a_purchase_gives_points_by_the_one_rule() {
    let place = Place::new().await;
    let mut rules = LoyaltyRules::default();
    rules.tiers.insert("Silver".into(), TierRules { bonus_percent: 10, discount_percent: 5, ..TierRules::default() });
    let mut tx = place.server.state.write().await.unwrap();
    tx.put_loyalty_rules(&rules).await.unwrap();
    tx.commit().await.unwrap();
    let ask = json!({"user_id": "902", "purchase_amount": 1_999.99, "items_count": 3});
    let calculated = place.ask(routes::LOYALTY_CALCULATE_POINTS, ask).await.expect(200);
    let message = "This purchase gives 199 points.";
    let expected = json!({"points_earned": 199, "tier_bonus": 0, "special_bonus": 0, "total_points": 199, "message": message});
    assert_eq!(calculated, expected);
    assert_eq!(place.points().await, 0, "calculating gives nothing");
    let earn = async |user: &str, order: &str| {
        let path = format!("/loyalty/earn-from-purchase?user_id={user}&amount_spent=5000&order_id={order}");
        let request = crate::testing::request("POST", &path, &[(KEY, &place.key)]).body(axum::body::Body::empty()).unwrap();
        place.server.send(request).await
    };
    let earned = earn("902", "O1").await.expect(200);
    assert_eq!(
        (&earned["points_earned"], &earned["bonus_points"], &earned["new_balance"]),
        (&json!(500), &json!(0), &json!(500))
    );
    assert_eq!((&earned["tier_before"], &earned["tier_after"]), (&json!("Bronze"), &json!("Silver")));
    earn("902", "O1").await.expect(409);
    let again = earn("902", "O2").await.expect(200);
    assert_eq!((&again["points_earned"], &again["bonus_points"], &again["total_points"]), (&json!(500), &json!(50), &json!(550)));
    earn("999", "O3").await.expect(404);
}

#[tokio::test]
async fn a_coupon_is_used_once_and_a_refusal_costs_nothing() {
    let place = Place::new().await;
    place.credit("902", 100, "O1").await.expect(200);
    let apply = async |code: Value, total: f64, points: Value| {
        let body = json!({"user_id": "902", "cart_total": total, "applied_coupon": code, "loyalty_points_used": points});
        place.ask(routes::LOYALTY_APPLY, body).await
    };
    apply(json!("FREE"), 1_000.0, json!(0)).await.refused(400, "invalid_coupon", "Invalid coupon code");
    let least = "Minimum purchase of $750.00 required for this coupon";
    apply(json!("save15"), 749.99, json!(0)).await.refused(400, "coupon_not_applicable", least);
    let few = "Insufficient points. You have 100 points.";
    apply(json!("save15"), 1_000.0, json!(101)).await.refused(400, "insufficient_points", few);
    let body = apply(json!(" save15 "), 1_000.0, json!(100)).await.expect(200);
    for (name, value) in [
        ("success", json!(true)),
        ("original_total", json!(1_000.0)),
        ("discount_from_coupon", json!(150.0)),
        ("discount_from_points", json!(100.0)),
        ("final_total", json!(750.0)),
        ("final_total_minor", json!(75_000)),
        ("currency", json!("USD")),
        ("coupon_applied", json!("SAVE15")),
        ("points_used", json!(100)),
        ("points_remaining", json!(0)),
    ] {
        assert_eq!(body[name], value, "{name}");
    }
    let used = "You have already used this coupon";
    apply(json!("SAVE15"), 1_000.0, json!(0)).await.refused(400, "coupon_not_applicable", used);
    let none = apply(Value::Null, 10.0, Value::Null).await.expect(200);
    assert_eq!((&none["final_total"], &none["coupon_applied"]), (&json!(10.0), &Value::Null));
    for total in [0.0, -5.0, 1e30] {
        apply(Value::Null, total, json!(0)).await.expect(422);
    }
    apply(Value::Null, 10.0, json!(-1)).await.expect(422);
}

#[tokio::test]
async fn points_pay_no_more_than_there_is_to_pay() {
    let place = Place::new().await;
    place.credit("902", 100, "O1").await.expect(200);
    let body = json!({"user_id": "902", "cart_total": 19.99, "loyalty_points_used": 100});
    let applied = place.ask(routes::LOYALTY_APPLY, body).await.expect(200);
    assert_eq!((&applied["final_total"], &applied["points_used"]), (&json!(0.0), &json!(20)));
    assert_eq!(place.points().await, 80);
}

#[tokio::test]
async fn a_cart_counts_with_the_catalogue() {
    let place = Place::new().await;
    place.server.act(&place.token, "add_to_cart", json!({"item": {"sku": "SKU-1"}})).await.expect(200);
    let body = json!({"user_id": "902", "cart_total": 5_000.0, "applied_coupon": "SAVE15"});
    let least = "Minimum purchase of $750.00 required for this coupon";
    place.ask(routes::LOYALTY_APPLY, body).await.refused(400, "coupon_not_applicable", least);
}

#[tokio::test]
async fn two_who_spend_the_same_points_are_one_too_many() {
    let place = Place::new().await;
    place.credit("902", 50, "O1").await.expect(200);
    let spend = async || {
        let body = json!({"user_id": "902", "cart_total": 500.0, "loyalty_points_used": 50});
        place.ask(routes::LOYALTY_APPLY, body).await.status.as_u16()
    };
    let (first, second) = tokio::join!(spend(), spend());
    assert_eq!((first.min(second), first.max(second)), (200, 400));
    assert_eq!(place.points().await, 0);
}

#[tokio::test]
async fn a_coupon_is_told_to_who_has_a_session() {
    let place = Place::new().await;
    let guest = place.server.guest().await;
    let look = async |code: &str| place.server.get(&format!("/loyalty/validate-coupon/{code}"), &[(TOKEN, &guest)]).await;
    let known = look("save15").await.expect(200);
    assert_eq!((&known["valid"], &known["coupon_code"]), (&json!(true), &json!("SAVE15")));
    assert_eq!((&known["discount_percent"], &known["min_purchase"]), (&json!(15), &json!(750.0)));
    let unknown = look("nothing").await.expect(200);
    assert_eq!((&unknown["valid"], &unknown["message"]), (&json!(false), &json!("Invalid coupon code")));
    place.server.get("/loyalty/validate-coupon/save15", &[]).await.expect(401);
    for _ in 0..28 {
        look("guess").await.expect(200);
    }
    look("guess").await.expect(429);
}

#[tokio::test]
async fn promotions_run_in_the_shops_own_time() {
    let place = Place::new().await;
    for path in [routes::LOYALTY_ACTIVE_PROMOTIONS, routes::LOYALTY_AVAILABLE_PROMOTIONS] {
        let running = place.server.get(path, &[]).await.expect(200);
        let names: Vec<&Value> = running["promotions"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!((names, &running["active_count"]), (vec![&json!("Early"), &json!("Shoes")], &json!(2)));
        assert_eq!(running["promotions"][0]["condition"], json!("00:00-02:00, from $100.00"));
    }
    let check = async |category: Value| {
        let body = json!({"user_id": "902", "cart_total": 200.0, "category": category});
        place.ask(routes::LOYALTY_CHECK_PROMOTIONS, body).await.expect(200)
    };
    let fitting = check(json!("footwear")).await;
    assert_eq!(fitting["applicable_promotions"].as_array().unwrap().len(), 2);
    assert_eq!((&fitting["best_promotion"]["name"], &fitting["total_savings"]), (&json!("Early"), &json!(40.0)));
    assert_eq!(check(Value::Null).await["applicable_promotions"].as_array().unwrap().len(), 1);
    place.server.pass(std::time::Duration::from_hours(2));
    let later = check(Value::Null).await;
    assert_eq!((&later["best_promotion"], &later["total_savings"]), (&Value::Null, &json!(0.0)));
}

#[tokio::test]
async fn the_better_of_coupon_and_promotion_counts() {
    let place = Place::new().await;
    let calculate = async |total: f64| {
        let body = json!({"user_id": "902", "cart_total": total});
        place.ask(routes::LOYALTY_CALCULATE_DISCOUNTS, body).await.expect(200)
    };
    let promotion = calculate(1_000.0).await;
    assert_eq!((&promotion["best_coupon"], &promotion["coupon_discount_amount"]), (&json!("SAVE15"), &json!(0.0)));
    assert_eq!((&promotion["best_promotion"], &promotion["promotion_discount_amount"]), (&json!("Early"), &json!(200.0)));
    assert_eq!((&promotion["total_discount_amount"], &promotion["final_total"]), (&json!(200.0), &json!(800.0)));
    let coupon = calculate(2_000.0).await;
    assert_eq!((&coupon["best_coupon"], &coupon["coupon_discount_amount"]), (&json!("NEW50"), &json!(1_000.0)));
    assert_eq!((&coupon["promotion_discount_amount"], &coupon["final_total"]), (&json!(0.0), &json!(1_000.0)));
}
