//! Activities by way of NATS, on servers of each test's own.

mod dead_letters;
mod deferred;
mod identities;
mod keeping;
mod limits;
mod logging_in;
mod publishing;
mod relaying;
mod rotating;
mod setting_up;
mod support;
mod trouble;
