//! The journal: the activities that wait on the local disk.

mod exchange;
mod model;
mod operations;
mod room;
mod shipping;
mod trouble;
