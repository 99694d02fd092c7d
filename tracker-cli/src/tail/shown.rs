//! What a follower has shown, as far as it may find it again: [`Shown`].

use std::collections::{HashMap, HashSet};

use tracker_core::{
    Activity,
    timeline::{Arrived, Place},
};

/// How old a row may be when it comes, in milliseconds, to be found where what has come is read by its time.
const AGE_MS: i64 = 15_000;

/// What has been shown.
#[derive(Default)]
pub(super) struct Shown {
    /// When the following began.
    began_at: i64,
    /// All that had begun to come by then has been shown.
    all_until: i64,
    /// What had begun to come when that was asked, and when.
    begun: Option<(Place, i64)>,
    /// What may come again, for as long as this goes on.
    known: HashSet<String>,
    /// What was recorded since [`from`](Self::from), with its time.
    recent: HashMap<String, i64>,
}

impl Shown {
    /// Says that the following begins now.
    pub(super) fn begin(&mut self, now: i64) {
        (self.began_at, self.all_until) = (now, now);
    }

    /// From which time on, in milliseconds since the Unix epoch, something may have come that was not shown.
    pub(super) fn from(&self) -> i64 {
        self.began_at.max(self.all_until.saturating_sub(AGE_MS))
    }

    pub(super) fn contains(&self, activity: &Activity) -> bool {
        self.known.contains(&activity.action_id) || self.recent.contains_key(&activity.action_id)
    }

    /// Says that these have been shown, and may come again at any time.
    pub(super) fn know(&mut self, activities: &[Activity]) {
        let ids = activities.iter().map(|activity| activity.action_id.clone());
        self.known.extend(ids);
    }

    /// Says that these have been shown as they came.
    pub(super) fn came(&mut self, activities: &[Activity]) {
        let from = self.from();
        let recent = activities.iter().filter_map(|activity| {
            let at = activity.created_at.filter(|at| *at >= from)?;
            Some((activity.action_id.clone(), at))
        });
        self.recent.extend(recent);
    }

    /// Says that all before the place has been shown, where the store had come so far at the time `now`.
    pub(super) fn all_before(&mut self, place: &Place, arrived: &Arrived, now: i64) {
        let (begun, at) = self
            .begun
            .get_or_insert_with(|| (arrived.begun.clone(), now));
        if place.is_past(begun) {
            self.all_until = *at;
            self.begun = None;
            let from = self.from();
            self.recent.retain(|_, at| *at >= from);
        }
    }

    /// Says that places of before mean nothing any more.
    pub(super) fn begin_anew(&mut self) {
        self.begun = None;
    }
}

#[cfg(test)]
mod tests {
    use tracker_core::ActionType;

    use super::*;

    #[test]
    fn what_is_old_is_forgotten_once_all_that_had_begun_is_shown() {
        let row = |id: &str, at: i64| {
            let mut row = Activity::new(ActionType::Deployment);
            (row.action_id, row.created_at) = (id.to_owned(), Some(at));
            row
        };
        // Numbers 5 and 7 of one store.
        let [five, seven] = ["MC41", "MC43"].map(|text| text.parse::<Place>().unwrap());
        let mut shown = Shown::default();
        shown.begin(100_000);
        assert_eq!(shown.from(), 100_000);
        let (early, late) = (row("early", 101_000), row("late", 130_000));
        shown.came(&[early.clone(), late.clone()]);
        // Something that had begun at 140 s is not seen yet.
        let arrived = Arrived {
            settled: five.clone(),
            begun: seven.clone(),
        };
        shown.all_before(&five, &arrived, 140_000);
        assert_eq!(shown.from(), 100_000);
        shown.all_before(&seven, &arrived, 150_000);
        assert_eq!(shown.from(), 140_000 - AGE_MS);
        assert!(!shown.contains(&early) && shown.contains(&late));
        shown.know(std::slice::from_ref(&early));
        assert!(shown.contains(&early));
    }
}
