//! Products, stock, orders, and what goes wrong.

use std::collections::BTreeMap;

use protocol::{ApiError, ErrorCode, auth, catalogue, checkout, error, health, ids, loyalty, order, stock};
use serde_json::json;

use crate::samples::{a_shop, at, card, customer, featured, options, store, wire};

fn product() -> catalogue::Product {
    catalogue::Product {
        sku: "SKU-1001".into(),
        name: "Field Jacket".into(),
        description: "Warm.".into(),
        price: 5490.0,
        price_minor: 549_000,
        currency: "INR".into(),
        rating: Some(4.4),
        stock: 12,
        category: "Outerwear".into(),
        subcategory: None,
        brand: None,
        gender: None,
        color: None,
        image_url: "/images/SKU-1001.svg".into(),
        attributes: options(),
    }
}

#[test]
fn errors() {
    let mut error = ApiError::new(ErrorCode::ValidationError, "Check the marked fields.");
    error.errors.push(error::FieldError { field: "age".into(), code: ErrorCode::ValidationError, message: "0 to 150".into() });
    error.retry_after = Some(7);
    insta::assert_json_snapshot!([wire(&error), wire(&ApiError::new(ErrorCode::SessionNotFound, "Session not found"))]);
    insta::assert_json_snapshot!(
        "error_codes",
        ErrorCode::ALL
            .iter()
            .map(|code| (serde_json::to_value(code).unwrap().as_str().unwrap().to_owned(), code.status()))
            .collect::<Vec<_>>()
    );
}

#[test]
fn the_catalogue() {
    insta::assert_json_snapshot!([
        wire(&product()),
        wire(&card()),
        wire(&featured()),
        wire(&a_shop()),
        wire(&store()),
        wire(&customer()),
        wire(&catalogue::CataloguePage {
            revision: "8f14e45fceea167a.1204".into(),
            complete: true,
            as_of: at(),
            total: 50_000,
            products: vec![product()],
            removed: vec!["SKU-1002".into()],
            stock: vec![catalogue::ProductStock { sku: "SKU-1001".into(), in_this_store: Some(3), everywhere: 12 }],
        }),
    ]);
}

#[test]
fn sizes_are_read_from_each_notation() {
    let sizes = |text: &str| {
        let attributes = [("sizes".to_owned(), text.to_owned())].into();
        catalogue::Product { attributes, ..product() }.sizes()
    };
    for text in ["S|M", "S, M", "S;M;", r#"["S", "M"]"#] {
        assert_eq!(sizes(text), ["S", "M"], "{text}");
    }
    assert_eq!(sizes(""), Vec::<String>::new());
}

#[test]
fn answers_about_the_server_and_its_lists() {
    insta::assert_json_snapshot!([
        wire(&health::Health { status: "healthy".into(), ready: true, samples: false }),
        wire(&health::Ready { status: "ready".into() }),
        wire(&auth::AuthHealth::default()),
        wire(&catalogue::ProductPage { total: 1, limit: 20, offset: 0, products: vec![json!({"sku": "SKU-1"})] }),
        wire(&catalogue::StoreList { total: 1, stores: vec![store()] }),
    ]);
}

#[test]
fn stock() {
    insta::assert_json_snapshot!([
        wire(&stock::StockPage {
            total: 110,
            limit: 20,
            offset: 0,
            inventory: vec![stock::StockLevels {
                sku: "SKU-1001".into(),
                online_stock: 6,
                store_stock: BTreeMap::from([("S01".into(), 4)]),
                total_stock: 10,
            }],
        }),
        wire(&stock::HoldRequest { sku: "SKU-1001".into(), quantity: 2, location: Some("store:S01".into()), ttl: Some(60) }),
        wire(&stock::HoldResponse {
            hold_id: "hold-7".into(),
            sku: "SKU-1001".into(),
            quantity: 2,
            location: "online".into(),
            remaining_stock: 4,
            expires_at: at(),
            status: "active".into(),
        }),
        wire(&stock::ReleaseRequest { hold_id: "hold-7".into() }),
        wire(&stock::ReleaseResponse { hold_id: "hold-7".into(), status: "released".into(), restored_stock: 6 }),
        wire(&stock::SaleRequest { sku: "SKU-1001".into(), quantity: 2, location: None }),
        wire(&stock::SaleResponse {
            sku: "SKU-1001".into(),
            quantity_sold: 2,
            location: "online".into(),
            remaining_stock: 4,
            status: "sold".into(),
        }),
    ]);
}

#[test]
fn orders_and_payments() {
    let line = order::OrderLine {
        sku: "SKU-1001".into(),
        qty: 2,
        unit_price: 5490.0,
        unit_price_minor: 549_000,
        line_total: 10_980.0,
        line_total_minor: 1_098_000,
        currency: "INR".into(),
        name: Some("Field Jacket".into()),
        image: Some("/images/SKU-1001.svg".into()),
        brand: None,
        category: Some("Outerwear".into()),
        color: Some("pine".into()),
    };
    let order = order::Order {
        order_id: "ORD000901".into(),
        customer_id: "901".into(),
        items: vec![line],
        total_amount: 10_980.0,
        total_amount_minor: 1_098_000,
        currency: "INR".into(),
        status: "delivered".into(),
        created_at: at(),
        shipping_address: Some(BTreeMap::from([("city".into(), "Pune".into())])),
    };
    let payment = order::Payment {
        payment_id: "PAY1".into(),
        order_id: "ORD000901".into(),
        customer_id: "901".into(),
        amount: 10_980.0,
        amount_minor: 1_098_000,
        currency: "INR".into(),
        method: "card".into(),
        status: "completed".into(),
        created_at: at(),
        transaction_id: Some("tx_77".into()),
    };
    insta::assert_json_snapshot!([
        wire(&order::OrderPage { total: 1, limit: 20, offset: 0, orders: vec![order] }),
        wire(&order::CustomerPage { total: 1, limit: 20, offset: 0, customers: vec![customer()] }),
        wire(&order::PaymentPage { total: 1, limit: 20, offset: 0, payments: vec![payment] }),
    ]);
}

#[test]
fn checkout_and_payment() {
    use checkout::{
        CheckedItem, CheckoutItem, CheckoutRequest, CheckoutResponse, CheckoutStatus, CheckoutSteps, HoldsStep, InventoryStep,
        PaymentChoice, PaymentMethod, PaymentOutcome, PaymentStep, PlainStep, PostPaymentRequest, PostPaymentResponse,
        StepStatus,
    };
    let sku = || ids::Sku::from("SKU-1001");
    let steps = CheckoutSteps {
        verify_inventory: InventoryStep {
            status: StepStatus::Completed,
            items: vec![CheckedItem { sku: sku(), quantity: 2, available: true }],
        },
        holds: HoldsStep {
            status: StepStatus::Completed,
            hold_ids: vec!["hold-00000000-0000-0000-0000-000000000001".into()],
            expires_at: Some(at()),
        },
        payment: PaymentStep {
            status: StepStatus::Pending,
            payment_id: Some("pay-00000000-0000-0000-0000-000000000002".into()),
            method: PaymentMethod::CashOnDelivery,
        },
        orders_csv: PlainStep { status: StepStatus::Skipped },
        fulfillment: PlainStep { status: StepStatus::Failed },
    };
    insta::assert_json_snapshot!([
        wire(&CheckoutRequest {
            customer_id: Some("901".into()),
            items: vec![CheckoutItem { sku: sku(), quantity: 2 }],
            payment_method: PaymentChoice { kind: PaymentMethod::Upi },
            shipping_address: None,
            session_token: None,
        }),
        wire(&CheckoutResponse {
            status: CheckoutStatus::Completed,
            order_id: Some("ORD-20260212100000-901".into()),
            steps,
            message: "Order placed successfully".into(),
            total_amount: 10_980.0,
            total_amount_minor: 1_098_000,
            currency: "INR".into(),
        }),
        wire(&PostPaymentRequest {
            order_id: "ORD-20260212100000-901".into(),
            customer_id: Some("901".into()),
            session_token: None,
            amount_paid: 10_980.0,
            payment_id: "pay-00000000-0000-0000-0000-000000000002".into(),
            transaction_id: Some("tx_77".into()),
            status: Some(PaymentOutcome::Failed),
        }),
        wire(&PostPaymentResponse {
            status: "success".into(),
            order_id: "ORD-20260212100000-901".into(),
            message: "Payment received; the order goes on.".into(),
            processing_started: true,
            agents_triggered: vec!["inventory".into(), "post_purchase".into()],
            payment_status: PaymentOutcome::Completed,
        }),
        wire(&[CheckoutStatus::Completed, CheckoutStatus::Failed]),
    ]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one value of each type")]
fn loyalty() {
    let user_id = || ids::CustomerId::from("901");
    let promotion = loyalty::ApplicablePromotion {
        name: "Weekend".into(),
        discount: 25,
        condition: "Sat, Sun, from ₹1,500".into(),
        savings: 500.0,
        savings_minor: 50_000,
        currency: "INR".into(),
    };
    insta::assert_json_snapshot!([
        wire(&loyalty::PointsResponse { user_id: user_id(), points: 1_211 }),
        wire(&loyalty::TierResponse {
            user_id: user_id(),
            points: 1_211,
            tier: "Silver".into(),
            benefits: serde_json::Map::new(),
            next_tier: Some("Gold".into()),
            points_to_next_tier: 789,
            source: "supabase".into(),
        }),
        wire(&loyalty::AddPointsRequest { user_id: user_id(), points: 5, reason: None, order_id: Some("ORD1".into()) }),
        wire(&loyalty::AddPointsResponse {
            success: true,
            user_id: user_id(),
            points_added: 5,
            new_balance: 1_216,
            reason: "purchase".into(),
            timestamp: at(),
        }),
        wire(&loyalty::EarnResponse {
            success: true,
            user_id: user_id(),
            amount_spent: 50.0,
            amount_spent_minor: 5_000,
            currency: "INR".into(),
            points_earned: 5,
            bonus_points: 0,
            total_points: 5,
            new_balance: 1_216,
            tier_before: "Silver".into(),
            tier_after: "Silver".into(),
            message: "You earned 5 points.".into(),
            timestamp: at(),
        }),
        wire(&loyalty::CouponResponse {
            valid: true,
            coupon_code: "SAVE15".into(),
            discount_percent: 15,
            min_purchase: 750.0,
            min_purchase_minor: 75_000,
            currency: "INR".into(),
            message: "15 % off from ₹750".into(),
        }),
        wire(&loyalty::ApplyRequest {
            user_id: user_id(),
            cart_total: 1_000.0,
            applied_coupon: Some("SAVE15".into()),
            loyalty_points_used: Some(100),
        }),
        wire(&loyalty::ApplyResponse {
            success: true,
            original_total: 1_000.0,
            original_total_minor: 100_000,
            discount_from_coupon: 150.0,
            discount_from_coupon_minor: 15_000,
            discount_from_points: 100.0,
            discount_from_points_minor: 10_000,
            final_total: 750.0,
            final_total_minor: 75_000,
            currency: "INR".into(),
            coupon_applied: Some("SAVE15".into()),
            points_used: 100,
            points_remaining: 1_111,
            message: "You save ₹250.".into(),
        }),
        wire(&loyalty::CheckPromotionsRequest { user_id: user_id(), cart_total: 2_000.0, category: None }),
        wire(&loyalty::CheckPromotionsResponse {
            applicable_promotions: vec![promotion.clone()],
            best_promotion: Some(promotion),
            total_savings: 500.0,
            total_savings_minor: 50_000,
            currency: "INR".into(),
            message: "Weekend saves ₹500.".into(),
        }),
        wire(&loyalty::ActivePromotions {
            promotions: vec![loyalty::ActivePromotion {
                name: "Weekend".into(),
                discount: 25,
                min_purchase: 1_500.0,
                min_purchase_minor: 150_000,
                currency: "INR".into(),
                category: None,
                condition: "Sat, Sun, from ₹1,500".into(),
                description: "Two days for the whole family".into(),
            }],
            active_count: 1,
            timestamp: at(),
        }),
        wire(&loyalty::CalculatePointsRequest { user_id: user_id(), purchase_amount: 50.0, items_count: 1 }),
        wire(&loyalty::CalculatePointsResponse {
            points_earned: 5,
            tier_bonus: 0,
            special_bonus: 0,
            total_points: 5,
            message: "This purchase gives 5 points.".into(),
        }),
        wire(&loyalty::CalculateDiscountsRequest { user_id: user_id(), cart_total: 2_000.0 }),
        wire(&loyalty::CalculateDiscountsResponse {
            success: true,
            original_total: 2_000.0,
            original_total_minor: 200_000,
            tier_discount_percent: 2,
            tier_discount_amount: 40.0,
            tier_discount_amount_minor: 4_000,
            best_coupon: Some("NEW50".into()),
            coupon_discount_amount: 1_000.0,
            coupon_discount_amount_minor: 100_000,
            best_promotion: None,
            promotion_discount_amount: 0.0,
            promotion_discount_amount_minor: 0,
            total_discount_amount: 1_040.0,
            total_discount_amount_minor: 104_000,
            final_total: 960.0,
            final_total_minor: 96_000,
            currency: "INR".into(),
            message: "You save ₹1,040.".into(),
        }),
    ]);
}
