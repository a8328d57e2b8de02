//! A phone looks at a code. Nothing is reserved by it.

use std::time::Duration;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use protocol::{
    handoff::{HANDOFF_SECONDS, HandoffEnd},
    ids::AccountId,
};
use server_store::records::{HandoffRecord, HandoffStatus, VisitRecord};

use super::{codes::Code, error::HandoffError, open::close, state::status_at};
use crate::{
    key::sha256,
    limit::{Guesser, Network, seconds_until},
    state::AppState,
    transaction::Tx,
};

/// A ticket lives so long. It opens nothing once its handoff is over, unless the same kiosk goes on with the next one.
pub const TICKET_LIFE: Duration = Duration::from_mins(1);
/// Signing in prolongs a ticket, but to no more than this in all.
const LONGEST_TICKET_LIFE: Duration = Duration::from_secs(HANDOFF_SECONDS as u64);

/// Who looks.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// SHA-256 of the browser's cookie.
    pub browser_hash: Vec<u8>,
    /// Who is signed in there.
    pub account: Option<AccountId>,
    /// Where from.
    pub network: Network,
}

/// What a visit gives.
pub struct Ticket {
    /// Stands for the code from now on. Secret.
    pub ticket: String,
    /// Seconds left.
    pub expires_in: u32,
    /// What it is a ticket for.
    pub handoff: HandoffRecord,
}

/// Looks at a code. A second phone that looks at a code after the handoff was claimed ends it, for one of the two does not
/// stand at the kiosk.
///
/// # Errors
/// [`HandoffError::UnknownCode`] for every code that does not open, in the same time; or too often.
pub async fn visit(state: &AppState, text: &str, visitor: &Visitor) -> Result<Ticket, HandoffError> {
    let code = Code::read(text);
    let hash = code.as_ref().map_or_else(|| Code::hash_of_none(&state.key), |code| code.hash(&state.key));
    let tries = Tries::take(state, visitor, matches!(code, Some(Code::Typed(_))))?;
    let mut random = [0; 32];
    state.entropy.fill(&mut random);
    let ticket = BASE64_URL_SAFE_NO_PAD.encode(random);

    let mut tx = state.write().await?;
    let now = state.lifetimes.now();
    let found = tx.handoff_by_code(&hash).await?.filter(|(_, code)| code.accepted_from <= now && now < code.accepted_until);
    let Some((handoff, _)) = found else { return Err(HandoffError::UnknownCode) };
    match status_at(&handoff, now) {
        HandoffStatus::Open => {
            let expires_at = now.plus(TICKET_LIFE);
            let record = VisitRecord {
                ticket_hash: sha256(ticket.as_bytes()).to_vec(),
                handoff_id: handoff.id,
                browser_hash: visitor.browser_hash.clone(),
                made_at: now,
                expires_at,
            };
            tx.insert_visit(&record).await?;
            tx.commit().await?;
            tries.give_back(state);
            Ok(Ticket { ticket, expires_in: seconds_until(expires_at, now), handoff })
        }
        HandoffStatus::Claimed => {
            if handoff.claim.as_ref().is_none_or(|claim| claim.browser_hash != visitor.browser_hash) {
                close(&mut tx, &handoff, HandoffEnd::SecondPhone).await?;
                tx.commit().await?;
            }
            Err(HandoffError::UnknownCode)
        }
        _ => Err(HandoffError::UnknownCode),
    }
}

/// Somebody signed in: the tickets of this browser begin their time anew.
///
/// # Errors
/// The store failed.
pub async fn prolong_tickets(tx: &mut Tx, browser_hash: &[u8]) -> Result<(), HandoffError> {
    let now = tx.state().lifetimes.now();
    Ok(tx.extend_visits(browser_hash, now, now.plus(TICKET_LIFE), LONGEST_TICKET_LIFE).await?)
}

/// Tries taken ahead and given back after a good code, so that many guesses at once count as many.
struct Tries {
    network: Network,
    typed: Option<Guesser>,
}

impl Tries {
    fn take(state: &AppState, visitor: &Visitor, typed: bool) -> Result<Self, HandoffError> {
        let too_often = |seconds| HandoffError::TooOften {
            seconds,
            detail: "Too many codes were tried. Wait a moment, then use the code on the screen.",
        };
        let guesser = visitor.account.map_or(Guesser::Network(visitor.network), Guesser::Account);
        state.limits.visits.take(visitor.network).map_err(too_often)?;
        state.limits.unknown_codes.take(visitor.network).map_err(too_often)?;
        if typed && let Err(seconds) = state.limits.wrong_typed_codes.take(guesser) {
            state.limits.unknown_codes.give_back(visitor.network);
            return Err(too_often(seconds));
        }
        Ok(Self { network: visitor.network, typed: typed.then_some(guesser) })
    }

    fn give_back(self, state: &AppState) {
        state.limits.unknown_codes.give_back(self.network);
        if let Some(guesser) = self.typed {
            state.limits.wrong_typed_codes.give_back(guesser);
        }
    }
}
