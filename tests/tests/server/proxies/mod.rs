//! The API behind the web proxies of docs/operations.md. Each proxy has the settings of that page,
//! with its cache and its compression on.
//!
//! Few machines have the proxies, so these tests run only on request. `scripts/matrix` installs the
//! proxies.

mod client;
mod site;
mod suite;

/// Declares the suite's tests for each proxy.
macro_rules! behind {
    ($($module:ident: $kind:ident,)*) => { $(behind!(@ $module, $kind, {
        the_head_of_a_stream_and_each_event_arrive_at_once,
        what_one_reader_was_shown_is_given_to_no_other,
        what_the_client_has_is_not_sent_again_though_it_was_compressed,
        page_links_and_description_work_below_the_prefix,
        a_project_whose_id_has_a_slash_is_reached,
    });)* };
    (@ $module:ident, $kind:ident, { $($behaviour:ident,)* }) => {
        mod $module {
            use tracker_tests::web_proxy::Kind;

            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "it needs the proxy; scripts/matrix installs and runs it"]
                async fn $behaviour() {
                    super::suite::$behaviour(Kind::$kind).await;
                }
            )*
        }
    };
}

behind! {
    nginx: Nginx,
    haproxy: HaProxy,
    apache: Apache,
    varnish: Varnish,
}
