//! The turn of verified staff: what customers want. Staff's assistant has these tools alone.

use protocol::{
    chat::UiHint,
    ids::{AccountId, ServiceRequestId},
    staff::{Lead, RequestStatus},
};
use server_store::records::{Page, ServiceRequestRecord};

use super::turn::{Said, Turn};
use crate::{assistant::words, http::Answer, request::wire_lead, transaction::Tx};

/// Leads shown at a time.
const SHOWN: u32 = 20;
const PLACES: &[(&[&str], usize)] =
    &[(&["first", "1st", "1", "newest"], 0), (&["second", "2nd", "2"], 1), (&["third", "3rd", "3"], 2)];

/// What staff asks for.
#[derive(Debug, PartialEq, Eq)]
enum About {
    All,
    One(ServiceRequestId),
    Place(usize),
    Else,
}

impl About {
    fn read(message: &str) -> Self {
        if let Some(id) = message.split_whitespace().find_map(|word| word.trim_matches(['.', ',', '?', '!']).parse().ok()) {
            return Self::One(id);
        }
        let words = words(message);
        let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        if let Some((_, place)) = PLACES.iter().find(|(names, _)| has(names)) {
            return Self::Place(*place);
        }
        let greets = words.is_empty() || has(&["hi", "hello", "hey"]);
        if greets || has(&["lead", "leads", "request", "requests", "customers", "waiting", "new"]) {
            Self::All
        } else {
            Self::Else
        }
    }
}

/// Shows staff what customers want.
///
/// # Errors
/// The store failed.
pub(super) async fn act(tx: &mut Tx, turn: &Turn) -> Answer<Said> {
    let Some(account) = turn.speaker.account.as_ref().map(|account| account.id) else { return Ok(Said::text(HELP)) };
    let about = About::read(&turn.message);
    if let About::One(id) = about {
        let found = tx.service_request(id).await?;
        return one(tx, account, found).await;
    }
    let waiting = tx.service_requests(Some(RequestStatus::Matching), Page { limit: SHOWN, offset: 0 }).await?;
    match about {
        About::Place(place) => one(tx, account, waiting.into_iter().nth(place)).await,
        About::All => {
            let mut said = Said::text(match waiting.len() {
                0 => "Nobody is waiting for an answer.".to_owned(),
                1 => "One customer is waiting for an answer.".to_owned(),
                many => format!("{many} customers are waiting for an answer."),
            });
            said.data.requests = Some(leads(tx, account, waiting).await?);
            said.data.ui_hint = Some(UiHint::ShowLeads);
            Ok(said)
        }
        About::One(_) | About::Else => Ok(Said::text(HELP)),
    }
}

const HELP: &str = "I can show you what customers are waiting for: say “leads”, or “the first one”.";

async fn one(tx: &mut Tx, account: AccountId, found: Option<ServiceRequestRecord>) -> Answer<Said> {
    let Some(found) = found else { return Ok(Said::text("There is no such request. Say “leads” to see those that wait.")) };
    let mut said = Said::text(format!("A customer asked: “{}”", found.raw_input));
    said.data.lead = leads(tx, account, vec![found]).await?.pop();
    Ok(said)
}

async fn leads(tx: &mut Tx, account: AccountId, requests: Vec<ServiceRequestRecord>) -> Answer<Vec<Lead>> {
    let ids: Vec<ServiceRequestId> = requests.iter().map(|request| request.id).collect();
    let seen = tx.seen_requests(account, &ids).await?;
    let shown = requests.into_iter().map(|request| {
        let seen = seen.contains(&request.id);
        wire_lead(request, seen)
    });
    Ok(shown.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_asks_for_all_or_one() {
        let id = uuid::Uuid::from_u128(7);
        for (message, about) in [
            ("", About::All),
            ("my leads", About::All),
            ("Any new requests?", About::All),
            ("show me the second one", About::Place(1)),
            (&format!("show lead {id}."), About::One(ServiceRequestId(id))),
            ("what a day", About::Else),
        ] {
            assert_eq!(About::read(message), about, "{message}");
        }
    }
}
