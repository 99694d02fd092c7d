//! What expanded code calls to register a tracked function in `call_sites`; without that feature it is nothing.

/// Registers a tracked function: its name, its line, and its action as a literal, as `name` and a function that gives it, or as
/// `dynamic`.
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
