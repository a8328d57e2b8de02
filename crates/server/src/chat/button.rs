//! Buttons. An assistant may write them into its text as `[button: label | action]`; customers see them apart from it.

use protocol::chat::{Button, ChatAction};

/// A button of ours.
pub(super) fn button(label: &str, action: ChatAction) -> Button {
    Button { label: label.to_owned(), action }
}

/// The text without its marks, and the buttons that they name. A mark without one of the closed list's actions names none.
pub(super) fn take(text: &str) -> (String, Vec<Button>) {
    const BEGIN: &str = "[button:";
    let (mut kept, mut buttons, mut rest) = (String::with_capacity(text.len()), Vec::new(), text);
    while let Some(begin) = rest.to_ascii_lowercase().find(BEGIN) {
        let Some(end) = rest[begin..].find(']') else { break };
        kept.push_str(&rest[..begin]);
        let (label, action) = rest[begin + BEGIN.len()..begin + end].split_once('|').unwrap_or_default();
        if let Ok(action) = serde_json::from_value(action.trim().into())
            && action != ChatAction::SubmitOffer
        {
            buttons.push(button(label.trim(), action));
        }
        rest = &rest[begin + end + 1..];
    }
    kept.push_str(rest);
    let kept = if buttons.is_empty() && kept.len() == text.len() { kept } else { kept.trim().replace("  ", " ") };
    (kept, buttons)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_buttons() {
        let (text, buttons) = take("Shall I send it? [button: Send | approve_request] [Button: No|cancel_request]");
        assert_eq!(text, "Shall I send it?");
        assert_eq!(buttons, [button("Send", ChatAction::ApproveRequest), button("No", ChatAction::CancelRequest)]);
    }

    #[test]
    fn a_mark_that_names_no_action_is_dropped() {
        for text in ["Hello [button: Pay now | pay]", "Hello [button: Offer | submit_offer]", "Hello [button: x]"] {
            assert_eq!(take(text), ("Hello".to_owned(), Vec::new()), "{text}");
        }
        assert_eq!(take("a [button: open"), ("a [button: open".to_owned(), Vec::new()));
        assert_eq!(take("two  spaces"), ("two  spaces".to_owned(), Vec::new()));
    }
}
