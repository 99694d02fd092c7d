//! Activities that travel through NATS. Each test has servers of its own.

mod dead_letters;
mod deferred;
mod end_to_end;
mod fast_batches;
mod identities;
mod keeping;
mod limits;
mod logging_in;
mod publishing;
mod relaying;
mod rotating;
mod setting_up;
mod support;
mod test_servers;
mod trouble;
