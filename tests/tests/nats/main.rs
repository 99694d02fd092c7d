//! Activities by way of NATS, on servers of each test's own.

mod dead_letters;
mod logging_in;
mod publishing;
mod relaying;
mod setting_up;
mod support;
mod trouble;
