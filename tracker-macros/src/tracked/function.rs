//! The function that the attribute is on.

use proc_macro2::{Group, Span, TokenStream};
use quote::ToTokens;
use syn::{
    Attribute, Error, Signature, Token, Visibility,
    parse::{Parse, ParseStream},
};

/// A function whose body is one token tree that is never looked into: code that is being typed keeps its
/// completion, and spans, delimiters and lints stay what they are.
pub(super) struct Function {
    pub(super) attributes: Vec<Attribute>,
    pub(super) visibility: Visibility,
    /// `default`, in a specialized impl.
    pub(super) defaultness: Option<Token![default]>,
    pub(super) signature: Signature,
    pub(super) body: Group,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let defaultness = input.parse()?;
        let span = input.span();
        let signature: Signature = input
            .parse()
            .map_err(|_| Error::new(span, "`#[tracked]` goes on a function"))?;
        if signature.asyncness.is_none() {
            return Err(Error::new_spanned(
                signature.fn_token,
                "`#[tracked]` goes on an `async fn`",
            ));
        }
        if input.peek(Token![;]) {
            return Err(Error::new(
                input.span(),
                "there is no body to track: put `#[tracked]` on the implementation of this method",
            ));
        }
        let body = input.parse()?;
        input.parse::<End>()?;
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

impl Function {
    /// Where an error about the function as a whole belongs.
    pub(super) fn name_span(&self) -> Span {
        self.signature.ident.span()
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
}
