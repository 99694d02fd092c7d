//! Expansion of the recorded values, which are read before or after the body and written into the
//! draft of the activity.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{LitStr, Path};

use super::{
    super::{
        details::{self, DetailsPart},
        template::escaped,
        value::{Field, OUTPUT, Value, When, is_in_variable},
    },
    action::Name,
    reference::reference_to,
};

/// The values that are read before the body. Their texts share one box, so that they enlarge a
/// future by only a pointer.
#[derive(Default)]
pub(super) struct Entries {
    texts: Vec<TokenStream>,
    /// An expression that clones the attribute's `tracker`, as an `Option`.
    tracker: Option<TokenStream>,
}

impl Entries {
    fn texts_name() -> Ident {
        Ident::new("entry", Span::mixed_site())
    }

    fn tracker_name() -> Ident {
        Ident::new("entry_tracker", Span::mixed_site())
    }

    /// Adds `read`, an expression of type `Option<String>`. Returns an expression of its text after
    /// the body, an `Option<&str>`.
    fn add(&mut self, cfg: &[syn::Attribute], krate: &Path, read: &TokenStream) -> TokenStream {
        let position = self.texts.len();
        let read = quote!(#krate::__private::capture(|| #read));
        self.texts.push(if cfg.is_empty() {
            read
        } else {
            quote!({
                let text = ::core::option::Option::<::std::string::String>::None;
                #(#cfg)* let text = #read;
                text
            })
        });
        let name = Self::texts_name();
        quote!(#krate::__private::entry_text(&#name, #position))
    }

    /// Adds a clone of the tracker. Returns the name of its variable, an `Option`.
    pub(super) fn add_tracker(&mut self, krate: &Path, value: &TokenStream) -> TokenStream {
        self.tracker = Some(quote! {
            #krate::__private::capture(|| ::core::option::Option::Some(
                <#krate::Tracker as ::core::clone::Clone>::clone(#value)
            ))
        });
        let name = Self::tracker_name();
        quote!(#name)
    }

    /// Returns an expression that is true if the texts were read before the body, or `None` if
    /// there are no texts to read. The expression is false if there was no tracker at the
    /// function's entry, even if one has been installed since.
    pub(super) fn are_there(&self) -> Option<TokenStream> {
        let name = Self::texts_name();
        (!self.texts.is_empty()).then(|| quote!(::core::option::Option::is_some(&#name)))
    }

    /// Returns the statements before the body. Unless `has_tracker`, they read the texts only if
    /// there is a current tracker.
    pub(super) fn statements(&self, krate: &Path, has_tracker: bool) -> TokenStream {
        let name = Self::tracker_name();
        let tracker = self.tracker.as_ref().map(|read| quote!(let #name = #read;));
        let texts = (!self.texts.is_empty()).then(|| {
            let (name, texts) = (Self::texts_name(), &self.texts);
            let is_recorded = if has_tracker {
                quote!(true)
            } else {
                quote!(#krate::__private::is_recording())
            };
            quote! {
                let #name = if #is_recorded {
                    ::core::option::Option::Some(::std::boxed::Box::new([#(#texts),*]))
                } else {
                    ::core::option::Option::None
                };
            }
        });
        quote!(#tracker #texts)
    }
}

/// Writes the closure that fills in a draft.
pub(super) struct Writer<'a> {
    krate: &'a Path,
    entries: &'a mut Entries,
    /// True if the closure runs before the body, and so may read all values directly.
    before_body: bool,
    /// True if the closure reads only values that are `Copy`.
    is_copy: bool,
    /// True if the draft goes no further than what lends texts to it.
    is_lent_to: bool,
    draft: Ident,
    statements: Vec<TokenStream>,
}

impl<'a> Writer<'a> {
    /// The closure for the draft of a success, which is made when the function has returned.
    pub(super) fn of_success(krate: &'a Path, entries: &'a mut Entries) -> Self {
        Self {
            is_lent_to: true,
            ..Self::of_call(krate, entries, false)
        }
    }

    /// The closure for the draft of a call, which is there from the entry on.
    pub(super) fn of_call(krate: &'a Path, entries: &'a mut Entries, before_body: bool) -> Self {
        Self {
            krate,
            entries,
            before_body,
            is_copy: !before_body,
            is_lent_to: false,
            draft: Ident::new("draft", Span::mixed_site()),
            statements: Vec::new(),
        }
    }

    /// Returns the closure.
    pub(super) fn finish(self) -> TokenStream {
        let Self {
            krate,
            draft,
            statements,
            is_copy,
            ..
        } = self;
        let parameter = if statements.is_empty() {
            quote!(_)
        } else {
            quote!(#draft)
        };
        // A `move` closure holds no parameter's address, so the optimizer can leave the parameters
        // where they are.
        let by_value = is_copy.then(|| quote!(move));
        quote! {
            &mut #by_value |#parameter: &mut #krate::__private::Draft<'_>| {
                #[allow(unused_imports)]
                use #krate::__private::{CopiedWay as _, DisplayedWay as _, LentWay as _};
                #(#statements)*
            }
        }
    }

    /// Returns the value, with the way in which its text is taken. All has the value's span, where
    /// an error about its type belongs.
    fn way(&self, value: &Value) -> TokenStream {
        let krate = self.krate;
        let (expression, reference) = (&value.expression, reference_to(&value.expression));
        let place = place_of(&reference);
        // The way of a type that is known here need not be found by the compiler.
        match (value.is_str, self.is_lent_to) {
            (true, true) => quote_spanned!(place=> #krate::__private::Lent(#expression)),
            (true, false) => quote_spanned!(place=> #krate::__private::Copied::<str>(#expression)),
            (false, true) if is_in_variable(expression) => {
                quote_spanned!(place=> (&&#krate::__private::Place(#reference)).__tracked_way())
            }
            (false, _) => {
                quote_spanned!(place=> (&#krate::__private::Look(#reference)).__tracked_way())
            }
        }
    }

    /// Returns a text that was read before the body, with the way in which it is taken.
    fn entry_way(&self, text: &TokenStream) -> TokenStream {
        let krate = self.krate;
        if self.is_lent_to {
            quote!(#text.map(#krate::__private::Lent))
        } else {
            quote!(#text.map(#krate::__private::Copied::<str>))
        }
    }

    fn is_read_in_place(&mut self, value: &Value) -> bool {
        self.is_copy &= value.when == When::Exit;
        self.before_body || value.when == When::Exit
    }

    /// Writes the action. The set's own code may run for its name, so the closure contains it too.
    pub(super) fn action(&mut self, name: &Name) {
        self.is_copy &= !matches!(name, Name::Dynamic(_));
        let (krate, draft, name) = (self.krate, &self.draft, name.value());
        self.statements
            .push(quote!(#krate::__private::set_action(#draft, #name);));
    }

    /// Writes a column. If a column has several values, the last one that is present wins.
    pub(super) fn field(&mut self, field: &Field) {
        let in_place = self.is_read_in_place(&field.value);
        let (krate, draft) = (self.krate, &self.draft);
        let cfg = &field.cfg;
        let name = Ident::new(field.name, Span::mixed_site());
        let column = quote!(#krate::__private::Field::#name);
        let value = reference_to(&field.value.expression);
        let read = if field.stands_behind {
            quote! {{
                #[allow(unused_imports)]
                use #krate::__private::{ParameterOption as _, ParameterText as _, ParameterWithoutText as _};
                (&#krate::__private::Parameter(#value)).__tracked_text()
            }}
        } else {
            quote!(#krate::__private::text(#value))
        };
        let statement = if !in_place {
            let text = self.entries.add(cfg, krate, &read);
            let way = self.entry_way(&text);
            let text = Ident::new("text", Span::mixed_site());
            quote!(if let ::core::option::Option::Some(#text) = #way { #text.set(#draft, #column); })
        } else if field.value.is_str || !field.stands_behind {
            let way = self.way(&field.value);
            quote_spanned!(place_of(&value)=> #way.set(#draft, #column);)
        } else {
            quote!(#krate::__private::copy_text(#draft, #column, #read);)
        };
        self.statements.push(quote!(#(#cfg)* #statement));
    }

    /// Writes the details: a template, and its values one by one. Where a value is formatted, or is
    /// there twice, or there are many, they are formatted as a whole.
    pub(super) fn details(&mut self, parts: &[DetailsPart]) {
        let Some((template, values)) = details::template(parts) else {
            return self.details_in_place_of_others(parts);
        };
        let (krate, draft) = (self.krate, self.draft.clone());
        for (value, template) in values {
            let statement = if self.is_read_in_place(value) {
                let place = place_of(&reference_to(&value.expression));
                let way = self.way(value);
                quote_spanned!(place=> #way.add_to(#draft);)
            } else {
                let text = self.formatted_entry(value, "", template);
                let way = self.entry_way(&text);
                quote!(#way.unwrap_or_default().add_to(#draft);)
            };
            self.statements.push(statement);
        }
        self.statements
            .push(quote!(#krate::__private::set_details(#draft, #template);));
    }

    /// Writes the details as a whole, which replace those that may be set unless a value panics.
    pub(super) fn details_in_place_of_others(&mut self, parts: &[DetailsPart]) {
        let formatted = self.formatted_parts(parts);
        let (krate, draft) = (self.krate, &self.draft);
        self.statements
            .push(quote!(#krate::__private::write_details(#draft, #formatted);));
    }

    /// Returns the arguments that make the line.
    fn formatted_parts(&mut self, parts: &[DetailsPart]) -> TokenStream {
        let mut template = Vec::new();
        let mut values = Vec::new();
        // The index in `values` of each argument.
        let mut positions = HashMap::new();
        for part in parts {
            match part {
                DetailsPart::Text(text) => template.push(escaped(text)),
                DetailsPart::Value {
                    value,
                    argument,
                    specification,
                    template: literal,
                } => {
                    let expression = &value.expression;
                    if self.is_read_in_place(value) {
                        let mut add = || {
                            values.push(quote!(#expression));
                            values.len() - 1
                        };
                        let position = match argument {
                            Some(argument) => *positions.entry(*argument).or_insert_with(add),
                            None => add(),
                        };
                        template.push(format!("{{{position}{specification}}}"));
                    } else {
                        let text = self.formatted_entry(value, specification, literal);
                        template.push(format!("{{{}}}", values.len()));
                        values.push(quote!(#text.unwrap_or_default()));
                    }
                }
            }
        }
        let template = template.concat();
        quote!(::core::format_args!(#template #(, #values)*))
    }

    /// Formats a value before the body. Returns the expression that takes its text after it.
    fn formatted_entry(
        &mut self,
        value: &Value,
        specification: &str,
        literal: &LitStr,
    ) -> TokenStream {
        let (krate, expression) = (self.krate, &value.expression);
        let placeholder = LitStr::new(&format!("{{{specification}}}"), literal.span());
        let read = quote! {
            ::core::option::Option::Some(#krate::__private::format(
                ::core::format_args!(#placeholder, #expression)
            ))
        };
        self.entries.add(&[], krate, &read)
    }

    /// Writes the reference IDs that the returned type declares. If `demanded` is the `output` of
    /// `references(output)`, the type must declare some.
    pub(super) fn declared_references(&mut self, demanded: Option<&Ident>) {
        let (krate, draft) = (self.krate, &self.draft);
        let sink = if self.is_lent_to {
            quote!(#draft)
        } else {
            quote!(&mut #krate::__private::Copies(#draft))
        };
        self.statements.push(if let Some(output) = demanded {
            quote!(#krate::__private::add_declared_reference_ids(#sink, #output);)
        } else {
            let output = Ident::new(OUTPUT, Span::call_site());
            quote!((&#krate::__private::Output(#output)).__tracked_reference_ids(#sink);)
        });
    }

    pub(super) fn reference(&mut self, name: &Ident, value: &Value) {
        let in_place = self.is_read_in_place(value);
        let (krate, draft) = (self.krate, &self.draft);
        let read = reference_to(&value.expression);
        let name = name.to_string();
        let name = name.trim_start_matches("r#");
        self.statements.push(if in_place {
            let way = self.way(value);
            quote_spanned!(place_of(&read)=> #way.refer(#draft, #name);)
        } else {
            let read = quote!(#krate::__private::text(#read));
            let text = self.entries.add(&[], krate, &read);
            let way = self.entry_way(&text);
            let text = Ident::new("text", Span::mixed_site());
            quote!(if let ::core::option::Option::Some(#text) = #way { #text.refer(#draft, #name); })
        });
    }
}

/// Returns the place of a value's first token.
fn place_of(value: &TokenStream) -> Span {
    let first = value.clone().into_iter().next();
    let span = first.map_or_else(Span::call_site, |first| first.span());
    Span::mixed_site().located_at(span)
}
