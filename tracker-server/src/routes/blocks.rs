//! A page of a project's activities in blocks, one for each request.

use serde::Serialize;
use tracker_core::timeline::{Block, BlockPage};
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

use crate::activity::{ActivityBody, Labels};

/// A page of blocks.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = BlockPage))]
pub(crate) struct BlockPageBody {
    /// The blocks, by their newest activity, in the order that was asked for. A page may have none
    /// and still a `next_cursor`.
    blocks: Vec<BlockBody>,
    /// The place where the next page begins, for the parameter `cursor`.
    pub(super) next_cursor: Option<String>,
}

/// The activities of one request, or a single one that belongs to no request.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Block))]
pub(crate) struct BlockBody {
    /// The request; null if the activity belongs to none.
    request_id: Option<String>,
    /// The time of the oldest activity given, in milliseconds since the Unix epoch.
    first_at: Option<i64>,
    /// The time of the newest activity, in milliseconds since the Unix epoch.
    last_at: Option<i64>,
    /// The number of activities that are given.
    count: usize,
    /// The number of them that failed, panicked or were cancelled.
    failures: usize,
    /// True if the request has older activities, which are not given.
    has_more: bool,
    /// The newest 100 activities at most, the oldest first.
    activities: Vec<ActivityBody>,
}

impl BlockPageBody {
    pub(super) fn new(page: BlockPage, labels: &Labels) -> Self {
        let blocks = page.blocks.into_iter();
        Self {
            blocks: blocks.map(|block| BlockBody::new(block, labels)).collect(),
            next_cursor: page.next.map(|cursor| cursor.to_string()),
        }
    }
}

impl BlockBody {
    fn new(block: Block, labels: &Labels) -> Self {
        Self {
            first_at: block.first_at(),
            last_at: block.last_at(),
            count: block.activities.len(),
            failures: block.failures(),
            has_more: block.has_more,
            request_id: block.request_id,
            activities: block
                .activities
                .into_iter()
                .map(|activity| ActivityBody::new(activity, labels))
                .collect(),
        }
    }
}
