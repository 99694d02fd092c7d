//! The attribute's arguments as they are written, before they are checked against the function.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{
    Error, Expr, LitStr, Path, Token,
    ext::IdentExt,
    parenthesized,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
    token::Paren,
};

use super::action::ActionValue;
use crate::diagnostics::{Errors, did_you_mean, list, set_once};

/// The arguments of the attribute, each with an example of its value.
const KEYS: [(&str, &str); 16] = [
    ("action", "\"deployment\""),
    ("actions", "Billing"),
    ("user", "job.user_id"),
    ("request", "job.request_id"),
    ("project", "job.project_id"),
    ("environment", "\"development\""),
    ("details", "\"deployed to {output.url}\""),
    ("error_details", "\"failed: {error}\""),
    ("references", "references(deployment_id = output.id)"),
    ("record", "\"always\""),
    ("client", "tx"),
    ("required", ""),
    ("or_journal", ""),
    ("durable", ""),
    ("tracker", "self.tracker"),
    ("crate", "my_reexport"),
];

/// Words that users are likely to write instead of an argument's name, such as the names of the
/// columns, each with the argument that it means.
const MEANT: [(&str, &str); 6] = [
    ("user_id", "user"),
    ("request_id", "request"),
    ("project_id", "project"),
    ("env", "environment"),
    ("error", "error_details"),
    ("always", "record = \"always\""),
];

/// The contents of the parentheses of `#[tracked(…)]`.
#[derive(Default)]
pub(super) struct Arguments {
    /// The parse errors, to be reported with those of validation.
    pub(super) errors: Errors,
    /// True if there is an action, even one that could not be parsed.
    pub(super) names_action: bool,
    pub(super) action: Option<ActionValue>,
    /// True if the action is of a set, even one that could not be parsed.
    pub(super) names_set: bool,
    pub(super) actions: Option<Path>,
    pub(super) user: Option<Expr>,
    pub(super) request: Option<Expr>,
    pub(super) project: Option<Expr>,
    pub(super) environment: Option<Expr>,
    pub(super) details: Option<Details>,
    pub(super) error_details: Option<Details>,
    pub(super) record: Option<Record>,
    pub(super) references: Option<References>,
    pub(super) client: Option<Expr>,
    /// The words `required`, `or_journal` and `durable`, as written.
    pub(super) required: Option<Ident>,
    pub(super) or_journal: Option<Ident>,
    pub(super) durable: Option<Ident>,
    pub(super) tracker: Option<Expr>,
    pub(super) krate: Option<Path>,
}

/// `record = "…"`: the outcomes that are recorded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Record {
    Success,
    /// Also failures, panics and cancellations.
    Always,
}

/// `details = "…"` or `details("…", …)`.
pub(super) struct Details {
    pub(super) template: LitStr,
    pub(super) arguments: Vec<DetailsArgument>,
}

/// One expression after the template, `name = expr` or just `expr`.
pub(super) struct DetailsArgument {
    pub(super) name: Option<Ident>,
    pub(super) value: Expr,
}

/// `references(output, name = expr, …)`.
#[derive(Default)]
pub(super) struct References {
    /// `output`: the returned type must declare its references.
    pub(super) output: Option<Ident>,
    pub(super) named: Vec<(Ident, Expr)>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut arguments = Self::default();
        while !input.is_empty() {
            if let Err(error) = arguments.argument(input) {
                arguments.errors.push(error);
                skip_to_comma(input)?;
            }
            if input.is_empty() {
                break;
            }
            if let Err(error) = input.parse::<Token![,]>() {
                arguments.errors.push(Error::new(
                    error.span(),
                    "expected `,` between the arguments",
                ));
                skip_to_comma(input)?;
                let _: Option<Token![,]> = input.parse()?;
            }
        }
        Ok(arguments)
    }
}

impl Arguments {
    /// Parses one argument.
    fn argument(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let span = input.span();
        let key = input.call(Ident::parse_any).map_err(|_| {
            Error::new(
                span,
                "expected an argument, as in `action = \"deployment\"`",
            )
        })?;
        let keys = || KEYS.iter().map(|(known, _)| *known);
        match &*key.to_string() {
            "action" => {
                self.names_action = true;
                let value = after_equals(input, &key, ActionValue::parse)?;
                set_once(&mut self.action, &key, value)
            }
            "actions" => {
                self.names_set = true;
                let value = after_equals(input, &key, path)?;
                set_once(&mut self.actions, &key, value)
            }
            "record" => {
                let value = after_equals(input, &key, Record::parse)?;
                set_once(&mut self.record, &key, value)
            }
            "user" => set_once(&mut self.user, &key, expression(input, &key)?),
            "request" => set_once(&mut self.request, &key, expression(input, &key)?),
            "project" => set_once(&mut self.project, &key, expression(input, &key)?),
            "environment" => set_once(&mut self.environment, &key, expression(input, &key)?),
            "client" => set_once(&mut self.client, &key, expression(input, &key)?),
            "required" => word(&mut self.required, key, input),
            "or_journal" => word(&mut self.or_journal, key, input),
            "durable" => word(&mut self.durable, key, input),
            "tracker" => set_once(&mut self.tracker, &key, expression(input, &key)?),
            "details" => set_once(&mut self.details, &key, Details::parse(input, &key)?),
            "error_details" => {
                let value = Details::parse(input, &key)?;
                set_once(&mut self.error_details, &key, value)
            }
            "references" => set_once(&mut self.references, &key, References::parse(input, &key)?),
            "crate" => {
                let value = after_equals(input, &key, path)?;
                set_once(&mut self.krate, &key, value)
            }
            other if let Some((_, meant)) = MEANT.iter().find(|(name, _)| *name == other) => {
                Err(Error::new(
                    key.span(),
                    format!("unknown argument `{other}`; did you mean `{meant}`?"),
                ))
            }
            unknown => Err(Error::new(
                key.span(),
                format!(
                    "unknown argument `{unknown}`{}\n\nknown arguments: {}",
                    did_you_mean(unknown, keys()),
                    list(keys()),
                ),
            )),
        }
    }
}

impl Record {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let span = input.span();
        let word = input.fork().parse::<Ident>().ok();
        let value = input.parse::<LitStr>().map(|value| value.value());
        let hint = match (&value, word) {
            (Ok(value), _) => match &**value {
                "success" => return Ok(Self::Success),
                "always" => return Ok(Self::Always),
                other => did_you_mean(other, ["success", "always"]),
            },
            (Err(_), Some(word)) => format!("; `{word}` stands in quotes"),
            (Err(_), None) => String::new(),
        };
        Err(Error::new(
            span,
            format!(
                "`record` is \"success\", the default, or \"always\", which records failures, panics and cancellation as well{hint}"
            ),
        ))
    }
}

impl Details {
    fn parse(input: ParseStream<'_>, key: &Ident) -> syn::Result<Self> {
        if input.peek(Paren) {
            return in_parentheses(input, |content, parentheses| {
                if content.is_empty() {
                    return Err(Error::new(
                        parentheses,
                        format!(
                            "`{key}` needs a text, as in `{key}(\"{{}} files\", output.files.len())`"
                        ),
                    ));
                }
                let template = literal(content)?;
                let mut arguments = Vec::new();
                while !content.is_empty() {
                    content.parse::<Token![,]>()?;
                    if !content.is_empty() {
                        arguments.push(DetailsArgument::parse(content)?);
                    }
                }
                Ok(Self {
                    template,
                    arguments,
                })
            });
        }
        let template = after_equals(input, key, literal)?;
        Ok(Self {
            template,
            arguments: Vec::new(),
        })
    }
}

impl DetailsArgument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let named =
            input.peek(Ident::peek_any) && input.peek2(Token![=]) && !input.peek2(Token![==]);
        let name = if named {
            let name = input.call(Ident::parse_any)?;
            input.parse::<Token![=]>()?;
            Some(name)
        } else {
            None
        };
        Ok(Self {
            name,
            value: input.parse()?,
        })
    }
}

impl References {
    fn parse(input: ParseStream<'_>, key: &Ident) -> syn::Result<Self> {
        if !input.peek(Paren) {
            return Err(Error::new(
                key.span(),
                "`references` lists IDs, as in `references(deployment_id = output.id)`",
            ));
        }
        in_parentheses(input, Self::entries)
    }

    fn entries(content: ParseStream<'_>, parentheses: Span) -> syn::Result<Self> {
        let mut references = Self::default();
        for entry in Punctuated::<Reference, Token![,]>::parse_terminated(content)? {
            match entry {
                Reference::Output(output) => {
                    set_once(&mut references.output, &output.clone(), output)?;
                }
                Reference::Named(name, value) => {
                    if references.named.iter().any(|(known, _)| *known == name) {
                        return Err(Error::new(
                            name.span(),
                            format!("the reference `{name}` is given twice: remove one"),
                        ));
                    }
                    references.named.push((name, value));
                }
            }
        }
        if references.output.is_none() && references.named.is_empty() {
            return Err(Error::new(
                parentheses,
                "`references` is empty: name an ID, as in `references(deployment_id = output.id)`, or remove it",
            ));
        }
        Ok(references)
    }
}

/// Parses `(…)`. After an error, skips the rest of the contents. Otherwise syn would report the
/// remaining tokens in place of the error.
fn in_parentheses<T>(
    input: ParseStream<'_>,
    parse: impl FnOnce(ParseStream<'_>, Span) -> syn::Result<T>,
) -> syn::Result<T> {
    let content;
    let parentheses = parenthesized!(content in input);
    let parsed = parse(&content, parentheses.span.join());
    if parsed.is_err() {
        let _: TokenStream = content.parse()?;
    }
    parsed
}

/// Parses one entry of `references(…)`.
enum Reference {
    Output(Ident),
    Named(Ident, Expr),
}

impl Parse for Reference {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let span = input.span();
        let expected = "expected a name and a value, as in `deployment_id = output.id`, or `output` for all that the returned type declares";
        let name = input
            .call(Ident::parse_any)
            .map_err(|_| Error::new(span, expected))?;
        if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            return Ok(Self::Named(name, input.parse()?));
        }
        if name == "output" && (input.is_empty() || input.peek(Token![,])) {
            return Ok(Self::Output(name));
        }
        Err(Error::new(span, expected))
    }
}

/// Parses `= value`.
fn after_equals<T>(
    input: ParseStream<'_>,
    key: &Ident,
    parse: fn(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    let equals: Option<Token![=]> = input.parse()?;
    if equals.is_none() || input.is_empty() || input.peek(Token![,]) {
        let known = KEYS.iter().find(|(known, _)| key == known);
        let example = known.map_or("…", |(_, example)| example);
        return Err(Error::new(
            key.span(),
            format!("`{key}` needs a value, as in `{key} = {example}`"),
        ));
    }
    parse(input)
}

fn expression(input: ParseStream<'_>, key: &Ident) -> syn::Result<Expr> {
    after_equals(input, key, Expr::parse)
}

/// Parses a word that stands alone.
fn word(slot: &mut Option<Ident>, key: Ident, input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(Token![=]) || input.peek(Paren) {
        return Err(Error::new(
            key.span(),
            format!("`{key}` stands alone: it has no value"),
        ));
    }
    set_once(slot, &key.clone(), key)
}

/// Parses a path without quotes.
fn path(input: ParseStream<'_>) -> syn::Result<Path> {
    let span = input.span();
    Path::parse_mod_style(input).map_err(|_| Error::new(span, "expected a path, without quotes"))
}

/// Parses a string literal.
fn literal(input: ParseStream<'_>) -> syn::Result<LitStr> {
    let span = input.span();
    input.parse().map_err(|_| {
        Error::new(
            span,
            "expected a string literal; another text goes behind one, as in `details(\"{}\", text)`",
        )
    })
}

/// Skips the rest of an argument that could not be parsed.
fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.step(|cursor| {
            let after = cursor.token_tree().map_or(*cursor, |(_, after)| after);
            Ok(((), after))
        })?;
    }
    Ok(())
}
