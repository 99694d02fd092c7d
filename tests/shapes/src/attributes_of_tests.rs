//! `#[test]` and `#[tokio::test]` beside `#[tracked]`. The tests pass if these functions run and
//! keep their bodies.

use tracker_core::tracked;

#[tracked(action = "deployment")]
#[tokio::test]
async fn above_a_runtimes_test() {
    tokio::task::yield_now().await;
}

#[tokio::test]
#[tracked(action = "deployment")]
async fn below_a_runtimes_test() -> Result<(), std::fmt::Error> {
    tokio::task::yield_now().await;
    Ok(())
}

#[tokio::test]
#[tracked(action = "deployment")]
#[should_panic(expected = "expected by this test")]
async fn between_a_runtimes_test_and_the_expectation_of_a_panic() {
    tokio::task::yield_now().await;
    panic!("expected by this test");
}

#[tracked(action = "deployment")]
#[test]
fn above_a_test() {
    assert_eq!(1 + 1, 2);
}

#[test]
#[tracked(action = "deployment")]
#[should_panic(expected = "expected by this test")]
fn below_a_test() {
    assert_eq!(1 + 1, 3, "expected by this test");
}
