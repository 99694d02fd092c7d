//! Registers a tracked function, or a call that records by hand, in `call_sites`. Without that
//! feature nothing is registered.

/// Registers a tracked function: its name, its line, and its action as a literal, as `name` and a
/// function that gives it, or as `dynamic`.
#[cfg(feature = "call-sites")]
#[doc(hidden)]
#[macro_export]
macro_rules! __call_site {
    ($function:literal, $line:expr, $name:literal) => {
        $crate::__call_site!(@ $function, $line, Name($name));
    };
    ($function:literal, $line:expr, name $name:expr) => {
        $crate::__call_site!(@ $function, $line, Value($name));
    };
    ($function:literal, $line:expr, dynamic) => {
        $crate::__call_site!(@ $function, $line, Dynamic);
    };
    (@ $function:literal, $line:expr, $($action:tt)+) => {
        $crate::__private::inventory::submit! {
            $crate::call_sites::CallSite::new(
                ::core::module_path!(),
                $function,
                ::core::file!(),
                $line,
                $crate::call_sites::Action::$($action)+,
            )
        }
    };
}

/// Registers nothing.
#[cfg(not(feature = "call-sites"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __call_site {
    ($($anything:tt)*) => {};
}

/// Registers a place that records by hand, with [`record`](crate::Tracker::record) or
/// [`record_in`](crate::Tracker::record_in), in [`call_sites`](crate::call_sites): the name of its
/// action type, or a constant expression of an [`ActionSet`](crate::ActionSet).
///
/// It goes beside the call, in the function or outside, and does nothing when it is reached.
/// Without the feature `call-sites` only its argument is checked.
///
/// ```
/// use tracker_core::{ActionSet, Activity, Tracker, call_site};
///
/// #[derive(ActionSet)]
/// enum Billing {
///     InvoiceSent,
/// }
///
/// fn send_invoice(tracker: &Tracker) {
///     call_site!(Billing::InvoiceSent);
///     tracker.record(Activity::new(Billing::InvoiceSent));
/// }
/// # #[cfg(feature = "call-sites")]
/// tracker_core::call_sites::assert_all_tracked::<Billing>();
/// ```
#[cfg(feature = "call-sites")]
#[macro_export]
macro_rules! call_site {
    ($name:literal) => {
        $crate::__call_site!("call_site!", ::core::line!(), $name);
    };
    ($action:expr) => {
        $crate::__call_site!(
            "call_site!",
            ::core::line!(),
            name || $crate::ActionSet::name(&$action)
        );
    };
}

/// Registers nothing: the feature `call-sites` is off.
#[cfg(not(feature = "call-sites"))]
#[macro_export]
macro_rules! call_site {
    ($name:literal) => {
        const _: &str = $name;
    };
    ($action:expr) => {
        const _: fn() -> &'static str = || $crate::ActionSet::name(&$action);
    };
}
