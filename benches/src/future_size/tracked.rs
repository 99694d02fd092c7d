//! The functions under `#[tracked]`.

use tracker_core::tracked;

use super::{Returned, work};

#[tracked(action = "deployment", details = "deployed {image} as {output}", references(deployment_id = output))]
pub(super) async fn borrowed(
    user_id: &str,
    request_id: &str,
    project_id: &str,
    image: &str,
) -> Returned {
    work(&[&user_id, &request_id, &project_id, &image]).await
}

#[tracked(action = "deployment", details = "deployed {image} as {output}", references(deployment_id = output))]
async fn borrowed_two_levels(
    user_id: &str,
    request_id: &str,
    project_id: &str,
    image: &str,
) -> Returned {
    borrowed(user_id, request_id, project_id, image).await
}

#[tracked(action = "deployment", details = "deployed {image} as {output}", references(deployment_id = output))]
pub(super) async fn borrowed_three_levels(
    user_id: &str,
    request_id: &str,
    project_id: &str,
    image: &str,
) -> Returned {
    borrowed_two_levels(user_id, request_id, project_id, image).await
}

#[tracked(action = "deployment", details = "deployed {image} as {output}", references(deployment_id = output))]
pub(super) async fn owned(
    user_id: String,
    request_id: String,
    project_id: String,
    image: String,
) -> Returned {
    work(&[&user_id, &request_id, &project_id, &image]).await
}

#[tracked(action = "deployment", details = "deployed {image} as {output}", references(deployment_id = output))]
async fn owned_two_levels(
    user_id: String,
    request_id: String,
    project_id: String,
    image: String,
) -> Returned {
    owned(user_id, request_id, project_id, image).await
}

#[tracked(action = "deployment", details = "deployed {image} as {output}", references(deployment_id = output))]
pub(super) async fn owned_three_levels(
    user_id: String,
    request_id: String,
    project_id: String,
    image: String,
) -> Returned {
    owned_two_levels(user_id, request_id, project_id, image).await
}
