//! Functions whose body is a fragment of a macro. It reaches the attribute in invisible delimiters.

use std::{future::Future, num::ParseIntError, pin::Pin};

use crate::support::{log, tick};

twins! {
    macro_rules! with_block {
        ($name:ident, $body:block) => {
            #[tracked(action = "deployment", details = "{output}")]
            pub(super) async fn $name() -> Result<u8, ParseIntError> $body
        };
        (at once $name:ident, $body:block) => {
            #[tracked(action = "deployment", details = "{output}")]
            pub(super) fn $name() -> Result<u8, ParseIntError> $body
        };
        (boxed $name:ident, $body:block) => {
            #[tracked(action = "deployment", details = "{output}")]
            pub(super) fn $name() -> Pin<Box<dyn Future<Output = u8>>> {
                log("statement");
                Box::pin(async move $body)
            }
        };
    }

    with_block!(asynchronous, {
        tick().await;
        let number: u8 = "7".parse()?;
        Ok(number)
    });
    with_block!(at once synchronous, {
        let number: u8 = "8".parse()?;
        Ok(number)
    });
    with_block!(boxed future, {
        tick().await;
        9
    });
}

#[test]
fn a_body_that_is_a_fragment_of_a_macro() {
    let rows =
        compare!(twin => (twin::asynchronous().await, twin::synchronous(), twin::future().await));
    assert_eq!(rows, ["deployment: 7", "deployment: 8", "deployment: 9"]);
}
