//! Methods of traits and of their implementations: native `async fn` and `impl Future`.

use std::{fmt::Display, future::Future};

use crate::support::{log, tick};

twins! {
    pub(super) trait Deploy {
        const REGION: &'static str = "eu";
        type Id: Display;

        async fn deploy(&self, image: &str) -> Result<Self::Id, String>;

        #[tracked(action = "deployment", details = "{image} {output}")]
        async fn by_default(&self, image: &str) -> Result<Self::Id, String> {
            let id = self.deploy(image).await?;
            tick().await;
            Ok(id)
        }

        #[tracked(action = "deployment", details("{} {output}", Self::REGION))]
        async fn without_receiver(count: u8) -> u8
        where
            Self: Sized,
        {
            tick().await;
            log(Self::REGION);
            count + 1
        }

        fn sendable(&self) -> impl Future<Output = usize> + Send;
    }

    #[derive(Debug)]
    pub(super) struct Local(pub(super) String);

    impl Deploy for Local {
        type Id = usize;

        #[tracked(action = "deployment", user = self.0, details = "{image}", references(deployment_id = output))]
        async fn deploy(&self, image: &str) -> Result<Self::Id, String> {
            tick().await;
            image.parse().map_err(|error| format!("{error}"))
        }

        // The trait declares `impl Future`. The implementation may be an `async fn`.
        #[tracked(action = "deployment", details = "{output}")]
        async fn sendable(&self) -> usize {
            tick().await;
            self.0.len()
        }
    }

    impl<T: Deploy + Sync> Deploy for Box<T> {
        type Id = T::Id;

        #[tracked(action = "deployment", details = "in a box")]
        async fn deploy(&self, image: &str) -> Result<Self::Id, String> {
            (**self).deploy(image).await
        }

        #[tracked(action = "deployment", details = "in a box")]
        async fn sendable(&self) -> usize {
            (**self).sendable().await
        }
    }

    pub(super) trait Convert<T: ?Sized> {
        #[tracked(action = "deployment", details = "{output}")]
        async fn convert(self, other: &T) -> String
        where
            Self: Display + Sized,
            T: Display,
        {
            tick().await;
            format!("{self}{other}")
        }
    }

    impl Convert<str> for u8 {}
}

#[test]
fn a_method_with_a_body_in_the_trait() {
    use self::{plain::Deploy as _, tracked::Deploy as _};
    let rows = compare!(twin => twin::Local("user_1".into()).by_default("7").await);
    assert_eq!(
        rows,
        [
            r#"deployment by user_1: 7 {"deployment_id":"7"}"#,
            "deployment: 7 7"
        ]
    );
    let rows = compare!(twin => twin::Local("user_1".into()).by_default("image").await);
    assert_eq!(rows, [""; 0]);
}

#[test]
fn a_method_of_an_implementation() {
    use self::{plain::Deploy as _, tracked::Deploy as _};
    let rows = compare!(twin => {
        let boxed = Box::new(twin::Local("user_1".into()));
        (boxed.deploy("7").await, boxed.sendable().await)
    });
    assert_eq!(
        rows,
        [
            r#"deployment by user_1: 7 {"deployment_id":"7"}"#,
            "deployment: in a box",
            "deployment: 6",
            "deployment: in a box",
        ]
    );
}

#[test]
fn an_associated_function_of_a_trait() {
    let rows = compare!(twin => <twin::Local as twin::Deploy>::without_receiver(1).await);
    assert_eq!(rows, ["deployment: eu 2"]);
}

#[test]
fn a_method_of_a_generic_trait() {
    let rows = compare!(twin => {
        <u8 as twin::Convert<str>>::convert(7, "up").await
    });
    assert_eq!(rows, ["deployment: 7up"]);
}
