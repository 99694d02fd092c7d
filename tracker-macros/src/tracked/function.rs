//! The function that the attribute is on.

use proc_macro2::{Group, Ident, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Error, FnArg, Pat, ReturnType, Signature, Token, Type, Visibility,
    parse::{Parse, ParseStream},
    parse_quote,
};

use super::{
    future::{FutureBody, find_return, future_output, holds_a_future, is_pinned_box, visible},
    neighbours::{has_lifetime, is_inert, refuse_copy},
    parameters::may_borrow,
    pattern::named,
    returns,
};

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

/// The kind of a function's body, with its tokens.
pub(super) enum Body {
    /// The body of an `async fn`.
    Async(Group),
    /// The body of a plain `fn`.
    Sync(Group),
    /// The body of a `fn` that returns a future and ends in an async block.
    Future(Box<FutureBody>),
    /// The body of a `fn` that returns a boxed future in any other way.
    Boxed(Group),
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
                "there is no body to track: put `#[tracked]` on the implementation of this method; where it has a body here, an attribute of the trait has taken it away",
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
        if let (Some(track_caller), Body::Sync(body) | Body::Boxed(body)) = (track_caller, &body)
            && may_return_early(body.stream())
        {
            return Err(Error::new_spanned(
                track_caller,
                "a body that can return early runs in a closure, which would be the caller: remove `#[track_caller]`, or the `return`, `?` and macros of your own",
            ));
        }
        refuse_copy(&attributes, &signature, body.tokens())?;
        Ok(Self {
            attributes,
            visibility,
            defaultness,
            signature,
            body,
        })
    }
}

/// The end of the input. Without it, syn reports the remaining tokens with an error of its own.
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

/// Returns true if the body may return early: it has a `return`, a `?`, or a macro that the
/// standard library does not define.
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
        let is_boxed = output.is_some() && is_pinned_box(returned);
        if let Some(mut body) = FutureBody::at_the_end_of(&group) {
            body.output = match (output, &**returned) {
                (Some(output), _) => output,
                // The type has another name, such as that of an alias or an associated type.
                (None, Type::Path(named)) => {
                    parse_quote!(<#named as ::core::future::Future>::Output)
                }
                (None, _) => parse_quote!(_),
            };
            if let Some(early) = find_return(body.before.clone()) {
                if is_boxed {
                    return Ok(Self::Boxed(group));
                }
                return Err(Error::new(
                    early,
                    "the future that is returned here would not be recorded: make this an `async fn`, return from inside the async block, or spell the returned type as `Pin<Box<dyn Future<…>>>`",
                ));
            }
            return Ok(Self::Future(Box::new(body)));
        }
        if is_boxed {
            return Ok(Self::Boxed(group));
        }
        if output.is_some() {
            return Err(Error::new_spanned(
                returned,
                "this function returns a future but does not end in an async block: make it an `async fn`, end it in `async move { … }` or `Box::pin(async move { … })`, or return a `Pin<Box<dyn Future<…>>>`",
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

    /// Returns the block that runs.
    pub(super) fn block(&self) -> &Group {
        match self {
            Self::Async(group) | Self::Sync(group) | Self::Boxed(group) => group,
            Self::Future(body) => &body.block,
        }
    }

    /// Returns the tokens that may name the parameters.
    pub(super) fn tokens(&self) -> TokenStream {
        self.block().stream()
    }
}

impl Function {
    /// Returns the span for errors about the function as a whole.
    pub(super) fn name_span(&self) -> Span {
        self.signature.ident.span()
    }

    /// Returns true if the function has `#[track_caller]`.
    pub(super) fn tracks_caller(&self) -> bool {
        self.attributes
            .iter()
            .any(|attribute| attribute.path().is_ident("track_caller"))
    }

    /// Returns everything before the body.
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

    /// Returns true if another attribute may still read the signature.
    pub(super) fn is_read_by_others(&self) -> bool {
        !self
            .attributes
            .iter()
            .all(|attribute| is_inert(&attribute.meta))
    }

    /// Returns true if the added statements belong inside the async block.
    ///
    /// Some attributes that run later keep only that block. The statements may stand inside it if
    /// the future owns the arguments or can own them. It owns them in the code that attributes such
    /// as `#[async_trait]` make of an `async fn`.
    pub(super) fn begins_inside(&self) -> bool {
        let is_made_of_async = ["async_recursion", "async_trait"]
            .iter()
            .any(|name| has_lifetime(&self.signature, name));
        match &self.body {
            Body::Async(_) | Body::Sync(_) => false,
            Body::Boxed(_) => is_made_of_async,
            Body::Future(body) => {
                body.parentheses.is_some()
                    && body.before.is_empty()
                    && (is_made_of_async || (self.is_read_by_others() && self.owns_arguments()))
            }
        }
    }

    /// Returns true if no argument can hold a reference.
    fn owns_arguments(&self) -> bool {
        let owns = |input: &FnArg| match input {
            FnArg::Receiver(_) => false,
            FnArg::Typed(parameter) => {
                !matches!(*parameter.ty, Type::ImplTrait(_))
                    && !may_borrow(parameter.ty.to_token_stream())
            }
        };
        self.signature.generics.params.is_empty() && self.signature.inputs.iter().all(owns)
    }

    /// Gives each parameter that is just `_` a name, so that its value is dropped in order.
    pub(super) fn name_wildcards(&mut self) {
        if self.is_read_by_others() {
            return;
        }
        for (position, input) in self.signature.inputs.iter_mut().enumerate() {
            if let FnArg::Typed(parameter) = input
                && let Pat::Wild(_) = &*parameter.pat
            {
                let name = Ident::new(&format!("_{position}"), Span::mixed_site());
                *parameter.pat = named(name);
            }
        }
    }
}
