//! The names by which people know the users, the projects and the records of an application:
//! [`Names`].

#[cfg(feature = "names")]
mod file;
mod lookup;
mod name;

use std::{collections::HashMap, error::Error, sync::Arc};

use axum::http::request;
use futures_util::future::BoxFuture;

#[cfg(feature = "names")]
pub use self::file::{NamesFile, NamesFileError};
pub(crate) use self::lookup::Lookup;
pub use self::name::{Name, Named};
use crate::authorize::Replaceable;

/// Looks up the names of users, projects and records, of which rows have only the IDs.
///
/// The application implements it, because it knows its users and records. The page shows IDs at
/// first, and asks for the names of many IDs at once. It replaces an ID when the name comes. So a
/// slow or failing implementation delays nothing.
///
/// ```
/// use std::collections::HashMap;
///
/// use axum::http::request;
/// use futures_util::future::BoxFuture;
/// use tracker_server::{Audience, Name, Named, Names, NamesError};
///
/// struct Users(HashMap<String, String>);
///
/// impl Names for Users {
///     fn names<'a>(
///         &'a self,
///         _request: &'a request::Parts,
///         wanted: &'a [Named],
///     ) -> BoxFuture<'a, Result<HashMap<Named, Name>, NamesError>> {
///         Box::pin(async move {
///             // An implementation over a database looks all of them up in one statement.
///             let known = wanted.iter().filter_map(|named| match named {
///                 Named::User { id, .. } => {
///                     let name = Name::new(self.0.get(id)?).link(format!("/users/{id}"));
///                     Some((named.clone(), name))
///                 }
///                 _ => None,
///             });
///             Ok(known.collect())
///         })
///     }
///
///     fn audience(&self, _request: &request::Parts) -> Audience {
///         Audience::Everyone
///     }
/// }
/// ```
pub trait Names: Send + Sync + 'static {
    /// Looks up the names of all that is wanted, 200 at most, for the reader who sent this request.
    /// What has no name is left out.
    ///
    /// The reader may see the project of each, but the IDs are whatever the reader has sent: leave
    /// out what this reader may not know of.
    ///
    /// # Errors
    ///
    /// Returns an error if the names can't be had at present. It goes to the log, and the page
    /// shows IDs. The same holds for a panic, and for a lookup that takes longer than the
    /// [settings](crate::Settings::names_within) allow; its future is then dropped.
    fn names<'a>(
        &'a self,
        request: &'a request::Parts,
        wanted: &'a [Named],
    ) -> BoxFuture<'a, Result<HashMap<Named, Name>, NamesError>>;

    /// Returns who else is told the same names as the sender of this request. What is looked up
    /// for one of them is kept and told the others.
    ///
    /// The default is nobody, so that nothing is kept.
    fn audience(&self, _request: &request::Parts) -> Audience {
        Audience::Reader
    }
}

/// The error of a [`Names`], for the log.
pub type NamesError = Box<dyn Error + Send + Sync>;

/// The readers who are told the same names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Nobody but the one who asks. Names are looked up for each request.
    Reader,
    /// All whose requests give the same text, for example the ID of a team or of a user.
    Group(String),
    /// All readers of a project.
    Everyone,
}

impl Audience {
    /// Returns the memory that its text takes, in bytes.
    fn bytes(&self) -> usize {
        match self {
            Self::Group(text) => text.len(),
            Self::Reader | Self::Everyone => 0,
        }
    }
}

impl<T: Names + ?Sized> Names for Arc<T> {
    fn names<'a>(
        &'a self,
        request: &'a request::Parts,
        wanted: &'a [Named],
    ) -> BoxFuture<'a, Result<HashMap<Named, Name>, NamesError>> {
        (**self).names(request, wanted)
    }

    fn audience(&self, request: &request::Parts) -> Audience {
        (**self).audience(request)
    }
}

impl Names for Replaceable<dyn Names> {
    fn names<'a>(
        &'a self,
        request: &'a request::Parts,
        wanted: &'a [Named],
    ) -> BoxFuture<'a, Result<HashMap<Named, Name>, NamesError>> {
        let current = self.current();
        Box::pin(async move { current.names(request, wanted).await })
    }

    fn audience(&self, request: &request::Parts) -> Audience {
        self.current().audience(request)
    }
}
