//! The pages: how many activities a request asks for, from where on, and in which order.

use std::{fmt::Display, str::FromStr};

use tracker_core::timeline::{OFFSET_MAX, Order, Query};

use super::{
    parameter::{Kind, Parameter, text},
    values::Values,
};
use crate::{problem::Problem, reach::Reach};

/// The most activities, or projects, of one page.
const LIMIT_MAX: u32 = 200;
/// Those of one page where the request has no `limit`.
const LIMIT_DEFAULT: u32 = 50;

/// The page of a list: how many activities, from where on, and in which order.
pub(crate) const PAGE: &[Parameter] = &[
    limit("How many activities at most."),
    Parameter {
        kind: Kind::Number {
            least: 0,
            most: OFFSET_MAX,
            default: 0,
        },
        ..text(
            "offset",
            "How many to pass over. The slow way, since all of them are read, and rows that arrive shift the next page: prefer `cursor`.",
        )
    },
    CURSOR,
    Parameter {
        kind: Kind::Choice(&["newest", "oldest"]),
        ..text("order", "Which end comes first: `newest` unless set.")
    },
    Parameter {
        kind: Kind::Choice(&["total"]),
        ..text(
            "include",
            "`total` counts all activities that the filters let through, which reads all of them.",
        )
    },
];

/// The size of a page.
pub(super) const fn limit(description: &'static str) -> Parameter {
    Parameter {
        kind: Kind::Number {
            least: 1,
            most: LIMIT_MAX,
            default: LIMIT_DEFAULT,
        },
        ..text("limit", description)
    }
}

/// The place from which a page goes on.
pub(super) const CURSOR: Parameter = text(
    "cursor",
    "The `next_cursor` of the page before, unchanged, with all other parameters as they were.",
);

impl Values {
    /// Returns the query that the values make for a project, as far as the request may read it.
    pub(crate) fn query(&self, reach: &Reach) -> Result<Query, Problem> {
        let mut query = Query::from(self.filter(reach)?)
            .order(self.order())
            .limit(self.limit())
            .offset(self.number("offset").unwrap_or(0));
        if let Some(cursor) = self.parsed("cursor", parse)? {
            if self.number("offset").is_some_and(|offset| offset > 0) {
                let both = "can't be given with cursor: leave one of them out";
                return Err(Problem::parameter("offset", both));
            }
            query = query.after(cursor);
        }
        Ok(query)
    }

    pub(super) fn order(&self) -> Order {
        match self.one("order") {
            Some("oldest") => Order::Oldest,
            _ => Order::Newest,
        }
    }

    pub(super) fn limit(&self) -> u32 {
        self.number("limit").unwrap_or(LIMIT_DEFAULT)
    }
}

/// Parses a value; the error goes on after the parameter's name.
pub(super) fn parse<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| format!("is {error}"))
}

#[cfg(test)]
mod tests {
    use super::{super::filters::FILTERS, *};

    #[test]
    fn what_is_wrong_is_named() {
        for (query, name) in [
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=", "limit"),
            ("limit=1&limit=2", "limit"),
            ("order=up", "order"),
            ("cursor=%FF", "cursor"),
            ("reference=deployment_id", "reference"),
            ("created_after=soon", "created_after"),
            ("unheard_of=1", "unheard_of"),
            ("cursor=MS5h&offset=1", "offset"),
        ] {
            let problem = Values::read(Some(query), &[FILTERS, PAGE])
                .and_then(|values| values.query(&Reach::whole("p")).map(drop))
                .unwrap_err();
            let body = serde_json::to_value(&problem).unwrap();
            assert_eq!(body["parameter"], name, "{query}");
            let detail = body["detail"].as_str().unwrap();
            assert!(detail.starts_with(&format!("{name} ")), "{detail}");
            assert_eq!(body["status"], 400);
        }
    }
}
