//! Requests of customers, and what staff see of them.

use protocol::{routes, staff::Role};
use serde_json::{Value, json};

use crate::{
    account::tests::{Browser, registered},
    profile::tests::guest,
    testing::TestServer,
};

const DASHBOARD: &str = "/consumers/me/requests";

/// Somebody with a role.
pub(crate) async fn with_role(server: &TestServer, email: &str, role: Role) -> Browser {
    let person = registered(server, email).await;
    let mut tx = server.state.write().await.unwrap();
    let now = tx.now();
    tx.grant_role(person.id.parse().unwrap(), role, None, now).await.unwrap();
    tx.commit().await.unwrap();
    person
}

fn wish() -> Value {
    json!({"raw_input": "Do you have the Example Runner in white, please, and could I try it on today? In 44.",
        "service_category": "sizing", "service_type": "size_request", "requirements": {"sku": "SKU-1", "size": "44"},
        "location": {"city": "Springfield"}, "budget": {"min": 10, "max": 20.5}})
}

async fn asked(server: &TestServer, person: &Browser) -> Value {
    person.send(server, "POST", routes::SERVICE_REQUESTS, &wish()).await.expect(201)
}

fn of(route: &str, lead: &Value) -> String {
    routes::with_id(route, lead["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_request_waits_on_the_customers_dashboard() {
    let server = TestServer::start().await;
    let asha = registered(&server, "asha@example.com").await;
    let empty = asha.get(&server, DASHBOARD).await.expect(200);
    assert_eq!(
        empty,
        json!({"consumer_id": asha.id, "requests": {"open": [], "pending": [], "upcoming": [], "completed": []},
        "counts": {"open": 0, "pending": 0, "upcoming": 0, "completed": 0}})
    );
    let made = asked(&server, &asha).await;
    assert_eq!((&made["status"], &made["viewed_by_current_provider"]), (&json!("matching"), &json!(false)));
    assert_eq!(made["status_history"], json!([{"status": "matching", "timestamp": made["created_at"], "note": null}]));
    let body = asha.get(&server, DASHBOARD).await.expect(200);
    assert_eq!(body["counts"]["open"], json!(1));
    assert_eq!(
        body["requests"]["open"][0],
        json!({"id": made["id"], "service_type": "size_request",
        "title": "Do you have the Example Runner in white, please, a", "location": {"city": "Springfield"},
        "budget": {"min": 10, "max": 20.5}, "status": "matching", "offer_count": 0, "created_at": made["created_at"]})
    );
    assert_eq!(asha.get(&server, &format!("/consumers/{}/requests", asha.id)).await.expect(200), body);
}

#[tokio::test]
async fn a_guest_sees_own_requests_by_the_own_id() {
    let server = TestServer::start().await;
    let (mine, other) = (guest(&server, None).await, guest(&server, None).await);
    let proof = [("x-session-token", mine.token.as_str())];
    server.post(routes::SERVICE_REQUESTS, &proof, &wish()).await.expect(201);
    let path = format!("/consumers/{}/requests", mine.id);
    assert_eq!(server.get(&path, &proof).await.expect(200)["counts"]["open"], json!(1));
    server.get(DASHBOARD, &proof).await.refused(401, "authentication_required", "Authentication required");
    server.get(&path, &[("x-session-token", &other.token)]).await.expect(404);
    server.get(&path, &[]).await.expect(404);
    server.get(DASHBOARD, &[]).await.expect(401);
}

#[tokio::test]
async fn leads_are_for_verified_staff() {
    let server = TestServer::start().await;
    let asha = registered(&server, "asha@example.com").await;
    let made = asked(&server, &asha).await;
    let wants = registered(&server, "ravi@example.com").await;
    wants.send(&server, "POST", routes::STAFF_ENROLMENT_START, &json!({})).await.expect(200);
    let step = json!({"status": "booked"});
    for (method, path, body) in [
        ("GET", routes::LEADS.to_owned(), Value::Null),
        ("GET", of(routes::LEAD, &made), Value::Null),
        ("PUT", of(routes::LEAD_VIEW, &made), Value::Null),
        ("PUT", of(routes::SERVICE_REQUEST_STATUS, &made), step),
    ] {
        let request = crate::testing::request(method, &path, &[("content-type", "application/json")]);
        server.send(request.body(body.to_string().into()).unwrap()).await.expect(401);
        let sentence = "Resource requires 'staff' role. Your role: 'customer'";
        asha.send(&server, method, &path, &body).await.refused(403, "role_required", sentence);
        let sentence = "A manager has to verify your enrollment first. Ask your manager.";
        wants.send(&server, method, &path, &body).await.refused(403, "not_verified", sentence);
    }
    let staff = with_role(&server, "staff@example.com", Role::Staff).await;
    let manager = with_role(&server, "manager@example.com", Role::Manager).await;
    for person in [&staff, &manager] {
        let list = person.get(&server, "/requests/?provider_id=x").await.expect(200);
        assert_eq!(list, json!([made]));
        assert!(!list.to_string().contains(&asha.id), "whose it is, is not shown");
        assert_eq!(person.get(&server, &of(routes::LEAD, &made)).await.expect(200), made);
    }
}

#[tokio::test]
async fn what_one_has_seen_another_has_not() {
    let server = TestServer::start().await;
    let made = asked(&server, &registered(&server, "asha@example.com").await).await;
    let (one, two) =
        (with_role(&server, "a@example.com", Role::Staff).await, with_role(&server, "b@example.com", Role::Staff).await);
    for _ in 0..2 {
        let seen = one.send(&server, "PUT", &of(routes::LEAD_VIEW, &made), &Value::Null).await.expect(200);
        assert_eq!(seen["viewed_by_current_provider"], json!(true));
    }
    for (person, seen) in [(&one, true), (&two, false)] {
        assert_eq!(person.get(&server, routes::LEADS).await.expect(200)[0]["viewed_by_current_provider"], json!(seen));
        assert_eq!(person.get(&server, &of(routes::LEAD, &made)).await.expect(200)["viewed_by_current_provider"], json!(seen));
    }
}

#[tokio::test]
async fn leads_are_listed_newest_first_by_status_and_in_pages() {
    let server = TestServer::start().await;
    let asha = registered(&server, "asha@example.com").await;
    let staff = with_role(&server, "staff@example.com", Role::Staff).await;
    assert_eq!(staff.get(&server, routes::LEADS).await.expect(200), json!([]));
    let mut ids = Vec::new();
    for _ in 0..3 {
        server.pass(std::time::Duration::from_secs(1));
        ids.insert(0, asked(&server, &asha).await["id"].clone());
    }
    asha.send(&server, "POST", &routes::with_id(routes::LEAD_CANCEL, ids[1].as_str().unwrap()), &Value::Null).await.expect(200);
    let listed = async |query: &str| {
        let body = staff.get(&server, &format!("/requests{query}")).await.expect(200);
        body.as_array().unwrap().iter().map(|lead| lead["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(listed("").await, ids);
    assert_eq!(listed("?skip=1&limit=1").await, ids[1..2]);
    assert_eq!(listed("?status=cancelled").await, ids[1..2]);
    assert_eq!(listed("/?status=matching&skip=0&limit=20").await, [ids[0].clone(), ids[2].clone()]);
    assert_eq!(listed("?skip=4000000000").await, Vec::<Value>::new());
    for (query, field) in
        [("status=lost", "status"), ("limit=0", "limit"), ("limit=101", "limit"), ("skip=-1", "skip"), ("limit=x", "limit")]
    {
        let body = staff.get(&server, &format!("/requests?{query}")).await.expect(422);
        assert_eq!((&body["code"], &body["errors"][0]["field"]), (&json!("validation_error"), &json!(field)), "{query}");
    }
}

#[tokio::test]
async fn a_request_is_changed_by_its_customer_while_it_waits() {
    let server = TestServer::start().await;
    let (asha, ravi) = (registered(&server, "asha@example.com").await, registered(&server, "ravi@example.com").await);
    let staff = with_role(&server, "staff@example.com", Role::Staff).await;
    let made = asked(&server, &asha).await;
    let (lead, cancel) = (of(routes::LEAD, &made), of(routes::LEAD_CANCEL, &made));
    let change = json!({"raw_input": "In 45?", "requirements": {"size": "45", "sku": null}, "budget": null, "timing": "today"});
    let body = asha.send(&server, "PATCH", &lead, &change).await.expect(200);
    assert_eq!((&body["raw_input"], &body["requirements"]), (&json!("In 45?"), &json!({"size": "45"})));
    assert_eq!(
        (&body["budget"], &body["timing"], &body["location"]),
        (&Value::Null, &json!("today"), &json!({"city": "Springfield"}))
    );
    for person in [&ravi, &staff] {
        person.send(&server, "PATCH", &lead, &change).await.refused(404, "not_found", "Request not found");
        person.send(&server, "POST", &cancel, &json!({})).await.refused(404, "not_found", "Request not found");
    }
    for (wrong, field) in [
        (json!({"raw_input": " "}), "raw_input"),
        (json!({"budget": {"min": -1}}), "budget"),
        (json!({"requirements": 7}), "requirements"),
    ] {
        let body = asha.send(&server, "PATCH", &lead, &wrong).await.expect(422);
        assert_eq!(body["errors"][0]["field"], json!(field), "{wrong}");
    }
    let step = json!({"status": "offers_received", "note": "Yes, at the desk."});
    let answered = staff.send(&server, "PUT", &of(routes::SERVICE_REQUEST_STATUS, &made), &step).await.expect(200);
    assert_eq!(
        (&answered["status"], &answered["status_history"][1]["note"]),
        (&json!("offers_received"), &json!("Yes, at the desk."))
    );
    let sentence = "A request can be changed only while it waits for an answer; make a new one.";
    asha.send(&server, "PATCH", &lead, &json!({"raw_input": "x"})).await.refused(400, "bad_request", sentence);
    assert_eq!(asha.get(&server, DASHBOARD).await.expect(200)["requests"]["pending"][0]["id"], made["id"]);
    let body = asha.send(&server, "POST", &cancel, &Value::Null).await.expect(200);
    let steps: Vec<&Value> = body["status_history"].as_array().unwrap().iter().map(|step| &step["status"]).collect();
    assert_eq!(steps, ["matching", "offers_received", "cancelled"]);
    asha.send(&server, "POST", &cancel, &json!({})).await.refused(400, "bad_request", "This request was cancelled already.");
    let sentence = "This request was cancelled or taken on in the meantime; look at it again.";
    staff.send(&server, "PUT", &of(routes::SERVICE_REQUEST_STATUS, &made), &step).await.refused(409, "conflict", sentence);
    assert_eq!(
        asha.get(&server, DASHBOARD).await.expect(200)["counts"],
        json!({"open": 0, "pending": 0, "upcoming": 0, "completed": 0})
    );
}

#[tokio::test]
async fn an_answer_is_said_in_the_customers_conversation() {
    let server = TestServer::start().await;
    let guest = guest(&server, None).await;
    let proof = [("x-session-token", guest.token.as_str())];
    let made = server.post(routes::SERVICE_REQUESTS, &proof, &wish()).await.expect(201);
    let staff = with_role(&server, "staff@example.com", Role::Staff).await;
    let step = json!({"status": "booked", "note": "I bring them to you."});
    staff.send(&server, "PUT", &of(routes::SERVICE_REQUEST_STATUS, &made), &step).await.expect(200);
    let session = server.get(routes::SESSION_RESTORE, &proof).await.expect(200);
    let said = &session["session"]["data"]["chat_context"][0];
    assert_eq!(
        (&said["sender"], &said["message"], &said["metadata"]["request_id"]),
        (&json!("agent"), &json!("I bring them to you."), &made["id"])
    );
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused() {
    let server = TestServer::start().await;
    let asha = registered(&server, "asha@example.com").await;
    for (wrong, field) in [
        (json!({}), "raw_input"),
        (json!({"raw_input": ""}), "raw_input"),
        (json!({"raw_input": "x".repeat(4_001)}), "raw_input"),
        (json!({"raw_input": "x", "service_type": "x".repeat(101)}), "service_type"),
        (json!({"raw_input": "x", "requirements": {"a": "x".repeat(17_000)}}), "requirements"),
        (json!({"raw_input": "x", "location": {"a": "x".repeat(3_000)}}), "location"),
        (json!({"raw_input": "x", "budget": {"min": 2, "max": 1}}), "budget"),
        (json!({"raw_input": "x", "budget": {"min": "2"}}), "budget"),
        (json!({"raw_input": "x", "timing": ["now"]}), "timing"),
    ] {
        let body = asha.send(&server, "POST", routes::SERVICE_REQUESTS, &wrong).await.expect(422);
        assert_eq!((&body["code"], &body["errors"][0]["field"]), (&json!("validation_error"), &json!(field)), "{field}");
    }
    server.post(routes::SERVICE_REQUESTS, &[], &wish()).await.expect(401);
    for _ in 0..20 {
        asked(&server, &asha).await;
    }
    let sentence = "You have many open requests already. Cancel one, or wait for an answer.";
    asha.send(&server, "POST", routes::SERVICE_REQUESTS, &wish()).await.refused(409, "conflict", sentence);
}

#[tokio::test]
async fn of_a_change_and_an_answer_at_once_nothing_is_lost() {
    for server in TestServer::on_each_database().await {
        let asha = registered(&server, "asha@example.com").await;
        let staff = with_role(&server, "staff@example.com", Role::Staff).await;
        for _ in 0..4 {
            let made = asked(&server, &asha).await;
            let (lead, status) = (of(routes::LEAD, &made), of(routes::SERVICE_REQUEST_STATUS, &made));
            let (change, step) = (json!({"raw_input": "changed"}), json!({"status": "booked"}));
            let (changed, taken) =
                tokio::join!(asha.send(&server, "PATCH", &lead, &change), staff.send(&server, "PUT", &status, &step));
            taken.expect(200);
            let body = staff.get(&server, &lead).await.expect(200);
            assert_eq!(body["status"], json!("booked"));
            assert_eq!(body["raw_input"] == json!("changed"), changed.status == 200);
            assert!(changed.status == 200 || changed.status == 400, "{changed:?}");
        }
    }
}

#[tokio::test]
async fn a_request_is_cancelled_once_however_often_it_is_said_at_once() {
    for server in TestServer::on_each_database().await {
        let asha = registered(&server, "asha@example.com").await;
        let made = asked(&server, &asha).await;
        let (cancel, nothing) = (of(routes::LEAD_CANCEL, &made), json!({}));
        let calls = (0..6).map(|_| asha.send(&server, "POST", &cancel, &nothing));
        let replies = futures_util::future::join_all(calls).await;
        let done: Vec<_> = replies.iter().filter(|reply| reply.status == 200).collect();
        assert_eq!(done.len(), 1);
        assert_eq!(done[0].json()["status_history"].as_array().unwrap().len(), 2);
        assert!(replies.iter().all(|reply| reply.status == 200 || reply.status == 400));
    }
}
