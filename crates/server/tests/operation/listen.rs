//! More than one address, and the figures that are shown there.

use super::{
    caller::Caller,
    place::{Place, SOON},
};

#[test]
fn the_same_is_served_on_every_listener() {
    let mut place = Place::open(&["--listen-also", "127.0.0.1:0,127.0.0.1:0"]);
    let mut addresses = vec![place.address.clone()];
    let mut also = Vec::new();
    place
        .program
        .line(SOON, |line| {
            also.extend(line.strip_prefix("listening as well on http://").map(str::to_owned));
            (also.len() == 2).then_some(())
        })
        .unwrap();
    addresses.append(&mut also);
    let mut token = None;
    for address in &addresses {
        let mut caller = Caller::connect(address).unwrap();
        let token = token.get_or_insert_with(|| {
            let answer = caller.ask("POST", "/session/start", &[], r#"{"phone":"9820000199"}"#).unwrap();
            answer.json()["session_token"].as_str().unwrap().to_owned()
        });
        let restored = caller.ask("GET", "/session/restore", &[("x-session-token", token)], "").unwrap();
        assert_eq!(restored.status, 200, "{address}");
    }
    assert!(place.program.stop().unwrap().success());
}

#[test]
fn figures_are_for_this_machine_and_not_for_whom_a_proxy_speaks_for() {
    let place = Place::open(&[]);
    let mut caller = Caller::connect(&place.address).unwrap();
    assert_eq!(caller.ask("GET", "/health", &[], "").unwrap().status, 200);
    let figures = caller.ask("GET", "/metrics", &[], "").unwrap();
    assert_eq!(figures.status, 200);
    let text = String::from_utf8(figures.body).unwrap();
    for line in [
        "vitrine_connections_open 1",
        "vitrine_database_up 1",
        "vitrine_stopping 0",
        "# TYPE vitrine_http_request_seconds histogram",
    ] {
        assert!(text.lines().any(|known| known == line), "{line} is not in {text}");
    }
    let figures = caller.ask("GET", "/metrics", &[("x-forwarded-for", "203.0.113.7")], "").unwrap();
    assert_eq!(figures.status, 404);
}
