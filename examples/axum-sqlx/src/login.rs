//! The service's own login: a session in the database, and its ID in a cookie.

use axum::{
    Form,
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use serde::Deserialize;
use sqlx::PgPool;
use uuid::Uuid;

const COOKIE: &str = "session";

/// The session of a request, in the request's extensions.
#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) id: Uuid,
    pub(crate) user_id: String,
}

/// Puts the session that a request's cookie names into its extensions.
pub(crate) async fn with_session(
    State(pool): State<PgPool>,
    cookies: CookieJar,
    mut request: Request,
    next: Next,
) -> Response {
    let id = cookies
        .get(COOKIE)
        .and_then(|cookie| cookie.value().parse().ok());
    if let Some(id) = id {
        match find(&pool, id).await {
            Ok(Some(session)) => drop(request.extensions_mut().insert(session)),
            Ok(None) => {}
            Err(error) => return failed(&error),
        }
    }
    next.run(request).await
}

async fn find(pool: &PgPool, id: Uuid) -> sqlx::Result<Option<Session>> {
    let user = sqlx::query_scalar("SELECT user_id FROM sessions WHERE id = $1 AND ends_at > now()")
        .bind(id)
        .fetch_optional(pool)
        .await?;
    Ok(user.map(|user_id| Session { id, user_id }))
}

pub(crate) async fn form() -> Html<&'static str> {
    Html(
        r#"<!doctype html>
<meta charset="utf-8">
<title>Log in</title>
<form method="post"><label>Key <input name="key" type="password"></label> <button>Log in</button></form>
"#,
    )
}

#[derive(Deserialize)]
pub(crate) struct Login {
    key: String,
}

/// Begins a session, and leads to the projects of its user.
pub(crate) async fn log_in(
    State(pool): State<PgPool>,
    cookies: CookieJar,
    Form(login): Form<Login>,
) -> Response {
    let begun = sqlx::query_scalar::<_, Uuid>(
        "INSERT INTO sessions (user_id) \
         SELECT id FROM users WHERE key_hash = sha256(convert_to($1, 'UTF8')) RETURNING id",
    )
    .bind(&login.key)
    .fetch_optional(&pool)
    .await;
    match begun {
        Ok(Some(id)) => {
            let cookie = Cookie::build((COOKIE, id.to_string()))
                .path("/")
                .http_only(true)
                .same_site(SameSite::Lax);
            (cookies.add(cookie), Redirect::to("/tracker/projects")).into_response()
        }
        Ok(None) => (StatusCode::UNAUTHORIZED, "nobody has this key").into_response(),
        Err(error) => failed(&error),
    }
}

fn failed(error: &sqlx::Error) -> Response {
    tracing::error!(%error, "sessions can't be read");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
