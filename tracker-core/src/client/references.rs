//! References to references, and to a `Box` or an `Arc`, by what they lead to.
//!
//! The bounds are on the target `C`, as [`Shared`] and [`Exclusive`], and not on `&C`. The compiler
//! leaves a bound on an unknown type for later. It tries all implementations for a reference to an
//! unknown type, again and again for references to references, and gives up. So a generic
//! function's bound on `&mut T` could not be met by a call from which `T` is still to be inferred.

use std::sync::Arc;

use super::Client;
use crate::{
    Activity,
    store::{BoxFuture, StoreError},
};

/// A target whose shared references are clients.
pub(super) trait Shared<'r> {
    fn insert_shared<'a>(
        &'r self,
        schema: &str,
        activity: Activity,
    ) -> BoxFuture<'a, Result<(), StoreError>>
    where
        'r: 'a,
        Self: 'a;
}

#[diagnostic::do_not_recommend]
impl<'r, C: ?Sized + 'r> Shared<'r> for C
where
    &'r C: Client,
{
    fn insert_shared<'a>(
        &'r self,
        schema: &str,
        activity: Activity,
    ) -> BoxFuture<'a, Result<(), StoreError>>
    where
        'r: 'a,
        Self: 'a,
    {
        self.insert(schema, activity)
    }
}

/// A target whose exclusive references are clients.
pub(super) trait Exclusive<'r> {
    fn insert_exclusive<'a>(
        &'r mut self,
        schema: &str,
        activity: Activity,
    ) -> BoxFuture<'a, Result<(), StoreError>>
    where
        'r: 'a,
        Self: 'a;
}

#[diagnostic::do_not_recommend]
impl<'r, C: ?Sized + 'r> Exclusive<'r> for C
where
    &'r mut C: Client,
{
    fn insert_exclusive<'a>(
        &'r mut self,
        schema: &str,
        activity: Activity,
    ) -> BoxFuture<'a, Result<(), StoreError>>
    where
        'r: 'a,
        Self: 'a,
    {
        self.insert(schema, activity)
    }
}

macro_rules! references {
    ($($(#[$attribute:meta])* $reference:ty: $target:ident, $insert:ident;)*) => {$(
        #[diagnostic::do_not_recommend]
        $(#[$attribute])*
        impl<'r, C: $target<'r> + ?Sized> Client for $reference {
            fn insert<'a>(
                self,
                schema: &str,
                activity: Activity,
            ) -> BoxFuture<'a, Result<(), StoreError>>
            where
                Self: 'a,
            {
                (**self).$insert(schema, activity)
            }
        }
    )*};
}

references! {
    &'r &C: Shared, insert_shared;
    &'r &mut C: Shared, insert_shared;
    &'r mut &C: Shared, insert_shared;
    #[expect(clippy::mut_mut, reason = "it is what `&mut` of a `&mut` parameter is")]
    &'r mut &mut C: Exclusive, insert_exclusive;
    &'r Box<C>: Shared, insert_shared;
    &'r mut Box<C>: Exclusive, insert_exclusive;
    &'r Arc<C>: Shared, insert_shared;
    &'r mut Arc<C>: Shared, insert_shared;
}
