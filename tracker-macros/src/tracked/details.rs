//! The details, a line for people: a template, and the values of its placeholders.

use std::collections::HashSet;

use proc_macro2::{Ident, Span};
use syn::{Error, Expr, LitStr};

use super::{
    checks::Checks,
    parse::{Details, DetailsArgument},
    template::{self, Part, Placeholder},
    value::{ERROR, OUTPUT, Value, When, is_place},
};
use crate::diagnostics::{Errors, did_you_mean, list};

/// A part of the line.
pub(super) enum DetailsPart {
    Text(String),
    Value {
        value: Value,
        /// The position of the argument, if the value is one. Placeholders may share an argument.
        argument: Option<usize>,
        /// The format specification with its colon, or empty.
        specification: String,
        template: LitStr,
    },
}

/// Returns true if the details can be written only after the function has returned.
pub(super) fn needs(parts: &[DetailsPart], returned: &str) -> bool {
    parts.iter().any(|part| match part {
        DetailsPart::Text(_) => false,
        DetailsPart::Value { value, .. } => value.needs(returned),
    })
}

/// The most values that a template has, as in the library's `details`.
const VALUES: usize = 4;

/// Returns the line as a template, in which each value has the place of a NUL character, and the
/// values with the literals that they are from. Returns `None` for a line that has to be formatted
/// as a whole: one with a specification, with an argument twice, or with many values.
pub(super) fn template(parts: &[DetailsPart]) -> Option<(String, Vec<(&Value, &LitStr)>)> {
    let mut template = String::new();
    let mut values = Vec::new();
    let mut arguments = HashSet::new();
    for part in parts {
        match part {
            DetailsPart::Text(text) if text.contains('\0') => return None,
            DetailsPart::Text(text) => template.push_str(text),
            DetailsPart::Value { specification, .. } if !specification.is_empty() => return None,
            DetailsPart::Value {
                argument: Some(argument),
                ..
            } if !arguments.insert(*argument) => return None,
            DetailsPart::Value {
                value,
                template: literal,
                ..
            } => {
                template.push('\0');
                values.push((value, literal));
            }
        }
    }
    (values.len() <= VALUES).then_some((template, values))
}

/// Finds the value of each placeholder. `returned` is the template's name for the returned value.
pub(super) fn resolve(
    details: Details,
    returned: &str,
    checks: &Checks<'_>,
) -> syn::Result<Vec<DetailsPart>> {
    let Details {
        template,
        arguments,
    } = details;
    let mut resolver = Resolver {
        template: &template,
        arguments: &arguments,
        used: vec![false; arguments.len()],
        next: 0,
        returned,
        checks,
    };
    let mut errors = Errors::default();
    let mut parts = Vec::new();
    for part in template::parse(&template)? {
        match part {
            Part::Text(text) => parts.push(DetailsPart::Text(text)),
            Part::Placeholder {
                what,
                specification,
            } => {
                let value = resolver.value(&what);
                parts.extend(
                    errors
                        .ok(value)
                        .map(|(value, argument)| DetailsPart::Value {
                            value,
                            argument,
                            specification,
                            template: template.clone(),
                        }),
                );
            }
        }
    }
    for (argument, used) in arguments.iter().zip(resolver.used) {
        if !used {
            errors.push(Error::new_spanned(
                &argument.value,
                "no placeholder of the text takes this argument",
            ));
        }
    }
    errors.finish(parts)
}

struct Resolver<'a> {
    template: &'a LitStr,
    arguments: &'a [DetailsArgument],
    /// For each argument, true if a placeholder has taken it.
    used: Vec<bool>,
    /// The position from which the argument of the next `{}` is searched.
    next: usize,
    returned: &'a str,
    checks: &'a Checks<'a>,
}

impl Resolver<'_> {
    fn value(&mut self, what: &Placeholder) -> syn::Result<(Value, Option<usize>)> {
        let position = match what {
            Placeholder::Next => self.next_position(),
            Placeholder::Position(position) => Some(*position),
            Placeholder::Path(path) => self.position_of(path),
        };
        if let Some(position) = position
            && let Some(argument) = self.arguments.get(position)
        {
            let taken = std::mem::replace(&mut self.used[position], true);
            let value = self.checks.value(argument.value.clone(), self.returned)?;
            // A value that is read before the body is formatted there, once for each placeholder.
            if taken && value.when == When::Entry && !is_place(&argument.value) {
                return Err(Error::new_spanned(
                    &argument.value,
                    "two placeholders take this argument, and it would be evaluated twice: give each one of its own",
                ));
            }
            return Ok((value, Some(position)));
        }
        match what {
            Placeholder::Path(path) => {
                let expression = self.inline(path)?;
                Ok((self.checks.value(expression, self.returned)?, None))
            }
            _ => Err(Error::new(
                self.template.span(),
                "this placeholder has no argument: name one, as in `{image}` or `{output.url}`, or put one behind the text, as in `details(\"{}\", output.url)`",
            )),
        }
    }

    /// Returns the position of the next argument without a name.
    fn next_position(&mut self) -> Option<usize> {
        let unnamed = |position: &usize| {
            let argument = self.arguments.get(*position);
            argument.is_some_and(|argument| argument.name.is_none())
        };
        let position = (self.next..self.arguments.len()).find(unnamed)?;
        self.next = position + 1;
        Some(position)
    }

    /// Returns the position of the argument that a placeholder of one name refers to.
    fn position_of(&self, path: &[String]) -> Option<usize> {
        let [name] = path else { return None };
        self.arguments
            .iter()
            .position(|argument| argument.name.as_ref().is_some_and(|known| known == name))
    }

    /// Returns the expression that a placeholder itself spells.
    fn inline(&self, path: &[String]) -> syn::Result<Expr> {
        let (root, members) = path
            .split_first()
            .map_or(("", path), |(root, members)| (root, members));
        let place = self.template.span();
        // The span is the template's, with the hygiene of the name.
        let root = if root == self.returned {
            Ident::new(root, Span::call_site().located_at(place))
        } else if let Some(parameter) = self.checks.parameters.find(root) {
            let mut name = parameter.name.clone();
            name.set_span(name.span().located_at(place));
            name
        } else {
            return Err(Error::new(place, self.names_nothing(path, root)));
        };
        template::path_expression(&root, members, place)
    }

    fn names_nothing(&self, path: &[String], root: &str) -> String {
        let path = path.join(".");
        if self.returned == OUTPUT && root == ERROR {
            return format!("`{{{path}}}` names nothing: the error is known in `error_details`");
        }
        if self.returned == ERROR && root == OUTPUT {
            return format!("`{{{path}}}` names nothing: a call that has failed has no output");
        }
        if root == "self" {
            return format!("`{{{path}}}` names nothing: this function has no `self`");
        }
        let names = self
            .checks
            .parameters
            .iter()
            .map(|parameter| parameter.name.to_string());
        let known: Vec<_> = names.chain([self.returned.to_owned()]).collect();
        let known = || known.iter().map(String::as_str);
        format!(
            "`{{{path}}}` names nothing{}\n\nknown here: {}; another value goes behind the text, as in `details(\"{{}}\", {root})`",
            did_you_mean(root, known()),
            list(known()),
        )
    }
}
