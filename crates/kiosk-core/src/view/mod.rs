//! The kiosk's state as its screen shows it.

mod conversation;

use protocol::{
    ErrorCode,
    view::{AttractView, Frame, Overlay, Screen, View, VoiceView},
};

use crate::{
    kiosk::Kiosk,
    message::Moment,
    state::{Silence, State},
};

/// The whole screen; its number is given when it is sent.
pub(crate) fn view(kiosk: &Kiosk, now: Moment) -> View {
    View {
        number: 0,
        locale: kiosk.locale,
        frame: frame(kiosk),
        screen: screen(kiosk, now),
        overlay: overlay(kiosk, now),
        notice: kiosk.notice(now),
    }
}

fn frame(kiosk: &Kiosk) -> Frame {
    let device = kiosk.device.as_ref();
    let languages = device.map(|device| device.shop.languages.clone()).filter(|languages| !languages.is_empty());
    Frame {
        shop_name: device.map(|device| device.shop.name.clone()).unwrap_or_default(),
        theme: device.map(|device| device.shop.theme.clone()).unwrap_or_default(),
        languages: languages.unwrap_or_else(|| vec![kiosk.setup.locale]),
        store_name: device.map(|device| device.store.name.clone()),
        opening_hours: device.map(|device| device.store.opening_hours.clone()).filter(|hours| !hours.is_empty()),
        online: kiosk.online,
        voice: VoiceView {
            available: kiosk.voice.device.available,
            muted: kiosk.voice.muted,
            speaking: kiosk.voice.device.speaking,
        },
    }
}

fn screen(kiosk: &Kiosk, now: Moment) -> Screen {
    match &kiosk.state {
        State::Starting => Screen::Starting,
        State::Connecting(connecting) => Screen::Connecting {
            problem: problem(kiosk, connecting.problem),
            about: connecting.about.clone(),
            retry_in: connecting.retry_in(now),
        },
        State::Enrolling(enrolling) => Screen::Enrolling { code: enrolling.code.clone(), server: kiosk.setup.server.clone() },
        State::Attract(_) => Screen::Attract(AttractView {
            // A code that nobody could hear a claim of is no code.
            code: kiosk.handoffs.code(now).filter(|_| kiosk.online).cloned(),
            featured: kiosk.device.as_ref().map(|device| device.featured.clone()).unwrap_or_default(),
        }),
        State::Matching(matching) => Screen::Matching { typed: matching.typed(), checking: matching.is_checking() },
        State::Conversation(conversation) => Screen::Conversation(conversation::view(conversation, kiosk.online, now)),
        State::Goodbye(goodbye) => Screen::Goodbye { reason: goodbye.reason, guest: goodbye.guest },
    }
}

/// What stands in the way, traced back to settings that could not be read.
fn problem(kiosk: &Kiosk, found: ErrorCode) -> ErrorCode {
    match found {
        ErrorCode::ServerUnreachable | ErrorCode::NotAVitrineServer if kiosk.setup.settings_damaged => ErrorCode::SettingsDamaged,
        found => found,
    }
}

fn overlay(kiosk: &Kiosk, now: Moment) -> Option<Overlay> {
    let visit = matches!(kiosk.state, State::Conversation(_) | State::Matching(_));
    if let Some(overlay) = kiosk.staff.overlay(visit, now) {
        return Some(overlay);
    }
    match &kiosk.state {
        State::Conversation(conversation) => match conversation.idle.at(now) {
            Silence::Warning(seconds_left) => Some(Overlay::IdleWarning { seconds_left }),
            Silence::None | Silence::Over => None,
        },
        _ => None,
    }
}
