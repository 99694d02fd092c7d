//! The option for texts in CSV that a spreadsheet would take for a formula.

use clap::{Args, ValueEnum};
use tracker_server::csv::Formulas;

/// The option.
#[derive(Args, Clone, Copy)]
pub(crate) struct FormulasArgument {
    /// A text in CSV that a spreadsheet would take for a formula
    #[arg(long, value_enum, value_name = "HOW", default_value_t = How::Guarded)]
    formulas: How,
}

#[derive(Clone, Copy, ValueEnum)]
enum How {
    /// It begins with an apostrophe
    Guarded,
    /// It is as it is in the store
    Raw,
}

impl From<FormulasArgument> for Formulas {
    fn from(argument: FormulasArgument) -> Self {
        match argument.formulas {
            How::Guarded => Self::Guarded,
            How::Raw => Self::Raw,
        }
    }
}
