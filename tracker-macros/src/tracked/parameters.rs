//! What the function's parameters bind, and whether the body leaves it readable.

use proc_macro2::Ident;
use syn::{FnArg, Pat, ReceiverKind, Signature, Type};

/// How long a parameter can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Before and after the body, which gets a copy: a shared reference or a primitive.
    Copied,
    /// Before the body; after it only if it is reborrowed: an exclusive reference.
    Exclusive,
    /// Before the body, which may move it.
    Moved,
}

/// The names that the parameters bind, `self` included.
pub(super) struct Parameters(Vec<(Ident, Access)>);

impl Parameters {
    pub(super) fn of(signature: &Signature) -> Self {
        let mut names = Vec::new();
        for input in &signature.inputs {
            match input {
                FnArg::Receiver(receiver) => {
                    let name = Ident::new("self", receiver.self_token.span);
                    names.push((name, access_of_receiver(&receiver.kind)));
                }
                FnArg::Typed(parameter) => match &*parameter.pat {
                    Pat::Ident(binding) if binding.by_ref.is_none() && binding.subpat.is_none() => {
                        names.push((binding.ident.clone(), access_of(&parameter.ty)));
                    }
                    pattern => bindings(pattern, &mut names),
                },
            }
        }
        Self(names)
    }

    /// The parameter of that name, and how it can be read.
    pub(super) fn find(&self, name: &str) -> Option<&(Ident, Access)> {
        self.0.iter().find(|(known, _)| known == name)
    }

    /// All names.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(name, _)| name.to_string())
    }
}

fn access_of_receiver(kind: &ReceiverKind) -> Access {
    match kind {
        ReceiverKind::Reference(_, _, None) => Access::Copied,
        ReceiverKind::Reference(..) => Access::Exclusive,
        ReceiverKind::Typed(_, ty) => access_of(ty),
        _ => Access::Moved,
    }
}

fn access_of(ty: &Type) -> Access {
    const PRIMITIVES: [&str; 16] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16",
        "u32", "u64", "u128", "usize",
    ];
    match ty {
        Type::Group(group) => access_of(&group.elem),
        Type::Paren(paren) => access_of(&paren.elem),
        Type::Reference(reference) if reference.mutability.is_none() => Access::Copied,
        Type::Reference(_) => Access::Exclusive,
        Type::Path(path)
            if path
                .path
                .get_ident()
                .is_some_and(|ident| PRIMITIVES.iter().any(|primitive| ident == primitive)) =>
        {
            Access::Copied
        }
        _ => Access::Moved,
    }
}

/// Collects what a pattern binds; the types are not known, so the body may move all of it.
fn bindings(pattern: &Pat, names: &mut Vec<(Ident, Access)>) {
    match pattern {
        Pat::Ident(binding) => {
            names.push((binding.ident.clone(), Access::Moved));
            if let Some((_, inner)) = &binding.subpat {
                bindings(inner, names);
            }
        }
        Pat::Paren(paren) => bindings(&paren.pat, names),
        Pat::Reference(reference) => bindings(&reference.pat, names),
        Pat::Slice(slice) => slice.elems.iter().for_each(|part| bindings(part, names)),
        Pat::Struct(fields) => fields
            .fields
            .iter()
            .for_each(|field| bindings(&field.pat, names)),
        Pat::Tuple(tuple) => tuple.elems.iter().for_each(|part| bindings(part, names)),
        Pat::TupleStruct(tuple) => tuple.elems.iter().for_each(|part| bindings(part, names)),
        Pat::Type(typed) => bindings(&typed.pat, names),
        _ => {}
    }
}
