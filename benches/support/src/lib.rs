//! The parts that the benchmarks share: their [`Figures`] and the file that holds them, the
//! [`Goal`]s of these, the build that they are compared with ([`before`]), [`statistics`], the plot
//! of bars, and the settings of a Postgres [server](postgres).

pub mod before;
mod figures;
mod goals;
mod plot;
pub mod postgres;
pub mod statistics;

pub use self::{
    figures::{FOLDER, Figures},
    goals::Goal,
    plot::{Bar, Plot},
};
