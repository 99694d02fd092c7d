//! `#[derive(ReferenceIds)]`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{
    Attribute, Data, DeriveInput, Error, Field, Index, LitStr, Member, Path, ext::IdentExt,
    parse::ParseStream, parse_quote, spanned::Spanned,
};

use crate::{
    arguments::arguments,
    diagnostics::{Errors, set_once},
};

/// Returns the implementation. On a mistake, returns its error and an empty implementation, so that
/// the rest of the crate still compiles.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let input = match syn::parse2::<DeriveInput>(item) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let krate = container_path(&input);
    let (krate, path_error) = match krate {
        Ok(path) => (path, None),
        Err(error) => (
            parse_quote!(::tracker_core),
            Some(error.into_compile_error()),
        ),
    };
    let references = references(&input);
    let (statements, error) = match references {
        Ok(references) => {
            let statements = references.iter().map(|reference| {
                let Reference { name, member, ty } = reference;
                // The value has the span of the type, where an error about the type belongs.
                let value = quote_spanned! {*ty=>
                    (&&#krate::__private::Place(&self.#member)).__tracked_way()
                };
                let place = Span::call_site().located_at(*ty);
                quote_spanned!(place=> #value.refer(sink, #name);)
            });
            let statements = quote! {
                #[allow(unused_imports)]
                use #krate::__private::{CopiedWay as _, DisplayedWay as _, LentWay as _};
                #(#statements)*
            };
            (statements, None)
        }
        Err(error) => (quote!(let _ = sink;), Some(error.into_compile_error())),
    };
    let name = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    quote! {
        #path_error
        #error
        #[automatically_derived]
        #[allow(deprecated)]
        impl #impl_generics #krate::HasReferenceIds for #name #type_generics #where_clause {
            fn add_reference_ids(&self, ids: &mut #krate::ReferenceIds) {
                <Self as #krate::HasReferenceIds>::__tracked_write(self, ids);
            }

            fn __tracked_write<'__tracked>(
                &'__tracked self,
                sink: &mut dyn #krate::__private::ReferenceSink<'__tracked>,
            ) {
                #statements
            }
        }
    }
}

/// A field marked with `#[reference]`.
struct Reference {
    name: String,
    member: Member,
    /// The span of the field's type.
    ty: Span,
}

/// Returns the marked fields.
fn references(input: &DeriveInput) -> syn::Result<Vec<Reference>> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new(
            input.ident.span(),
            "`ReferenceIds` is derived for a struct; implement `HasReferenceIds` for this type by hand",
        ));
    };
    let mut errors = Errors::default();
    let mut references: Vec<Reference> = Vec::new();
    let mut marked = false;
    for (position, field) in data.fields.iter().enumerate() {
        for attribute in marks(&field.attrs) {
            marked = true;
            let Some((name, span)) = errors.ok(name(field, attribute)) else {
                continue;
            };
            if references.iter().any(|reference| reference.name == name) {
                errors.push(Error::new(
                    span,
                    format!("two fields give the reference `{name}`: rename one, as in `#[reference(rename = \"…\")]`"),
                ));
                continue;
            }
            references.push(Reference {
                name,
                member: member(field, position),
                ty: field.ty.span(),
            });
        }
    }
    if !marked {
        errors.push(Error::new(
            input.ident.span(),
            "no field is marked: put `#[reference]` on each field that holds an ID, or remove the derive",
        ));
    }
    errors.finish(references)
}

fn marks(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("reference"))
}

fn member(field: &Field, position: usize) -> Member {
    match &field.ident {
        Some(name) => Member::Named(name.clone()),
        None => Member::Unnamed(Index {
            index: u32::try_from(position).unwrap_or(u32::MAX),
            span: field.span(),
        }),
    }
}

/// Returns the name of a field's reference, and the span of that name.
fn name(field: &Field, attribute: &Attribute) -> syn::Result<(String, Span)> {
    let mut renamed: Option<LitStr> = None;
    if !matches!(attribute.meta, syn::Meta::Path(_)) {
        attribute.parse_args_with(|input: ParseStream<'_>| {
            arguments(input, &["rename"], |key, input| {
                set_once(&mut renamed, key, input.parse()?)
            })
        })?;
    }
    match (renamed, &field.ident) {
        (Some(name), _) if name.value().is_empty() => {
            Err(Error::new(name.span(), "a reference needs a name"))
        }
        (Some(name), _) => Ok((name.value(), name.span())),
        (None, Some(field)) => Ok((field.unraw().to_string(), field.span())),
        (None, None) => Err(Error::new(
            attribute.span(),
            "a field without a name needs one for its reference, as in `#[reference(rename = \"deployment_id\")]`",
        )),
    }
}

/// Returns the path of `#[reference(crate = path)]` on the struct, or `::tracker_core` without one.
fn container_path(input: &DeriveInput) -> syn::Result<Path> {
    let mut krate = None;
    for attribute in marks(&input.attrs) {
        if matches!(attribute.meta, syn::Meta::Path(_)) {
            return Err(Error::new(
                attribute.span(),
                "`#[reference]` marks a field; on the struct only `#[reference(crate = path)]` has a meaning",
            ));
        }
        attribute.parse_args_with(|input: ParseStream<'_>| {
            arguments(input, &["crate"], |key, input| {
                set_once(&mut krate, key, Path::parse_mod_style(input)?)
            })
        })?;
    }
    Ok(krate.unwrap_or_else(|| parse_quote!(::tracker_core)))
}
