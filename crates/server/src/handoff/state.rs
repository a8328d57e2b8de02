//! How a handoff moves: `open -> claimed -> issued -> ended`, or away from the path. Nothing moves back.

use protocol::{Timestamp, handoff::HandoffEnd};
use server_store::records::{HandoffRecord, HandoffStatus};

/// What may happen to a handoff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A phone says Continue.
    Claim,
    /// The digits were right.
    Issue,
    /// It is over without a session.
    Close(HandoffEnd),
    /// The hold it led to is over.
    EndHold,
}

/// A step that a handoff cannot take from where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a handoff that is {from:?} cannot take the step {step:?}")]
pub struct NotPossible {
    /// Where it is.
    pub from: HandoffStatus,
    /// What was wanted.
    pub step: Step,
}

impl Step {
    /// Where the step leads from `from`.
    ///
    /// # Errors
    /// Nowhere.
    pub fn from(self, from: HandoffStatus) -> Result<HandoffStatus, NotPossible> {
        use HandoffEnd::{Blocked, Cancelled, Expired, KioskLeft, Replaced, SecondPhone, WrongDigits};
        use HandoffStatus::{Claimed, Issued, Open};
        match (from, self) {
            (Open, Self::Claim) => Ok(Claimed),
            (Claimed, Self::Issue) => Ok(Issued),
            (Open | Claimed, Self::Close(KioskLeft | Replaced)) | (Claimed, Self::Close(Cancelled)) => {
                Ok(HandoffStatus::Cancelled)
            }
            (Open | Claimed, Self::Close(Expired)) => Ok(HandoffStatus::Expired),
            (Claimed, Self::Close(SecondPhone | WrongDigits | Blocked)) => Ok(HandoffStatus::Aborted),
            (Issued, Self::EndHold) => Ok(HandoffStatus::Ended),
            (from, step) => Err(NotPossible { from, step }),
        }
    }
}

/// Where a handoff stands at `now`: one whose time is over is expired, whether or not that was written down yet.
#[must_use]
pub fn status_at(handoff: &HandoffRecord, now: Timestamp) -> HandoffStatus {
    match handoff.status {
        HandoffStatus::Open | HandoffStatus::Claimed if now >= handoff.expires_at => HandoffStatus::Expired,
        status => status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [HandoffStatus; 7] = [
        HandoffStatus::Open,
        HandoffStatus::Claimed,
        HandoffStatus::Issued,
        HandoffStatus::Ended,
        HandoffStatus::Cancelled,
        HandoffStatus::Expired,
        HandoffStatus::Aborted,
    ];

    fn steps() -> Vec<Step> {
        use HandoffEnd::{Blocked, Cancelled, Expired, KioskLeft, Replaced, SecondPhone, WrongDigits};
        let ends = [Cancelled, KioskLeft, Expired, SecondPhone, WrongDigits, Blocked, Replaced];
        [Step::Claim, Step::Issue, Step::EndHold].into_iter().chain(ends.map(Step::Close)).collect()
    }

    #[test]
    fn only_a_claimed_handoff_is_issued_and_only_an_open_one_is_claimed() {
        for from in ALL {
            assert_eq!(Step::Issue.from(from).is_ok(), from == HandoffStatus::Claimed, "{from:?}");
            assert_eq!(Step::Claim.from(from).is_ok(), from == HandoffStatus::Open, "{from:?}");
            assert_eq!(Step::EndHold.from(from).is_ok(), from == HandoffStatus::Issued, "{from:?}");
        }
    }

    #[test]
    fn what_is_over_stays_over() {
        for from in [HandoffStatus::Ended, HandoffStatus::Cancelled, HandoffStatus::Expired, HandoffStatus::Aborted] {
            for step in steps() {
                assert_eq!(step.from(from), Err(NotPossible { from, step }));
            }
        }
    }

    #[test]
    fn an_issued_handoff_can_only_end_with_its_hold() {
        let possible: Vec<Step> = steps().into_iter().filter(|step| step.from(HandoffStatus::Issued).is_ok()).collect();
        assert_eq!(possible, [Step::EndHold]);
    }

    #[test]
    fn no_walk_is_longer_than_the_path() {
        fn longest(from: HandoffStatus) -> usize {
            steps().into_iter().filter_map(|step| step.from(from).ok()).map(|to| 1 + longest(to)).max().unwrap_or_default()
        }
        assert_eq!(longest(HandoffStatus::Open), 3);
    }
}
