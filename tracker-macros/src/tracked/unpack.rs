//! Parameters that are patterns, taken apart inside the block of the body.
//!
//! A function drops what a pattern binds, then the rest of that argument, then the next argument. What a block captures is dropped in
//! its end, names first. So where there is such a pattern, the block takes all arguments into variables of its own, in their order. It makes
//! a future larger, and is done only where it makes a difference.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{FnArg, Pat, PatIdent, Signature, ext::IdentExt};

use super::{
    function::{Body, Function},
    parameters::{Access, Parameters, bindings, borrows_mutably, mentions},
    validate::Plan,
};

/// Gives each pattern of the signature a name, and returns the statements that take the arguments apart. Nothing is done where there is no
/// such pattern, or where a name that it binds is recorded: then it is needed outside the block.
pub(super) fn unpack(function: &mut Function, plan: &Plan) -> TokenStream {
    let has_pattern = has_pattern(&function.signature, plan);
    // What is recorded of a copy is what came in, and in place the body would change it.
    let in_place = matches!(function.body, Body::Sync(_)) && function.tracks_caller();
    let leaves_self = plan.leaves_self();
    if matches!(function.body, Body::Future(_)) || !(has_pattern || in_place || leaves_self) {
        return TokenStream::new();
    }
    let reborrowed = plan.client.as_ref().map(|client| &*client.reborrowed);
    let is_left = |name: &Ident| reborrowed.is_some_and(|reborrowed| reborrowed.contains(name));
    let parameters = Parameters::of(&function.signature);
    let body = function.body.tokens();
    let mut statements = TokenStream::new();
    for (position, input) in function.signature.inputs.iter_mut().enumerate() {
        let FnArg::Typed(parameter) = input else {
            continue;
        };
        let cfg: Vec<_> = (parameter.attrs.iter())
            .filter(|attribute| attribute.path().is_ident("cfg"))
            .cloned()
            .collect();
        if let Pat::Ident(name) = &mut *parameter.pat
            && is_name(name)
        {
            let ident = name.ident.clone();
            let access = parameters
                .find(&ident.unraw().to_string())
                .map(|parameter| parameter.access);
            let is_used = ident.to_string().starts_with('_') || mentions(body.clone(), &ident);
            let is_taken = match access {
                Some(Access::Moved) => (has_pattern || leaves_self) && is_used,
                Some(Access::Exclusive) => leaves_self && is_used && !is_left(&ident),
                Some(Access::Copied) => in_place && name.mutability.is_some(),
                _ => false,
            };
            if is_taken {
                let mutability = name.mutability.take();
                statements.extend(quote!(#(#cfg)* let #mutability #ident = #ident;));
            }
            continue;
        }
        if !has_pattern {
            continue;
        }
        let name = Ident::new(&format!("_{position}"), Span::mixed_site());
        let named = Pat::Ident(PatIdent {
            attrs: Vec::new(),
            by_ref: None,
            mutability: None,
            ident: name.clone(),
            subpat: None,
        });
        let pattern = std::mem::replace(&mut *parameter.pat, named);
        let mutability = borrows_mutably(&pattern).then(|| quote!(mut));
        statements.extend(quote!(#(#cfg)* let #mutability #name = #name;));
        if !matches!(pattern, Pat::Wild(_)) {
            statements.extend(quote!(#(#cfg)* let #pattern = #name;));
        }
    }
    statements
}

/// The statements that give the body a reborrow of each `&mut` parameter that is left for recording.
pub(super) fn reborrow(function: &mut Function, plan: &Plan) -> TokenStream {
    let mut statements = TokenStream::new();
    for input in &mut function.signature.inputs {
        if let FnArg::Typed(parameter) = input
            && let Pat::Ident(name) = &mut *parameter.pat
            && let Some(client) = &plan.client
            && client.reborrowed.contains(&name.ident)
        {
            let (mutability, name) = (name.mutability.take(), &name.ident);
            // The body need not use it.
            statements
                .extend(quote!(#[allow(unused_variables)] let #mutability #name = &mut *#name;));
        }
    }
    statements
}

/// Whether a parameter is more than a name, and none of the names in it is recorded.
fn has_pattern(signature: &Signature, plan: &Plan) -> bool {
    let mut names = Vec::new();
    let mut has_pattern = false;
    for input in &signature.inputs {
        if let FnArg::Typed(parameter) = input {
            match &*parameter.pat {
                Pat::Wild(_) => {}
                Pat::Ident(name) if is_name(name) => {}
                pattern => {
                    has_pattern = true;
                    bindings(pattern, &mut names);
                }
            }
        }
    }
    has_pattern && !names.iter().any(|name| plan.names(name))
}

fn is_name(pattern: &PatIdent) -> bool {
    pattern.by_ref.is_none() && pattern.subpat.is_none()
}
