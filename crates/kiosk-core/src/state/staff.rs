//! Staff at the kiosk: a PIN, and behind it how the kiosk is doing. It lies over whatever screen there is.

use std::time::Duration;

use protocol::{
    kiosk_health::KioskHealth,
    look_up::{LookUp, LookUpAnswer},
    view::{Overlay, PinAnswer},
};
use zeroize::Zeroizing;

use super::Refused;
use crate::message::Moment;

/// Digits of a PIN.
const LONGEST: usize = 8;
/// A pad that nobody touches closes.
const PAD: Duration = Duration::from_secs(20);
/// So does the screen behind it.
const DESK: Duration = Duration::from_mins(1);
/// Between two looks at how the kiosk is doing.
const LOOK: Duration = Duration::from_secs(5);
/// Wrong PINs that are free.
const FREE: u32 = 3;
/// The wait after them, which doubles with each further one …
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// … up to this.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Staff at the kiosk.
#[derive(Default)]
pub(crate) struct Staff {
    place: Place,
    /// Wrong PINs in a row, over all pads.
    wrong: u32,
    locked_until: Option<Moment>,
    /// Something was looked up that is not forgotten yet.
    looked: bool,
}

#[derive(Default)]
enum Place {
    /// Nobody asked for it.
    #[default]
    Away,
    /// The PIN is typed.
    Pad { digits: Zeroizing<String>, step: Step, touched: Moment },
    /// They are in.
    Desk { health: Option<Box<KioskHealth>>, look_up: Option<LookUp>, look_at: Moment, touched: Moment },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Typing,
    Checking,
    Wrong,
    /// No PIN was set up.
    Unset,
}

impl Staff {
    fn refuse(&self, wanted: &'static str) -> Refused {
        let state = match self.place {
            Place::Away => "no staff",
            Place::Pad { .. } => "the staff's PIN",
            Place::Desk { .. } => "the staff's screen",
        };
        Refused { state, wanted }
    }

    /// Somebody held the corner. `is_set`: there is a PIN.
    pub(crate) fn open(&mut self, is_set: bool, now: Moment) -> Result<(), Refused> {
        let Place::Away = self.place else { return Err(self.refuse("another pad")) };
        let step = if is_set { Step::Typing } else { Step::Unset };
        self.place = Place::Pad { digits: Zeroizing::new(String::with_capacity(LONGEST)), step, touched: now };
        Ok(())
    }

    /// Whoever is there is still there.
    pub(crate) fn touch(&mut self, now: Moment) {
        match &mut self.place {
            Place::Away => {}
            Place::Pad { touched, .. } | Place::Desk { touched, .. } => *touched = now,
        }
    }

    fn typing(&mut self, now: Moment, wanted: &'static str) -> Result<(&mut Zeroizing<String>, &mut Step), Refused> {
        let refused = self.refuse(wanted);
        if self.locked_until.is_some_and(|until| now < until) {
            return Err(refused);
        }
        match &mut self.place {
            Place::Pad { digits, step, .. } if matches!(step, Step::Typing | Step::Wrong) => Ok((digits, step)),
            _ => Err(refused),
        }
    }

    pub(crate) fn press(&mut self, digit: u8, now: Moment) -> Result<(), Refused> {
        let refused = self.refuse("another digit");
        let (digits, step) = self.typing(now, "a digit")?;
        if digit > 9 || digits.len() == LONGEST {
            return Err(refused);
        }
        digits.push(char::from(b'0' + digit));
        *step = Step::Typing;
        Ok(())
    }

    pub(crate) fn erase(&mut self, now: Moment) -> Result<(), Refused> {
        self.typing(now, "erasing a digit")?.0.pop();
        Ok(())
    }

    /// What was typed, to be checked.
    pub(crate) fn enter(&mut self, now: Moment) -> Result<Zeroizing<String>, Refused> {
        let refused = self.refuse("entering nothing");
        let (digits, step) = self.typing(now, "entering the PIN")?;
        if digits.is_empty() {
            return Err(refused);
        }
        *step = Step::Checking;
        Ok(std::mem::take(digits))
    }

    /// The PIN was right or wrong. True where staff are in.
    pub(crate) fn checked(&mut self, right: bool, now: Moment) -> Result<bool, Refused> {
        match &mut self.place {
            Place::Pad { step: Step::Checking, .. } if right => {
                (self.wrong, self.locked_until) = (0, None);
                self.place = Place::Desk { health: None, look_up: None, look_at: now + LOOK, touched: now };
                Ok(true)
            }
            Place::Pad { step, .. } if *step == Step::Checking => {
                *step = Step::Wrong;
                self.wrong = self.wrong.saturating_add(1);
                if let Some(doublings) = self.wrong.checked_sub(FREE) {
                    let wait = FIRST_WAIT.saturating_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX)).min(LONGEST_WAIT);
                    self.locked_until = Some(now + wait);
                }
                Ok(false)
            }
            _ => Err(self.refuse("a PIN that was checked")),
        }
    }

    /// How the kiosk is doing.
    pub(crate) fn told(&mut self, news: KioskHealth) -> Result<(), Refused> {
        let refused = self.refuse("news of the kiosk");
        let Place::Desk { health, .. } = &mut self.place else { return Err(refused) };
        *health = Some(Box::new(news));
        Ok(())
    }

    /// A product is looked up. What was found before stays until the answer comes.
    pub(crate) fn look_up(&mut self, text: String) -> Result<(), Refused> {
        let refused = self.refuse("a look-up");
        let Place::Desk { look_up, .. } = &mut self.place else { return Err(refused) };
        look_up.get_or_insert_default().text = text;
        self.looked = true;
        Ok(())
    }

    /// What `text` found. It comes too late where another text was typed meanwhile.
    pub(crate) fn looked_up(&mut self, text: &str, answer: LookUpAnswer) -> Result<(), Refused> {
        let refused = self.refuse("an answer to a look-up that is over");
        match &mut self.place {
            Place::Desk { look_up: Some(look_up), .. } if look_up.text == text => look_up.answer = Some(answer),
            _ => return Err(refused),
        }
        Ok(())
    }

    /// Back to how the kiosk is doing.
    pub(crate) fn leave_look_up(&mut self) -> Result<(), Refused> {
        let refused = self.refuse("leaving a look-up");
        let Place::Desk { look_up, .. } = &mut self.place else { return Err(refused) };
        look_up.take().map(drop).ok_or(refused)
    }

    /// Whether what was looked up is to be forgotten now, which is said once.
    pub(crate) fn forgets_look_ups(&mut self) -> bool {
        let looking = matches!(self.place, Place::Desk { look_up: Some(_), .. });
        !looking && std::mem::take(&mut self.looked)
    }

    /// Whether what is asked for may be done: staff are in.
    pub(crate) fn allow(&self, wanted: &'static str) -> Result<(), Refused> {
        if matches!(self.place, Place::Desk { .. }) { Ok(()) } else { Err(self.refuse(wanted)) }
    }

    /// They are done.
    pub(crate) fn close(&mut self) {
        self.place = Place::Away;
    }

    /// What time brings; true where it is time to look how the kiosk is doing.
    pub(crate) fn tick(&mut self, now: Moment) -> bool {
        self.locked_until.take_if(|until| now >= *until);
        match &mut self.place {
            Place::Pad { touched, .. } if now >= *touched + PAD => self.close(),
            Place::Desk { touched, .. } if now >= *touched + DESK => self.close(),
            Place::Desk { look_at, .. } if now >= *look_at => {
                *look_at = now + LOOK;
                return true;
            }
            _ => {}
        }
        false
    }

    pub(crate) fn deadline(&self, now: Moment) -> Option<Moment> {
        let closes = match &self.place {
            Place::Away => return None,
            Place::Pad { touched, .. } => *touched + PAD,
            Place::Desk { touched, look_at, .. } => (*touched + DESK).min(*look_at),
        };
        // The seconds of a wait are on the screen.
        let second = self.locked(now).map(|left| {
            let until = self.locked_until.unwrap_or(now);
            until.saturating_sub(Duration::from_secs(u64::from(left) - 1))
        });
        Some(second.map_or(closes, |second| second.min(closes)))
    }

    /// Whole seconds until a PIN may be typed again, at least one.
    fn locked(&self, now: Moment) -> Option<u32> {
        let left = self.locked_until?.checked_sub(now).filter(|left| !left.is_zero())?;
        u32::try_from(left.as_secs() + u64::from(left.subsec_nanos() > 0)).ok()
    }

    /// What lies over the screen. `visit`: a customer is there.
    pub(crate) fn overlay(&self, visit: bool, now: Moment) -> Option<Overlay> {
        match &self.place {
            Place::Away => None,
            Place::Pad { digits, step, .. } => {
                let answer = match (self.locked(now), step) {
                    (_, Step::Unset) => Some(PinAnswer::Unset),
                    (Some(seconds_left), _) => Some(PinAnswer::Locked { seconds_left }),
                    (None, Step::Wrong) => Some(PinAnswer::Wrong),
                    (None, Step::Typing | Step::Checking) => None,
                };
                let typed = u8::try_from(digits.len()).unwrap_or(u8::MAX);
                Some(Overlay::StaffPin { typed, checking: *step == Step::Checking, answer })
            }
            Place::Desk { health, look_up, .. } => {
                Some(Overlay::StaffDesk { health: health.clone(), visit, look_up: look_up.clone() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Duration::from_secs(seconds)
    }

    fn try_pin(staff: &mut Staff, right: bool, now: Moment) -> Result<bool, Refused> {
        staff.press(1, now)?;
        staff.press(2, now)?;
        assert_eq!(staff.enter(now)?.as_str(), "12");
        staff.checked(right, now)
    }

    #[test]
    fn wrong_pins_cost_ever_more_time_and_a_new_pad_forgives_nothing() {
        let mut staff = Staff::default();
        let mut now = at(0);
        staff.open(true, now).unwrap();
        for _ in 0..FREE - 1 {
            assert_eq!(try_pin(&mut staff, false, now), Ok(false));
        }
        for wait in [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600] {
            assert_eq!(try_pin(&mut staff, false, now), Ok(false));
            assert!(try_pin(&mut staff, true, now + at(wait - 1)).is_err());
            let left = PinAnswer::Locked { seconds_left: 1 };
            let shown = Some(Overlay::StaffPin { typed: 0, checking: false, answer: Some(left) });
            assert_eq!(staff.overlay(false, now + at(wait - 1)), shown);
            now += at(wait);
            staff.close();
            staff.open(true, now).unwrap();
        }
        assert_eq!(try_pin(&mut staff, true, now), Ok(true));
        staff.close();
        staff.open(true, now).unwrap();
        assert_eq!(try_pin(&mut staff, false, now), Ok(false), "the right one starts anew");
        assert!(staff.press(1, now).is_ok());
    }

    #[test]
    fn nothing_is_allowed_before_the_pin_and_nobody_is_left_in() {
        let mut staff = Staff::default();
        assert!(staff.allow("a restart").is_err() && staff.press(1, at(0)).is_err());
        staff.open(true, at(0)).unwrap();
        assert!(staff.allow("a restart").is_err() && staff.checked(true, at(0)).is_err());
        assert!(try_pin(&mut staff, true, at(0)).unwrap());
        assert!(staff.allow("a restart").is_ok());
        assert!(!staff.tick(at(4)) && staff.tick(at(5)) && !staff.tick(at(6)));
        staff.touch(at(50));
        staff.tick(at(109));
        assert!(staff.allow("a restart").is_ok());
        staff.tick(at(110));
        assert_eq!((staff.overlay(false, at(110)), staff.deadline(at(110))), (None, None));

        staff.open(true, at(200)).unwrap();
        staff.tick(at(220));
        assert_eq!(staff.overlay(false, at(220)), None, "a pad that nobody touches closes");
    }

    #[test]
    fn an_answer_to_an_older_text_comes_too_late_and_all_is_forgotten_once() {
        let nothing = |complete| LookUpAnswer::Found { products: Vec::new(), more: false, complete };
        let shown = |staff: &Staff| match staff.overlay(false, at(0)) {
            Some(Overlay::StaffDesk { look_up, .. }) => look_up,
            other => panic!("{other:?}"),
        };
        let mut staff = Staff::default();
        staff.open(true, at(0)).unwrap();
        assert!(staff.look_up("kurta".into()).is_err(), "the PIN comes first");
        assert!(try_pin(&mut staff, true, at(0)).unwrap());
        assert!(!staff.forgets_look_ups());

        staff.look_up("ku".into()).unwrap();
        staff.look_up("kurta".into()).unwrap();
        assert!(staff.looked_up("ku", nothing(false)).is_err());
        assert_eq!(shown(&staff), Some(LookUp { text: "kurta".into(), answer: None }));
        staff.looked_up("kurta", nothing(true)).unwrap();
        staff.look_up("kurta r".into()).unwrap();
        assert_eq!(shown(&staff), Some(LookUp { text: "kurta r".into(), answer: Some(nothing(true)) }), "until the next answer");
        assert!(!staff.forgets_look_ups());

        staff.leave_look_up().unwrap();
        assert!(staff.leave_look_up().is_err() && staff.looked_up("kurta r", nothing(true)).is_err());
        assert_eq!(shown(&staff), None);
        assert!(staff.forgets_look_ups() && !staff.forgets_look_ups());

        staff.look_up("belt".into()).unwrap();
        staff.tick(at(60));
        assert_eq!(staff.overlay(false, at(60)), None);
        assert!(staff.forgets_look_ups(), "also where the screen closed by itself");
    }

    #[test]
    fn without_a_pin_nobody_comes_in() {
        let mut staff = Staff::default();
        staff.open(false, at(0)).unwrap();
        assert!(staff.press(1, at(0)).is_err() && staff.enter(at(0)).is_err());
        let unset = Overlay::StaffPin { typed: 0, checking: false, answer: Some(PinAnswer::Unset) };
        assert_eq!(staff.overlay(false, at(0)), Some(unset));
    }
}
