//! One function under each attribute, with the same five values: three IDs, the ID of a related
//! record, and details that are made of an argument and of a value of the output.
//!
//! The output is made of arguments, because the peers' attributes read values only before the body.
//! Reading them later, as a worker would have to, costs the peers more.

use std::{convert::Infallible, future::ready};

use tracker_core::{ReferenceIds, tracked};

/// The outcome of a deployment.
#[derive(Debug, ReferenceIds)]
pub struct Deployment<'a> {
    /// Its ID.
    #[reference(rename = "deployment_id")]
    pub id: &'a str,
    /// The address at which it is served.
    pub url: &'a str,
}

/// The arguments of one call.
#[derive(Clone, Copy, Debug)]
pub struct Arguments {
    /// The user who deploys.
    pub user_id: &'static str,
    /// The request.
    pub request_id: &'static str,
    /// The project.
    pub project_id: &'static str,
    /// The image that is deployed.
    pub image: &'static str,
    /// The ID that the deployment gets.
    pub deployment_id: &'static str,
    /// The address at which it is to be served.
    pub url: &'static str,
}

/// Arguments with IDs as long as UUIDs with a prefix, and details of ordinary length.
pub const ARGUMENTS: Arguments = Arguments {
    user_id: "user_01a20c36577e7546b3cdf41c57a33126",
    request_id: "req_01a20c36578273fab95ad317e3d8e657",
    project_id: "project_01a20c36578b73a1a926f5e2a0d5642d",
    image: "registry.example.org/rooms/api:41",
    deployment_id: "deploy_01a20c3dbae674ddbfd4bb3ef4f9a989",
    url: "https://rooms.example.org",
};

/// The function without an attribute.
///
/// # Errors
///
/// Never; nor do the others.
pub async fn plain<'a>(
    user_id: &str,
    request_id: &str,
    project_id: &str,
    image: &str,
    deployment_id: &'a str,
    url: &'a str,
) -> Result<Deployment<'a>, Infallible> {
    let _ = (user_id, request_id, project_id, image);
    ready(()).await;
    Ok(Deployment {
        id: deployment_id,
        url,
    })
}

/// The function with `#[tracked]`.
///
/// # Errors
///
/// Never.
#[tracked(action = "deployment", details = "deployed {image} to {output.url}")]
pub async fn tracked<'a>(
    user_id: &str,
    request_id: &str,
    project_id: &str,
    image: &str,
    deployment_id: &'a str,
    url: &'a str,
) -> Result<Deployment<'a>, Infallible> {
    let _ = (user_id, request_id, project_id, image);
    ready(()).await;
    Ok(Deployment {
        id: deployment_id,
        url,
    })
}

/// The function with `#[tracked]` that records failures, panics and cancellations as well.
///
/// # Errors
///
/// Never.
#[tracked(
    action = "deployment",
    record = "always",
    details = "deployed {image} to {output.url}"
)]
pub async fn always<'a>(
    user_id: &str,
    request_id: &str,
    project_id: &str,
    image: &str,
    deployment_id: &'a str,
    url: &'a str,
) -> Result<Deployment<'a>, Infallible> {
    let _ = (user_id, request_id, project_id, image);
    ready(()).await;
    Ok(Deployment {
        id: deployment_id,
        url,
    })
}

/// The function with `#[tracked]` that waits until its activity is durable.
///
/// # Errors
///
/// Never.
#[tracked(
    action = "deployment",
    durable,
    details = "deployed {image} to {output.url}"
)]
pub async fn durable<'a>(
    user_id: &str,
    request_id: &str,
    project_id: &str,
    image: &str,
    deployment_id: &'a str,
    url: &'a str,
) -> Result<Deployment<'a>, Infallible> {
    let _ = (user_id, request_id, project_id, image);
    ready(()).await;
    Ok(Deployment {
        id: deployment_id,
        url,
    })
}

/// The function with `#[tracing::instrument]`, which takes the IDs from the parameters of their
/// names.
///
/// # Errors
///
/// Never.
#[tracing::instrument(skip(image, url), fields(details = %format_args!("deployed {image} to {url}")))]
pub async fn instrumented<'a>(
    user_id: &str,
    request_id: &str,
    project_id: &str,
    image: &str,
    deployment_id: &'a str,
    url: &'a str,
) -> Result<Deployment<'a>, Infallible> {
    let _ = (user_id, request_id, project_id, image);
    ready(()).await;
    Ok(Deployment {
        id: deployment_id,
        url,
    })
}

/// The function with `#[fastrace::trace]`.
///
/// # Errors
///
/// Never.
#[fastrace::trace(properties = {
    "user_id": "{user_id}",
    "request_id": "{request_id}",
    "project_id": "{project_id}",
    "details": "deployed {image} to {url}",
    "deployment_id": "{deployment_id}",
})]
pub async fn traced<'a>(
    user_id: &str,
    request_id: &str,
    project_id: &str,
    image: &str,
    deployment_id: &'a str,
    url: &'a str,
) -> Result<Deployment<'a>, Infallible> {
    let _ = (user_id, request_id, project_id, image);
    ready(()).await;
    Ok(Deployment {
        id: deployment_id,
        url,
    })
}
