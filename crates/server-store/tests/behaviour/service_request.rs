use protocol::{
    ids::{ProfileId, ServiceRequestId},
    staff::{RequestStatus, StatusChange},
};
use serde_json::{Map, json};
use server_store::{
    Store,
    records::{Page, ServiceRequestRecord},
};

use super::{account::plain, at, id, write};

fn request(number: u128, profile: u128) -> ServiceRequestRecord {
    ServiceRequestRecord {
        id: ServiceRequestId(id(number)),
        profile_id: ProfileId(id(profile)),
        raw_input: "Do you have it in 44?".into(),
        service_category: "sizing".into(),
        service_type: "size_request".into(),
        requirements: json!({"sku": "SKU-1", "size": "44"}).as_object().cloned().unwrap(),
        location: json!({"city": "Springfield"}).as_object().cloned(),
        timing: None,
        budget: None,
        status: RequestStatus::Matching,
        status_history: vec![StatusChange { status: RequestStatus::Matching, timestamp: at(0), note: None }],
        created_at: at(i64::try_from(number).unwrap()),
        updated_at: at(0),
    }
}

fn numbers(requests: &[ServiceRequestRecord]) -> Vec<u128> {
    requests.iter().map(|request| request.id.0.as_u128()).collect()
}

const ALL: Page = Page { limit: 100, offset: 0 };

async fn with_requests(store: &dyn Store) {
    write(store, async |tx| {
        tx.insert_account(&plain(1)).await?;
        tx.insert_account(&plain(2)).await?;
        for (number, profile) in [(1, 8), (2, 9), (3, 8)] {
            tx.insert_service_request(&request(number, profile)).await?;
        }
        Ok(())
    })
    .await
    .unwrap();
}

pub async fn requests_come_newest_first(store: &dyn Store) {
    with_requests(store).await;
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.service_request(request(1, 8).id).await.unwrap(), Some(request(1, 8)));
    assert_eq!(numbers(&tx.service_requests(None, ALL).await.unwrap()), [3, 2, 1]);
    assert_eq!(numbers(&tx.service_requests(None, Page { limit: 1, offset: 1 }).await.unwrap()), [2]);
    assert_eq!(numbers(&tx.service_requests(Some(RequestStatus::Booked), ALL).await.unwrap()), [0_u128; 0]);
    assert_eq!(numbers(&tx.service_requests_of(ProfileId(id(8)), 10).await.unwrap()), [3, 1]);
    drop(tx);
    write(store, async |tx| tx.move_service_requests(ProfileId(id(8)), ProfileId(id(9))).await).await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(numbers(&tx.service_requests_of(ProfileId(id(9)), 10).await.unwrap()), [3, 2, 1]);
}

pub async fn a_request_changes_only_from_the_status_it_was_seen_in(store: &dyn Store) {
    with_requests(store).await;
    let cancelled =
        ServiceRequestRecord { status: RequestStatus::Cancelled, requirements: Map::new(), updated_at: at(5), ..request(1, 8) };
    let change = async |request: &ServiceRequestRecord| {
        write(store, async |tx| tx.update_service_request(request, RequestStatus::Matching).await).await.unwrap()
    };
    assert!(change(&cancelled).await);
    assert!(!change(&ServiceRequestRecord { status: RequestStatus::Booked, ..request(1, 8) }).await);
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.service_request(cancelled.id).await.unwrap().as_ref(), Some(&cancelled));
    assert_eq!(numbers(&tx.service_requests(Some(RequestStatus::Cancelled), ALL).await.unwrap()), [1]);
}

pub async fn who_has_seen_a_request_is_known(store: &dyn Store) {
    with_requests(store).await;
    for _ in 0..2 {
        write(store, async |tx| tx.mark_request_seen(request(2, 9).id, plain(1).id, at(1)).await).await.unwrap();
    }
    let all = [request(1, 8).id, request(2, 9).id];
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.seen_requests(plain(1).id, &all).await.unwrap(), [request(2, 9).id]);
    assert_eq!(tx.seen_requests(plain(1).id, &all[..1]).await.unwrap(), []);
    assert_eq!(tx.seen_requests(plain(1).id, &[]).await.unwrap(), []);
    assert_eq!(tx.seen_requests(plain(2).id, &all).await.unwrap(), []);
}
