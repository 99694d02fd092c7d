//! The statement of a page, and its forms for a plan that is kept: [`PageStatement`].

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Type};

use super::filter::Parameter;

/// The most forms that are kept of pages whose plan is not. A form is made for each set of
/// parameters that are NULL.
const FORMS_MAX: usize = 64;

/// The most forms that are kept. This leaves far more places than the pages whose plan is kept have
/// forms: some ten.
const FORMS_WITH_PLANS_MAX: usize = FORMS_MAX + 64;

/// A statement with conditions that a NULL switches off: `$1::text IS NULL OR …`.
///
/// A plan that is made for the values leaves the unset ones out. One that is kept does not know the
/// values, so it is made of a form of the statement, in which the question is answered. A form is
/// also parsed in less time, because it lacks the conditions that are switched off.
#[derive(Debug)]
pub(super) struct PageStatement {
    text: String,
    /// The forms, by the parameters that are NULL: the first is the lowest bit.
    forms: Mutex<HashMap<u32, Arc<str>>>,
}

impl From<String> for PageStatement {
    fn from(text: String) -> Self {
        Self {
            text,
            forms: Mutex::default(),
        }
    }
}

impl PageStatement {
    /// Returns the statement that takes any values.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the form for these values, or `None` if there are too many forms. `has_plan` tells
    /// if its plan is to be kept.
    pub(super) fn form(&self, parameters: &[Parameter<'_>], has_plan: bool) -> Option<Arc<str>> {
        let nulls = nulls(parameters);
        let mut forms = self.forms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(form) = forms.get(&nulls) {
            return Some(Arc::clone(form));
        }
        let forms_max = if has_plan {
            FORMS_WITH_PLANS_MAX
        } else {
            FORMS_MAX
        };
        if forms.len() >= forms_max || parameters.len() > 32 {
            return None;
        }
        let form: Arc<str> = settled(&self.text, parameters, nulls).into();
        forms.insert(nulls, Arc::clone(&form));
        Some(form)
    }
}

/// Returns the parameters that are NULL, as bits.
fn nulls(parameters: &[Parameter<'_>]) -> u32 {
    let mut encoded = BytesMut::new();
    let mut is_null = |(value, of_type): &Parameter<'_>| {
        encoded.clear();
        matches!(value.to_sql_checked(of_type, &mut encoded), Ok(IsNull::Yes))
    };
    let bits = parameters.iter().zip(0..32);
    bits.fold(0, |bits, (parameter, bit)| {
        bits | u32::from(is_null(parameter)) << bit
    })
}

/// Replaces each question if a parameter is NULL by its answer.
fn settled(text: &str, parameters: &[Parameter<'_>], nulls: u32) -> String {
    let mut text = text.to_owned();
    for ((_, of_type), place) in parameters.iter().zip(0..) {
        let name = match *of_type {
            Type::TEXT_ARRAY => "text[]",
            Type::INT8 => "bigint",
            _ => of_type.name(),
        };
        let is_null = nulls & 1 << place != 0;
        let parameter = format!("${}::{name}", place + 1);
        for (question, answer) in [("IS NULL", is_null), ("IS NOT NULL", !is_null)] {
            let answer = if answer { "TRUE" } else { "FALSE" };
            text = text.replace(&format!("{parameter} {question}"), answer);
        }
    }
    without_moot(&text)
}

/// Replaces each `(TRUE OR …)` by `TRUE`.
fn without_moot(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, moot)) = rest.split_once("(TRUE OR ") {
        kept.push_str(before);
        kept.push_str("TRUE");
        rest = behind_parenthesis(moot);
    }
    kept.push_str(rest);
    kept
}

/// Returns what follows the parenthesis that closes the one before the text.
fn behind_parenthesis(text: &str) -> &str {
    let mut open = 1;
    for (place, character) in text.char_indices() {
        match character {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return &text[place + 1..];
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_asks_for_no_parameter_that_is_settled() {
        let statement = PageStatement::from(
            "($1::text IS NULL OR a = $1) AND ($2::bigint IS NULL OR b < ($2) + 1) AND $11::text IS NULL"
                .to_owned(),
        );
        let unset: Parameter<'_> = (&None::<i64>, Type::INT8);
        let form = statement.form(&[(&"x", Type::TEXT), unset.clone()], true);
        assert_eq!(
            form.as_deref(),
            Some("(FALSE OR a = $1) AND TRUE AND $11::text IS NULL")
        );
        let both = statement.form(&[(&"x", Type::TEXT), (&7_i64, Type::INT8)], false);
        assert!(both.is_some_and(|form| form.contains("(FALSE OR b < ($2) + 1)")));
        let again = statement.form(&[(&"another", Type::TEXT), unset], true);
        assert!(Arc::ptr_eq(&form.unwrap(), &again.unwrap()));
    }

    #[test]
    fn there_is_room_for_a_form_with_a_plan_however_many_others_were_asked_for() {
        let statement = PageStatement::from("SELECT 1".to_owned());
        let parameters = |bits: u32| -> Vec<Parameter<'static>> {
            let of = |bit: u32| -> Parameter<'static> {
                if bits & (1 << bit) == 0 {
                    (&None::<i64>, Type::INT8)
                } else {
                    (&7_i64, Type::INT8)
                }
            };
            (0..7).map(of).collect()
        };
        let others = (0..127).filter_map(|bits| statement.form(&parameters(bits), false));
        assert_eq!(others.count(), FORMS_MAX);
        assert!(statement.form(&parameters(127), false).is_none());
        assert!(statement.form(&parameters(127), true).is_some());
    }
}
