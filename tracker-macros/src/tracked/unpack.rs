//! Parameters that the body's block moves into variables of its own.
//!
//! A function drops the bindings of a pattern, then the rest of that argument, then the next
//! argument. A block drops its captures at its end, names first. To keep the function's order, the
//! block moves the arguments from the first pattern on into its own variables, in their order, and
//! destructures the pattern there. This enlarges the future, so it is done only where the drop
//! order differs.
//!
//! It is also done where the body may assign a value that it made to a parameter. A capture has the
//! lifetimes of the signature's type, and a variable may have a shorter one.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, FnArg, Pat, PatIdent, PatType, Signature};

use super::{
    function::{Body, Function},
    parameters::{Access, access_of, may_borrow, mentions},
    pattern::{bindings, for_each_binding, is_name, named},
    plan::Plan,
};

/// Returns the statements that move the arguments, and removes from the signature what they now do:
/// a `mut`, and patterns and `_`, which a name replaces.
///
/// A pattern stays in the signature if one of its names is recorded. All patterns stay if another
/// attribute may still read the signature. The unnamed parts of such a pattern are dropped last.
pub(super) fn unpack(function: &mut Function, plan: &Plan) -> TokenStream {
    if matches!(function.body, Body::Future(_)) {
        return TokenStream::new();
    }
    let unpack = Unpack::new(function, plan);
    let mut statements = TokenStream::new();
    for (position, input) in function.signature.inputs.iter_mut().enumerate() {
        if let FnArg::Typed(parameter) = input {
            statements.extend(unpack.taken(position, parameter));
        }
    }
    statements
}

/// Returns statements that give the body a reborrow of each `&mut` parameter that the recording
/// uses afterwards.
pub(super) fn reborrow(function: &mut Function, plan: &Plan) -> TokenStream {
    let mut statements = TokenStream::new();
    for input in &mut function.signature.inputs {
        if let FnArg::Typed(parameter) = input
            && let Pat::Ident(name) = &mut *parameter.pat
            && let Some(client) = &plan.client
            && client.reborrowed.contains(&name.ident)
        {
            let (mutability, name) = (name.mutability.take(), &name.ident);
            // The body need not use the parameter.
            statements
                .extend(quote!(#[allow(unused_variables)] let #mutability #name = &mut *#name;));
        }
    }
    statements
}

struct Unpack {
    body: TokenStream,
    runs: Runs,
    /// True if another attribute may still read the signature.
    is_read: bool,
    /// True if patterns are destructured inside the block.
    unpacks: bool,
    /// The position of the first argument that the block must move into its own variables. The
    /// block then moves all later arguments too, so that the drop order stays the function's. It is
    /// `usize::MAX` if no argument must be moved, and 0 if the block does not capture by `move`,
    /// because `self` stays outside.
    first: usize,
    /// The `&mut` parameters that the recording uses after the block.
    left: Vec<Ident>,
    /// True if `self` is among them. The block then borrows each parameter that it does not move
    /// into a variable.
    leaves_self: bool,
}

/// The way in which the body runs.
#[derive(PartialEq, Eq)]
enum Runs {
    /// In a block that is awaited.
    Awaited,
    /// In a closure.
    Called,
    /// Directly in the function, which has `#[track_caller]`. The body works on copies of the `mut`
    /// parameters that are `Copy`, so that the recording afterwards still reads the values that the
    /// caller passed.
    InPlace,
}

impl Unpack {
    fn new(function: &Function, plan: &Plan) -> Self {
        let is_read = function.is_read_by_others();
        let mut unpack = Self {
            body: function.body.tokens(),
            runs: match function.body {
                Body::Async(_) | Body::Future(_) => Runs::Awaited,
                Body::Sync(_) | Body::Boxed(_) if function.tracks_caller() => Runs::InPlace,
                Body::Sync(_) | Body::Boxed(_) => Runs::Called,
            },
            is_read,
            unpacks: !is_read && !records_a_part(&function.signature, plan),
            first: usize::MAX,
            left: (plan.client.as_ref()).map_or_else(Vec::new, |client| client.reborrowed.clone()),
            leaves_self: plan.leaves_self(),
        };
        if unpack.leaves_self {
            unpack.first = 0;
            return unpack;
        }
        let mut inputs = function.signature.inputs.iter();
        let first = inputs.position(|input| match input {
            FnArg::Typed(parameter) => unpack.begins_with(parameter),
            FnArg::Receiver(_) => false,
        });
        unpack.first = first.unwrap_or(usize::MAX);
        unpack
    }

    /// Returns true if the block must move this argument and the argument may have something to
    /// drop. All later arguments must then be moved as well.
    fn begins_with(&self, parameter: &PatType) -> bool {
        match &*parameter.pat {
            Pat::Wild(_) => false,
            Pat::Ident(name) if is_name(name) => {
                access_of(&parameter.ty) == Access::Moved && self.may_be_set(name, parameter)
            }
            pattern => {
                self.unpacks
                    || (bindings(pattern).iter()).any(|name| self.may_be_set(name, parameter))
            }
        }
    }

    /// Returns true if the body may assign a value that it made to this name.
    fn may_be_set(&self, name: &PatIdent, parameter: &PatType) -> bool {
        self.runs == Runs::Awaited
            && name.by_ref.is_none()
            && name.mutability.is_some()
            && self.uses(&name.ident)
            && may_borrow(parameter.ty.to_token_stream())
    }

    fn uses(&self, name: &Ident) -> bool {
        name.to_string().starts_with('_') || mentions(self.body.clone(), name)
    }

    /// Returns the statements that move this argument.
    fn taken(&self, position: usize, parameter: &mut PatType) -> TokenStream {
        let cfg: Vec<_> = (parameter.attrs.iter())
            .filter(|attribute| attribute.path().is_ident("cfg"))
            .cloned()
            .collect();
        let is_behind_first = position >= self.first;
        let is_whole = match &*parameter.pat {
            Pat::Wild(_) => !self.is_read,
            Pat::Ident(name) if is_name(name) => false,
            _ => self.unpacks,
        };
        if is_whole {
            return if is_behind_first {
                take_apart(position, parameter, &cfg)
            } else {
                TokenStream::new()
            };
        }
        let of = parameter.clone();
        let is_pattern = !matches!(&*of.pat, Pat::Ident(name) if is_name(name));
        let access = if is_pattern {
            Access::Moved
        } else {
            access_of(&of.ty)
        };
        let mut statements = TokenStream::new();
        for_each_binding(&mut parameter.pat, &mut |name| {
            let is_taken = match access {
                _ if name.by_ref.is_some() => false,
                Access::Moved => is_behind_first && self.uses(&name.ident),
                Access::Copied if self.runs == Runs::InPlace => name.mutability.is_some(),
                Access::Exclusive if self.leaves_self && !self.left.contains(&name.ident) => {
                    self.uses(&name.ident)
                }
                Access::Copied | Access::Exclusive => self.may_be_set(name, &of),
            };
            if is_taken {
                let (mutability, ident) = (name.mutability.take(), &name.ident);
                let allow = (ident.to_string().starts_with('_'))
                    .then(|| quote!(#[allow(clippy::used_underscore_binding)]));
                statements.extend(quote!(#(#cfg)* #allow let #mutability #ident = #ident;));
            }
        });
        statements
    }
}

/// Names the argument in the signature, and returns the statements that destructure it.
fn take_apart(position: usize, parameter: &mut PatType, cfg: &[Attribute]) -> TokenStream {
    let name = Ident::new(&format!("_{position}"), Span::mixed_site());
    let pattern = std::mem::replace(&mut *parameter.pat, named(name.clone()));
    let borrows_mutably =
        (bindings(&pattern).iter()).any(|name| name.by_ref.is_some() && name.mutability.is_some());
    let mutability = borrows_mutably.then(|| quote!(mut));
    let parts = (!matches!(pattern, Pat::Wild(_))).then(|| quote!(#(#cfg)* let #pattern = #name;));
    quote!(#(#cfg)* let #mutability #name = #name; #parts)
}

/// Returns true if a name that a pattern binds is recorded.
fn records_a_part(signature: &Signature, plan: &Plan) -> bool {
    signature.inputs.iter().any(|input| match input {
        FnArg::Receiver(_) => false,
        FnArg::Typed(parameter) => match &*parameter.pat {
            Pat::Ident(name) if is_name(name) => false,
            pattern => (bindings(pattern).iter()).any(|name| plan.names(&name.ident)),
        },
    })
}
