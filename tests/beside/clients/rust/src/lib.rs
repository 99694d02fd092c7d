//! The client that progenitor makes of the description of the API in `OpenAPI` 3.0.

#![allow(
    clippy::pedantic,
    missing_docs,
    unreachable_pub,
    reason = "in what is generated"
)]

progenitor::generate_api!(
    spec = "../../../../tracker-server/openapi-3.0.json",
    interface = Builder,
);
