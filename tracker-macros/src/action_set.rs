//! `#[derive(ActionSet)]`.

use heck::{
    ToKebabCase, ToLowerCamelCase, ToShoutyKebabCase, ToShoutySnakeCase, ToSnakeCase,
    ToUpperCamelCase,
};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{
    Attribute, Data, DeriveInput, Error, Fields, LitStr, Meta, Path, ext::IdentExt,
    parse::ParseStream, parse_quote, spanned::Spanned,
};

use crate::{
    arguments::arguments,
    diagnostics::{Errors, did_you_mean, list, set_once},
};

/// The most characters of a name: `tracker_core::limits::ID_CHARS_MAX`.
const NAME_CHARS_MAX: usize = 255;

/// Returns the implementation. On mistakes, returns their errors and an implementation with the
/// correct names, so that the rest of the crate still compiles.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let input = match syn::parse2::<DeriveInput>(item) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let container = Container::parse(&input.attrs, &mut errors);
    let actions = actions(&input, &container.case, &mut errors);
    let error = errors.finish(()).err().map(Error::into_compile_error);
    expand(&input, &container.krate, &actions, error.as_ref())
}

fn expand(
    input: &DeriveInput,
    krate: &Path,
    actions: &[Action],
    error: Option<&TokenStream>,
) -> TokenStream {
    let set = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    let (mut variants, mut names, mut labels) = (vec![], vec![], vec![]);
    for action in actions {
        variants.push(action.variant);
        names.push(&action.name);
        labels.push(&action.label);
    }
    // If there is an error, the variants may have any shape, or there may be none.
    let text_of = |texts: &[&String]| {
        if error.is_some() {
            quote!("")
        } else {
            quote!(match self { #(Self::#variants => #texts,)* })
        }
    };
    let (name, label) = (text_of(&names), text_of(&labels));
    quote! {
        #error
        #[automatically_derived]
        #[allow(deprecated)]
        impl #impl_generics #krate::ActionSet for #set #type_generics #where_clause {
            const ACTIONS: &'static [#krate::NamedAction] =
                &[#(#krate::NamedAction::new(#names, #labels)),*];

            fn name(&self) -> &'static str {
                #name
            }

            fn label(&self) -> &'static str {
                #label
            }
        }
    }
}

/// The arguments of `#[action(…)]` on the enum.
struct Container {
    krate: Path,
    case: Case,
}

impl Container {
    fn parse(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let (mut krate, mut case) = (None, None);
        for attribute in marks(attributes) {
            let parsed = parse_mark(attribute, &["rename_all", "crate"], |key, input| {
                if key == "crate" {
                    set_once(&mut krate, key, Path::parse_mod_style(input)?)
                } else {
                    set_once(&mut case, key, Case::parse(&input.parse()?)?)
                }
            });
            errors.ok(parsed);
        }
        Self {
            krate: krate.unwrap_or_else(|| parse_quote!(::tracker_core)),
            case: case.unwrap_or(Case::SNAKE),
        }
    }
}

/// A letter case of names.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    convert: fn(&str) -> String,
}

impl Case {
    const SNAKE: Self = Self::new("snake_case", str::to_snake_case);

    /// The cases that serde knows.
    const ALL: [Self; 8] = [
        Self::new("lowercase", |text| text.to_snake_case().replace('_', "")),
        Self::new("UPPERCASE", |text| {
            text.to_shouty_snake_case().replace('_', "")
        }),
        Self::new("PascalCase", str::to_upper_camel_case),
        Self::new("camelCase", str::to_lower_camel_case),
        Self::SNAKE,
        Self::new("SCREAMING_SNAKE_CASE", str::to_shouty_snake_case),
        Self::new("kebab-case", str::to_kebab_case),
        Self::new("SCREAMING-KEBAB-CASE", str::to_shouty_kebab_case),
    ];

    const fn new(name: &'static str, convert: fn(&str) -> String) -> Self {
        Self { name, convert }
    }

    fn parse(name: &LitStr) -> syn::Result<Self> {
        let text = name.value();
        let names = || Self::ALL.into_iter().map(|case| case.name);
        Self::ALL
            .into_iter()
            .find(|case| case.name == text)
            .ok_or_else(|| {
                Error::new(
                    name.span(),
                    format!(
                        "unknown case `{text}`{}\n\nknown cases: {}",
                        did_you_mean(&text, names()),
                        list(names()),
                    ),
                )
            })
    }
}

/// A variant and its action.
struct Action<'a> {
    variant: &'a Ident,
    name: String,
    label: String,
}

/// Returns the actions that have correct names, and adds the mistakes to `errors`.
fn actions<'a>(input: &'a DeriveInput, case: &Case, errors: &mut Errors) -> Vec<Action<'a>> {
    let Data::Enum(data) = &input.data else {
        errors.push(Error::new(
            input.ident.span(),
            "`ActionSet` is derived for an enum; implement `ActionSet` for this type by hand",
        ));
        return vec![];
    };
    if data.variants.is_empty() {
        errors.push(Error::new(
            input.ident.span(),
            "an action set needs an action: give the enum a variant for each",
        ));
    }
    let mut actions: Vec<Action<'a>> = vec![];
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            errors.push(Error::new(
                variant.fields.span(),
                "an action carries no values: remove the fields, and record values with `details` or `references`",
            ));
        }
        let Some(action) = errors.ok(action(&variant.ident, &variant.attrs, case)) else {
            continue;
        };
        let (action, span) = action;
        if actions.iter().any(|other| other.name == action.name) {
            errors.push(Error::new(
                span,
                format!(
                    "two actions have the name `{}`: rename one, as in `#[action(rename = \"…\")]`",
                    action.name,
                ),
            ));
            continue;
        }
        actions.push(action);
    }
    actions
}

/// Returns the action of a variant, and the source of its name.
fn action<'a>(
    variant: &'a Ident,
    attributes: &[Attribute],
    case: &Case,
) -> syn::Result<(Action<'a>, Span)> {
    let (mut rename, mut label): (Option<LitStr>, Option<LitStr>) = (None, None);
    for attribute in marks(attributes) {
        parse_mark(attribute, &["rename", "label"], |key, input| {
            let slot = if key == "rename" {
                &mut rename
            } else {
                &mut label
            };
            set_once(slot, key, input.parse()?)
        })?;
    }
    let (name, span) = match rename {
        Some(rename) => (rename.value(), rename.span()),
        None => ((case.convert)(&variant.unraw().to_string()), variant.span()),
    };
    check_name(&name, span, case)?;
    let label = match label {
        None => in_words(&name),
        Some(label) if label.value().trim().is_empty() => {
            return Err(Error::new(label.span(), "a label needs a text"));
        }
        Some(label) => label.value(),
    };
    let action = Action {
        variant,
        name,
        label,
    };
    Ok((action, span))
}

fn check_name(name: &str, span: Span, case: &Case) -> syn::Result<()> {
    let length = name.chars().count();
    if length > NAME_CHARS_MAX {
        return Err(Error::new(
            span,
            format!(
                "an action's name has at most {NAME_CHARS_MAX} characters, and this one {length}"
            ),
        ));
    }
    let right = (case.convert)(name);
    if right.is_empty() {
        return Err(Error::new(
            span,
            "an action needs a name of letters and digits, as in `#[action(rename = \"invoice_sent\")]`",
        ));
    }
    if right != name {
        return Err(Error::new(
            span,
            format!(
                "malformed action name `{name}`: write it `{right}`\n\nthe names of this set are in {}; `#[action(rename_all = \"…\")]` on the enum chooses another case",
                case.name,
            ),
        ));
    }
    Ok(())
}

/// Returns a name in words: `Invoice sent` for `invoice_sent`.
fn in_words(name: &str) -> String {
    let words = name.to_snake_case().replace('_', " ");
    let mut characters = words.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}

fn marks(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("action"))
}

/// Parses the arguments of `#[action(…)]`.
fn parse_mark(
    attribute: &Attribute,
    known: &[&str],
    value: impl FnMut(&Ident, ParseStream<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    if !matches!(attribute.meta, Meta::List(_)) {
        let known: Vec<_> = known.iter().map(|key| format!("{key} = …")).collect();
        return Err(Error::new(
            attribute.span(),
            format!(
                "`#[action]` says nothing without arguments: `#[action({})]`",
                known.join(", ")
            ),
        ));
    }
    attribute.parse_args_with(|input: ParseStream<'_>| arguments(input, known, value))
}
