//! A page of projects that are decided on one by one: [`asked`].

use axum::http::request::Parts;
use tracker_core::timeline::ProjectsQuery;

use crate::{authorize::Decision, problem::Problem, state::App};

/// The number of projects that are read before each is decided on.
const ASKED_AT_ONCE: u32 = 500;

/// The most projects that are decided on for one page.
const ASKED_MAX: usize = 5_000;

/// The most projects that no page shows between two that the reader may see. They are read once
/// more for each page behind them, so the list ends there.
const HIDDEN_MAX: usize = 100_000;

/// Finds the projects that are allowed when each is decided on, and the place where the next page
/// begins.
///
/// Each project is decided on before it is searched. A page ends behind a project that the reader
/// may see, so that its cursor names no other, or behind 5,000 of which none can be seen.
pub(super) async fn asked(
    app: &App,
    request: &Parts,
    query: &ProjectsQuery,
) -> Result<(Vec<String>, Option<String>), Problem> {
    // An unknown sender is told so even if there are no projects.
    if app.decision(request, "").await == Decision::Unauthenticated {
        return Err(app.unauthenticated());
    }
    let limit = query.page_limit() as usize;
    let mut found: Vec<String> = Vec::new();
    let begin = query.place().map(AskedPlace::of).unwrap_or_default();
    if begin.hidden > HIDDEN_MAX {
        return Ok((found, None));
    }
    let mut after = begin.passed_over(app).await?;
    let mut last_seen = None;
    let mut asked_for = 0;
    loop {
        let ids = app.store.project_ids(after.take(), ASKED_AT_ONCE).await?;
        let is_last = ids.len() < ASKED_AT_ONCE as usize;
        asked_for += ids.len();
        after = ids.last().cloned();
        for id in ids {
            if !may_see(app, request, &id).await? {
                continue;
            }
            if query.finds(&id) {
                if found.len() == limit {
                    let next = found.last().cloned().map(AskedPlace::behind);
                    return Ok((found, next.map(AskedPlace::into_cursor)));
                }
                found.push(id.clone());
            }
            last_seen = Some(id);
        }
        if is_last {
            return Ok((found, None));
        }
        if asked_for >= ASKED_MAX {
            let behind = last_seen.map(AskedPlace::behind);
            let next = behind.or_else(|| begin.further(asked_for));
            return Ok((found, next.map(AskedPlace::into_cursor)));
        }
    }
}

async fn may_see(app: &App, request: &Parts, project_id: &str) -> Result<bool, Problem> {
    match app.decision(request, project_id).await {
        Decision::Allowed | Decision::AllowedUntil(_) => Ok(true),
        Decision::Unauthenticated => Err(app.unauthenticated()),
        Decision::Denied => Ok(false),
    }
}

/// A place in the list of all projects that names none of those that the reader may not see.
#[derive(Debug, Default, PartialEq, Eq)]
struct AskedPlace {
    /// The last project that the reader may see; `None` at the beginning.
    seen: Option<String>,
    /// The number of projects behind it that the reader may not see.
    hidden: usize,
}

impl AskedPlace {
    fn behind(seen: String) -> Self {
        Self {
            seen: Some(seen),
            hidden: 0,
        }
    }

    /// Returns the place behind more hidden projects, or `None` if they are too many.
    fn further(self, more: usize) -> Option<Self> {
        let hidden = self.hidden.saturating_add(more);
        (hidden <= HIDDEN_MAX).then_some(Self { hidden, ..self })
    }

    /// Reads a cursor: `<hidden>:<seen>`, or the ID alone.
    fn of(cursor: &str) -> Self {
        let parts = cursor.split_once(':');
        let parts = parts.and_then(|(hidden, seen)| Some((hidden.parse().ok()?, seen)));
        let (hidden, seen) = parts.unwrap_or((0, cursor));
        Self {
            seen: (!seen.is_empty()).then(|| seen.to_owned()),
            hidden,
        }
    }

    /// Writes a cursor: the ID alone if that can't be misread.
    fn into_cursor(self) -> String {
        let Self { seen, hidden } = &self;
        let plain = seen.clone().unwrap_or_default();
        if Self::of(&plain) == self {
            return plain;
        }
        format!("{hidden}:{plain}")
    }

    /// Returns the ID after which the place is. A hidden project that has gone since the last page
    /// shifts the place by one.
    async fn passed_over(&self, app: &App) -> Result<Option<String>, Problem> {
        let mut after = self.seen.clone();
        let mut left = self.hidden;
        while left > 0 {
            let some = u32::try_from(left).map_or(ASKED_AT_ONCE, |left| left.min(ASKED_AT_ONCE));
            let ids = app.store.project_ids(after.clone(), some).await?;
            let Some(last) = ids.last() else { break };
            after = Some(last.clone());
            left -= ids.len().min(left);
        }
        Ok(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_cursor_and_is_an_id_alone_where_it_can_be() {
        for (seen, hidden, cursor) in [
            (Some("p"), 0, "p"),
            (Some("p"), 12, "12:p"),
            (None, 5_000, "5000:"),
            (Some("3:p"), 0, "0:3:p"),
            (Some("a:b"), 0, "a:b"),
            (Some("a:b"), 1, "1:a:b"),
            (Some("p"), HIDDEN_MAX, "100000:p"),
        ] {
            let place = || AskedPlace {
                seen: seen.map(str::to_owned),
                hidden,
            };
            assert_eq!(place().into_cursor(), cursor);
            assert_eq!(AskedPlace::of(cursor), place());
        }
    }

    #[test]
    fn the_list_ends_behind_the_most_projects_that_are_passed_over() {
        let place = AskedPlace::of("95000:p");
        let last = place.further(ASKED_MAX).unwrap();
        assert_eq!(last, AskedPlace::of("100000:p"));
        assert_eq!(last.further(ASKED_MAX), None);
    }
}
