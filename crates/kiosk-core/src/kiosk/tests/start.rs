use super::*;

fn problem(code: ErrorCode, passes: bool) -> Message {
    Message::Opened(Err(Problem { code, about: "login keyring".into(), passes }))
}

fn first_start(unfinished: Option<KioskSessionId>) -> Message {
    Message::Opened(Ok(Opened { device: None, unfinished }))
}

#[test]
fn a_locked_key_store_is_shown_and_tried_again_by_itself() {
    let mut table = Table::new();
    assert_eq!(table.view().screen, Screen::Starting);
    table.send(problem(ErrorCode::KeyStoreLocked, true));
    let Screen::Connecting { problem: ErrorCode::KeyStoreLocked, about, retry_in: Some(1..=30) } = table.view().screen else {
        panic!("{:?}", table.view().screen)
    };
    assert_eq!(about, "login keyring");
    table.done.clear();
    table.wait(30.0);
    assert_eq!(table.count(|effect| matches!(effect, Effect::Open)), 1, "one try until it is answered");
    table.send(first_start(None));
    assert_eq!(table.count(|effect| matches!(effect, Effect::FetchDevice)), 1);
}

#[test]
fn a_newer_database_waits_for_a_person() {
    let mut table = Table::new();
    table.send(problem(ErrorCode::NewerDatabase, false));
    assert!(matches!(table.view().screen, Screen::Connecting { retry_in: None, .. }));
    table.done.clear();
    table.wait(600.0);
    assert_eq!(table.done.len(), 0);
    table.intend(Intent::Retry);
    assert_eq!(table.count(|effect| matches!(effect, Effect::Open)), 1);
}

#[test]
fn an_unknown_server_is_asked_again_and_again() {
    let mut table = Table::new();
    table.send(first_start(None));
    for (error, code) in [(unreachable(), ErrorCode::ServerUnreachable), (ServerError::NotVitrine, ErrorCode::NotAVitrineServer)]
    {
        table.answer(Answer::Device(Err(error)));
        let Screen::Connecting { problem, about, retry_in: Some(_) } = table.view().screen else {
            panic!("{:?}", table.view().screen)
        };
        assert_eq!((problem, about.as_str()), (code, "http://127.0.0.1:7878"));
        table.done.clear();
        table.wait(31.0);
        assert_eq!(table.count(|effect| matches!(effect, Effect::FetchDevice)), 1);
    }
    table.answer(Answer::Device(Ok(device())));
    assert_eq!(table.screen(), "attract");
    assert_eq!(table.count(|effect| matches!(effect, Effect::Remember(Some(_)))), 1);
    assert_eq!(table.count(|effect| matches!(effect, Effect::Connect)), 1);
}

#[test]
fn where_damaged_settings_lead_nowhere_the_screen_says_so() {
    let mut table = Table::new();
    table.kiosk.setup.settings_damaged = true;
    table.send(first_start(None));
    table.answer(Answer::Device(Err(unreachable())));
    assert!(matches!(table.view().screen, Screen::Connecting { problem: ErrorCode::SettingsDamaged, retry_in: Some(_), .. }));
    table.answer(Answer::Device(Ok(device())));
    assert_eq!(table.screen(), "attract", "the guess may be right");
}

#[test]
fn an_unknown_kiosk_shows_a_code_until_it_is_enrolled() {
    let mut table = Table::new();
    table.send(first_start(None));
    table.answer(Answer::Device(Err(refused(ErrorCode::KioskNotEnrolled))));
    assert_eq!(table.view().screen, Screen::Enrolling { code: None, server: "http://127.0.0.1:7878".into() });
    assert_eq!(table.count(|effect| matches!(effect, Effect::RequestEnrolment)), 1);
    table.answer(Answer::Enrolment(Ok(EnrolmentResponse { code: "BCDF-GHJK".into(), expires_in: 600, interval: 3 })));
    assert!(matches!(table.view().screen, Screen::Enrolling { code: Some(code), .. } if code == "BCDF-GHJK"));
    for _ in 0..5 {
        table.done.clear();
        table.wait(3.0);
        assert_eq!(table.count(|effect| matches!(effect, Effect::FetchDevice)), 1);
        table.answer(Answer::Device(Err(refused(ErrorCode::KioskNotEnrolled))));
        assert_eq!(table.screen(), "enrolling");
    }
    table.answer(Answer::Device(Ok(device())));
    assert_eq!(table.screen(), "attract");
}

#[test]
fn a_server_lost_while_enrolling_is_found_again() {
    let mut table = Table::new();
    table.send(first_start(None));
    table.answer(Answer::Device(Err(refused(ErrorCode::KioskNotEnrolled))));
    table.answer(Answer::Enrolment(Err(unreachable())));
    assert_eq!(table.screen(), "connecting");
    table.wait(31.0);
    table.answer(Answer::Device(Err(refused(ErrorCode::KioskNotEnrolled))));
    assert_eq!(table.screen(), "enrolling");
}

#[test]
fn a_limited_request_for_a_code_waits_as_long_as_the_server_likes() {
    let mut table = Table::new();
    table.send(first_start(None));
    table.answer(Answer::Device(Err(refused(ErrorCode::KioskNotEnrolled))));
    let limited = ApiError { retry_after: Some(50), ..ApiError::new(ErrorCode::RateLimited, "later") };
    table.answer(Answer::Enrolment(Err(ServerError::Refused(limited))));
    table.done.clear();
    table.wait(49.0);
    assert_eq!(table.count(|effect| matches!(effect, Effect::RequestEnrolment)), 0);
    table.wait(10.0);
    assert_eq!(table.count(|effect| matches!(effect, Effect::RequestEnrolment)), 1);
}

#[test]
fn a_known_kiosk_opens_without_a_server_and_without_a_code() {
    let mut table = Table::new();
    table.send(Message::Opened(Ok(Opened { device: Some(device()), unfinished: None })));
    table.answer(Answer::Device(Err(unreachable())));
    let view = table.view();
    assert!(matches!(view.screen, Screen::Attract(attract) if attract.code.is_none() && attract.featured.len() == 1));
    assert!(!view.frame.online);
    assert_eq!(view.frame.shop_name, "Saffron");
    table.done.clear();
    table.wait(31.0);
    assert_eq!(table.count(|effect| matches!(effect, Effect::FetchDevice)), 1);
    table.answer(Answer::Device(Ok(device())));
    table.send(Message::Stream(Stream::Up));
    table.open_handoff(1);
    assert!(matches!(table.view().screen, Screen::Attract(attract) if attract.code.is_some()));
    assert!(table.view().frame.online);
}

#[test]
fn a_hold_of_a_crashed_run_is_ended() {
    let mut table = Table::new();
    table.send(first_start(Some(hold_id())));
    let ops = table.recorded();
    assert_eq!((ops[0].kiosk_session_id, &ops[0].body), (hold_id(), &OpBody::End { reason: EndReason::Restart }));
}

#[test]
fn a_removed_kiosk_forgets_itself_and_asks_for_a_code() {
    let mut table = Table::attract();
    table.event(EventBody::DeviceRemoved);
    assert_eq!(table.screen(), "enrolling");
    assert_eq!(table.count(|effect| matches!(effect, Effect::Remember(None))), 1);
    assert_eq!(table.count(|effect| matches!(effect, Effect::Disconnect)), 1);
}

#[test]
fn a_kiosk_removed_during_a_conversation_says_goodbye_first() {
    let mut table = Table::conversation();
    table.event(EventBody::DeviceRemoved);
    assert_eq!(table.view().screen, Screen::Goodbye { reason: EndReason::Unenrolled, guest: false });
    assert_eq!(table.count(|effect| matches!(effect, Effect::Wipe)), 1);
    table.wait(4.0);
    assert_eq!(table.screen(), "enrolling");
}

#[test]
fn a_moved_kiosk_shows_its_new_store() {
    let mut table = Table::attract();
    table.event(EventBody::DeviceChanged);
    assert_eq!(table.count(|effect| matches!(effect, Effect::FetchDevice)), 1);
    let mut moved = device();
    moved.store.name = "New Town".into();
    table.answer(Answer::Device(Ok(moved)));
    assert_eq!(table.view().frame.store_name.as_deref(), Some("New Town"));
    assert_eq!(table.screen(), "attract");
}
