//! The customer's profile: the server's, with the changes laid over it that it has not confirmed yet, and those that came too late.

use std::collections::BTreeMap;

use protocol::{
    ids::OpKey,
    kiosk_profile::{KioskProfile, ProfileField},
};

/// The customer's profile.
pub(crate) struct Profile {
    /// As the server has it.
    known: KioskProfile,
    /// In the order they were made.
    overlay: Vec<Pending>,
    /// What the customer chose here while it was set to something else elsewhere. They decide.
    conflicts: BTreeMap<ProfileField, Option<String>>,
    /// The last change of the kiosk's own that the server has.
    confirmed: Option<OpKey>,
}

struct Pending {
    key: OpKey,
    field: ProfileField,
    value: Option<String>,
    /// A snapshot came that may or may not hold it.
    uncertain: bool,
}

/// What a change is made on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    /// The profile's version.
    pub(crate) version: i64,
    /// What the customer saw in the field.
    pub(crate) seen: Option<String>,
}

/// What became of a change that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was none of the profile's.
    Foreign,
    /// It will never be.
    Gone,
    /// The customer has to choose between two values.
    Conflict,
}

impl Profile {
    pub(crate) fn new(known: KioskProfile) -> Self {
        Self { known, overlay: Vec::new(), conflicts: BTreeMap::new(), confirmed: None }
    }

    /// What the customer sees.
    pub(crate) fn shown(&self) -> KioskProfile {
        let mut shown = self.known.clone();
        for pending in &self.overlay {
            shown.set(pending.field, pending.value.clone());
        }
        shown
    }

    /// What a change of this field would be made on.
    pub(crate) fn base(&self, field: ProfileField) -> Base {
        Base { version: self.known.version, seen: self.shown().get(field).map(str::to_owned) }
    }

    /// The customer chose something. It settles what they had to decide about that field.
    pub(crate) fn change(&mut self, key: OpKey, field: ProfileField, value: Option<String>) {
        self.conflicts.remove(&field);
        self.overlay.push(Pending { key, field, value, uncertain: false });
    }

    /// Whether a change of the field is on its way.
    pub(crate) fn is_waiting(&self, field: ProfileField) -> bool {
        self.overlay.iter().any(|pending| pending.field == field)
    }

    /// What the customer chose here, where they have to choose between that and what is shown.
    pub(crate) fn conflict(&self, field: ProfileField) -> Option<&Option<String>> {
        self.conflicts.get(&field)
    }

    /// The customer takes what was set elsewhere. False where there was nothing to decide.
    pub(crate) fn give_in(&mut self, field: ProfileField) -> bool {
        self.conflicts.remove(&field).is_some()
    }

    /// A snapshot came that holds everything the server had confirmed before it was asked for.
    pub(crate) fn resync(&mut self, known: KioskProfile) {
        self.known = known;
        for pending in &mut self.overlay {
            pending.uncertain = true;
        }
        self.drop_what_agrees();
    }

    /// The server has the change: by its answer, or by an event. True where a snapshot from before that may hold the change already,
    /// and a later one of somebody else: then only another one tells.
    pub(crate) fn delivered(&mut self, key: OpKey) -> bool {
        let Some(place) = self.overlay.iter().position(|pending| pending.key == key) else { return false };
        let pending = self.overlay.remove(place);
        self.confirmed = Some(key);
        self.known.set(pending.field, pending.value);
        pending.uncertain
    }

    /// Whether an event of this change says nothing new.
    pub(crate) fn is_own(&self, key: OpKey) -> bool {
        self.confirmed == Some(key) || self.overlay.iter().any(|pending| pending.key == key)
    }

    /// The change will never be. `now` is the profile where it came too late.
    pub(crate) fn refuse(&mut self, key: OpKey, now: Option<&KioskProfile>) -> Outcome {
        // It may be another customer's, and its profile with it.
        let Some(place) = self.overlay.iter().position(|pending| pending.key == key) else { return Outcome::Foreign };
        let Pending { field, value, .. } = self.overlay.remove(place);
        let Some(now) = now else { return Outcome::Gone };
        if now.version >= self.known.version {
            self.known.clone_from(now);
        }
        // What was made on top of it comes too late as well; the last of it is what the customer wants.
        let last = self.overlay.iter().rev().find(|pending| pending.field == field).map(|pending| pending.value.clone());
        self.overlay.retain(|pending| pending.field != field);
        self.conflicts.insert(field, last.unwrap_or(value));
        self.drop_what_agrees();
        if self.conflicts.contains_key(&field) { Outcome::Conflict } else { Outcome::Gone }
    }

    /// Where both values have become the same there is nothing to decide.
    fn drop_what_agrees(&mut self) {
        let known = &self.known;
        self.conflicts.retain(|field, here| known.get(*field) != here.as_deref());
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const SHOES: ProfileField = ProfileField::ShoeSize;

    fn key(number: u128) -> OpKey {
        OpKey(Uuid::from_u128(number))
    }

    fn kept(version: i64, shoes: &str) -> KioskProfile {
        KioskProfile { version, shoe_size: Some(shoes.into()), ..KioskProfile::default() }
    }

    fn choose(profile: &mut Profile, number: u128, value: &str) -> Base {
        let base = profile.base(SHOES);
        profile.change(key(number), SHOES, Some(value.into()));
        base
    }

    fn shoes(profile: &Profile) -> Option<String> {
        profile.shown().shoe_size
    }

    fn here(profile: &Profile) -> Option<&str> {
        profile.conflict(SHOES).and_then(|here| here.as_deref())
    }

    #[test]
    fn a_choice_shows_at_once_and_what_comes_next_is_made_on_it() {
        let mut profile = Profile::new(kept(3, "41"));
        assert_eq!(choose(&mut profile, 1, "42"), Base { version: 3, seen: Some("41".into()) });
        assert_eq!(choose(&mut profile, 2, "43"), Base { version: 3, seen: Some("42".into()) });
        assert_eq!((shoes(&profile).as_deref(), profile.is_waiting(SHOES)), (Some("43"), true));
        assert!(!profile.delivered(key(1)) && !profile.delivered(key(2)));
        assert_eq!((shoes(&profile).as_deref(), profile.is_waiting(SHOES)), (Some("43"), false));
        assert!(profile.is_own(key(2)), "its event says nothing new");
    }

    #[test]
    fn a_choice_that_came_too_late_leaves_both_values() {
        let mut profile = Profile::new(kept(3, "41"));
        choose(&mut profile, 1, "42");
        assert_eq!(profile.refuse(key(1), Some(&kept(4, "43"))), Outcome::Conflict);
        assert_eq!((shoes(&profile).as_deref(), here(&profile)), (Some("43"), Some("42")));
        assert_eq!(choose(&mut profile, 2, "42"), Base { version: 4, seen: Some("43".into()) });
        assert_eq!((shoes(&profile).as_deref(), here(&profile)), (Some("42"), None));

        assert_eq!(profile.refuse(key(2), Some(&kept(5, "44"))), Outcome::Conflict);
        assert!(profile.give_in(SHOES) && !profile.give_in(SHOES));
        assert_eq!((shoes(&profile).as_deref(), here(&profile)), (Some("44"), None));
    }

    #[test]
    fn of_several_late_choices_the_last_one_is_the_customers() {
        let mut profile = Profile::new(kept(3, "41"));
        choose(&mut profile, 1, "42");
        choose(&mut profile, 2, "40");
        assert_eq!(profile.refuse(key(1), Some(&kept(4, "43"))), Outcome::Conflict);
        assert_eq!(profile.refuse(key(2), Some(&kept(4, "43"))), Outcome::Foreign);
        assert_eq!((shoes(&profile).as_deref(), here(&profile)), (Some("43"), Some("40")));
    }

    #[test]
    fn two_values_that_have_become_the_same_are_none_to_choose_from() {
        let mut profile = Profile::new(kept(3, "41"));
        choose(&mut profile, 1, "42");
        assert_eq!(profile.refuse(key(1), Some(&kept(4, "43"))), Outcome::Conflict);
        profile.resync(kept(5, "42"));
        assert_eq!((shoes(&profile).as_deref(), here(&profile)), (Some("42"), None));
    }

    #[test]
    fn a_refusal_without_a_profile_takes_the_choice_back() {
        let mut profile = Profile::new(kept(3, "41"));
        choose(&mut profile, 1, "42");
        assert_eq!(profile.refuse(key(1), None), Outcome::Gone);
        assert_eq!((shoes(&profile).as_deref(), here(&profile)), (Some("41"), None));
        assert_eq!(profile.refuse(key(9), Some(&kept(9, "50"))), Outcome::Foreign);
        assert_eq!(shoes(&profile).as_deref(), Some("41"), "a change of the customer before says nothing of this one's profile");
    }

    #[test]
    fn a_snapshot_keeps_what_still_waits_and_is_made_sure_of() {
        let mut profile = Profile::new(kept(3, "41"));
        choose(&mut profile, 1, "42");
        profile.resync(kept(5, "43"));
        assert_eq!(shoes(&profile).as_deref(), Some("42"));
        assert!(profile.delivered(key(1)), "whether the 43 came before or after it nobody knows");
        profile.resync(kept(5, "43"));
        assert_eq!(shoes(&profile).as_deref(), Some("43"));
    }
}
