//! Enrolment of staff: from the wish to a manager's word.

use protocol::{routes, staff::Role};
use serde_json::{Value, json};

use super::operations::{appoint, dismiss};
use crate::{
    account::tests::{Browser, registered},
    request::tests::with_role,
    testing::TestServer,
};

fn complete() -> Value {
    json!({"data": {"full_name": "Ravi Sample", "services": ["tailoring"], "location": {"city": "Springfield"}, "availability": "weekdays"}})
}

async fn started(server: &TestServer, person: &Browser) -> String {
    let body = person.send(server, "POST", routes::STAFF_ENROLMENT_START, &Value::Null).await.expect(200);
    assert_eq!(body["status"], json!("draft"));
    body["enrollment_id"].as_str().unwrap().to_owned()
}

fn of(route: &str, id: &str) -> String {
    routes::with_id(route, id)
}

#[tokio::test]
async fn an_enrolment_is_handed_in_once_nothing_is_missing() {
    let server = TestServer::start().await;
    let ravi = registered(&server, "ravi@example.com").await;
    let id = started(&server, &ravi).await;
    assert_eq!(started(&server, &ravi).await, id, "there is one for each person");
    let (path, submit) = (of(routes::STAFF_ENROLMENT, &id), of(routes::STAFF_ENROLMENT_SUBMIT, &id));
    let body = ravi
        .send(&server, "PATCH", &path, &json!({"full_name": "Ravi Sample", "data": {"services": [], "location": " "}}))
        .await
        .expect(200);
    assert_eq!(body["data"], json!({"full_name": "Ravi Sample", "services": [], "location": " "}));
    let body = ravi.send(&server, "POST", &submit, &json!({})).await.expect(200);
    assert_eq!(
        body,
        json!({"status": "pending", "message": "Something is missing: services, location, availability. Fill it in and submit again.", "can_auto_verify": false})
    );
    ravi.send(&server, "PATCH", &path, &complete()).await.expect(200);
    let body = ravi.send(&server, "POST", &submit, &Value::Null).await.expect(200);
    assert_eq!((&body["status"], &body["can_auto_verify"]), (&json!("pending_verification"), &json!(false)));
    let body = ravi.get(&server, &path).await.expect(200);
    assert_eq!(
        (&body["id"], &body["account_id"], &body["status"]),
        (&json!(id), &json!(ravi.id), &json!("pending_verification"))
    );
    let body = ravi.send(&server, "PATCH", &path, &json!({"data": {"services": null, "hobby": "chess"}})).await.expect(200);
    assert_eq!(body["status"], json!("draft"), "what a manager is to see was changed");
    assert_eq!(body["data"]["hobby"], json!("chess"));
    assert!(body["data"].get("services").is_none());
    for (wrong, status) in [(json!({"data": "x"}), 422), (json!({"data": {"x": "y".repeat(17_000)}}), 422)] {
        let body = ravi.send(&server, "PATCH", &path, &wrong).await.expect(status);
        assert_eq!(body["errors"][0]["field"], json!("data"));
    }
}

#[tokio::test]
async fn an_enrolment_needs_an_account_and_is_its_own() {
    let server = TestServer::start().await;
    let (ravi, asha) = (registered(&server, "ravi@example.com").await, registered(&server, "asha@example.com").await);
    let guest = server.guest().await;
    for headers in [&[][..], &[("x-session-token", guest.as_str())]] {
        server.post(routes::STAFF_ENROLMENT_START, headers, &json!({})).await.refused(
            401,
            "authentication_required",
            "Authentication required",
        );
    }
    let id = started(&server, &ravi).await;
    let submit = of(routes::STAFF_ENROLMENT_SUBMIT, &id);
    server.get(&of(routes::STAFF_ENROLMENT, &id), &[]).await.expect(401);
    server.post(&submit, &[], &json!({})).await.expect(401);
    let body = server.post(&submit, &[("cookie", &ravi.cookie)], &json!({})).await.expect(403);
    assert_eq!(body["code"], json!("csrf_failed"));
    for id in [id.as_str(), "x", "00000000-0000-7000-8000-000000000000"] {
        let path = of(routes::STAFF_ENROLMENT, id);
        asha.get(&server, &path).await.refused(404, "not_found", "Enrollment not found");
        asha.send(&server, "PATCH", &path, &complete()).await.refused(404, "not_found", "Enrollment not found");
        asha.send(&server, "POST", &of(routes::STAFF_ENROLMENT_SUBMIT, id), &json!({})).await.refused(
            404,
            "not_found",
            "Enrollment not found",
        );
    }
}

#[tokio::test]
async fn a_manager_verifies_and_takes_it_back() {
    let server = TestServer::start().await;
    let (ravi, manager) =
        (registered(&server, "ravi@example.com").await, with_role(&server, "boss@example.com", Role::Manager).await);
    let id = started(&server, &ravi).await;
    let (verify, reject) = (of(routes::STAFF_ENROLMENT_VERIFY, &id), of(routes::STAFF_ENROLMENT_REJECT, &id));
    let sentence = "This enrollment was not handed in completely; ask the person to submit it.";
    manager.send(&server, "POST", &verify, &json!({})).await.refused(409, "conflict", sentence);
    ravi.send(&server, "PATCH", &of(routes::STAFF_ENROLMENT, &id), &complete()).await.expect(200);
    ravi.send(&server, "POST", &of(routes::STAFF_ENROLMENT_SUBMIT, &id), &json!({})).await.expect(200);
    let waiting = manager.get(&server, "/v1/enrollments?status=pending_verification").await.expect(200);
    assert_eq!((&waiting[0]["id"], &waiting[0]["data"]["full_name"]), (&json!(id), &json!("Ravi Sample")));
    assert_eq!(ravi.get(&server, routes::LEADS).await.expect(403)["code"], json!("not_verified"));

    let body = manager.send(&server, "POST", &verify, &Value::Null).await.expect(200);
    assert_eq!(body["status"], json!("verified"));
    assert_eq!(ravi.get(&server, routes::LEADS).await.expect(200), json!([]));
    assert_eq!(ravi.get(&server, routes::ACCOUNT_PROFILE).await.expect(200)["roles"], json!(["customer", "staff"]));
    let kept = server.state.read().await.unwrap().staff_enrolment(id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(kept.decided_by, Some(manager.id.parse().unwrap()));
    manager.send(&server, "POST", &verify, &json!({})).await.refused(409, "conflict", "This person is verified already.");
    let sentence = "This enrollment is decided and cannot be changed any more.";
    ravi.send(&server, "PATCH", &of(routes::STAFF_ENROLMENT, &id), &complete()).await.refused(409, "conflict", sentence);
    ravi.send(&server, "POST", &of(routes::STAFF_ENROLMENT_SUBMIT, &id), &json!({})).await.refused(409, "conflict", sentence);
    let again = ravi.send(&server, "POST", routes::STAFF_ENROLMENT_START, &json!({})).await.expect(200);
    assert_eq!(again, json!({"enrollment_id": id, "status": "verified"}));

    let body = manager.send(&server, "POST", &reject, &json!({})).await.expect(200);
    assert_eq!(body["status"], json!("rejected"));
    assert_eq!(ravi.get(&server, routes::LEADS).await.expect(403)["code"], json!("role_required"));
    manager.send(&server, "POST", &reject, &json!({})).await.refused(409, "conflict", "This enrollment is rejected already.");
    manager.send(&server, "POST", &verify, &json!({})).await.expect(409);
    started(&server, &ravi).await;
    assert_eq!(ravi.get(&server, routes::LEADS).await.expect(403)["code"], json!("not_verified"));
}

#[tokio::test]
async fn nobody_but_a_manager_decides_and_no_manager_about_himself() {
    let server = TestServer::start().await;
    let (asha, staff) =
        (registered(&server, "asha@example.com").await, with_role(&server, "staff@example.com", Role::Staff).await);
    let manager = with_role(&server, "boss@example.com", Role::Manager).await;
    let id = started(&server, &asha).await;
    let escalate = json!({"data": {"full_name": "x", "services": ["x"], "location": "x", "availability": "x", "status": "verified", "role": "manager"},
        "status": "verified", "roles": ["manager"], "decided_by": manager.id});
    let body = asha.send(&server, "PATCH", &of(routes::STAFF_ENROLMENT, &id), &escalate).await.expect(200);
    assert_eq!(body["status"], json!("draft"));
    let body = asha
        .send(&server, "POST", &of(routes::STAFF_ENROLMENT_SUBMIT, &id), &json!({"status": "verified", "can_auto_verify": true}))
        .await
        .expect(200);
    assert_eq!((&body["status"], &body["can_auto_verify"]), (&json!("pending_verification"), &json!(false)));
    for (person, highest) in [(&asha, "customer"), (&staff, "staff")] {
        let sentence = format!("Resource requires 'manager' role. Your role: '{highest}'");
        for route in [routes::STAFF_ENROLMENT_VERIFY, routes::STAFF_ENROLMENT_REJECT] {
            person.send(&server, "POST", &of(route, &id), &json!({"role": "manager"})).await.refused(
                403,
                "role_required",
                &sentence,
            );
        }
        person.get(&server, routes::STAFF_ENROLMENTS).await.refused(403, "role_required", &sentence);
    }
    server.get(routes::STAFF_ENROLMENTS, &[]).await.expect(401);
    assert_eq!(asha.get(&server, routes::ACCOUNT_PROFILE).await.expect(200)["roles"], json!(["customer"]));

    let own = started(&server, &manager).await;
    manager.send(&server, "PATCH", &of(routes::STAFF_ENROLMENT, &own), &complete()).await.expect(200);
    manager.send(&server, "POST", &of(routes::STAFF_ENROLMENT_SUBMIT, &own), &json!({})).await.expect(200);
    for route in [routes::STAFF_ENROLMENT_VERIFY, routes::STAFF_ENROLMENT_REJECT] {
        let sentence = "Nobody decides about the own enrollment; ask another manager.";
        manager.send(&server, "POST", &of(route, &own), &json!({})).await.refused(403, "forbidden", sentence);
        manager.send(&server, "POST", &of(route, "00000000-0000-7000-8000-000000000000"), &json!({})).await.expect(404);
    }
    for (query, field) in [("status=lost", "status"), ("limit=501", "limit")] {
        let body = manager.get(&server, &format!("{}?{query}", routes::STAFF_ENROLMENTS)).await.expect(422);
        assert_eq!(body["errors"][0]["field"], json!(field));
    }
}

#[tokio::test]
async fn of_two_managers_at_once_one_decides() {
    for server in TestServer::on_each_database().await {
        let one = with_role(&server, "a@example.com", Role::Manager).await;
        let two = with_role(&server, "b@example.com", Role::Manager).await;
        let ravi = registered(&server, "ravi@example.com").await;
        let id = started(&server, &ravi).await;
        ravi.send(&server, "PATCH", &of(routes::STAFF_ENROLMENT, &id), &complete()).await.expect(200);
        ravi.send(&server, "POST", &of(routes::STAFF_ENROLMENT_SUBMIT, &id), &json!({})).await.expect(200);
        let (verify, nothing) = (of(routes::STAFF_ENROLMENT_VERIFY, &id), json!({}));
        let (first, second) =
            tokio::join!(one.send(&server, "POST", &verify, &nothing), two.send(&server, "POST", &verify, &nothing));
        let mut statuses = [first.status.as_u16(), second.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
    }
}

#[tokio::test]
async fn a_person_who_starts_twice_at_once_has_one_enrolment() {
    for server in TestServer::on_each_database().await {
        let ravi = registered(&server, "ravi@example.com").await;
        let (one, two) = tokio::join!(started(&server, &ravi), started(&server, &ravi));
        assert_eq!(one, two);
    }
}

#[tokio::test]
async fn the_operators_word_and_the_managers_leave_the_same() {
    let server = TestServer::start().await;
    let ravi = registered(&server, "ravi@example.com").await;
    let id = started(&server, &ravi).await;
    let account = ravi.id.parse().unwrap();
    let mut tx = server.state.write().await.unwrap();
    assert!(appoint(&mut tx, account).await.unwrap());
    assert!(!appoint(&mut tx, account).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(ravi.get(&server, &of(routes::STAFF_ENROLMENT, &id)).await.expect(200)["status"], json!("verified"));
    ravi.get(&server, routes::LEADS).await.expect(200);
    let mut tx = server.state.write().await.unwrap();
    assert!(dismiss(&mut tx, account).await.unwrap());
    assert!(!dismiss(&mut tx, account).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(ravi.get(&server, &of(routes::STAFF_ENROLMENT, &id)).await.expect(200)["status"], json!("rejected"));
    assert_eq!(ravi.get(&server, routes::LEADS).await.expect(403)["code"], json!("role_required"));
}
