use protocol::ids::CustomerId;
use server_store::{
    Store, StoreError,
    records::{CouponRecord, LoyaltyRules, PointChange, PromotionRecord, TierRules},
};

use super::{at, customer, write};

fn coupon(code: &str, discount_percent: u32) -> CouponRecord {
    CouponRecord { code: code.into(), discount_percent, min_purchase_minor: 75_000, description: "For you".into() }
}

fn promotion(name: &str, days: &[u8]) -> PromotionRecord {
    PromotionRecord {
        name: name.into(),
        discount_percent: 15,
        min_purchase_minor: 50_000,
        days: days.into(),
        from_minute: 360,
        until_minute: 600,
        category: Some("Footwear".into()),
        description: "Early".into(),
    }
}

fn change(points: i64, order: Option<&str>) -> PointChange {
    PointChange { customer_id: "901".into(), points, reason: "purchase".into(), order_id: order.map(str::to_owned), at: at(0) }
}

pub async fn coupons_and_promotions_are_replaced_and_dropped(store: &dyn Store) {
    write(store, async |tx| {
        tx.put_coupon(&coupon("SAVE15", 10)).await?;
        tx.put_coupon(&coupon("OLD", 5)).await?;
        tx.put_coupon(&coupon("SAVE15", 15)).await?;
        tx.keep_coupons(&["SAVE15".into()]).await?;
        tx.put_promotion(&promotion("Morning", &[])).await?;
        tx.put_promotion(&promotion("Weekend", &[6, 7])).await?;
        tx.keep_promotions(&["Weekend".into()]).await
    })
    .await
    .unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.coupon("SAVE15").await.unwrap(), Some(coupon("SAVE15", 15)));
    assert_eq!(tx.coupon("save15").await.unwrap(), None, "codes are kept in upper case");
    assert_eq!(tx.coupons().await.unwrap(), [coupon("SAVE15", 15)]);
    assert_eq!(tx.promotions().await.unwrap(), [promotion("Weekend", &[6, 7])]);
    drop(tx);
    write(store, async |tx| tx.keep_coupons(&[]).await).await.unwrap();
    assert_eq!(store.read().await.unwrap().coupons().await.unwrap(), []);
}

pub async fn a_customer_uses_a_coupon_once(store: &dyn Store) {
    let customer = CustomerId::from("901");
    write(store, async |tx| tx.use_coupon("SAVE15", &customer, at(0)).await).await.unwrap();
    let refused = write(store, async |tx| tx.use_coupon("SAVE15", &customer, at(1)).await).await;
    assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
    let mut tx = store.read().await.unwrap();
    assert!(tx.has_used_coupon("SAVE15", &customer).await.unwrap());
    assert!(!tx.has_used_coupon("SAVE15", &"902".into()).await.unwrap());
}

pub async fn points_never_fall_below_none(store: &dyn Store) {
    write(store, async |tx| tx.put_customer(&customer::record("901", "")).await).await.unwrap();
    assert_eq!(write(store, async |tx| tx.change_points(&change(-1_211, None)).await).await.unwrap(), Some(0));
    assert_eq!(write(store, async |tx| tx.change_points(&change(-1, None)).await).await.unwrap(), None);
    assert_eq!(write(store, async |tx| tx.change_points(&change(30, None)).await).await.unwrap(), Some(30));
    let nobody = PointChange { customer_id: "999".into(), ..change(30, None) };
    assert_eq!(write(store, async |tx| tx.change_points(&nobody).await).await.unwrap(), None);
    write(store, async |tx| tx.set_tier(&"901".into(), "Bronze").await).await.unwrap();
    let refused = write(store, async |tx| tx.set_tier(&"999".into(), "Gold").await).await;
    assert!(matches!(refused, Err(StoreError::Missing)), "{refused:?}");
    let kept = store.read().await.unwrap().customer(&"901".into()).await.unwrap().unwrap();
    assert_eq!((kept.loyalty_points, kept.loyalty_tier.as_str()), (30, "Bronze"));
}

pub async fn an_order_is_credited_once(store: &dyn Store) {
    write(store, async |tx| tx.put_customer(&customer::record("901", "")).await).await.unwrap();
    write(store, async |tx| tx.change_points(&change(10, Some("ORD1"))).await).await.unwrap();
    let refused = write(store, async |tx| tx.change_points(&change(10, Some("ORD1"))).await).await;
    assert!(matches!(refused, Err(StoreError::Duplicate)), "{refused:?}");
    let kept = store.read().await.unwrap().customer(&"901".into()).await.unwrap().unwrap();
    assert_eq!(kept.loyalty_points, 1_221, "the second changed nothing");
}

pub async fn the_rules_are_replaced_whole(store: &dyn Store) {
    assert_eq!(store.read().await.unwrap().loyalty_rules().await.unwrap(), None);
    let mut rules = LoyaltyRules::default();
    rules.tiers.insert("Gold".into(), TierRules { discount_percent: 10, ..TierRules::default() });
    for spend_per_point in [10, 100] {
        rules.spend_per_point = spend_per_point;
        write(store, async |tx| tx.put_loyalty_rules(&rules).await).await.unwrap();
    }
    assert_eq!(store.read().await.unwrap().loyalty_rules().await.unwrap(), Some(rules));
}
