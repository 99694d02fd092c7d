//! A future that was `Send`, `Sync`, `Unpin`, `UnwindSafe` or `RefUnwindSafe` still is, and one
//! that was not still compiles.

use std::{
    cell::{Cell, RefCell},
    fmt::{Debug, Display},
    future::Future,
    pin::Pin,
    rc::Rc,
};

use crate::support::tick;

#[derive(Debug)]
pub(crate) struct Service {
    region: Cell<u8>,
}

twins! {
    #[tracked(action = "deployment", details = "{image} {name} {output:?}", references(image_id = name))]
    pub(super) async fn sendable(image: &str, name: String, values: &mut Vec<u8>) -> Result<u8, String> {
        tick().await;
        values.push(7);
        drop(name);
        image.parse().map_err(|_| image.to_owned())
    }

    #[tracked(action = "deployment", details("{} {:?}", cell.get(), values))]
    pub(super) async fn owning_what_is_not_sync(cell: Cell<u8>, values: Box<dyn Debug + Send>) -> Cell<u8> {
        tick().await;
        drop(values);
        cell
    }

    #[tracked(action = "deployment", details("{}", exclusive.get()))]
    pub(super) async fn borrowing_what_is_not_sync(exclusive: &mut Cell<u8>) -> u8 {
        *exclusive.get_mut() += 1;
        tick().await;
        exclusive.get()
    }

    #[tracked(action = "deployment", details = "{counted} {output}")]
    pub(super) async fn not_sendable(counted: Rc<u8>) -> usize {
        tick().await;
        Rc::strong_count(&counted)
    }

    #[tracked(action = "deployment", details("{:?}", shared.borrow()))]
    pub(super) async fn not_sendable_by_reference(shared: &RefCell<u8>) -> u8 {
        tick().await;
        *shared.borrow_mut() += 1;
        *shared.borrow()
    }

    #[tracked(action = "deployment", details("{}", output.0))]
    pub(super) async fn returning_what_is_not_sendable(value: u8) -> (u8, Rc<u8>) {
        tick().await;
        (value, Rc::new(value))
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn not_sendable_across_an_await(value: u8) -> u8 {
        let counted = Rc::new(value);
        tick().await;
        *counted
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn not_sendable_only_between_awaits(value: u8) -> u8 {
        let value = {
            let counted = Rc::new(value);
            *counted
        };
        tick().await;
        value
    }

    #[tracked(action = "deployment", details = "{value}")]
    pub(super) async fn as_sendable_as_its_argument<T: Display>(value: T) -> T {
        tick().await;
        value
    }

    #[tracked(action = "deployment", details = "{output}")]
    #[allow(clippy::manual_async_fn)]
    pub(super) fn opaque(value: u8) -> impl Future<Output = u8> {
        async move {
            tick().await;
            value
        }
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) fn boxed(value: Rc<u8>) -> Pin<Box<dyn Future<Output = u8>>> {
        Box::pin(async move {
            tick().await;
            *value
        })
    }

    impl Api for Service {
        #[tracked(action = "deployment", details("{}", self.region.get()))]
        async fn shared(&self) -> u8 {
            tick().await;
            self.region.get()
        }

        #[tracked(action = "deployment", details("{}", self.region.get()))]
        async fn exclusive(&mut self) -> u8 {
            tick().await;
            self.region.get()
        }
    }

    pub(super) trait Api {
        async fn shared(&self) -> u8;
        async fn exclusive(&mut self) -> u8;
    }
}

#[test]
fn a_sendable_future_stays_sendable() {
    assert_eq!(
        auto_traits!(tracked::sendable("7", "name".into(), &mut Vec::new())),
        [true, true, false, false, true]
    );
    compare!(twin => auto_traits!(twin::sendable("7", "name".into(), &mut Vec::new())));
    compare!(twin => auto_traits!(twin::owning_what_is_not_sync(Cell::new(7), Box::new("a"))));
    compare!(twin => auto_traits!(twin::borrowing_what_is_not_sync(&mut Cell::new(7))));
    compare!(twin => auto_traits!(twin::not_sendable_only_between_awaits(7)));
    compare!(twin => auto_traits!(twin::as_sendable_as_its_argument(7)));
    compare!(twin => auto_traits!(twin::opaque(7)));
    compare!(twin => auto_traits!(twin::Api::exclusive(&mut Service { region: Cell::new(7) })));
}

#[test]
fn a_future_that_is_not_sendable_still_compiles() {
    compare!(twin => auto_traits!(twin::not_sendable(Rc::new(7))));
    compare!(twin => auto_traits!(twin::not_sendable_by_reference(&RefCell::new(7))));
    compare!(twin => auto_traits!(twin::returning_what_is_not_sendable(7)));
    compare!(twin => auto_traits!(twin::not_sendable_across_an_await(7)));
    compare!(twin => {
        let argument: Box<dyn Display> = Box::new(7);
        auto_traits!(twin::as_sendable_as_its_argument(argument))
    });
    compare!(twin => auto_traits!(twin::boxed(Rc::new(7))));
    compare!(twin => auto_traits!(twin::Api::shared(&Service { region: Cell::new(7) })));
}

#[test]
fn futures_with_arguments_that_are_not_sync_or_not_send_are_recorded() {
    let rows = compare!(twin => {
        let cell = twin::owning_what_is_not_sync(Cell::new(7), Box::new("a")).await;
        let mut cell = cell;
        let changed = twin::borrowing_what_is_not_sync(&mut cell).await;
        let counted = twin::not_sendable(Rc::new(7)).await;
        (changed, counted, twin::not_sendable_by_reference(&RefCell::new(7)).await)
    });
    assert_eq!(
        rows,
        [
            r#"deployment: 7 "a""#,
            "deployment: 7",
            "deployment: 7 1",
            "deployment: 7"
        ]
    );
    let rows = compare!(twin => {
        let mut service = Service { region: Cell::new(7) };
        let exclusive = twin::Api::exclusive(&mut service).await;
        (exclusive, twin::Api::shared(&service).await, twin::boxed(Rc::new(7)).await, twin::opaque(7).await)
    });
    assert_eq!(rows, ["deployment: 7"; 4]);
}
