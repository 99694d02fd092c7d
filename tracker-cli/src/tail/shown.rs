//! The activities that a follower has shown and may find again: [`Shown`].

use std::collections::{HashMap, HashSet};

use tracker_core::{
    Activity,
    timeline::{Arrived, Place},
};

/// The greatest age of an arriving row, in milliseconds, that a read by time finds.
const AGE_MS: i64 = 15_000;

/// The activities that have been shown.
#[derive(Default)]
pub(super) struct Shown {
    /// The time at which following began.
    began_at: i64,
    /// The time up to whose transactions everything has been shown.
    all_until: i64,
    /// The latest known place of begun transactions, with the time at which it was read.
    begun: Option<(Place, i64)>,
    /// The IDs that may arrive again at any time.
    known: HashSet<String>,
    /// The IDs recorded since [`from`](Self::from), with their times.
    recent: HashMap<String, i64>,
}

impl Shown {
    /// Starts following now.
    pub(super) fn begin(&mut self, now: i64) {
        (self.began_at, self.all_until) = (now, now);
    }

    /// Returns the time, in milliseconds since the Unix epoch, from which on activities may have
    /// arrived that were not shown.
    pub(super) fn from(&self) -> i64 {
        self.began_at.max(self.all_until.saturating_sub(AGE_MS))
    }

    pub(super) fn contains(&self, activity: &Activity) -> bool {
        self.known.contains(&activity.action_id) || self.recent.contains_key(&activity.action_id)
    }

    /// Notes shown activities that may arrive again at any time.
    pub(super) fn know(&mut self, activities: &[Activity]) {
        let ids = activities.iter().map(|activity| activity.action_id.clone());
        self.known.extend(ids);
    }

    /// Notes activities that were shown as they arrived.
    pub(super) fn came(&mut self, activities: &[Activity]) {
        let from = self.from();
        let recent = activities.iter().filter_map(|activity| {
            let at = activity.created_at.filter(|at| *at >= from)?;
            Some((activity.action_id.clone(), at))
        });
        self.recent.extend(recent);
    }

    /// Notes that everything before the place has been shown, which the store had reached at the
    /// time `now`.
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

    /// Forgets all places, which mean nothing any more.
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
