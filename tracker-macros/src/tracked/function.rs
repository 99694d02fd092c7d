//! The function that the attribute is on.

use proc_macro2::{Delimiter, Group, Ident, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Error, FnArg, GenericArgument, Pat, PatIdent, PathArguments, ReturnType, Signature,
    Token, Type, TypeParamBound, Visibility,
    parse::{Parse, ParseStream},
    parse_quote,
};

use super::returns;

/// A function whose body is never parsed: code that is being typed keeps its completion, and spans,
/// delimiters and lints stay what they are.
pub(super) struct Function {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    /// `default`, in a specialized impl.
    pub(super) defaultness: Option<Token![default]>,
    pub(super) signature: Signature,
    pub(super) body: Body,
}

/// What is between the braces, as far as it has to be known.
pub(super) enum Body {
    /// Of an `async fn`.
    Async(Group),
    /// Of a `fn`.
    Sync(Group),
    /// Of a `fn` that returns a future, an async block at its end.
    Future(Box<FutureBody>),
}

/// `before`, then `async move block`, perhaps in the parentheses of a `…::pin(…)` at the end of `before`.
pub(super) struct FutureBody {
    /// Where the function's braces are.
    pub(super) braces: Span,
    pub(super) before: TokenStream,
    pub(super) parentheses: Option<Span>,
    /// `async` or `async move`.
    pub(super) asyncness: TokenStream,
    pub(super) block: Group,
    /// The type of the future's output, where the signature spells it.
    pub(super) output: Type,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let defaultness = input.parse()?;
        let span = input.span();
        let holds_functions = input.peek(Token![impl]) || input.peek(Token![trait]);
        let signature: Signature = input.parse().map_err(|_| {
            Error::new(
                span,
                if holds_functions {
                    "`#[tracked]` goes on a function: put it on each method that is to be tracked"
                } else {
                    "`#[tracked]` goes on a function"
                },
            )
        })?;
        if let Some(constness) = signature.constness {
            return Err(Error::new_spanned(
                constness,
                "`#[tracked]` can't go on a `const fn`, which may run when nothing can be recorded: remove `const`",
            ));
        }
        if input.peek(Token![;]) {
            return Err(Error::new(
                input.span(),
                "there is no body to track: put `#[tracked]` on the implementation of this method",
            ));
        }
        let group = match input.parse()? {
            TokenTree::Group(group) => visible(group),
            other => return Err(Error::new(other.span(), "expected the function's body")),
        };
        input.parse::<End>()?;
        let body = Body::of(group, &signature)?;
        let track_caller = attributes
            .iter()
            .find(|attribute| attribute.path().is_ident("track_caller"));
        if let (Some(track_caller), Body::Sync(body)) = (track_caller, &body)
            && may_return_early(body.stream())
        {
            return Err(Error::new_spanned(
                track_caller,
                "a body that can return early runs in a closure, which would be the caller: remove `#[track_caller]`, or the `return`, `?` and macros of your own",
            ));
        }
        Ok(Self {
            attributes,
            visibility,
            defaultness,
            signature,
            body,
        })
    }
}

/// Nothing more; a parser that leaves tokens behind would report them as its own kind of error.
struct End;

impl Parse for End {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.is_empty() {
            return Ok(Self);
        }
        let rest: TokenStream = input.parse()?;
        Err(Error::new_spanned(
            rest,
            "expected nothing after the function's body",
        ))
    }
}

/// Whether there may be a `return` or a `?` in the body, be it in a macro that is not of the standard library.
fn may_return_early(body: TokenStream) -> bool {
    const HARMLESS: [&str; 17] = [
        "assert",
        "assert_eq",
        "assert_ne",
        "column",
        "concat",
        "dbg",
        "debug_assert",
        "eprintln",
        "file",
        "format",
        "line",
        "matches",
        "panic",
        "print",
        "println",
        "unreachable",
        "vec",
    ];
    let mut before = None;
    body.into_iter().any(|token| {
        let found = match &token {
            TokenTree::Group(group) => may_return_early(group.stream()),
            TokenTree::Ident(ident) => ident == "return",
            // `!=` is no macro.
            TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint => false,
            TokenTree::Punct(punct) => match (punct.as_char(), &before) {
                ('?', _) => true,
                ('!', Some(TokenTree::Ident(name))) => !HARMLESS.iter().any(|known| name == known),
                _ => false,
            },
            TokenTree::Literal(_) => false,
        };
        before = Some(token);
        found
    })
}

impl Body {
    fn of(group: Group, signature: &Signature) -> syn::Result<Self> {
        if signature.asyncness.is_some() {
            return Ok(Self::Async(group));
        }
        let ReturnType::Type(_, returned) = &signature.output else {
            return Ok(Self::Sync(group));
        };
        if returns::never(&signature.output) {
            return Ok(Self::Sync(group));
        }
        let output = future_output(returned);
        if let Some(mut body) = FutureBody::at_the_end_of(&group) {
            body.output = match (output, &**returned) {
                (Some(output), _) => output,
                // A type by another name, such as an alias or an associated type.
                (None, Type::Path(named)) => {
                    parse_quote!(<#named as ::core::future::Future>::Output)
                }
                (None, _) => parse_quote!(_),
            };
            if let Some(early) = find_return(body.before.clone()) {
                return Err(Error::new(
                    early,
                    "the future that is returned here would not be recorded: make this an `async fn`, or return from inside the async block",
                ));
            }
            return Ok(Self::Future(Box::new(body)));
        }
        if output.is_some() {
            return Err(Error::new_spanned(
                returned,
                "this function returns a future but does not end in an async block: make it an `async fn`, or end it in `async move { … }` or `Box::pin(async move { … })`",
            ));
        }
        if holds_a_future(returned.to_token_stream()) {
            return Err(Error::new_spanned(
                returned,
                "the future inside what this function returns would be recorded before it has run: return the future itself, or make this an `async fn`",
            ));
        }
        Ok(Self::Sync(group))
    }

    /// The tokens in which the parameters can be named.
    pub(super) fn tokens(&self) -> TokenStream {
        match self {
            Self::Async(group) | Self::Sync(group) => group.stream(),
            Self::Future(body) => body.block.stream(),
        }
    }
}

/// Where a body returns, be it in a closure.
fn find_return(tokens: TokenStream) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Group(group) => find_return(group.stream()),
        TokenTree::Ident(ident) if ident == "return" => Some(ident.span()),
        _ => None,
    })
}

impl FutureBody {
    fn at_the_end_of(group: &Group) -> Option<Self> {
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
        if !ends_a_statement(&tokens[..tokens.len() - call]) {
            return None;
        }
        Some(Self {
            braces: group.span(),
            before: tokens.into_iter().collect(),
            parentheses,
            asyncness,
            block,
            output: parse_quote!(_),
        })
    }
}

/// How many tokens at the end are a path, such as `Box::pin` or `<Box<_>>::pin`.
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

/// Whether a statement can begin behind these tokens: otherwise what follows is a part of a larger expression, as the body of a
/// closure is.
fn ends_a_statement(tokens: &[TokenTree]) -> bool {
    match tokens {
        [] => true,
        [.., TokenTree::Punct(semicolon)] => semicolon.as_char() == ';',
        // An attribute of the expression.
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

/// The braces inside the invisible delimiters that a `macro_rules` puts around a block; any other group as it is.
fn visible(group: Group) -> Group {
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

/// Whether `impl Future` or `dyn Future` stands somewhere in a type.
fn holds_a_future(ty: TokenStream) -> bool {
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

/// The output of a type that is spelled as a future; `_` where the output is not spelled.
fn future_output(ty: &Type) -> Option<Type> {
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
                // The aliases of the crate `futures`.
                "BoxFuture" | "LocalBoxFuture" => types.next().cloned(),
                _ => None,
            }
        }
        _ => None,
    }
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

impl Function {
    /// Where an error about the function as a whole belongs.
    pub(super) fn name_span(&self) -> Span {
        self.signature.ident.span()
    }

    /// Whether the body asks who called the function.
    pub(super) fn tracks_caller(&self) -> bool {
        self.attributes
            .iter()
            .any(|attribute| attribute.path().is_ident("track_caller"))
    }

    /// Everything before the body.
    pub(super) fn head(&self) -> TokenStream {
        let mut tokens = TokenStream::new();
        for attribute in &self.attributes {
            attribute.to_tokens(&mut tokens);
        }
        self.visibility.to_tokens(&mut tokens);
        self.defaultness.to_tokens(&mut tokens);
        self.signature.to_tokens(&mut tokens);
        tokens
    }

    /// Gives each parameter that is just `_` a name, so that its value can be dropped in its turn.
    pub(super) fn name_wildcards(&mut self) {
        for (position, input) in self.signature.inputs.iter_mut().enumerate() {
            if let FnArg::Typed(parameter) = input
                && let Pat::Wild(_) = &*parameter.pat
            {
                let name = Ident::new(&format!("_{position}"), Span::mixed_site());
                *parameter.pat = Pat::Ident(PatIdent {
                    attrs: Vec::new(),
                    by_ref: None,
                    mutability: None,
                    ident: name,
                    subpat: None,
                });
            }
        }
    }
}
