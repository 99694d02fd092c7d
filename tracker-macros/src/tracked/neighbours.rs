//! Other attributes on the same function, and the code that they make.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{
    Attribute, Error, Expr, ExprLit, Lit, Meta, MetaNameValue, Signature, Token, TraitItemFn,
    punctuated::Punctuated,
};

/// Returns true for an attribute of the language or of a tool, which leaves the function unchanged.
pub(super) fn is_inert(attribute: &Meta) -> bool {
    const INERT: [&str; 19] = [
        "allow",
        "cfg",
        "cold",
        "coverage",
        "deny",
        "deprecated",
        "doc",
        "expect",
        "export_name",
        "forbid",
        "inline",
        "link_section",
        "must_use",
        "no_mangle",
        "optimize",
        "target_feature",
        "track_caller",
        "unsafe",
        "warn",
    ];
    const TOOLS: [&str; 4] = ["clippy", "diagnostic", "rustdoc", "rustfmt"];
    let path = attribute.path();
    if path.is_ident("cfg_attr")
        && let Meta::List(list) = attribute
        && let Ok(list) = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
    {
        return list.iter().skip(1).all(is_inert);
    }
    INERT.iter().any(|name| path.is_ident(name))
        || (path.segments.first()).is_some_and(|tool| TOOLS.iter().any(|name| tool.ident == name))
}

/// Returns true if the signature has a lifetime of this name, given without its apostrophe.
/// Attributes such as `#[async_trait]` add one.
pub(super) fn has_lifetime(signature: &Signature, name: &str) -> bool {
    let mut lifetimes = signature.generics.lifetimes();
    lifetimes.any(|parameter| parameter.lifetime.ident == name)
}

/// Returns true for a method of a trait that `#[dynosaur]` derives from another trait. The method
/// has a copy of the attribute, but no body.
pub(super) fn is_declared_again(item: &TokenStream) -> bool {
    syn::parse2::<TraitItemFn>(item.clone())
        .is_ok_and(|method| method.default.is_none() && has_lifetime(&method.sig, "dynosaur"))
}

/// Refuses a wrapper that another attribute generated around the tracked function, with a copy of
/// `#[tracked]`.
pub(super) fn refuse_copy(
    attributes: &[Attribute],
    signature: &Signature,
    body: TokenStream,
) -> syn::Result<()> {
    let name = &signature.ident;
    if attributes.iter().any(says_cached) {
        return Err(Error::new(
            name.span(),
            "`#[cached]` runs this function where nothing is done, too: put `#[tracked]` above it",
        ));
    }
    if signature.inputs.is_empty()
        && attributes.iter().any(is_test)
        && (is_case(&name.to_string()) || holds_called(body, name))
    {
        return Err(Error::new(
            name.span(),
            "another attribute, such as `#[rstest]`, has made a function without parameters of this one, which would be recorded without what they tell: put `#[tracked]` above it",
        ));
    }
    Ok(())
}

/// Returns true for the docs of a function that `#[cached]`, `#[once]` or `#[concurrent_cached]`
/// generated.
fn says_cached(attribute: &Attribute) -> bool {
    let Meta::NameValue(MetaNameValue {
        value: Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }),
        ..
    }) = &attribute.meta
    else {
        return false;
    };
    attribute.path().is_ident("doc")
        && [
            "This is a cached function that uses",
            "This is a cached method;",
        ]
        .iter()
        .any(|beginning| text.value().starts_with(beginning))
}

/// Returns true if the attribute makes a test of the function.
fn is_test(attribute: &Attribute) -> bool {
    (attribute.path().segments.last()).is_some_and(|last| last.ident == "test")
}

/// Returns true for the name of a test case, such as `case_1` or `case_2_without_a_user`.
fn is_case(name: &str) -> bool {
    (name.strip_prefix("case_")).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Returns true if the body holds a function of this name with a recorded parameter.
fn holds_called(body: TokenStream, name: &Ident) -> bool {
    let tokens: Vec<_> = body.into_iter().collect();
    tokens.windows(3).any(|tokens| match tokens {
        [
            TokenTree::Ident(keyword),
            TokenTree::Ident(called),
            TokenTree::Group(parameters),
        ] => keyword == "fn" && called == name && tells(parameters.stream()),
        _ => false,
    })
}

/// Returns true if a parameter has a name that is recorded.
fn tells(parameters: TokenStream) -> bool {
    let names = ["environment", "project_id", "request_id", "user_id"];
    parameters.into_iter().any(|token| {
        matches!(token, TokenTree::Ident(parameter) if names.iter().any(|name| parameter == *name))
    })
}
