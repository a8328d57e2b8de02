use protocol::{
    ids::EnrolmentId,
    staff::{EnrolmentStatus, Role},
};
use serde_json::{Map, json};
use server_store::{Store, StoreError, records::StaffEnrolmentRecord};

use super::{account::plain, at, id, write};

async fn with_accounts(store: &dyn Store) {
    write(store, async |tx| {
        tx.insert_account(&plain(1)).await?;
        tx.insert_account(&plain(2)).await
    })
    .await
    .unwrap();
}

fn enrolment(number: u128, account: u128) -> StaffEnrolmentRecord {
    StaffEnrolmentRecord {
        id: EnrolmentId(id(number)),
        account_id: plain(account).id,
        status: EnrolmentStatus::Draft,
        data: Map::new(),
        created_at: at(i64::try_from(number).unwrap()),
        updated_at: at(0),
        decided_by: None,
    }
}

pub async fn a_person_holds_several_roles_until_they_are_taken_back(store: &dyn Store) {
    with_accounts(store).await;
    let one = plain(1).id;
    let grant = async |role| write(store, async |tx| tx.grant_role(one, role, Some(plain(2).id), at(1)).await).await.unwrap();
    assert!(grant(Role::Manager).await);
    assert!(grant(Role::Staff).await);
    assert!(!grant(Role::Staff).await, "a second time changes nothing");
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.roles(one).await.unwrap(), [Role::Staff, Role::Manager]);
    assert_eq!(tx.roles(plain(2).id).await.unwrap(), []);
    assert_eq!(tx.accounts_with_roles().await.unwrap().len(), 2);
    drop(tx);
    assert!(write(store, async |tx| tx.revoke_role(one, Role::Staff).await).await.unwrap());
    assert!(!write(store, async |tx| tx.revoke_role(one, Role::Staff).await).await.unwrap());
    assert_eq!(store.read().await.unwrap().roles(one).await.unwrap(), [Role::Manager]);
}

pub async fn an_account_has_one_enrolment_and_its_state(store: &dyn Store) {
    with_accounts(store).await;
    write(store, async |tx| {
        tx.insert_staff_enrolment(&enrolment(1, 1)).await?;
        tx.insert_staff_enrolment(&enrolment(2, 2)).await
    })
    .await
    .unwrap();
    let second = write(store, async |tx| tx.insert_staff_enrolment(&enrolment(3, 1)).await).await;
    assert!(matches!(second, Err(StoreError::Duplicate)), "{second:?}");
    let changed = StaffEnrolmentRecord {
        status: EnrolmentStatus::PendingVerification,
        data: json!({"full_name": "Ravi Sample"}).as_object().cloned().unwrap(),
        updated_at: at(9),
        decided_by: Some(plain(2).id),
        ..enrolment(1, 1)
    };
    write(store, async |tx| tx.update_staff_enrolment(&changed).await).await.unwrap();
    let mut tx = store.read().await.unwrap();
    assert_eq!(tx.staff_enrolment(changed.id).await.unwrap().as_ref(), Some(&changed));
    assert_eq!(tx.staff_enrolment_of(plain(1).id).await.unwrap().as_ref(), Some(&changed));
    assert_eq!(tx.staff_enrolments(None, 10).await.unwrap(), [changed.clone(), enrolment(2, 2)]);
    assert_eq!(tx.staff_enrolments(Some(EnrolmentStatus::PendingVerification), 10).await.unwrap(), [changed]);
    assert_eq!(tx.staff_enrolments(None, 1).await.unwrap().len(), 1);
    drop(tx);
    let refused = write(store, async |tx| tx.update_staff_enrolment(&enrolment(7, 1)).await).await;
    assert!(matches!(refused, Err(StoreError::Missing)), "{refused:?}");
}
