//! Is anybody there?

use std::time::Duration;

use crate::message::Moment;

/// Silence before the countdown.
const SILENCE: Duration = Duration::from_secs(40);
/// The same for a customer who asked for more time.
const MORE_TIME: Duration = Duration::from_mins(5);
/// The countdown.
const COUNTDOWN: Duration = Duration::from_secs(20);

/// How long nobody has touched the screen. Any touch begins anew, as often as people like.
pub(crate) struct Idle {
    since: Moment,
    silence: Duration,
    /// When the countdown began.
    countdown: Option<Moment>,
}

/// What silence has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Silence {
    /// Somebody is there.
    None,
    /// The countdown, in seconds left.
    Warning(u32),
    /// Nobody is there.
    Over,
}

impl Idle {
    pub(crate) fn new(now: Moment) -> Self {
        Self { since: now, silence: SILENCE, countdown: None }
    }

    /// Somebody touched the screen.
    pub(crate) fn touch(&mut self, now: Moment) {
        self.since = now;
        self.countdown = None;
    }

    /// This customer needs more time, until they leave.
    pub(crate) fn more_time(&mut self, now: Moment) {
        self.silence = MORE_TIME;
        self.touch(now);
    }

    /// The shop spoke, or answered: silence begins after it. A countdown that runs goes on, for it is about touches.
    pub(crate) fn heard(&mut self, now: Moment) {
        self.since = self.since.max(now);
    }

    /// Begins the countdown where it is time. `speaking`: the voice is not done yet, so there is no silence.
    pub(crate) fn tick(&mut self, now: Moment, speaking: bool) -> Silence {
        if self.countdown.is_none() && !speaking && now >= self.since + self.silence {
            self.countdown = Some(now);
        }
        self.at(now)
    }

    /// What silence has come to.
    pub(crate) fn at(&self, now: Moment) -> Silence {
        let Some(countdown) = self.countdown else { return Silence::None };
        let left = (countdown + COUNTDOWN).saturating_sub(now);
        if left.is_zero() {
            return Silence::Over;
        }
        let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
        Silence::Warning(u32::try_from(seconds).unwrap_or(u32::MAX))
    }

    /// When to look again; each second of a countdown only.
    pub(crate) fn deadline(&self, now: Moment, speaking: bool) -> Option<Moment> {
        match (self.countdown, self.at(now)) {
            (Some(countdown), Silence::Warning(seconds)) => {
                Some((countdown + COUNTDOWN).saturating_sub(Duration::from_secs(u64::from(seconds) - 1)))
            }
            (Some(_), _) => Some(now),
            (None, _) if speaking => None,
            (None, _) => Some(self.since + self.silence),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Duration::from_secs(seconds)
    }

    /// The countdown's seconds from `now` on, and when it was over.
    fn count_down(idle: &mut Idle, mut now: Moment) -> (Vec<u32>, Moment) {
        let mut shown = Vec::new();
        loop {
            match idle.tick(now, false) {
                Silence::Over => return (shown, now),
                Silence::Warning(seconds) => shown.push(seconds),
                Silence::None => {}
            }
            now = idle.deadline(now, false).unwrap();
        }
    }

    #[test]
    fn forty_seconds_of_silence_then_twenty_of_countdown() {
        let mut idle = Idle::new(at(0));
        assert_eq!(idle.tick(Duration::from_millis(39_999), false), Silence::None);
        assert_eq!(count_down(&mut idle, at(0)), ((1..=20).rev().collect(), at(60)));
    }

    #[test]
    fn a_touch_extends_as_often_as_people_like() {
        let mut idle = Idle::new(at(0));
        let mut now = at(0);
        for _ in 0..25 {
            now += at(59);
            idle.tick(now.saturating_sub(at(19)), false);
            assert!(matches!(idle.tick(now, false), Silence::Warning(1)));
            idle.touch(now);
            assert_eq!(idle.at(now), Silence::None);
        }
    }

    #[test]
    fn more_time_makes_it_five_minutes() {
        let mut idle = Idle::new(at(0));
        idle.more_time(at(10));
        assert_eq!(count_down(&mut idle, at(10)).1, at(10 + 300 + 20));
        idle.touch(at(400));
        assert_eq!(count_down(&mut idle, at(400)).1, at(400 + 300 + 20), "for this customer it stays");
    }

    #[test]
    fn silence_begins_when_the_voice_ends() {
        let mut idle = Idle::new(at(0));
        assert_eq!(idle.tick(at(50), true), Silence::None);
        assert_eq!(idle.deadline(at(50), true), None);
        idle.heard(at(60));
        assert_eq!(idle.deadline(at(60), false), Some(at(100)));
    }
}
