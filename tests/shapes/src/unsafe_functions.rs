//! `unsafe` functions, in a program of their own because the other shapes forbid unsafe code.

#[macro_use]
#[allow(dead_code)]
mod support;

use crate::support::{Noisy, tick};

twins! {
    /// # Safety
    ///
    /// None is needed.
    #[tracked(action = "deployment", details = "{image} {output}")]
    pub(super) unsafe fn at_once(image: Noisy, pointer: *const u8) -> Result<u8, ()> {
        image.touch();
        // SAFETY: the caller guarantees that the pointer is valid.
        Ok(unsafe { *pointer })
    }

    #[tracked(action = "deployment", details = "{image} {output}")]
    pub(super) async unsafe fn asynchronous(image: Noisy, values: &[u8]) -> u8 {
        tick().await;
        image.touch();
        // SAFETY: the caller guarantees that the slice is not empty.
        unsafe { *values.get_unchecked(0) }
    }

    #[tracked(action = "deployment", details = "{number} {output}")]
    pub(super) unsafe extern "C" fn of_another_abi(number: u8, pointer: *mut u8) -> u8 {
        // SAFETY: the caller guarantees that the pointer is valid.
        unsafe { *pointer += number };
        number
    }

    #[tracked(action = "deployment", details = "{value}")]
    pub(super) unsafe fn exclusive_in_and_shared_out(values: &mut Vec<u8>, value: u8) -> &u8 {
        values.push(value);
        // SAFETY: a value was just pushed, so the vector is not empty.
        unsafe { values.get_unchecked(values.len() - 1) }
    }

    pub(super) trait Deploy {
        unsafe fn deploy(&self) -> u8;
        async unsafe fn deploy_later(&self) -> u8;
    }

    impl Deploy for u8 {
        #[tracked(action = "deployment", details = "{self}")]
        unsafe fn deploy(&self) -> Self {
            *self + Self::from(self.is_power_of_two())
        }

        #[tracked(action = "deployment", details = "{self}")]
        async unsafe fn deploy_later(&self) -> Self {
            tick().await;
            *self
        }
    }

    // A safe function with an unsafe block inside.
    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn with_an_unsafe_block(values: [u8; 1]) -> u8 {
        tick().await;
        // SAFETY: the array has one element.
        unsafe { *values.get_unchecked(0) }
    }
}

#[test]
fn unsafe_functions_stay_unsafe_and_are_recorded() {
    let rows = compare!(twin => {
        let (number, mut target) = (7, 1);
        // SAFETY: the pointers are valid and the values not empty.
        unsafe {
            let first = twin::at_once(Noisy("api"), &raw const number);
            let second = twin::asynchronous(Noisy("api"), &[8]).await;
            let third = twin::of_another_abi(9, &raw mut target);
            let fourth = *twin::exclusive_in_and_shared_out(&mut Vec::new(), 4);
            (first, second, third, fourth, target)
        }
    });
    assert_eq!(
        rows,
        [
            "deployment: api 7",
            "deployment: api 8",
            "deployment: 9 9",
            "deployment: 4"
        ]
    );
}

#[test]
fn unsafe_methods_of_traits() {
    let rows = compare!(twin => {
        // SAFETY: the methods do nothing unsafe.
        unsafe { (twin::Deploy::deploy(&7_u8), twin::Deploy::deploy_later(&8_u8).await) }
    });
    assert_eq!(rows, ["deployment: 7", "deployment: 8"]);
}

#[test]
fn unsafe_code_in_a_body() {
    let rows = compare!(twin => twin::with_an_unsafe_block([7]).await);
    assert_eq!(rows, ["deployment: 7"]);
}

#[test]
fn an_unsafe_function_is_called_through_a_pointer() {
    let pointer: unsafe extern "C" fn(u8, *mut u8) -> u8 = tracked::of_another_abi;
    let mut target = 1;
    // SAFETY: the pointer is valid.
    assert_eq!(unsafe { pointer(2, &raw mut target) }, 2);
    assert_eq!(target, 3);
}
