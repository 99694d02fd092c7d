//! The bindings of the function's parameters, and their use after the body.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{Attribute, FnArg, Pat, ReceiverKind, Signature, Type, ext::IdentExt};

use super::pattern::{bindings, is_name};

/// The time for which a parameter can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Before and after the body, which gets a copy: a shared reference or a primitive.
    Copied,
    /// Before the body; after it only if it is reborrowed: an exclusive reference.
    Exclusive,
    /// Before the body, which may move it.
    Moved,
}

/// A name that is bound by a parameter.
pub(super) struct Parameter {
    pub(super) name: Ident,
    pub(super) access: Access,
    /// True if its type is spelled `&str`.
    pub(super) is_str: bool,
    /// The `#[cfg(…)]` of the parameter, which also removes the code that reads it.
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
                    let access = match &*parameter.pat {
                        Pat::Ident(name) if is_name(name) => access_of(&parameter.ty),
                        // The types of the parts are unknown.
                        _ => Access::Moved,
                    };
                    parameters.extend(bindings(&parameter.pat).into_iter().map(|binding| {
                        Parameter {
                            name: binding.ident.clone(),
                            access,
                            is_str: access == Access::Copied && is_str(&parameter.ty),
                            cfg: cfg_of(&parameter.attrs),
                        }
                    }));
                }
            }
        }
        Self(parameters)
    }

    /// Returns the parameter of that name.
    pub(super) fn find(&self, name: &str) -> Option<&Parameter> {
        self.of_name(name).next()
    }

    /// Returns all parameters of that name.
    pub(super) fn of_name(&self, name: &str) -> impl Iterator<Item = &Parameter> {
        let name = name.trim_start_matches("r#");
        self.0
            .iter()
            .filter(move |parameter| parameter.name.unraw() == name)
    }

    /// Returns true if the parameters of that name, of which `#[cfg]`s may choose one, have the
    /// type `&str`.
    pub(super) fn are_str(&self, name: &str) -> bool {
        let mut found = self.of_name(name).peekable();
        found.peek().is_some() && found.all(|parameter| parameter.is_str)
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

pub(super) fn access_of(ty: &Type) -> Access {
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

/// Returns true if a value of this type may hold a reference. An `async fn` has to spell the
/// lifetime as `&` or `'_` then, except for that of `Self`.
pub(super) fn may_borrow(ty: TokenStream) -> bool {
    ty.into_iter().any(|token| match token {
        TokenTree::Group(group) => may_borrow(group.stream()),
        TokenTree::Ident(ident) => ident == "Self",
        TokenTree::Punct(punct) => matches!(punct.as_char(), '&' | '\'' | '!'),
        TokenTree::Literal(_) => false,
    })
}

/// Returns true if `tokens` contain `name`, even in a format string.
pub(super) fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Literal(literal) => literal.to_string().contains(&format!("{{{name}")),
        TokenTree::Punct(_) => false,
    })
}
