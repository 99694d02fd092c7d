//! Selection of the partitions that may hold a page's rows: [`PageScan`].

use std::{cmp::Reverse, ops::RangeInclusive};

use super::{
    super::filter::times,
    zones::{Excluded, Zone, Zones, overlap},
};
use crate::{
    Activity,
    clock::now_ms,
    timeline::{Cursor, Order, Query},
};

/// The distance, in milliseconds, within which a partition's boundary counts as near the start of a
/// page. The next partition is then read from the first pass.
const NEAR_MS: i64 = 3 * 86_400_000;

/// The factor by which each pass reads more partitions while the page is not full.
const GROWTH: usize = 4;

/// The partitions to read for a page: first those that can have its first rows, then more of them,
/// until the page is full and no row of another partition can come before its last.
///
/// Each pass reads the page anew, so all passes together take little longer than the last one.
pub(in crate::store::postgres) struct PageScan<'a> {
    zones: &'a Zones,
    order: Order,
    /// The times that the page's rows can have.
    times: RangeInclusive<i64>,
    /// True if the page can have rows without a time.
    has_untimed: bool,
    /// The indexes of the partitions that can have rows of the page, in the page's order.
    candidates: Vec<usize>,
    /// The number of candidates that are read.
    visited: usize,
}

impl<'a> PageScan<'a> {
    /// Makes the pass of this number, from 0, for a page.
    pub(in crate::store::postgres) fn new(zones: &'a Zones, query: &Query, look: u32) -> Self {
        let parts = query.filter().parts();
        let cursor = query.cursor();
        let order = query.page_order();
        let (mut first, mut last) = times(query.filter()).into_inner();
        let has_no_bounds = parts.created_after.is_none() && parts.created_before.is_none();
        let cursor_is_timed = cursor.map(|cursor| cursor.created_at().is_some());
        let (has_timed, has_untimed) = match order {
            Order::Newest => (cursor_is_timed != Some(false), has_no_bounds),
            Order::Oldest => (true, has_no_bounds && cursor_is_timed != Some(true)),
        };
        match (order, cursor.and_then(Cursor::created_at)) {
            (Order::Newest, Some(at)) => last = last.min(at),
            (Order::Oldest, Some(at)) => first = first.max(at),
            (_, None) => {}
        }
        let mut scan = Self {
            zones,
            order,
            times: first..=last,
            has_untimed,
            candidates: Vec::new(),
            visited: 0,
        };
        if has_timed {
            scan.find_candidates();
            scan.visited = scan.first_look();
            for _ in 0..look.min(usize::BITS) {
                scan.visited = scan
                    .visited
                    .saturating_mul(GROWTH)
                    .min(scan.candidates.len());
            }
        }
        scan
    }

    fn find_candidates(&mut self) {
        let zones = self.zones.as_slice();
        let mut candidates: Vec<_> = (0..zones.len())
            .filter(|place| overlap(&zones[*place].created, &self.times))
            .collect();
        match self.order {
            Order::Newest => candidates.sort_by_key(|place| Reverse(*zones[*place].created.end())),
            Order::Oldest => candidates.sort_by_key(|place| *zones[*place].created.start()),
        }
        self.candidates = candidates;
    }

    /// Returns the number of candidates for the first pass: those near the start of the page, or in
    /// the future, and one more.
    fn first_look(&self) -> usize {
        let near = |zone: &Zone| match self.order {
            Order::Newest => {
                let from = (*self.times.end()).min(now_ms());
                zone.created.start().saturating_add(NEAR_MS) > from
            }
            Order::Oldest => {
                let from = *self.times.start();
                zone.created.end().saturating_sub(NEAR_MS) < from
            }
        };
        let zones = self.zones.as_slice();
        let candidates = self.candidates.iter();
        let near = candidates.take_while(|place| near(&zones[**place]));
        (near.count() + 1).min(self.candidates.len())
    }

    /// Returns the partitions to skip, for rows with a time and for rows without.
    pub(in crate::store::postgres) fn excluded(&self) -> [Excluded<'a>; 2] {
        [self.timed(), self.untimed()]
    }

    fn timed(&self) -> Excluded<'a> {
        let mut is_visited = vec![false; self.zones.as_slice().len()];
        for place in &self.candidates[..self.visited] {
            is_visited[*place] = true;
        }
        self.zones.excluding(|place, _| is_visited[place])
    }

    /// Skips partitions without untimed rows. All untimed rows are at one end of the order, so
    /// their partitions are all read from the first pass.
    fn untimed(&self) -> Excluded<'a> {
        self.zones
            .excluding(|_, zone| self.has_untimed && zone.untimed)
    }

    /// Returns whether these rows make up the page; a full page has `rows_max`.
    pub(in crate::store::postgres) fn is_complete(
        &self,
        rows: &[Activity],
        rows_max: usize,
    ) -> bool {
        let unvisited = self.candidates.get(self.visited..).unwrap_or_default();
        let zones = self.zones.as_slice();
        let mut unvisited = unvisited.iter().map(|place| &zones[*place].created);
        let Some(last) = rows.last().filter(|_| rows.len() >= rows_max) else {
            return unvisited.len() == 0;
        };
        match (self.order, last.created_at) {
            // Rows with a time come before those without.
            (Order::Newest, None) => unvisited.len() == 0,
            (Order::Newest, Some(at)) => unvisited.all(|created| *created.end() < at),
            (Order::Oldest, None) => true,
            (Order::Oldest, Some(at)) => unvisited.all(|created| *created.start() > at),
        }
    }
}
