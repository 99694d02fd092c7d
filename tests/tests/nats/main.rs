//! Activities that travel through NATS. Each test has servers of its own.

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
