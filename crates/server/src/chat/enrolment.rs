//! The turn of somebody who wants to be staff: one question after the other, until a manager can decide. Nothing here makes
//! anybody staff.

use protocol::{
    chat::{ChatAction, UiHint},
    staff::{Enrolment, EnrolmentChange, EnrolmentStatus, EnrolmentSubmitted},
};
use serde_json::{Map, json};
use server_store::records::StaffEnrolmentRecord;

use super::{
    button::button,
    turn::{Said, Turn},
};
use crate::{assistant::words, http::Answer, staff::operations, transaction::Tx};

/// Longest answer in characters.
const LONGEST: usize = 500;

/// What a manager needs to know, in the order in which it is asked.
const ASKED: [(&str, &str, Option<UiHint>); 4] = [
    ("full_name", "What is your full name?", None),
    ("services", "What do you do for customers? Choose, or say it in your own words.", Some(UiHint::ServiceSelector)),
    ("location", "In which city or store do you work?", Some(UiHint::LocationPicker)),
    ("availability", "When do you work?", Some(UiHint::CalendarPicker)),
];
/// What people of a store do.
const SERVICES: [&str; 6] = ["Sales", "Alterations", "Styling", "Fitting rooms", "Repairs", "Returns"];
const SUBMITS: &[&str] = &["submit", "submit it", "hand it in", "yes", "yes please", "done", "send it"];

/// Takes an answer in, asks the next question, or hands the enrolment in.
///
/// # Errors
/// The store failed.
pub(super) async fn act(tx: &mut Tx, turn: &Turn) -> Answer<Said> {
    let Some(account) = turn.speaker.account.as_ref().map(|account| account.id) else {
        let mut said = Said::text("To work with us, please sign in first.");
        said.data.buttons = vec![button("Connect now", ChatAction::ConnectNow)];
        return Ok(said);
    };
    let known = tx.staff_enrolment_of(account).await?;
    let new = known.is_none();
    // Who was rejected begins anew where enrolments are begun, not by talking.
    let mut enrolment = match known {
        Some(enrolment) => enrolment,
        None => operations::start(tx, account).await?,
    };
    if !matches!(enrolment.status, EnrolmentStatus::Draft | EnrolmentStatus::Pending) {
        let mut said = Said::text(match enrolment.status {
            EnrolmentStatus::Verified => "You are verified. Choose the staff's side of the chat to see what customers want.",
            EnrolmentStatus::Rejected => "Your enrollment was not accepted. Please talk to a manager.",
            _ => "Your enrollment waits for a manager.",
        });
        said.data.enrollment_summary = Some(shown(&enrolment));
        return Ok(said);
    }
    let text = turn.message.trim();
    let spoken = words(text).join(" ");
    let submits = turn.action == Some(ChatAction::SubmitEnrollment)
        || (missing(&enrolment).is_none() && SUBMITS.contains(&spoken.as_str()));
    if submits {
        return submit(tx, enrolment).await;
    }
    let mut said = Said::default();
    if let Some((key, _, _)) = missing(&enrolment).filter(|_| !new && !text.is_empty()) {
        let answer: String = text.chars().take(LONGEST).collect();
        let value = if *key == "services" {
            json!(answer.split([',', ';']).map(str::trim).filter(|one| !one.is_empty()).collect::<Vec<_>>())
        } else {
            json!(answer)
        };
        let change = EnrolmentChange { data: Map::from_iter([((*key).to_owned(), value)]), more: Map::new() };
        enrolment = operations::fill(tx, account, enrolment.id, change).await?;
        said.data.enrollment_updated = true;
    }
    if let Some((key, question, hint)) = missing(&enrolment) {
        said.text.push_str(question);
        said.data.ui_hint = *hint;
        if *key == "services" {
            said.data.categories = SERVICES.map(str::to_owned).to_vec();
        }
    } else {
        said.text.push_str("That is everything. Shall I hand it in?");
        said.data.ui_hint = Some(UiHint::EnrollmentSummary);
        said.data.buttons = vec![button("Hand in", ChatAction::SubmitEnrollment)];
    }
    said.data.enrollment_summary = Some(shown(&enrolment));
    Ok(said)
}

/// The first thing that is not known yet.
fn missing(enrolment: &StaffEnrolmentRecord) -> Option<&'static (&'static str, &'static str, Option<UiHint>)> {
    let missing = operations::missing(&enrolment.data);
    ASKED.iter().find(|(key, _, _)| missing.contains(key))
}

async fn submit(tx: &mut Tx, enrolment: StaffEnrolmentRecord) -> Answer<Said> {
    let (enrolment, _) = operations::submit(tx, enrolment.account_id, enrolment.id).await?;
    let missing = missing(&enrolment);
    let message = match missing {
        None => "Thank you. A manager will look at it.".to_owned(),
        Some((_, question, _)) => format!("Something is missing: {question}"),
    };
    let mut said = Said::text(message.clone());
    said.data.enrollment_updated = true;
    said.data.ui_hint = missing.is_none().then_some(UiHint::EnrollmentComplete);
    said.data.enrollment_summary = Some(shown(&enrolment));
    said.data.enrollment_result = Some(EnrolmentSubmitted { status: enrolment.status, message, can_auto_verify: false });
    Ok(said)
}

fn shown(enrolment: &StaffEnrolmentRecord) -> Enrolment {
    Enrolment {
        id: enrolment.id,
        account_id: enrolment.account_id,
        status: enrolment.status,
        data: enrolment.data.clone(),
        created_at: enrolment.created_at,
        updated_at: enrolment.updated_at,
    }
}
