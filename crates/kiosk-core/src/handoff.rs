//! The codes on the glass: opening handoffs, showing their codes one after the other, and renewing them in time.

use std::time::Duration;

use protocol::{
    Entropy,
    handoff::{CODE_ACCEPTED_SECONDS, CODE_SHOWN_SECONDS, OpenHandoffRequest, OpenHandoffResponse},
    ids::HandoffId,
    shop::Locale,
    view::CodeView,
};

use crate::{backoff::Backoff, message::Moment, qr, seal::EphemeralKey};

/// How long the last code may stay on the glass while a fresh one is being fetched.
const GRACE: Duration = Duration::from_secs((CODE_ACCEPTED_SECONDS - CODE_SHOWN_SECONDS) as u64);

/// An open handoff.
pub(crate) struct Handoff {
    pub(crate) id: HandoffId,
    /// Dropped with the handoff.
    pub(crate) key: EphemeralKey,
    /// One per slot.
    codes: Vec<CodeView>,
    opened: Moment,
    slot: Duration,
    pub(crate) ends: Moment,
}

impl Handoff {
    fn new(response: &OpenHandoffResponse, key: EphemeralKey, phone_origin: &str, now: Moment) -> Self {
        let codes = response.codes.iter().filter_map(|code| qr::code_view(phone_origin, code, &response.typed_code)).collect();
        Self {
            id: response.handoff_id,
            key,
            codes,
            opened: now,
            slot: Duration::from_secs(u64::from(response.slot_seconds.max(1))),
            ends: now + Duration::from_secs(u64::from(response.expires_in)),
        }
    }

    /// When the next handoff is asked for: the last code has been shown for its time.
    fn renewal(&self) -> Moment {
        let slots = u32::try_from(self.codes.len()).unwrap_or(u32::MAX);
        self.ends.min(self.opened + self.slot.saturating_mul(slots))
    }

    fn code(&self, now: Moment) -> Option<&CodeView> {
        if now >= self.renewal() + GRACE {
            return None;
        }
        let slot = now.saturating_sub(self.opened).as_millis() / self.slot.as_millis().max(1);
        self.codes.get(usize::try_from(slot).unwrap_or(usize::MAX)).or(self.codes.last())
    }

    /// When another code is to be shown, or none any more.
    fn next_change(&self, now: Moment) -> Option<Moment> {
        let renewal = self.renewal();
        if now >= renewal {
            return Some(renewal + GRACE).filter(|end| now < *end);
        }
        let slot = now.saturating_sub(self.opened).as_millis() / self.slot.as_millis().max(1) + 1;
        Some(renewal.min(self.opened + self.slot.saturating_mul(u32::try_from(slot).unwrap_or(u32::MAX))))
    }
}

/// The handoffs of an attract screen, one after the other.
#[derive(Default)]
pub(crate) struct Handoffs {
    current: Option<Handoff>,
    /// The key of the request that is on its way.
    opening: Option<EphemeralKey>,
    /// When the next one is asked for.
    due: Option<Moment>,
    backoff: Backoff,
}

impl Handoffs {
    /// From now on codes are to be shown.
    pub(crate) fn want(&mut self, now: Moment) {
        self.due = match &self.current {
            // What is on its way says when the next one is due.
            _ if self.opening.is_some() => None,
            Some(handoff) if now < handoff.renewal() => Some(handoff.renewal()),
            _ => Some(now),
        };
    }

    /// A fresh handoff is wanted by `at` although the current one still lives.
    pub(crate) fn renew_by(&mut self, at: Moment) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// What is due sooner waits until `at`.
    pub(crate) fn wait_until(&mut self, at: Moment) {
        self.due = self.due.map(|due| due.max(at));
    }

    /// No more codes are to be shown.
    pub(crate) fn rest(&mut self) {
        self.due = None;
    }

    /// Forgets the current handoff and its key.
    pub(crate) fn drop_current(&mut self) -> Option<HandoffId> {
        self.current.take().map(|handoff| handoff.id)
    }

    pub(crate) fn current(&self) -> Option<&Handoff> {
        self.current.as_ref()
    }

    /// Gives the claimed handoff away, for its key to live as long as the number pad.
    pub(crate) fn take(&mut self, id: HandoffId) -> Option<Handoff> {
        self.current.take_if(|handoff| handoff.id == id)
    }

    /// A request is on its way.
    pub(crate) fn is_opening(&self) -> bool {
        self.opening.is_some()
    }

    pub(crate) fn code(&self, now: Moment) -> Option<&CodeView> {
        self.current.as_ref()?.code(now)
    }

    /// When something is to be done or shown.
    pub(crate) fn deadline(&self, now: Moment) -> Option<Moment> {
        let due = self.due.filter(|_| self.opening.is_none());
        let change = self.current.as_ref().and_then(|handoff| handoff.next_change(now));
        due.into_iter().chain(change).min()
    }

    /// The request to send now, where one is due.
    pub(crate) fn request(&mut self, now: Moment, entropy: &dyn Entropy, locale: Locale) -> Option<OpenHandoffRequest> {
        if self.opening.is_some() || self.due.is_none_or(|due| now < due) {
            return None;
        }
        self.due = None;
        let key = EphemeralKey::random(entropy);
        let request = OpenHandoffRequest { ephemeral_key: key.public().to_owned(), locale };
        self.opening = Some(key);
        Some(request)
    }

    /// The server opened one; it takes the place of the current one. None where nobody asked.
    pub(crate) fn opened(&mut self, response: &OpenHandoffResponse, phone_origin: &str, now: Moment) -> Option<HandoffId> {
        let key = self.opening.take()?;
        self.backoff.reset();
        let handoff = Handoff::new(response, key, phone_origin, now);
        let id = handoff.id;
        // A language chosen meanwhile wants an earlier renewal.
        self.renew_by(handoff.renewal());
        self.current = Some(handoff);
        Some(id)
    }

    /// The server did not open one; `retry_after` is what it asked for.
    pub(crate) fn failed(&mut self, now: Moment, entropy: &dyn Entropy, retry_after: Option<u32>) {
        self.opening = None;
        let wait = self.backoff.next(entropy).max(Duration::from_secs(u64::from(retry_after.unwrap_or(0))));
        self.due = Some(now + wait);
    }
}

#[cfg(test)]
mod tests {
    use protocol::{ambient::SystemEntropy, handoff::CODES_AHEAD};

    use super::*;

    fn response() -> OpenHandoffResponse {
        OpenHandoffResponse {
            handoff_id: "019c0000-0000-7000-8000-000000000001".parse().unwrap(),
            expires_in: 120,
            slot_seconds: 15,
            codes: (0..CODES_AHEAD).map(|slot| format!("ABCDEFGHIJKLMNOPQRSTUVWXY{slot}")).collect(),
            typed_code: "BCDF-GHJK".into(),
        }
    }

    fn opened(now: u64) -> Handoffs {
        let mut handoffs = Handoffs::default();
        handoffs.want(at(now));
        handoffs.request(at(now), &SystemEntropy, Locale::En).unwrap();
        handoffs.opened(&response(), "https://shop.example", at(now)).unwrap();
        handoffs
    }

    fn at(seconds: u64) -> Moment {
        Duration::from_secs(seconds)
    }

    #[test]
    fn each_code_is_shown_for_its_slot() {
        let handoffs = opened(100);
        let mut shown = Vec::new();
        let mut now = at(100);
        while let Some(code) = handoffs.code(now) {
            shown.push(code.path.clone());
            let Some(change) = handoffs.current().unwrap().next_change(now) else { break };
            assert!(change > now);
            now = change;
        }
        assert_eq!(now, at(225), "the last code goes when no phone would be accepted any more");
        shown.dedup();
        assert_eq!(shown.len(), CODES_AHEAD);
    }

    #[test]
    fn the_next_handoff_is_asked_for_once_and_the_old_code_stays_until_it_is_there() {
        let mut handoffs = opened(0);
        assert!(handoffs.request(at(119), &SystemEntropy, Locale::En).is_none());
        assert!(handoffs.request(at(120), &SystemEntropy, Locale::En).is_some());
        assert!(handoffs.request(at(121), &SystemEntropy, Locale::En).is_none());
        assert!(handoffs.code(at(121)).is_some());
        handoffs.opened(&response(), "https://shop.example", at(122));
        assert!(handoffs.code(at(130)).is_some());
        assert_eq!(handoffs.deadline(at(122)), Some(at(137)));
    }

    #[test]
    fn a_failed_request_is_tried_again_when_the_server_likes() {
        let mut handoffs = Handoffs::default();
        handoffs.want(at(0));
        handoffs.request(at(0), &SystemEntropy, Locale::En).unwrap();
        handoffs.failed(at(0), &SystemEntropy, Some(40));
        assert!(handoffs.request(at(39), &SystemEntropy, Locale::En).is_none());
        assert!(handoffs.request(at(40), &SystemEntropy, Locale::En).is_some());
    }

    #[test]
    fn nothing_is_asked_for_at_rest() {
        let mut handoffs = opened(0);
        handoffs.rest();
        handoffs.drop_current();
        assert_eq!(handoffs.deadline(at(1)), None);
        assert!(handoffs.request(at(500), &SystemEntropy, Locale::En).is_none());
    }
}
