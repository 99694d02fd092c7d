//! The declared return type.

use syn::{GenericArgument, Path, PathArguments, ReturnType, Type, TypeParamBound, parse_quote};

/// Returns true if the success type is `()`.
pub(super) fn nothing(output: &ReturnType) -> bool {
    fn is_unit(ty: &Type) -> bool {
        match ty {
            Type::Tuple(tuple) => tuple.elems.is_empty(),
            Type::Paren(paren) => is_unit(&paren.elem),
            Type::Path(path) => (path.path.segments.last())
                .filter(|last| last.ident == "Result")
                .and_then(|result| first_type(&result.arguments))
                .is_some_and(is_unit),
            _ => false,
        }
    }
    match output {
        ReturnType::Default => true,
        ReturnType::Type(_, ty) => is_unit(ty),
    }
}

/// Returns the first argument between angle brackets, if it is a type.
fn first_type(arguments: &PathArguments) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else {
        return None;
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(first)) => Some(first),
        _ => None,
    }
}

/// Returns true for `!`, the type of a function that never returns.
pub(super) fn never(output: &ReturnType) -> bool {
    matches!(output, ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)))
}

/// Returns the return type in a form that a `let` accepts: each `impl Trait` becomes `_`.
pub(super) fn inferable(output: &ReturnType) -> Type {
    match output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, ty) => inferable_type(ty),
    }
}

/// Returns a type in the same form.
pub(super) fn inferable_type(ty: &Type) -> Type {
    let mut ty = ty.clone();
    infer_impl_traits(&mut ty);
    ty
}

fn infer_impl_traits(ty: &mut Type) {
    match ty {
        // A macro may expand to an `impl Trait`.
        Type::ImplTrait(_) | Type::Macro(_) => *ty = parse_quote!(_),
        Type::Ptr(pointer) => infer_impl_traits(&mut pointer.elem),
        Type::Array(array) => infer_impl_traits(&mut array.elem),
        Type::Group(group) => infer_impl_traits(&mut group.elem),
        Type::Paren(paren) => infer_impl_traits(&mut paren.elem),
        Type::Reference(reference) => infer_impl_traits(&mut reference.elem),
        Type::Slice(slice) => infer_impl_traits(&mut slice.elem),
        Type::TraitObject(object) => {
            for bound in &mut object.bounds {
                if let TypeParamBound::Trait(bound) = bound {
                    infer_in_path(&mut bound.path);
                }
            }
        }
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(infer_impl_traits),
        Type::Path(path) => infer_in_path(&mut path.path),
        _ => {}
    }
}

fn infer_in_path(path: &mut Path) {
    for segment in &mut path.segments {
        if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
            for argument in &mut arguments.args {
                match argument {
                    GenericArgument::Type(ty) => infer_impl_traits(ty),
                    GenericArgument::AssocType(associated) => infer_impl_traits(&mut associated.ty),
                    _ => {}
                }
            }
        }
    }
}
