//! The console's questions to the service: who may see which shop, and what users are called.

use std::{
    collections::HashMap,
    time::{Duration, UNIX_EPOCH},
};

use axum::http::request;
use futures_util::future::BoxFuture;
use sqlx::PgPool;
use tracker_server::{
    Audience, Authorize, Decision, Name, Named, Names, NamesError, VisibleProjects,
};

use crate::login::Session;

/// The members of shops. A project of the console is a shop.
pub(crate) struct Members(pub(crate) PgPool);

impl Members {
    /// Decides until when a session may see a shop.
    ///
    /// The session is looked up here too. The console asks again while a stream goes on, and the
    /// session may have ended.
    async fn decision(&self, session: &Session, shop: &str) -> sqlx::Result<Decision> {
        let found: Option<(f64, bool)> = sqlx::query_as(
            "SELECT extract(epoch FROM ends_at)::float8, \
                    EXISTS (SELECT FROM members m WHERE m.user_id = s.user_id AND m.shop_id = $2) \
             FROM sessions s WHERE s.id = $1",
        )
        .bind(session.id)
        .bind(shop)
        .fetch_optional(&self.0)
        .await?;
        Ok(match found {
            None => Decision::Unauthenticated,
            Some((_, false)) => Decision::Denied,
            Some((ends_at, true)) => {
                Decision::AllowedUntil(UNIX_EPOCH + Duration::from_secs_f64(ends_at))
            }
        })
    }

    async fn shops(&self, session: &Session) -> sqlx::Result<Vec<String>> {
        sqlx::query_scalar("SELECT shop_id FROM members WHERE user_id = $1")
            .bind(&session.user_id)
            .fetch_all(&self.0)
            .await
    }

    /// Looks up the names of pairs of a shop and a user.
    async fn names(&self, wanted: &[Named]) -> sqlx::Result<HashMap<Named, Name>> {
        let (shops, users): (Vec<_>, Vec<_>) = wanted
            .iter()
            .filter_map(|named| match named {
                Named::User { project_id, id } => Some((project_id, id)),
                _ => None,
            })
            .unzip();
        // Only members of the shop are told of.
        let found: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT shop_id, user_id, name \
             FROM unnest($1::text[], $2::text[]) AS wanted (shop_id, user_id) \
             JOIN members USING (shop_id, user_id) JOIN users ON users.id = user_id",
        )
        .bind(shops)
        .bind(users)
        .fetch_all(&self.0)
        .await?;
        let names = found.into_iter().map(|(project_id, id, name)| {
            let user = Named::User { project_id, id };
            (user, Name::new(name))
        });
        Ok(names.collect())
    }
}

impl Authorize for Members {
    fn decide<'a>(&'a self, request: &'a request::Parts, shop: &'a str) -> BoxFuture<'a, Decision> {
        Box::pin(async move {
            let Some(session) = request.extensions.get::<Session>() else {
                return Decision::Unauthenticated;
            };
            let decision = self.decision(session, shop).await;
            decision.unwrap_or_else(|error| {
                tracing::error!(%error, "nobody sees the shop {shop} for now");
                Decision::Denied
            })
        })
    }

    fn projects<'a>(&'a self, request: &'a request::Parts) -> BoxFuture<'a, VisibleProjects> {
        Box::pin(async move {
            let Some(session) = request.extensions.get::<Session>() else {
                return VisibleProjects::Unauthenticated;
            };
            let shops = self.shops(session).await.unwrap_or_else(|error| {
                tracing::error!(%error, "nobody sees a list of shops for now");
                Vec::new()
            });
            VisibleProjects::These(shops)
        })
    }
}

impl Names for Members {
    fn names<'a>(
        &'a self,
        _: &'a request::Parts,
        wanted: &'a [Named],
    ) -> BoxFuture<'a, Result<HashMap<Named, Name>, NamesError>> {
        Box::pin(async move { Ok(self.names(wanted).await?) })
    }

    fn audience(&self, _: &request::Parts) -> Audience {
        // All members of a shop may know the others.
        Audience::Everyone
    }
}
