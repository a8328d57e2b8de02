//! Tells a program that started this one how enrolment stands, a line at a time on stdout.

use std::{io::Write as _, sync::Arc};

use protocol::view::{Screen, View};
use tokio::sync::watch;

/// Prints until the core ends.
pub(crate) async fn enrolment(mut views: watch::Receiver<Arc<View>>) {
    let mut said = None;
    views.mark_changed();
    while views.changed().await.is_ok() {
        let line = line(&views.borrow_and_update());
        if line.is_some() && line != said {
            if let Some(line) = &line {
                // Whoever started the program need not listen.
                let _ = writeln!(std::io::stdout(), "{line}");
            }
            said = line;
        }
    }
}

fn line(view: &View) -> Option<String> {
    match (&view.screen, &view.frame.store_name) {
        (Screen::Enrolling { code: Some(code), .. }, _) => Some(format!("enrolment code: {code}")),
        (Screen::Starting | Screen::Connecting { .. } | Screen::Enrolling { .. }, _) | (_, None) => None,
        (_, Some(store)) => Some(format!("enrolled: {store}")),
    }
}

#[cfg(test)]
mod tests {
    use protocol::view::{AttractView, Frame, VoiceView};

    use super::*;

    fn view(screen: Screen, store: Option<&str>) -> View {
        let frame = Frame {
            shop_name: String::new(),
            theme: protocol::shop::Theme::default(),
            languages: Vec::new(),
            store_name: store.map(Into::into),
            opening_hours: None,
            online: true,
            voice: VoiceView::default(),
        };
        View { number: 1, locale: protocol::shop::Locale::En, frame, screen, overlay: None, notice: None }
    }

    #[test]
    fn a_code_and_the_end_of_enrolment_are_told_and_nothing_else() {
        let enrolling = |code: Option<&str>| Screen::Enrolling { code: code.map(Into::into), server: String::new() };
        let attract = || Screen::Attract(AttractView { code: None, featured: Vec::new() });
        assert_eq!(line(&view(Screen::Starting, Some("S"))), None);
        assert_eq!(line(&view(enrolling(None), None)), None);
        assert_eq!(line(&view(enrolling(Some("BCDF-GHJK")), None)).unwrap(), "enrolment code: BCDF-GHJK");
        assert_eq!(line(&view(attract(), Some("Harbour"))).unwrap(), "enrolled: Harbour");
        assert_eq!(line(&view(attract(), None)), None);
    }
}
