//! Checks of single arguments against the function.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Error, Expr, ExprLit, Lit, parse_quote};

use super::{
    function::Body,
    parameters::Parameters,
    value::{Field, OUTPUT, Value, When, variables, when},
};

/// The function's properties that the checks of single arguments need.
pub(super) struct Checks<'a> {
    pub(super) parameters: &'a Parameters,
    pub(super) body: &'a Body,
    pub(super) returns_nothing: bool,
}

impl Checks<'_> {
    /// Returns the values of a column: the parameters of that name, which only a `#[cfg]` tells
    /// apart, then the attribute's value. The last present one counts.
    pub(super) fn fields(
        &self,
        name: &'static str,
        parameter: &str,
        given: Option<Expr>,
    ) -> Vec<syn::Result<Field>> {
        // A literal is never `None`.
        let parameters = if matches!(given, Some(Expr::Lit(_))) {
            Vec::new()
        } else {
            self.parameters.of_name(parameter).collect()
        };
        let stands_behind = given.is_some();
        let parameters = parameters.into_iter().map(|parameter| {
            let name_of_it = &parameter.name;
            Ok(Field {
                name,
                value: self.value(parse_quote!(#name_of_it), OUTPUT)?,
                cfg: parameter.cfg.clone(),
                stands_behind,
            })
        });
        let given = given.map(|expression| {
            refuse_quoted_place(&expression)?;
            Ok(Field {
                name,
                value: self.value(expression, OUTPUT)?,
                cfg: Vec::new(),
                stands_behind: false,
            })
        });
        parameters.chain(given).collect()
    }

    /// Returns the value, and decides when it is read. `returned` is the expression's name for the
    /// returned value.
    pub(super) fn value(&self, expression: Expr, returned: &str) -> syn::Result<Value> {
        let names = variables(expression.to_token_stream());
        if returned == OUTPUT
            && self.returns_nothing
            && let Some(output) = names.iter().find(|name| *name == OUTPUT)
        {
            return Err(Error::new(
                output.span(),
                "this function returns nothing on success: there is no `output`",
            ));
        }
        let mut when = when(&expression, returned, self.parameters)?;
        // A borrow that lasts until after the body is part of the future, and the signature's type
        // may not allow it. Only values that need the returned value are read after the body.
        if matches!(self.body, Body::Future(_) | Body::Boxed(_))
            && !names.iter().any(|name| name == returned)
        {
            when = When::Entry;
        }
        let is_str = match &expression {
            Expr::Path(path) => (path.path.get_ident())
                .is_some_and(|name| self.parameters.are_str(&name.to_string())),
            _ => false,
        };
        Ok(Value {
            expression,
            when,
            is_str,
        })
    }

    /// Checks that the function can wait until its activity is on the disk.
    pub(super) fn durable(&self, durable: &Ident, client: Option<&Expr>) -> syn::Result<()> {
        if let Body::Sync(_) = self.body {
            return Err(Error::new(
                durable.span(),
                "`durable` awaits the disk, and this function is not `async`: remove it, or call `Tracker::record_durable` where there is an `await`",
            ));
        }
        if client.is_some() {
            return Err(Error::new(
                durable.span(),
                "`client` writes the activity on the caller's connection, and it is as durable as what else is written there: remove one of both",
            ));
        }
        Ok(())
    }
}

/// Refuses a text that looks like an expression in quotes, such as `user = "job.user_id"`. The text
/// itself would be recorded.
fn refuse_quoted_place(expression: &Expr) -> syn::Result<()> {
    let Expr::Lit(ExprLit {
        lit: Lit::Str(text),
        ..
    }) = expression
    else {
        return Ok(());
    };
    match text.parse::<Expr>() {
        Ok(Expr::Field(_) | Expr::MethodCall(_)) => Err(Error::new(
            text.span(),
            format!(
                "this text would be recorded as it stands: remove the quotes to record the value of `{}`",
                text.value()
            ),
        )),
        _ => Ok(()),
    }
}
