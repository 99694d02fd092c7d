//! The expansions of the macros, compared with snapshots.
//! `UPDATE_EXPECT=1 cargo test -p tracker-core-macros` rewrites them.

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
fn what_is_added_stands_inside_the_block_of_an_async_trait_method() {
    let expanded = tracked::tracked(
        quote!(action = "deployment", details = "{image}"),
        &quote! {
            #[fastrace::trace]
            fn deploy<'life0, 'async_trait>(&'life0 self, image: Image) -> Pin<Box<dyn Future<Output = ()> + Send + 'async_trait>> {
                Box::pin(async move { image.run().await })
            }
        },
    );
    check(expanded, &expect_file!["tests/inside.rs"]);
}

#[test]
fn a_boxed_future_is_awaited_in_a_box_of_its_own() {
    let expanded = tracked::tracked(
        quote!(action = "deployment", record = "always"),
        &quote! {
            fn deploy(user_id: &str, image: Image) -> BoxFuture<'_, Result<(), Error>> {
                image.run(user_id)
            }
        },
    );
    check(expanded, &expect_file!["tests/boxed.rs"]);
}

#[test]
fn what_another_attribute_puts_around_the_function_is_refused() {
    let cached = quote! {
        #[doc = "This is a cached function that uses the [`DEPLOY`] cached static."]
        fn deploy(user_id: String) -> u8 { deploy_no_cache(user_id) }
    };
    let case = quote! {
        #[core::prelude::v1::test]
        fn case_1() { deploy("user_1") }
    };
    let single = quote! {
        #[core::prelude::v1::test]
        fn deploy() { fn deploy(user_id: &str) {} deploy("user_1") }
    };
    for (item, message) in [
        (cached, "#[cached]"),
        (case, "#[rstest]"),
        (single, "#[rstest]"),
    ] {
        let expanded = tracked::tracked(quote!(action = "deployment"), &item).to_string();
        assert!(expanded.contains("compile_error"), "{expanded}");
        assert!(expanded.contains(message), "{expanded}");
    }
}

#[test]
fn a_method_that_is_declared_again_without_its_body_is_left_alone() {
    let method = quote! {
        fn deploy<'life0, 'dynosaur>(&'life0 self) -> Pin<Box<dyn Future<Output = ()> + 'dynosaur>>;
    };
    let expanded = tracked::tracked(quote!(action = "deployment"), &method);
    assert_eq!(expanded.to_string(), method.to_string());
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

/// Returns true if a group in `tokens` prints as `group`.
fn contains_group(tokens: TokenStream, group: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(inner) => {
            inner.to_string() == group || contains_group(inner.stream(), group)
        }
        _ => false,
    })
}
