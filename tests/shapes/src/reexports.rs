//! `crate = …`: the crate under another name, through a re-export, and from the crate's own root.

use std::{future::Future, pin::Pin};

use crate::support::{log, tick};

/// An example of a user's library that contains the tracker.
mod library {
    pub(crate) mod hidden {
        #[allow(unused_imports)] // The plain twin does not use it.
        pub(crate) use tracker_core::*;
    }
}

twins! {
    #[tracked(
        action = "deployment",
        details = "{image} {output}",
        references(deployment_id = output),
        crate = crate::reexports::library::hidden
    )]
    pub(super) async fn reexported(user_id: &str, image: String) -> Result<u8, ()> {
        tick().await;
        let _ = user_id;
        drop(image);
        Ok(7)
    }

    #[tracked(action = "deployment", details = "{image}", crate = ::renamed)]
    pub(super) async fn renamed_in_the_root(image: String) -> String {
        tick().await;
        image
    }

    #[tracked(action = "deployment", details = "{image}", crate = super::library::hidden)]
    pub(super) fn synchronous(image: String) -> String {
        log("body");
        image
    }

    #[tracked(action = "deployment", details = "{image}", crate = super::library::hidden)]
    pub(super) fn future(image: String) -> Pin<Box<dyn Future<Output = String> + Send>> {
        Box::pin(async move {
            tick().await;
            image
        })
    }
}

#[test]
fn a_renamed_or_reexported_crate() {
    let rows = compare!(twin => {
        let _ = twin::reexported("user_1", "api".into()).await;
        twin::renamed_in_the_root("api".into()).await;
        twin::synchronous("api".into());
        twin::future("api".into()).await
    });
    assert_eq!(
        rows,
        [
            r#"deployment by user_1: api 7 {"deployment_id":"7"}"#,
            "deployment: api",
            "deployment: api",
            "deployment: api",
        ]
    );
}
