//! What the macros expand to. `UPDATE_EXPECT=1 cargo test -p tracker-core-macros` rewrites the snapshots.

use expect_test::{ExpectFile, expect_file};
use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::{action_set, reference_ids, tracked};

fn check(expanded: TokenStream, expected: &ExpectFile) {
    let file = syn::parse2(expanded).expect("the expansion is an item");
    expected.assert_eq(&prettyplease::unparse(&file));
}

#[test]
fn values_of_borrowed_parameters_are_read_after_the_body() {
    let expanded = tracked::tracked(
        quote!(
            action = "deployment",
            details = "deployed {image} to {output.url}"
        ),
        &quote! {
            /// Deploys.
            #[inline]
            pub(crate) async fn deploy(user_id: &str, request_id: &str, project_id: &str, image: &Image) -> Result<Deployment, FlyError> {
                fly::deploy(image).await
            }
        },
    );
    check(expanded, &expect_file!["tests/borrowed.rs"]);
}

#[test]
fn values_of_owned_parameters_are_read_before_the_body() {
    let expanded = tracked::tracked(
        quote!(
            action = "queries_executed",
            user = job.user_id,
            details("{} on {tables:?}", job.name, tables = output.tables),
            references(database_id = database.id)
        ),
        &quote! {
            async fn run(job: Job, database: Database) -> Report {
                database.run(job.queries).await
            }
        },
    );
    check(expanded, &expect_file!["tests/owned.rs"]);
}

#[test]
fn a_client_is_reborrowed_and_recorded_on_after_the_body() {
    let expanded = tracked::tracked(
        quote!(
            action = ActionType::DatabaseCreated,
            client = tx,
            tracker = self.tracker,
            crate = my_reexport
        ),
        &quote! {
            async fn create(&self, tx: &mut Transaction<'_>) -> Result<impl Database, Error> {
                tx.execute(CREATE, &[]).await
            }
        },
    );
    check(expanded, &expect_file!["tests/client.rs"]);
}

#[test]
fn a_mistake_leaves_the_function_as_it_is() {
    let expanded = tracked::tracked(
        quote!(action = "deploy", colour = "red"),
        &quote! {
            async fn deploy() {}
        },
    );
    check(expanded, &expect_file!["tests/mistake.rs"]);
}

#[test]
fn a_derive_adds_each_marked_field() {
    let expanded = reference_ids::derive(quote! {
        struct Deployment<T: Display> where T: Clone {
            #[reference(rename = "deployment_id")]
            id: T,
            #[reference]
            r#type: Option<u64>,
            url: String,
        }
    });
    check(expanded, &expect_file!["tests/reference_ids.rs"]);
}

#[test]
fn a_set_lists_its_actions_and_matches_its_variants() {
    let expanded = action_set::derive(quote! {
        #[action(crate = my_reexport)]
        enum Billing {
            InvoiceSent,
            #[action(rename = "payment_received", label = "Payment came in")]
            PaidByCustomer,
        }
    });
    check(expanded, &expect_file!["tests/action_set.rs"]);
}

#[test]
fn the_bodys_tokens_are_unchanged() {
    // Half-typed code, code of other languages, whatever: it is one token tree.
    let body = quote!({ let x = job.; match { => "…" } r#"{raw}"# 'label: });
    let expanded = tracked::tracked(
        quote!(action = "deployment"),
        &quote!(async fn deploy(job: Job) #body),
    );
    assert!(contains_group(expanded, &body.to_string()));
}

/// Whether some group in `tokens` prints as `group`.
fn contains_group(tokens: TokenStream, group: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(inner) => {
            inner.to_string() == group || contains_group(inner.stream(), group)
        }
        _ => false,
    })
}
