//! Kiosk and phone at the wire, against the real server: a whole visit without a screen.

use std::time::Duration;

use protocol::{
    ErrorCode, Timestamp,
    event::EventBody,
    ids::OpKey,
    kiosk_session::EndReason,
    phone::ClaimState,
    session::Sender,
    sync::{Op, OpBody},
};
use testkit::{channel::WebChannel, kiosk::FakeKiosk, phone::FakePhone, server::TestServer};

const LIMIT: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_whole_visit_at_the_wire() {
    let server = TestServer::start().unwrap();
    let kiosk = FakeKiosk::new(&server.origin()).unwrap();
    let code = kiosk.ask_enrolment().await.unwrap().code;
    assert!(kiosk.device().await.is_err());
    server.enrol(&code, "S01", "At the wire").unwrap();
    assert_eq!(kiosk.device().await.unwrap().label, "At the wire");

    let who = &server.sign_ins()[0];
    let web = WebChannel::login(&server.origin(), &who.phone, &who.password).await.unwrap();
    web.say("user", "Written on the web.").await.unwrap();

    let mut events = kiosk.events(None).await.unwrap();
    let handoff = kiosk.open_handoff().await.unwrap();
    let phone = FakePhone::new(&server.origin()).unwrap();
    let visit = phone.visit(&handoff.shown.codes[0]).await.unwrap();
    assert_eq!(visit.kiosk_label, "At the wire");
    phone.sign_in(&who.phone, &who.password).await.unwrap();
    let (claim, digits) = phone.claim(&visit.ticket).await.unwrap();
    let claimed = events.next_of(LIMIT, |event| match event {
        EventBody::HandoffClaimed { handoff_id } => Some(handoff_id),
        _ => None,
    });
    assert_eq!(claimed.await.unwrap(), handoff.shown.handoff_id);
    let held = kiosk.enter_digits(&handoff, &digits).await.unwrap();
    assert!(held.session.chat.iter().any(|entry| entry.message == "Written on the web."));
    phone.claim_state(claim, LIMIT, |state| (state == ClaimState::Live).then_some(())).await.unwrap();
    assert_eq!(kiosk.snapshot(&held.token).await.unwrap().status, 200);

    let op = Op {
        key: OpKey("0199a000-0000-7000-8000-000000000001".parse().unwrap()),
        kiosk_session_id: held.session.kiosk_session_id,
        made_at: Timestamp::from_unix_millis(1_770_890_400_000),
        body: OpBody::Chat { message: "A warm jacket, please".into(), answered_here: false },
    };
    for _ in 0..2 {
        assert_eq!(kiosk.push(vec![op.clone()]).await.unwrap().applied, [op.key]);
    }
    let answered = events.next_of(LIMIT, |event| match event {
        EventBody::ChatAppended { entry, .. } if entry.sender == Sender::Agent => Some(entry),
        _ => None,
    });
    assert!(answered.await.unwrap().metadata.is_some_and(|metadata| metadata.contains_key("cards")));
    let told = web.restore().await.unwrap().data.chat_context;
    assert_eq!(told.iter().filter(|entry| entry.message == "A warm jacket, please").count(), 1);

    assert!(!kiosk.speech("Good to see you.").await.unwrap().is_empty());

    phone.end(claim).await.unwrap();
    let ended = events.next_of(LIMIT, |event| match event {
        EventBody::KioskSessionEnded { reason, .. } => Some(reason),
        _ => None,
    });
    assert_eq!(ended.await.unwrap(), EndReason::Phone);
    let refused = kiosk.snapshot(&held.token).await.unwrap();
    assert_eq!((refused.status, refused.code()), (404, Some(ErrorCode::SessionExpired)));
}
