//! The lookup of names for a request: [`Lookup`].

use std::{
    collections::HashMap,
    error::Error,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use axum::http::request;
use futures_util::FutureExt;
use thiserror::Error;
use tokio::time::timeout;

use super::{Audience, Name, Named, Names, NamesError};
use crate::kept::Kept;

/// The memory of all names that are kept, in bytes.
const KEPT_BYTES_MAX: u64 = 16 << 20;

/// The memory that an entry takes beside its texts, in bytes.
const ENTRY_BYTES: usize = 256;

/// Looks names up, and keeps them for those who are told the same.
pub(crate) struct Lookup {
    names: Option<Arc<dyn Names>>,
    within: Duration,
    /// The names by audience, and `None` for what has no name.
    kept: Kept<(Audience, Named), Option<Name>>,
}

impl Lookup {
    pub(crate) fn new(names: Option<Arc<dyn Names>>, within: Duration, kept_for: Duration) -> Self {
        Self {
            names,
            within,
            kept: Kept::new(kept_for, KEPT_BYTES_MAX),
        }
    }

    /// Returns false if nothing ever has a name here.
    pub(crate) fn has_names(&self) -> bool {
        self.names.is_some()
    }

    /// Returns the names of what has one. The caller bounds how much is wanted.
    pub(crate) async fn find(
        &self,
        request: &request::Parts,
        wanted: Vec<Named>,
    ) -> HashMap<Named, Name> {
        let Some(names) = &self.names else {
            return HashMap::new();
        };
        let audience = catch_unwind(AssertUnwindSafe(|| names.audience(request)));
        let audience = audience.unwrap_or(Audience::Reader);
        let (mut found, missing) = self.known(&audience, wanted);
        if missing.is_empty() {
            return found;
        }
        match self.told(&**names, request, &missing).await {
            Ok(told) => found.extend(self.checked(&audience, missing, told)),
            Err(error) => tracing::warn!(
                error = &error as &dyn Error,
                "names can't be told at present, so the page shows IDs"
            ),
        }
        found
    }

    /// Splits what is wanted into the names that are kept and what is to be looked up.
    fn known(&self, audience: &Audience, wanted: Vec<Named>) -> (HashMap<Named, Name>, Vec<Named>) {
        let mut known = HashMap::new();
        if *audience == Audience::Reader {
            return (known, wanted);
        }
        let mut missing = Vec::new();
        for named in wanted {
            let key = (audience.clone(), named);
            match self.kept.get(&key) {
                Some(name) => known.extend(name.map(|name| (key.1, name))),
                None => missing.push(key.1),
            }
        }
        (known, missing)
    }

    /// Asks the application, for as long as it may take.
    async fn told(
        &self,
        names: &dyn Names,
        request: &request::Parts,
        missing: &[Named],
    ) -> Result<HashMap<Named, Name>, LookupError> {
        let told = AssertUnwindSafe(async { names.names(request, missing).await });
        match timeout(self.within, told.catch_unwind()).await {
            Ok(Ok(told)) => told.map_err(LookupError::Failed),
            Ok(Err(_)) => Err(LookupError::Panicked),
            Err(_) => Err(LookupError::Late(self.within)),
        }
    }

    /// Returns what was told of the missing names and may be shown, and keeps it.
    fn checked(
        &self,
        audience: &Audience,
        missing: Vec<Named>,
        mut told: HashMap<Named, Name>,
    ) -> HashMap<Named, Name> {
        let mut checked = HashMap::new();
        for named in missing {
            let name = told.remove(&named).and_then(Name::safe);
            if *audience != Audience::Reader {
                let bytes = ENTRY_BYTES
                    + audience.bytes()
                    + named.bytes()
                    + name.as_ref().map_or(0, Name::bytes);
                let key = (audience.clone(), named.clone());
                self.kept.insert(key, name.clone(), bytes);
            }
            checked.extend(name.map(|name| (named, name)));
        }
        checked
    }
}

/// The reason why names can't be told, for the log.
#[derive(Debug, Error)]
enum LookupError {
    #[error("the lookup has failed")]
    Failed(#[source] NamesError),
    #[error("the lookup has panicked")]
    Panicked,
    #[error("the lookup takes longer than {0:?}")]
    Late(Duration),
}
