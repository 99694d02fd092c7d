//! Expansion of the action's name, for the recorded row and for the list of call sites.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Expr, ExprPath, GenericParam, Path, Signature, ext::IdentExt, spanned::Spanned};

use super::{super::action::Action, reference::reference_to};

/// The action's name, as far as the macro knows it.
pub(super) enum Name {
    /// A literal.
    Known(TokenStream),
    /// A constant that holds a function which returns the name. `item` defines the constant.
    Constant { item: TokenStream },
    /// An expression that has a meaning only inside the function.
    Dynamic(TokenStream),
}

impl Name {
    pub(super) fn of(action: &Action, signature: &Signature, krate: &Path) -> Self {
        match action {
            Action::BuiltIn(name) | Action::InSet(_, name) => Self::Known(quote!(#name)),
            Action::Path(path) => {
                let value = reference_to(&Expr::Path(path.clone()));
                let name = quote!(#krate::ActionSet::name(#value));
                if is_dynamic(path, signature) {
                    return Self::Dynamic(name);
                }
                // The recording and the call site share one item, so that the compiler reports an
                // error about the path's type only once.
                Self::Constant {
                    item: quote!(const __TRACKED_ACTION: fn() -> &'static str = || #name;),
                }
            }
        }
    }

    /// Returns an expression of type `&'static str`, valid inside the function.
    pub(super) fn value(&self) -> TokenStream {
        match self {
            Self::Known(name) | Self::Dynamic(name) => name.clone(),
            Self::Constant { .. } => quote!(__TRACKED_ACTION()),
        }
    }
}

/// Returns the items at the beginning of the function: the check of the action's name, and the
/// entry in `call_sites`.
pub(super) fn items(
    action: &Action,
    name: &Name,
    signature: &Signature,
    krate: &Path,
) -> TokenStream {
    let check = match action {
        Action::InSet(set, name) => {
            // The compiler reports a failed check at the evaluated expression. All of it therefore
            // has the location of the literal, except the set, which has errors of its own.
            let place = name.span();
            let check = located(quote!(#krate::__private::check_action), place);
            let actions = quote_spanned!(set.span()=> <#set as #krate::ActionSet>::ACTIONS);
            let mut arguments = Group::new(Delimiter::Parenthesis, quote!(#actions, #name));
            arguments.set_span(Span::call_site().located_at(place));
            quote!(const _: () = #check #arguments;)
        }
        Action::BuiltIn(_) | Action::Path(_) => TokenStream::new(),
    };
    let (item, name) = match name {
        Name::Known(name) => (None, name.clone()),
        Name::Constant { item } => (Some(item), quote!(name __TRACKED_ACTION)),
        Name::Dynamic(_) => (None, quote!(dynamic)),
    };
    let function = signature.ident.unraw().to_string();
    // The line of the function's name. The attribute is on another line.
    let line = quote_spanned!(signature.ident.span()=> ::core::line!());
    quote! {
        #check
        #item
        #krate::__private::call_site!(#function, #line, #name);
    }
}

/// Returns the tokens with the location of `place` and the hygiene that they had.
fn located(tokens: TokenStream, place: Span) -> TokenStream {
    let locate = |mut token: TokenTree| {
        if let TokenTree::Group(group) = token {
            let mut inside = Group::new(group.delimiter(), located(group.stream(), place));
            inside.set_span(group.span().located_at(place));
            return TokenTree::Group(inside);
        }
        token.set_span(token.span().located_at(place));
        token
    };
    tokens.into_iter().map(locate).collect()
}

/// Returns true if the spelling of a path suggests that only the function's statements can use it.
/// An item inside the function can use neither its generic parameters nor its arguments.
fn is_dynamic(path: &ExprPath, signature: &Signature) -> bool {
    let Some(first) = path.path.segments.first().map(|segment| &segment.ident) else {
        return false;
    };
    let is_generic = |parameter: &GenericParam| match parameter {
        GenericParam::Type(parameter) => parameter.ident == *first,
        GenericParam::Const(parameter) => parameter.ident == *first,
        GenericParam::Lifetime(_) => false,
    };
    // The macro does not see the generic parameters of the surrounding `impl`. By convention they
    // have one letter.
    let is_letter = path.path.segments.len() > 1 && first.unraw().to_string().chars().count() == 1;
    // Other paths of one segment are constants and imported variants, which begin with a capital.
    let is_variable =
        path.path.segments.len() == 1 && first.to_string().starts_with(char::is_lowercase);
    path.qself.is_some()
        || first == "Self"
        || is_letter
        || is_variable
        || signature.generics.params.iter().any(is_generic)
}
