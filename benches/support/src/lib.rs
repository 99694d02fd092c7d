//! The parts that the benchmarks share: their [`Figures`] and the file that holds them,
//! [`statistics`], the plot of bars, and the settings of a Postgres [server](postgres).

mod figures;
mod plot;
pub mod postgres;
pub mod statistics;

pub use self::{
    figures::{FOLDER, Figures},
    plot::{Bar, Plot},
};
