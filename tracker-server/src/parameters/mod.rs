//! The parameters of a query string.
//!
//! Each is declared once, in the file of its concept: [`filters`] (which activities), [`pages`]
//! (how many, and in which order), [`groups`] (one by one, or by their requests), [`counting`] (by
//! days or hours, of which clocks), [`projects`] (which projects) and [`formats`] (the form of a
//! download or a stream). A declaration serves to read a value, to refuse a wrong one by name, and
//! to describe it in the `OpenAPI` document, so that the three can't differ.

mod counting;
mod filters;
mod formats;
mod groups;
mod pages;
mod parameter;
mod projects;
mod values;

pub(crate) use self::{
    counting::{COUNTING, Clocks},
    filters::FILTERS,
    formats::{EXPORT, STREAM},
    groups::GROUPS,
    pages::PAGE,
    parameter::{Parameter, VALUE_BYTES_MAX},
    projects::PROJECTS,
    values::{NAME_CHARS_MAX, Values},
};

/// Makes a route's type `Parameters` of the tables that the route takes. The type reads query
/// strings and describes the parameters.
macro_rules! parameters {
    ($($table:ident),*) => {
        /// The parameters of this route.
        pub(crate) struct Parameters;

        impl Parameters {
            const TABLES: &[&'static [$crate::parameters::Parameter]] =
                &[$($crate::parameters::$table),*];

            /// Reads a query string.
            fn read(
                query: Option<&str>,
            ) -> Result<$crate::parameters::Values, $crate::problem::Problem> {
                $crate::parameters::Values::read(query, Self::TABLES)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::IntoParams for Parameters {
            fn into_params(
                _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
            ) -> Vec<utoipa::openapi::path::Parameter> {
                let parameters = Self::TABLES.iter().copied().flatten();
                parameters.map($crate::parameters::Parameter::documented).collect()
            }
        }
    };
}
pub(crate) use parameters;
