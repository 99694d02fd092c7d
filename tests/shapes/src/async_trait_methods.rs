//! Traits and implementations that `#[async_trait]` rewrites. `#[tracked]` then sees methods that
//! return boxed futures.

use async_trait::async_trait;

use crate::support::{Noisy, log, tick};

twins! {
    #[async_trait]
    pub(super) trait Deploy: Sync {
        async fn deploy(&self, user_id: &str, image: Noisy) -> Result<u8, Box<dyn std::error::Error>>;

        async fn always(&self, user_id: &str, image: String) -> Result<u8, String>;

        #[tracked(action = "deployment", details = "{image} {output}")]
        async fn by_default(&self, image: &str) -> usize {
            tick().await;
            image.len()
        }

        #[tracked(action = "deployment", details = "{word} {output}")]
        async fn generic<T: AsRef<str> + Send>(&self, word: &str, other: T) -> String
        where
            Self: Sized,
        {
            tick().await;
            format!("{word}{}", other.as_ref())
        }
    }

    pub(super) struct Local {
        pub(super) region: &'static str,
    }

    #[async_trait]
    impl Deploy for Local {
        /// Documented.
        #[inline]
        #[tracked(action = "deployment", project = self.region, details = "{image} {output}")]
        async fn deploy(&self, user_id: &str, image: Noisy) -> Result<u8, Box<dyn std::error::Error>> {
            let count = user_id.parse()?;
            tick().await;
            image.touch();
            log(self.region);
            Ok(count)
        }

        async fn always(&self, _: &str, _: String) -> Result<u8, String> {
            Ok(0)
        }
    }

    pub(super) struct Remote;

    #[async_trait]
    impl Deploy for Remote {
        #[tracked(action = "deployment", details = "{output}")]
        #[inline]
        #[doc = "Documented."]
        async fn deploy(&self, user_id: &str, _: Noisy) -> Result<u8, Box<dyn std::error::Error>> {
            log("body");
            if user_id.is_empty() {
                return Err("no user".into());
            }
            tick().await;
            Ok(1)
        }

        #[tracked(action = "deployment", record = "always", details = "{image} {output}", error_details = "{image} {error}")]
        async fn always(&self, user_id: &str, image: String) -> Result<u8, String> {
            tick().await;
            if user_id.is_empty() {
                return Err(image);
            }
            Ok(1)
        }

        #[tracked(action = "deployment", details = "own {output}")]
        async fn by_default(&self, image: &str) -> usize {
            tick().await;
            image.len() + 1
        }
    }

    #[async_trait(?Send)]
    pub(super) trait OnOneThread {
        #[tracked(action = "deployment", details = "{self} {output}")]
        async fn count(self: std::rc::Rc<Self>) -> usize
        where
            Self: std::fmt::Display,
        {
            tick().await;
            std::rc::Rc::strong_count(&self)
        }
    }

    impl OnOneThread for u8 {}
}

#[test]
fn a_method_in_an_async_trait_with_a_body() {
    use self::{plain::Deploy as _, tracked::Deploy as _};
    let rows = compare!(twin => {
        let local: &dyn twin::Deploy = &twin::Local { region: "eu" };
        (local.by_default("api").await, twin::Remote.by_default("api").await)
    });
    assert_eq!(rows, ["deployment: api 3", "deployment: own 4"]);
    let rows = compare!(twin => twin::Remote.generic("a", "b").await);
    assert_eq!(rows, ["deployment: a ab"]);
}

#[test]
fn a_method_of_an_async_trait_implementation_above_or_below_other_attributes() {
    use self::{plain::Deploy as _, tracked::Deploy as _};
    let rows = compare!(twin => {
        let local = twin::Local { region: "eu" };
        let first = local.deploy("7", Noisy("image")).await.ok();
        (first, twin::Remote.deploy("7", Noisy("image")).await.ok())
    });
    assert_eq!(
        rows,
        ["deployment by 7 on eu: image 7", "deployment by 7: 1"]
    );
}

#[test]
fn a_method_with_values_from_before_and_behind_its_body_that_is_recorded_always() {
    use self::{plain::Deploy as _, tracked::Deploy as _};
    let rows = compare!(twin => twin::Remote.always("user_1", "api".to_owned()).await);
    assert_eq!(rows, ["deployment by user_1: api 1"]);
}

#[test]
fn an_error_of_an_async_trait_method_is_returned_and_not_recorded() {
    use self::{plain::Deploy as _, tracked::Deploy as _};
    let rows = compare!(twin => {
        let local = twin::Local { region: "eu" };
        let first = local.deploy("seven", Noisy("image")).await.map_err(|error| error.to_string());
        let second = twin::Remote.deploy("", Noisy("image")).await.map_err(|error| error.to_string());
        (first, second)
    });
    assert_eq!(rows, [""; 0]);
}

#[test]
fn an_async_trait_method_that_is_not_send() {
    let rows = compare!(twin => twin::OnOneThread::count(std::rc::Rc::new(7_u8)).await);
    assert_eq!(rows, ["deployment: 7 1"]);
}
