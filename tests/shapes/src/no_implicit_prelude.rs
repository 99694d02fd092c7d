//! A module without the prelude.

#![no_implicit_prelude]

use ::std::{assert_eq, convert::Into as _, string::String};

use crate::support::tick;

twins! {
    use ::std::{mem::drop, result::Result::{self, Ok}};

    #[tracked(action = "deployment", details = "{image} {output}", references(image_id = image))]
    pub(super) async fn deploy(user_id: &str, image: String) -> Result<u8, u8> {
        tick().await;
        let _ = user_id;
        drop(image);
        Ok(7)
    }

    #[tracked(action = "deployment", details = "{image} {output}")]
    pub(super) fn deploy_at_once(image: String) -> u8 {
        drop(image);
        7
    }

    #[tracked(action = "deployment", details = "{image} {output}")]
    pub(super) fn future(image: String) -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = u8>>> {
        ::std::boxed::Box::pin(async move {
            drop(image);
            tick().await;
            7
        })
    }
}

#[test]
fn a_module_without_the_prelude() {
    let rows = compare!(twin => twin::deploy("user_1", "api".into()).await);
    assert_eq!(rows, [r#"deployment by user_1: api 7 {"image_id":"api"}"#]);
    let rows =
        compare!(twin => (twin::deploy_at_once("api".into()), twin::future("api".into()).await));
    assert_eq!(rows, ["deployment: api 7", "deployment: api 7"]);
}
