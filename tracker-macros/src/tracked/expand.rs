//! Writes the tracked function.
//!
//! The function keeps its signature. Its body becomes an async block that is awaited in place; before it stand the
//! values that have to be read there, after it the one call that records.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{GenericArgument, PathArguments, ReturnType, Type, parse_quote};

use super::{
    action::Action,
    function::Function,
    template::escaped,
    validate::{DetailsPart, Plan, Value},
    value::{OUTPUT, When},
};

/// The tracked function.
pub(super) fn expand(function: &Function, plan: &Plan) -> TokenStream {
    let head = function.head();
    let result = Ident::new("result", Span::mixed_site());
    let mut entries = Entries::default();
    let fill = fill(plan, &mut entries);
    let exit = exit(plan, &result, &fill, &mut entries);
    let entries = entries.statements;
    let body = body(function, plan);
    quote! {
        #head {
            #(#entries)*
            let #result = #body;
            #exit
            #result
        }
    }
}

/// The body, awaited.
fn body(function: &Function, plan: &Plan) -> TokenStream {
    let body = &function.body;
    let guide = inference_guide(&function.signature.output);
    let awaited = quote! {
        async move {
            #guide
            #body
        }
        .await
    };
    match plan
        .client
        .as_ref()
        .and_then(|client| client.reborrowed.as_ref())
    {
        Some(client) => quote!({ let #client = &mut *#client; #awaited }),
        None => awaited,
    }
}

/// A return that is never run but tells the compiler the type of the block, so that coercions in the body
/// work as in a function.
fn inference_guide(output: &ReturnType) -> TokenStream {
    let ty: Type = match output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, ty) => {
            let mut ty = (**ty).clone();
            infer_impl_traits(&mut ty);
            ty
        }
    };
    let never = Ident::new("never", Span::mixed_site());
    quote! {
        #[allow(
            unknown_lints,
            unreachable_code,
            clippy::diverging_sub_expression,
            clippy::empty_loop,
            clippy::let_unit_value,
            clippy::let_with_type_underscore,
            clippy::needless_return,
            clippy::unreachable
        )]
        if false {
            let #never: #ty = loop {};
            return #never;
        }
    }
}

/// Replaces each `impl Trait`, which can't stand in a `let`, by `_`.
fn infer_impl_traits(ty: &mut Type) {
    match ty {
        Type::ImplTrait(_) => *ty = parse_quote!(_),
        Type::Array(array) => infer_impl_traits(&mut array.elem),
        Type::Group(group) => infer_impl_traits(&mut group.elem),
        Type::Paren(paren) => infer_impl_traits(&mut paren.elem),
        Type::Reference(reference) => infer_impl_traits(&mut reference.elem),
        Type::Slice(slice) => infer_impl_traits(&mut slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(infer_impl_traits),
        Type::Path(path) => {
            for segment in &mut path.path.segments {
                if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                    for argument in &mut arguments.args {
                        if let GenericArgument::Type(ty) = argument {
                            infer_impl_traits(ty);
                        }
                    }
                }
            }
        }
        _ => {}
    }
}

/// What is read before the body.
#[derive(Default)]
struct Entries {
    statements: Vec<TokenStream>,
}

impl Entries {
    /// Adds a variable that holds `read`, an `Option`; returns its name.
    fn add(&mut self, krate: &syn::Path, read: &TokenStream) -> Ident {
        let name = format_ident!("entry_{}", self.statements.len(), span = Span::mixed_site());
        self.statements.push(quote! {
            let mut #name = #krate::__private::capture(|| #read);
        });
        name
    }
}

/// The statements that fill in the activity.
fn fill(plan: &Plan, entries: &mut Entries) -> TokenStream {
    let krate = &plan.krate;
    let activity = Ident::new("activity", Span::mixed_site());
    let output = Ident::new(OUTPUT, Span::call_site());
    let fields = plan.fields.iter().map(|(field, value)| {
        let field = Ident::new(field, Span::mixed_site());
        let text = text(value, krate, entries);
        quote!(#activity.#field = #text;)
    });
    let fields: Vec<_> = fields.collect();
    let details = plan.details.as_ref().map(|parts| {
        let details = details(parts, krate, entries);
        quote!(#activity.action_details = ::core::option::Option::Some(#details);)
    });
    let declared = if let Some(demanded) = &plan.demands_references {
        quote! {
            #krate::__private::add_declared_reference_ids(#demanded, &mut #activity.reference_ids);
        }
    } else {
        quote! {
            (&#krate::__private::Output(#output)).add_reference_ids(&mut #activity.reference_ids);
        }
    };
    let references = plan.references.iter().map(|(name, value)| {
        let text = text(value, krate, entries);
        let name = name.to_string();
        let name = name.trim_start_matches("r#");
        quote!(#krate::__private::add_reference_id(&mut #activity.reference_ids, #name, #text);)
    });
    let references: Vec<_> = references.collect();
    quote! {
        &mut |#activity: &mut #krate::Activity| {
            #(#fields)*
            #details
            #declared
            #(#references)*
        }
    }
}

/// An `Option<String>` with the value's text.
fn text(value: &Value, krate: &syn::Path, entries: &mut Entries) -> TokenStream {
    let value_ref = reference_to(&value.expression);
    let text = quote!(#krate::__private::text(#value_ref));
    match value.when {
        When::Exit => text,
        When::Entry => {
            let entry = entries.add(krate, &text);
            quote!(#entry.take())
        }
    }
}

/// `&value`, all of it with the value's span: that is where an error about its type belongs.
fn reference_to(value: &impl ToTokens) -> TokenStream {
    let value = value.to_token_stream();
    let span = value.clone().into_iter().next().map(|first| first.span());
    quote_spanned!(span.unwrap_or_else(Span::call_site)=> &#value)
}

/// A `String` with the details.
fn details(parts: &[DetailsPart], krate: &syn::Path, entries: &mut Entries) -> TokenStream {
    let mut template = String::new();
    let mut values = Vec::new();
    for part in parts {
        match part {
            DetailsPart::Text(text) => template.push_str(&escaped(text)),
            DetailsPart::Value {
                value,
                specification,
                template: literal,
            } => {
                let expression = &value.expression;
                let placeholder = format!("{{{specification}}}");
                if value.when == When::Exit {
                    template.push_str(&placeholder);
                    values.push(quote!(#expression));
                } else {
                    let placeholder = syn::LitStr::new(&placeholder, literal.span());
                    let read = quote! {
                        ::core::option::Option::Some(#krate::__private::format(
                            ::core::format_args!(#placeholder, #expression)
                        ))
                    };
                    let entry = entries.add(krate, &read);
                    template.push_str("{}");
                    values.push(quote!(#entry.take().unwrap_or_default()));
                }
            }
        }
    }
    quote!(#krate::__private::format(::core::format_args!(#template #(, #values)*)))
}

/// What follows the body: one call, if the result is a success.
fn exit(plan: &Plan, result: &Ident, fill: &TokenStream, entries: &mut Entries) -> TokenStream {
    let krate = &plan.krate;
    let output = Ident::new(OUTPUT, Span::call_site());
    let action = match &plan.action {
        Action::BuiltIn(variant) => quote!(#krate::ActionType::#variant),
        Action::Path(path) => quote!(#path),
    };
    let action = reference_to(&action);
    let action = quote!(#krate::ActionSet::name(#action));
    let client = plan.client.as_ref().map(|client| &client.expression);
    let function = match (client.is_some(), plan.tracker.is_some()) {
        (false, false) => quote!(record),
        (false, true) => quote!(record_with),
        (true, false) => quote!(record_in),
        (true, true) => quote!(record_in_with),
    };
    let client = client.map(|client| {
        let client = reference_to(client);
        quote!(#client,)
    });
    let record = |tracker: Option<TokenStream>| {
        let tracker = tracker.map(|tracker| quote!(#tracker,));
        quote!(#krate::__private::#function(#tracker #client #action, #fill))
    };
    let record = match &plan.tracker {
        None => record(None),
        Some(Value {
            expression,
            when: When::Exit,
        }) => record(Some(quote!(&#expression))),
        Some(Value { expression, .. }) => {
            let clone = quote!(::core::option::Option::Some(#krate::Tracker::clone(&#expression)));
            let entry = entries.add(krate, &clone);
            let record = record(Some(quote!(&#entry)));
            // Reading the tracker may have panicked: then there is none.
            if plan.client.is_some() {
                let none = quote!(::std::boxed::Box::pin(::core::future::ready(())));
                quote!(match #entry.take() { ::core::option::Option::Some(#entry) => #record, _ => #none })
            } else {
                quote!(if let ::core::option::Option::Some(#entry) = #entry.take() { #record })
            }
        }
    };
    let scope = quote! {
        #[allow(unused_imports)]
        use #krate::__private::{ReturnedValue as _, WithReferenceIds as _, WithoutReferenceIds as _};
    };
    let success = quote! {
        ::core::option::Option::Some(#output) = #krate::__private::Returned(&#result).success()
    };
    if plan.client.is_none() {
        return quote!({ #scope if let #success { #record; } });
    }
    let recording = Ident::new("recording", Span::mixed_site());
    quote! {
        let #recording = {
            #scope
            if let #success { ::core::option::Option::Some(#record) } else { ::core::option::Option::None }
        };
        if let ::core::option::Option::Some(#recording) = #recording {
            #recording.await;
        }
    }
}
