//! Finds out if row-level security keeps a role from writing or reading at all: [`RowSecurity`].

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;
use tokio_postgres::types::Type;

use super::{catalog, error::PostgresError, identifier::quote_identifier, session::Session};

const ROW_SECURITY: &str = include_str!("sql/row_security.sql");

/// The time for which a finding that the table hides nothing from the role is cached. A new policy
/// that hides everything is noticed up to this much later, one that opens the table at once.
const OPEN_FOR: Duration = Duration::from_secs(10);

/// Until when the table is known to hide nothing, so that not each read that finds nothing asks.
#[derive(Debug, Default)]
pub(super) struct KnownOpen(Mutex<Option<Instant>>);

impl KnownOpen {
    pub(super) fn is_known(&self) -> bool {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    pub(super) fn found(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Instant::now().checked_add(OPEN_FOR);
    }
}

/// The access that row-level security grants a role; unrestricted if it is off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct RowSecurity(Option<Policies>);

/// The operations that at least one policy allows to the role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Policies {
    may_write: bool,
    may_read: bool,
}

impl RowSecurity {
    /// Reads the catalog. An engine without policies hides nothing.
    pub(super) async fn read(
        client: &Session,
        begin: &str,
        schema: &str,
    ) -> Result<Self, PostgresError> {
        let rows = catalog::rows(client, begin, ROW_SECURITY, &[(&schema, Type::TEXT)]).await?;
        let Some(row) = rows.first() else {
            return Ok(Self::default());
        };
        let is_active: bool = row.try_get("is_active")?;
        let policies = Policies {
            may_write: row.try_get("may_write")?,
            may_read: row.try_get("may_read")?,
        };
        Ok(Self(is_active.then_some(policies)))
    }

    /// Returns the reason and the remedy if it refuses every row.
    pub(super) fn obstacle_to_writing(self, schema: &str) -> Option<String> {
        self.keeps_from(|policies| policies.may_write).then(|| {
            format!(
                "row-level security refuses every activity of this role, as no policy lets it INSERT: \
                 CREATE POLICY … ON {}.project_actions FOR INSERT TO the role WITH CHECK (true), or give it BYPASSRLS",
                quote_identifier(schema)
            )
        })
    }

    /// Returns the reason and the remedy if it hides every row.
    pub(super) fn obstacle_to_reading(self, schema: &str) -> Option<String> {
        self.keeps_from(|policies| policies.may_read).then(|| {
            format!(
                "row-level security hides every activity from this role, as no policy lets it SELECT: \
                 CREATE POLICY … ON {}.project_actions FOR SELECT TO the role USING (true), or give it BYPASSRLS",
                quote_identifier(schema)
            )
        })
    }

    /// Returns whether policies decide row by row which rows the role may write.
    pub(super) fn decides_by_row(self) -> bool {
        self.0.is_some_and(|policies| policies.may_write)
    }

    /// Returns whether it is on, and no policy allows the operation.
    fn keeps_from(self, may: impl FnOnce(Policies) -> bool) -> bool {
        self.0.is_some_and(|policies| !may(policies))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn that_nothing_is_hidden_is_known_for_a_while_once_it_was_found() {
        let known = KnownOpen::default();
        assert!(!known.is_known());
        known.found();
        tokio::time::advance(OPEN_FOR / 2).await;
        assert!(known.is_known());
        tokio::time::advance(OPEN_FOR / 2).await;
        assert!(!known.is_known());
    }
}
