//! A tracked future has every auto trait of the plain one, however it is recorded.

use std::{
    cell::Cell,
    future::{Future, ready},
    marker::PhantomData,
    panic::{RefUnwindSafe, UnwindSafe, catch_unwind},
    pin::Pin,
    rc::Rc,
};

use tracker_core::store::postgres::tokio_postgres;

use crate::support::polled;

/// Evaluates to an array of flags: `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe`. The
/// macro relies on method resolution, which prefers an inherent method to a trait's method.
macro_rules! auto_traits {
    ($value:expr) => {
        auto_traits!(@ $crate::auto_traits::Probe::of(&$value))
    };
    (returned by $function:expr) => {
        auto_traits!(@ $crate::auto_traits::Probe::of_returned(&$function))
    };
    (@ $probe:expr) => {{
        #[allow(unused_imports)]
        use $crate::auto_traits::{NotRefUnwindSafe as _, NotSend as _, NotSync as _, NotUnpin as _, NotUnwindSafe as _};
        match $probe {
            probe => [probe.is_send(), probe.is_sync(), probe.is_unpin(), probe.is_unwind_safe(), probe.is_ref_unwind_safe()],
        }
    }};
}

pub(crate) struct Probe<T>(PhantomData<fn(T)>);

impl<T> Probe<T> {
    pub(crate) const fn of(_: &T) -> Self {
        Self(PhantomData)
    }

    pub(crate) const fn of_returned<A>(_: &impl Fn(A) -> T) -> Self {
        Self(PhantomData)
    }
}

macro_rules! probe {
    ($($auto:ident $not:ident $is:ident),*) => {$(
        impl<T: $auto> Probe<T> {
            pub(crate) const fn $is(&self) -> bool {
                let Self(_) = self;
                true
            }
        }

        pub(crate) trait $not {
            fn $is(&self) -> bool {
                false
            }
        }

        impl<T> $not for Probe<T> {}
    )*};
}

probe! {
    Send NotSend is_send,
    Sync NotSync is_sync,
    Unpin NotUnpin is_unpin,
    UnwindSafe NotUnwindSafe is_unwind_safe,
    RefUnwindSafe NotRefUnwindSafe is_ref_unwind_safe
}

twins! {
    #[tracked(action = "deployment", details = "{image} {name} {output}")]
    pub(super) async fn success(image: &str, name: String) -> usize {
        ready(()).await;
        image.len() + name.len()
    }

    #[tracked(action = "deployment", record = "always", details = "{image} {name}", error_details = "{error}")]
    pub(super) async fn always(image: &str, name: String) -> Result<usize, String> {
        ready(()).await;
        Ok(image.len() + name.len())
    }

    #[tracked(action = "deployment", durable, details = "{image} {name} {output}")]
    pub(super) async fn durable(image: &str, name: String) -> usize {
        ready(()).await;
        image.len() + name.len()
    }

    #[tracked(action = "deployment", durable, record = "always", details = "{image} {name} {output}")]
    pub(super) async fn durable_always(image: &str, name: String) -> usize {
        ready(()).await;
        image.len() + name.len()
    }

    #[tracked(action = "deployment", client = client)]
    pub(super) async fn on_client(client: &tokio_postgres::Client) {
        ready(()).await;
        client.is_closed();
    }

    #[tracked(action = "deployment", client = client, record = "always")]
    pub(super) async fn on_client_always(client: &tokio_postgres::Client) {
        ready(()).await;
        client.is_closed();
    }

    #[tracked(action = "deployment", record = "always", details = "{count}")]
    pub(super) async fn always_not_sendable(value: Rc<Cell<u8>>, count: u8) -> u8 {
        ready(()).await;
        value.get() + count
    }

    #[tracked(action = "deployment", record = "always")]
    pub(super) async fn always_exclusive(value: &mut u8, count: &Cell<u8>) -> u8 {
        ready(()).await;
        *value += count.get();
        *value
    }

    #[tracked(action = "deployment", durable, record = "always", details = "{name}")]
    pub(super) fn boxed(name: String) -> Pin<Box<dyn Future<Output = usize> + Send + Sync + UnwindSafe + RefUnwindSafe>> {
        Box::pin(async move {
            ready(()).await;
            name.len()
        })
    }

    #[tracked(action = "deployment", tracker = tracker, details = "{name}")]
    pub(super) async fn with_a_tracker(tracker: tracker_core::Tracker, name: String) -> usize {
        ready(()).await;
        drop(tracker);
        name.len()
    }
}

#[test]
fn a_future_with_all_auto_traits_keeps_them() {
    let all = [true, true, false, true, true];
    assert_eq!(auto_traits!(tracked::success("", String::new())), all);
    compare!(twin => auto_traits!(twin::success("", String::new())));
    compare!(twin => auto_traits!(twin::always("", String::new())));
    compare!(twin => auto_traits!(twin::durable("", String::new())));
    compare!(twin => auto_traits!(twin::durable_always("", String::new())));
    compare!(twin => auto_traits!(returned by |()| twin::with_a_tracker(unreachable(), String::new())));
}

#[test]
fn a_future_recorded_always_can_be_run_inside_catch_unwind() {
    let rows = compare!(twin => {
        let future = twin::boxed("api".to_owned());
        catch_unwind(|| polled(1, future)).ok()
    });
    assert_eq!(rows, ["deployment: api"]);
}

const fn unreachable<T>() -> T {
    unreachable!()
}

#[test]
fn a_future_on_a_client_keeps_what_the_client_allows() {
    fn of(client: &'static tokio_postgres::Client) -> &'static tokio_postgres::Client {
        client
    }
    compare!(twin => auto_traits!(returned by |client| twin::on_client(of(client))));
    compare!(twin => auto_traits!(returned by |client| twin::on_client_always(of(client))));
}

#[test]
fn a_future_without_some_auto_traits_keeps_the_others() {
    compare!(twin => auto_traits!(twin::always_not_sendable(Rc::default(), 7)));
    compare!(twin => auto_traits!(twin::always_exclusive(&mut 7, &Cell::new(7))));
}
