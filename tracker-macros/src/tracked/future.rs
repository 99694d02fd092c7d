//! Functions that return a future: their final async block, and their signature.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::{GenericArgument, PathArguments, PathSegment, Type, TypeParamBound, parse_quote};

/// A body that consists of `before` and a final async `block`, possibly in the parentheses of a
/// `pin`.
pub(super) struct FutureBody {
    /// The span of the function's braces.
    pub(super) braces: Span,
    pub(super) before: TokenStream,
    /// The path to `Box::pin`, or nothing.
    pub(super) pin: TokenStream,
    pub(super) parentheses: Option<Span>,
    /// `async` or `async move`.
    pub(super) asyncness: TokenStream,
    pub(super) block: Group,
    /// The type of the future's output, if the signature spells it.
    pub(super) output: Type,
}

/// Returns the position of the first `return`, even one in a closure.
pub(super) fn find_return(tokens: TokenStream) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Group(group) => find_return(group.stream()),
        TokenTree::Ident(ident) if ident == "return" => Some(ident.span()),
        _ => None,
    })
}

impl FutureBody {
    pub(super) fn at_the_end_of(group: &Group) -> Option<Self> {
        let mut tokens: Vec<_> = group.stream().into_iter().collect();
        let TokenTree::Group(last) = tokens.pop()? else {
            return None;
        };
        let last = visible(last);
        let (asyncness, block, parentheses) = match last.delimiter() {
            Delimiter::Brace => (asyncness(&mut tokens)?, last, None),
            Delimiter::Parenthesis => {
                if !matches!(tokens.last(), Some(TokenTree::Ident(name)) if name == "pin") {
                    return None;
                }
                let mut inside: Vec<_> = last.stream().into_iter().collect();
                if matches!(inside.last(), Some(TokenTree::Punct(comma)) if comma.as_char() == ',')
                {
                    inside.pop();
                }
                let TokenTree::Group(block) = inside.pop()? else {
                    return None;
                };
                let block = visible(block);
                let asyncness = asyncness(&mut inside)?;
                if !inside.is_empty() || block.delimiter() != Delimiter::Brace {
                    return None;
                }
                (asyncness, block, Some(last.span()))
            }
            _ => return None,
        };
        let call = match parentheses {
            Some(_) => trailing_path(&tokens),
            None => 0,
        };
        let pin = tokens.split_off(tokens.len() - call);
        if !ends_a_statement(&tokens) {
            return None;
        }
        Some(Self {
            braces: group.span(),
            before: tokens.into_iter().collect(),
            pin: pin.into_iter().collect(),
            parentheses,
            asyncness,
            block,
            output: parse_quote!(_),
        })
    }
}

/// Returns the number of final tokens that are a path, such as `Box::pin` or `<Box<_>>::pin`.
fn trailing_path(tokens: &[TokenTree]) -> usize {
    let mut angles = 0_usize;
    let is_part = |token: &&TokenTree| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => match punct.as_char() {
            '>' => {
                angles += 1;
                true
            }
            '<' => {
                angles = angles.saturating_sub(1);
                true
            }
            ':' => true,
            _ => angles > 0,
        },
        TokenTree::Group(_) | TokenTree::Literal(_) => angles > 0,
    };
    tokens.iter().rev().take_while(is_part).count()
}

/// Returns true if a statement can begin after these tokens. Otherwise the tokens that follow are a
/// part of a larger expression, such as a closure's body.
fn ends_a_statement(tokens: &[TokenTree]) -> bool {
    match tokens {
        [] => true,
        [.., TokenTree::Punct(semicolon)] => semicolon.as_char() == ';',
        // This is an attribute of the expression.
        [before @ .., TokenTree::Punct(hash), TokenTree::Group(group)]
            if hash.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
        {
            ends_a_statement(before)
        }
        [.., TokenTree::Group(group)] => {
            matches!(group.delimiter(), Delimiter::Brace | Delimiter::None)
        }
        _ => false,
    }
}

/// Returns the braces inside the invisible delimiters that a `macro_rules` puts around a block, and
/// any other group unchanged.
pub(super) fn visible(group: Group) -> Group {
    if group.delimiter() == Delimiter::None {
        let mut inside = group.stream().into_iter();
        if let (Some(TokenTree::Group(inner)), None) = (inside.next(), inside.next()) {
            return visible(inner);
        }
    }
    group
}

/// Takes `async` or `async move` from the end of `tokens`.
fn asyncness(tokens: &mut Vec<TokenTree>) -> Option<TokenStream> {
    let is = |token: Option<&TokenTree>, name: &str| matches!(token, Some(TokenTree::Ident(ident)) if ident == name);
    let moves = is(tokens.last(), "move").then(|| tokens.pop()).flatten();
    if !is(tokens.last(), "async") {
        return None;
    }
    Some(tokens.pop().into_iter().chain(moves).collect())
}

/// Returns true if a type contains `impl Future` or `dyn Future`.
pub(super) fn holds_a_future(ty: TokenStream) -> bool {
    let mut is_trait = false;
    ty.into_iter().any(|token| match token {
        TokenTree::Group(group) => holds_a_future(group.stream()),
        TokenTree::Ident(ident) if ident == "impl" || ident == "dyn" => {
            is_trait = true;
            false
        }
        TokenTree::Ident(ident) => is_trait && ident == "Future",
        TokenTree::Punct(punct) => {
            is_trait &= punct.as_char() != ',';
            false
        }
        TokenTree::Literal(_) => false,
    })
}

/// Returns the output of a type that is spelled as a future, or `_` if the output is not spelled.
pub(super) fn future_output(ty: &Type) -> Option<Type> {
    match ty {
        Type::Group(group) => future_output(&group.elem),
        Type::Paren(paren) => future_output(&paren.elem),
        Type::ImplTrait(opaque) => opaque.bounds.iter().find_map(output_of_bound),
        Type::TraitObject(object) => object.bounds.iter().find_map(output_of_bound),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let PathArguments::AngleBracketed(arguments) = &last.arguments else {
                return None;
            };
            let mut types = arguments.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            match &*last.ident.to_string() {
                "Pin" | "Box" => future_output(types.next()?),
                // These are the aliases of the crate `futures`.
                "BoxFuture" | "LocalBoxFuture" => types.next().cloned(),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Returns true if a type that is spelled as a future is a pinned box, in whose place another such
/// box can be returned.
pub(super) fn is_pinned_box(ty: &Type) -> bool {
    fn last_of(ty: &Type) -> Option<&PathSegment> {
        match ty {
            Type::Group(group) => last_of(&group.elem),
            Type::Paren(paren) => last_of(&paren.elem),
            Type::Path(path) => path.path.segments.last(),
            _ => None,
        }
    }
    let Some(last) = last_of(ty) else {
        return false;
    };
    if last.ident != "Pin" {
        return last.ident == "BoxFuture" || last.ident == "LocalBoxFuture";
    }
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return false;
    };
    matches!(arguments.args.first(), Some(GenericArgument::Type(pinned))
        if last_of(pinned).is_some_and(|last| last.ident == "Box"))
}

fn output_of_bound(bound: &TypeParamBound) -> Option<Type> {
    let TypeParamBound::Trait(bound) = bound else {
        return None;
    };
    let last = bound.path.segments.last()?;
    if last.ident != "Future" {
        return None;
    }
    if let PathArguments::AngleBracketed(arguments) = &last.arguments {
        for argument in &arguments.args {
            if let GenericArgument::AssocType(output) = argument
                && output.ident == "Output"
            {
                return Some(output.ty.clone());
            }
        }
    }
    Some(parse_quote!(_))
}
