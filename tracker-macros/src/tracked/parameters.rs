//! What the function's parameters bind, and whether the body leaves it readable.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{Attribute, FnArg, Pat, ReceiverKind, Signature, Type, ext::IdentExt};

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

/// A name that a parameter binds.
pub(super) struct Parameter {
    pub(super) name: Ident,
    pub(super) access: Access,
    /// Whether its type is spelled `&str`.
    pub(super) is_str: bool,
    /// The `#[cfg(…)]` of the parameter: where it is not there, neither is what reads it.
    pub(super) cfg: Vec<Attribute>,
}

/// The names that the parameters bind, `self` included, in their order.
pub(super) struct Parameters(Vec<Parameter>);

impl Parameters {
    pub(super) fn of(signature: &Signature) -> Self {
        let mut parameters = Vec::new();
        for input in &signature.inputs {
            match input {
                FnArg::Receiver(receiver) => parameters.push(Parameter {
                    name: Ident::new("self", receiver.self_token.span),
                    access: access_of_receiver(&receiver.kind),
                    is_str: false,
                    cfg: cfg_of(&receiver.attrs),
                }),
                FnArg::Typed(parameter) => {
                    let mut names = Vec::new();
                    let access = match &*parameter.pat {
                        Pat::Ident(binding)
                            if binding.by_ref.is_none() && binding.subpat.is_none() =>
                        {
                            names.push(binding.ident.clone());
                            access_of(&parameter.ty)
                        }
                        // The types of the parts are not known.
                        pattern => {
                            bindings(pattern, &mut names);
                            Access::Moved
                        }
                    };
                    parameters.extend(names.into_iter().map(|name| Parameter {
                        name,
                        access,
                        is_str: access == Access::Copied && is_str(&parameter.ty),
                        cfg: cfg_of(&parameter.attrs),
                    }));
                }
            }
        }
        Self(parameters)
    }

    /// The parameter of that name.
    pub(super) fn find(&self, name: &str) -> Option<&Parameter> {
        self.of_name(name).next()
    }

    /// All parameters of that name.
    pub(super) fn of_name(&self, name: &str) -> impl Iterator<Item = &Parameter> {
        let name = name.trim_start_matches("r#");
        self.0
            .iter()
            .filter(move |parameter| parameter.name.unraw() == name)
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Parameter> {
        self.0.iter()
    }
}

fn cfg_of(attributes: &[Attribute]) -> Vec<Attribute> {
    let cfg = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("cfg"));
    cfg.cloned().collect()
}

fn access_of_receiver(kind: &ReceiverKind) -> Access {
    match kind {
        ReceiverKind::Reference(_, _, None) => Access::Copied,
        ReceiverKind::Reference(..) => Access::Exclusive,
        ReceiverKind::Typed(_, ty) => access_of(ty),
        _ => Access::Moved,
    }
}

fn is_str(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("str")))
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

/// Collects what a pattern binds.
pub(super) fn bindings(pattern: &Pat, names: &mut Vec<Ident>) {
    match pattern {
        Pat::Ident(binding) => {
            names.push(binding.ident.clone());
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

/// Whether a pattern borrows a part of what it takes apart, to change it.
pub(super) fn borrows_mutably(pattern: &Pat) -> bool {
    match pattern {
        Pat::Ident(binding) => {
            (binding.by_ref.is_some() && binding.mutability.is_some())
                || (binding.subpat.as_ref()).is_some_and(|(_, inner)| borrows_mutably(inner))
        }
        Pat::Paren(paren) => borrows_mutably(&paren.pat),
        Pat::Reference(reference) => borrows_mutably(&reference.pat),
        Pat::Slice(slice) => slice.elems.iter().any(borrows_mutably),
        Pat::Struct(fields) => fields
            .fields
            .iter()
            .any(|field| borrows_mutably(&field.pat)),
        Pat::Tuple(tuple) => tuple.elems.iter().any(borrows_mutably),
        Pat::TupleStruct(tuple) => tuple.elems.iter().any(borrows_mutably),
        Pat::Type(typed) => borrows_mutably(&typed.pat),
        _ => false,
    }
}

/// Whether `name` stands somewhere in `tokens`, be it in a format string.
pub(super) fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Literal(literal) => literal.to_string().contains(&format!("{{{name}")),
        TokenTree::Punct(_) => false,
    })
}
