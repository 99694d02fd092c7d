//! The grouping of a list: activities one by one, or in blocks by their requests.

use tracker_core::timeline::BlockQuery;

use super::{
    pages::parse,
    parameter::{Kind, Parameter, text},
    values::Values,
};
use crate::{problem::Problem, reach::Reach};

/// The grouping of a list.
pub(crate) const GROUPS: &[Parameter] = &[Parameter {
    kind: Kind::Choice(&["request"]),
    ..text(
        "group",
        "`request` puts the activities of each request into a block. It goes with neither `offset` nor `include`.",
    )
}];

impl Values {
    /// Returns true if the request asks for blocks.
    pub(crate) fn is_grouped(&self) -> bool {
        self.one("group").is_some()
    }

    /// Returns the query for blocks that the values make for a project.
    pub(crate) fn block_query(&self, reach: &Reach) -> Result<BlockQuery, Problem> {
        for name in ["offset", "include"] {
            if self.one(name).is_some() {
                let detail = "can't be given with group: leave one of them out";
                return Err(Problem::parameter(name, detail));
            }
        }
        let query = BlockQuery::from(self.filter(reach)?)
            .order(self.order())
            .limit(self.limit());
        Ok(match self.parsed("cursor", parse)? {
            Some(cursor) => query.after(cursor),
            None => query,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{filters::FILTERS, pages::PAGE},
        *,
    };

    #[test]
    fn what_is_wrong_is_named() {
        for (query, name) in [
            ("group=user", "group"),
            ("group=", "group"),
            ("group=request&group=request", "group"),
            ("group=request&offset=0", "offset"),
            ("group=request&include=total", "include"),
            // The cursor of a page of activities.
            ("group=request&cursor=MS5h", "cursor"),
            ("group=request&limit=201", "limit"),
        ] {
            let problem = Values::read(Some(query), &[FILTERS, PAGE, GROUPS])
                .and_then(|values| values.block_query(&Reach::whole("p")).map(drop))
                .unwrap_err();
            let body = serde_json::to_value(&problem).unwrap();
            assert_eq!(body["parameter"], name, "{query}");
            assert_eq!(body["status"], 400);
        }
    }
}
