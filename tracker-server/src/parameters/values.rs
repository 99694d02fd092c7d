//! The values of a query string: [`Values`].

use super::parameter::{Parameter, REPEATED_MAX};
use crate::problem::Problem;

/// The most characters of a wrong parameter's name that the response repeats.
pub(crate) const NAME_CHARS_MAX: usize = 100;

/// The values of one request, checked against the declarations of their parameters.
pub(crate) struct Values(Vec<(&'static Parameter, String)>);

impl Values {
    /// Reads a query string that may hold the `known` parameters, and no others.
    pub(crate) fn read(
        query: Option<&str>,
        known: &[&'static [Parameter]],
    ) -> Result<Self, Problem> {
        let mut values = Self(Vec::new());
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let mut parameters = known.iter().copied().flatten();
            let Some(parameter) = parameters.find(|known| known.name == name) else {
                return Err(unknown(&name, known));
            };
            values.check_count(parameter)?;
            parameter.check(&value)?;
            values.0.push((parameter, value.into_owned()));
        }
        Ok(values)
    }

    /// Refuses one more value than a parameter takes.
    fn check_count(&self, parameter: &Parameter) -> Result<(), Problem> {
        let before = self.all(parameter.name).count();
        if before > 0 && !parameter.is_repeatable {
            return Err(parameter.problem("can be given once"));
        }
        if before >= REPEATED_MAX {
            return Err(parameter.problem(&format!("can be given {REPEATED_MAX} times at most")));
        }
        Ok(())
    }

    /// All values of a parameter, in the order of the query string.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self
            .0
            .iter()
            .filter(move |(parameter, _)| parameter.name == name);
        values.map(|(_, value)| &**value)
    }

    /// The first value of a parameter.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The value of a parameter of the kind `Number`.
    pub(super) fn number(&self, name: &'static str) -> Option<u32> {
        self.one(name)?.parse().ok()
    }

    /// The value of a parameter, parsed. An error of `parse` becomes the parameter's
    /// problem: it goes on after the name, as in `is a time`.
    pub(super) fn parsed<T>(
        &self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Problem> {
        let value = self.one(name).map(parse).transpose();
        value.map_err(|wrong| Problem::parameter(name, &wrong))
    }
}

/// The response to a parameter that the route does not take.
fn unknown(name: &str, known: &[&'static [Parameter]]) -> Problem {
    let names = known.iter().copied().flatten().map(|known| known.name);
    let names: Vec<_> = names.collect();
    let wrong = format!("is no parameter here; there are {}", names.join(", "));
    let name: String = name.chars().take(NAME_CHARS_MAX).collect();
    Problem::parameter(name, &wrong)
}
