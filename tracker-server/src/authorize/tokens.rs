//! Bearer tokens from a file: [`Tokens`].

use std::{fmt, fs, io, path::Path, path::PathBuf};

use axum::http::request;
use futures_util::future::{BoxFuture, ready};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use thiserror::Error;

use super::{
    Authorize, Decision, VisibleProjects,
    bearer::bearer,
    project_lists::{has_project, listed},
};

/// Bearer tokens, each for some projects. Only the SHA-256 of a token is kept.
///
/// The file is TOML:
///
/// ```toml
/// [[token]]
/// name = "console"                 # for people
/// sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
/// projects = ["project_7"]         # or ["*"] for all
/// ```
///
/// A token has to be long and random, because its hash is a plain one. `openssl rand -hex 32` makes
/// a token, and `printf %s "$TOKEN" | sha256sum` makes its hash.
pub struct Tokens {
    tokens: Vec<Token>,
}

struct Token {
    sha256: [u8; 32],
    projects: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    token: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// The name for people who read the file.
    name: String,
    sha256: String,
    projects: Vec<String>,
}

impl Tokens {
    /// Reads a file of tokens.
    ///
    /// # Errors
    ///
    /// Returns an error if the file can't be read, is malformed, or has no token. No message holds
    /// a hash.
    pub fn read(path: &Path) -> Result<Self, TokensError> {
        let error = |problem| TokensError {
            path: path.to_owned(),
            problem,
        };
        let text = fs::read_to_string(path).map_err(|source| error(Problem::Read(source)))?;
        Self::parse(&text).map_err(error)
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        let file: File = toml::from_str(text).map_err(|error| {
            // The full error shows the line, which may hold a hash.
            Problem::Toml(error.message().to_owned())
        })?;
        if file.token.is_empty() {
            return Err(Problem::Empty);
        }
        let mut tokens: Vec<Token> = Vec::new();
        for entry in file.token {
            let Some(sha256) = hash(&entry.sha256) else {
                return Err(Problem::Hash { name: entry.name });
            };
            if tokens.iter().any(|token| token.sha256 == sha256) {
                return Err(Problem::Twice { name: entry.name });
            }
            tokens.push(Token {
                sha256,
                projects: entry.projects,
            });
        }
        Ok(Self { tokens })
    }

    /// Finds the token that was sent. The time this takes does not depend on the token, nor on
    /// whether there is one.
    fn find(&self, token: &str) -> Option<&Token> {
        let sent: [u8; 32] = Sha256::digest(token).into();
        let mut found = u32::MAX;
        for (number, token) in (0..).zip(&self.tokens) {
            let is_it: Choice = token.sha256.ct_eq(&sent);
            found.conditional_assign(&number, is_it);
        }
        self.tokens.get(usize::try_from(found).ok()?)
    }
}

impl Authorize for Tokens {
    fn decide<'a>(
        &'a self,
        request: &'a request::Parts,
        project_id: &'a str,
    ) -> BoxFuture<'a, Decision> {
        let token = bearer(request).and_then(|token| self.find(token));
        let decision = match token {
            None => Decision::Unauthenticated,
            Some(token) if has_project(&token.projects, project_id) => Decision::Allowed,
            Some(_) => Decision::Denied,
        };
        Box::pin(ready(decision))
    }

    fn projects<'a>(&'a self, request: &'a request::Parts) -> BoxFuture<'a, VisibleProjects> {
        let token = bearer(request).and_then(|token| self.find(token));
        let visible = token.map_or(VisibleProjects::Unauthenticated, |token| {
            listed(&token.projects)
        });
        Box::pin(ready(visible))
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens")
            .field("tokens", &self.tokens.len())
            .finish()
    }
}

/// Parses 64 hexadecimal digits into 32 bytes.
fn hash(text: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let bytes = digits?
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(high * 16 + low).ok(),
            _ => None,
        })
        .collect::<Option<Vec<u8>>>()?;
    bytes.try_into().ok()
}

/// The reason why a file of tokens can't be used.
#[derive(Debug, Error)]
#[error("can't use the tokens in {}", path.display())]
pub struct TokensError {
    path: PathBuf,
    #[source]
    problem: Problem,
}

#[derive(Debug, Error)]
enum Problem {
    #[error("the file can't be read")]
    Read(#[source] io::Error),
    #[error("it is no TOML with `[[token]]` tables of `name`, `sha256` and `projects`: {0}")]
    Toml(String),
    #[error("it has no `[[token]]`")]
    Empty,
    #[error(
        "the `sha256` of {name:?} is not 64 hexadecimal digits: make it with `printf %s \"$TOKEN\" | sha256sum`"
    )]
    Hash { name: String },
    #[error(
        "the `sha256` of {name:?} is that of another entry too: name all projects of a token in one"
    )]
    Twice { name: String },
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    const FILE: &str = r#"
        [[token]]
        name = "one project"
        sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" # test
        projects = ["project_7"]

        [[token]]
        name = "all"
        sha256 = "2C26B46B68FFC68FF99B453C1D30413413422D706483BFA0F98A5E886266E7AE" # foo
        projects = ["*"]
    "#;

    fn with(header: Option<&str>) -> request::Parts {
        let mut request = Request::new(());
        if let Some(header) = header {
            let value = header.parse().unwrap();
            request.headers_mut().insert("authorization", value);
        }
        request.into_parts().0
    }

    async fn decided(header: Option<&str>, project_id: &str) -> Decision {
        let tokens = Tokens::parse(FILE).unwrap();
        tokens.decide(&with(header), project_id).await
    }

    #[tokio::test]
    async fn a_token_opens_its_own_projects_alone() {
        for (header, project_id, expected) in [
            (Some("Bearer test"), "project_7", Decision::Allowed),
            (Some("bearer  test "), "project_7", Decision::Allowed),
            (Some("Bearer test"), "project_8", Decision::Denied),
            (Some("Bearer test"), "*", Decision::Denied),
            (Some("Bearer foo"), "anything", Decision::Allowed),
            (Some("Bearer Test"), "project_7", Decision::Unauthenticated),
            (Some("Bearer "), "project_7", Decision::Unauthenticated),
            (Some("Basic test"), "project_7", Decision::Unauthenticated),
            (Some("test"), "project_7", Decision::Unauthenticated),
            (None, "project_7", Decision::Unauthenticated),
        ] {
            assert_eq!(decided(header, project_id).await, expected, "{header:?}");
        }
    }

    #[tokio::test]
    async fn a_token_lists_its_own_projects_alone() {
        let own = VisibleProjects::These(vec!["project_7".to_owned()]);
        for (header, expected) in [
            (Some("Bearer test"), own),
            (Some("Bearer foo"), VisibleProjects::All),
            (Some("Bearer other"), VisibleProjects::Unauthenticated),
            (None, VisibleProjects::Unauthenticated),
        ] {
            let tokens = Tokens::parse(FILE).unwrap();
            assert_eq!(tokens.projects(&with(header)).await, expected, "{header:?}");
        }
    }

    #[test]
    fn a_file_that_is_none_is_an_error_that_shows_no_hash() {
        const SECRET: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a0";
        for text in [
            "",
            "token = 7",
            "[[token]]\nname = 'n'\nprojects = []",
            &format!("[[token]]\nname = 'n'\nsha256 = '{SECRET}'\nprojects = []"),
            &format!("[[token]]\nname = 'n'\nsha256 = '{SECRET}x'\nprojects = []"),
            &format!("[[token]]\nname = 'n'\nsha256 = {SECRET}\nprojects = []"),
            &format!("[[token]]\nname = 'n'\nsha256 = '{SECRET}8'\nprojects = []\nother = 1"),
            &format!("[[token]]\nname = 'n'\nsha256 = '{SECRET}8'\nprojects = []\n").repeat(2),
        ] {
            let error = Tokens::parse(text).unwrap_err();
            assert!(!error.to_string().contains("9f86d0"), "{error}");
        }
    }
}
