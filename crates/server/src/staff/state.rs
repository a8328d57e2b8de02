//! How an enrolment moves: `draft -> pending -> pending_verification -> verified`, or to rejected. What is changed after it was
//! handed in is a draft again, so that a manager verifies what the manager sees.

use protocol::staff::EnrolmentStatus;

/// What may happen to an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A rejected person begins anew.
    Begin,
    /// The person fills something in.
    Fill,
    /// The person hands it in; whether anything is missing.
    Submit {
        /// Something is.
        incomplete: bool,
    },
    /// A manager confirms the person.
    Verify,
    /// A manager refuses the person, or takes the confirmation back.
    Reject,
    /// The operator made the person staff, on whatever grounds.
    Appoint,
}

/// A step that an enrolment cannot take from where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an enrollment that is {from:?} cannot take the step {step:?}")]
pub struct NotPossible {
    /// Where it is.
    pub from: EnrolmentStatus,
    /// What was wanted.
    pub step: Step,
}

impl Step {
    /// Where the step leads from `from`.
    ///
    /// # Errors
    /// Nowhere.
    pub fn from(self, from: EnrolmentStatus) -> Result<EnrolmentStatus, NotPossible> {
        use EnrolmentStatus::{Draft, Pending, PendingVerification, Rejected, Verified};
        match (from, self) {
            (Rejected, Self::Begin) | (Draft | Pending | PendingVerification, Self::Fill) => Ok(Draft),
            (Draft | Pending | PendingVerification, Self::Submit { incomplete: true }) => Ok(Pending),
            (Draft | Pending | PendingVerification, Self::Submit { incomplete: false }) => Ok(PendingVerification),
            (PendingVerification, Self::Verify) | (_, Self::Appoint) => Ok(Verified),
            (Draft | Pending | PendingVerification | Verified, Self::Reject) => Ok(Rejected),
            (from, step) => Err(NotPossible { from, step }),
        }
    }
}

#[cfg(test)]
mod tests {
    use EnrolmentStatus::{Draft, Pending, PendingVerification, Rejected, Verified};

    use super::*;

    #[test]
    fn only_a_manager_or_the_operator_verifies_and_only_what_was_handed_in() {
        let (submit, lacks) = (Step::Submit { incomplete: false }, Step::Submit { incomplete: true });
        let steps = [Step::Begin, Step::Fill, lacks, submit, Step::Verify, Step::Reject, Step::Appoint];
        let (some, yes) = (Some, Some(Verified));
        for (from, leads) in [
            (Draft, [None, some(Draft), some(Pending), some(PendingVerification), None, some(Rejected), yes]),
            (Pending, [None, some(Draft), some(Pending), some(PendingVerification), None, some(Rejected), yes]),
            (PendingVerification, [None, some(Draft), some(Pending), some(PendingVerification), yes, some(Rejected), yes]),
            (Verified, [None, None, None, None, None, some(Rejected), yes]),
            (Rejected, [some(Draft), None, None, None, None, None, yes]),
        ] {
            assert_eq!(steps.map(|step| step.from(from).ok()), leads, "{from:?}");
        }
    }
}
