//! Requests that do not come as they should.

use std::{
    io::ErrorKind,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{caller::Caller, place::Place};

#[test]
fn a_head_that_cannot_be_read_is_refused_like_everything_else() {
    let place = Place::open(&[]);
    let long = "x".repeat(20 * 1024);
    let cases = [
        (format!("GET /health HTTP/1.1\r\nhost: shop\r\nx-long: {long}\r\n\r\n"), 413, "payload_too_large"),
        (format!("GET /{long} HTTP/1.1\r\nhost: shop\r\n\r\n"), 413, "payload_too_large"),
        ("GET /health HTTP/9.7\r\n\r\n".to_owned(), 400, "bad_request"),
        ("\u{1}\u{2}\u{3} nothing\r\n\r\n".to_owned(), 400, "bad_request"),
        ("GET /health HTTP/1.1\r\nbroken header\r\n\r\n".to_owned(), 400, "bad_request"),
    ];
    for (request, status, code) in cases {
        let mut caller = Caller::connect(&place.address).unwrap();
        // It may refuse before all of it is sent.
        let _ = caller.write(request.as_bytes());
        let answer = caller.answer().unwrap();
        assert_eq!(answer.status, status, "{request:.60}");
        assert_eq!(answer.json()["code"], json!(code), "{request:.60}");
        assert_eq!(answer.json()["detail"], answer.json()["message"]);
        assert!(answer.closes() && caller.is_closed(), "{request:.60}");
    }
    let many = "x-one: of many\r\n".repeat(101);
    let mut caller = Caller::connect(&place.address).unwrap();
    caller.write(format!("GET /health HTTP/1.1\r\nhost: shop\r\n{many}\r\n").as_bytes()).unwrap();
    assert_eq!(caller.answer().unwrap().status, 413);

    let mut caller = Caller::connect(&place.address).unwrap();
    assert_eq!(caller.ask("GET", "/health", &[], "").unwrap().status, 200);
    caller.write(b"nonsense\r\n\r\n").unwrap();
    assert_eq!(caller.answer().unwrap().json()["code"], json!("bad_request"), "after a good request as well");
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_all_there() {
    let place = Place::open(&[]);
    for size in [300 * 1024, 10 * 1024 * 1024] {
        let mut caller = Caller::connect(&place.address).unwrap();
        let head = format!(
            "POST /session/start HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\ncontent-length: {size}\r\n\r\n"
        );
        caller.write(head.as_bytes()).unwrap();
        // It need not take all of it.
        let _ = caller.write(&vec![b' '; size]);
        let answer = caller.answer().unwrap();
        assert_eq!((answer.status, &answer.json()["code"]), (413, &json!("payload_too_large")));
    }
    // Without saying beforehand how much it is.
    let mut caller = Caller::connect(&place.address).unwrap();
    caller
        .write(
            b"POST /session/start HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        )
        .unwrap();
    let chunk = format!("8000\r\n{}\r\n", " ".repeat(0x8000));
    let mut sent = 0;
    while sent < 300 * 1024 && caller.write(chunk.as_bytes()).is_ok() {
        sent += 0x8000;
    }
    let answer = caller.answer().unwrap();
    assert_eq!((answer.status, &answer.json()["code"]), (413, &json!("payload_too_large")));
}

#[test]
fn callers_that_dawdle_are_let_go_and_hold_nobody_up() {
    let place = Place::open(&[]);
    let begun = Instant::now();
    let mut heads: Vec<_> = (0..200)
        .map(|_| {
            let mut caller = Caller::connect(&place.address).unwrap();
            caller.write(b"GET /health HTTP/1.1\r\n").unwrap();
            caller
        })
        .collect();
    let mut bodies: Vec<_> = (0..50)
        .map(|_| {
            let mut caller = Caller::connect(&place.address).unwrap();
            let head =
                "POST /session/start HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n";
            caller.write(head.as_bytes()).unwrap();
            caller
        })
        .collect();
    // A byte now and then does not help.
    while begun.elapsed() < Duration::from_secs(10) {
        for caller in &mut heads {
            caller.write(b"x-a: b\r\n").unwrap();
        }
        for caller in &mut bodies {
            caller.write(b" ").unwrap();
        }
        let mut other = Caller::connect(&place.address).unwrap();
        assert_eq!(other.ask("GET", "/health", &[], "").unwrap().status, 200);
        std::thread::sleep(Duration::from_secs(1));
    }
    for caller in &mut bodies {
        let answer = caller.answer().unwrap();
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("bad_request")));
    }
    for caller in &mut heads {
        assert!(caller.is_closed());
    }
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
}

#[test]
fn an_address_with_too_many_connections_is_told_so() {
    let place = Place::open(&["--connections-per-address", "3"]);
    let mut open: Vec<_> = (0..3)
        .map(|_| {
            let mut caller = Caller::connect(&place.address).unwrap();
            assert_eq!(caller.ask("GET", "/health", &[], "").unwrap().status, 200);
            caller
        })
        .collect();
    let mut fourth = Caller::connect(&place.address).unwrap();
    let answer = fourth.answer().unwrap();
    assert_eq!((answer.status, &answer.json()["code"]), (429, &json!("rate_limited")));
    assert!(answer.header("retry-after").is_some() && fourth.is_closed());
    open.pop();
    let again = testkit::wait::blocking("there is room again", super::place::SOON, || {
        let mut caller = Caller::connect(&place.address)?;
        Ok(match caller.ask("GET", "/health", &[], "") {
            Ok(answer) if answer.status == 200 => Some(()),
            Ok(_) => None,
            Err(error)
                if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof) =>
            {
                None
            }
            Err(error) => return Err(error.into()),
        })
    });
    again.unwrap();
}
