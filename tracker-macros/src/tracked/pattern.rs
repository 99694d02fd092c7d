//! Patterns of parameters, and the names that they bind.

use proc_macro2::Ident;
use syn::{Pat, PatIdent};

/// Returns true if the pattern is a name without `ref` or a subpattern. `mut` may precede it.
pub(super) fn is_name(pattern: &PatIdent) -> bool {
    pattern.by_ref.is_none() && pattern.subpat.is_none()
}

/// Returns a pattern that is just this name.
pub(super) fn named(name: Ident) -> Pat {
    Pat::Ident(PatIdent {
        attrs: Vec::new(),
        by_ref: None,
        mutability: None,
        ident: name,
        subpat: None,
    })
}

/// Returns the bindings of a pattern, in their order.
pub(super) fn bindings(pattern: &Pat) -> Vec<PatIdent> {
    let mut bindings = Vec::new();
    for_each_binding(&mut pattern.clone(), &mut |binding| {
        bindings.push(binding.clone());
    });
    bindings
}

/// Visits the bindings of a pattern, in their order.
pub(super) fn for_each_binding(pattern: &mut Pat, visit: &mut dyn FnMut(&mut PatIdent)) {
    let mut inside = |pattern: &mut Pat| for_each_binding(pattern, visit);
    match pattern {
        Pat::Ident(binding) => {
            visit(binding);
            if let Some((_, inner)) = &mut binding.subpat {
                for_each_binding(inner, visit);
            }
        }
        Pat::Paren(paren) => inside(&mut paren.pat),
        Pat::Reference(reference) => inside(&mut reference.pat),
        Pat::Type(typed) => inside(&mut typed.pat),
        Pat::Slice(slice) => slice.elems.iter_mut().for_each(inside),
        Pat::Tuple(tuple) => tuple.elems.iter_mut().for_each(inside),
        Pat::TupleStruct(tuple) => tuple.elems.iter_mut().for_each(inside),
        Pat::Struct(fields) => {
            let parts = fields.fields.iter_mut();
            parts.for_each(|field| inside(&mut field.pat));
        }
        _ => {}
    }
}
