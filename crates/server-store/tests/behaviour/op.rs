use protocol::{
    ApiError, ErrorCode,
    ids::{DeviceId, OpKey},
};
use server_store::{Store, StoreError, records::OpRecord};

use super::{at, id, write};

pub async fn a_change_is_kept_once_per_device(store: &dyn Store) {
    let applied = OpRecord { key: OpKey(id(1)), device_id: DeviceId(id(1)), refusal: None, at: at(1) };
    let refused = OpRecord {
        key: OpKey(id(2)),
        refusal: Some(ApiError::new(ErrorCode::ProductNotFound, "Product SKU-9 not found")),
        ..applied.clone()
    };
    for op in [&applied, &refused] {
        write(store, async |tx| tx.insert_op(op).await).await.unwrap();
        let again = write(store, async |tx| tx.insert_op(op).await).await;
        assert!(matches!(again, Err(StoreError::Duplicate)), "{again:?}");
        assert_eq!(store.read().await.unwrap().op(op.device_id, op.key).await.unwrap().as_ref(), Some(op));
    }
    assert_eq!(
        store.read().await.unwrap().op(DeviceId(id(9)), applied.key).await.unwrap(),
        None,
        "another device's keys are its own"
    );
    let elsewhere = OpRecord { device_id: DeviceId(id(9)), at: at(5), ..applied.clone() };
    write(store, async |tx| tx.insert_op(&elsewhere).await).await.unwrap();
    assert_eq!(write(store, async |tx| tx.forget_ops(at(5)).await).await.unwrap(), 2);
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.op(applied.device_id, applied.key).await.unwrap(), None);
    assert_eq!(tx.op(elsewhere.device_id, elsewhere.key).await.unwrap(), Some(elsewhere));
}

pub async fn a_change_pushed_twice_at_once_takes_effect_once(store: &dyn Store) {
    let op = OpRecord { key: OpKey(id(1)), device_id: DeviceId(id(1)), refusal: None, at: at(1) };
    let push = async || {
        write(store, async |tx| {
            if tx.op(op.device_id, op.key).await?.is_some() {
                return Ok(None);
            }
            tokio::task::yield_now().await;
            let effect = tx.next_customer_id().await?;
            tx.insert_op(&op).await?;
            Ok(Some(effect))
        })
        .await
        .unwrap()
    };
    let (one, two, three) = tokio::join!(push(), push(), push());
    assert_eq!([&one, &two, &three].into_iter().flatten().count(), 1, "{one:?} {two:?} {three:?}");
}
