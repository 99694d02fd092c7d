//! The arguments of a derive's helper attribute.

use proc_macro2::Ident;
use syn::{Error, Token, ext::IdentExt, parse::ParseStream};

use crate::diagnostics::{did_you_mean, list};

/// Parses `key = value` pairs, separated by commas. Each key is one of `known`.
pub(crate) fn arguments(
    input: ParseStream<'_>,
    known: &[&str],
    mut value: impl FnMut(&Ident, ParseStream<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    while !input.is_empty() {
        let key = input.call(Ident::parse_any)?;
        let name = key.to_string();
        if !known.contains(&name.as_str()) {
            return Err(Error::new(
                key.span(),
                format!(
                    "unknown argument `{name}`{}\n\nknown here: {}",
                    did_you_mean(&name, known.iter().copied()),
                    list(known.iter().copied()),
                ),
            ));
        }
        input.parse::<Token![=]>()?;
        value(&key, input)?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}
