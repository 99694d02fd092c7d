//! Functions that are not `async`. They may be tracked because recording never waits.

use std::{error::Error, fmt::Display, num::ParseIntError, pin::Pin, rc::Rc, sync::Arc};

use crate::support::log;

twins! {
    #[tracked(action = "deployment", user = user, details = "{image} {output}", references(image_id = image))]
    pub(super) fn deploy(user: &str, project_id: u8, image: String) -> Result<usize, ParseIntError> {
        let number: usize = image.parse()?;
        if number == 0 {
            return Ok(usize::from(project_id));
        }
        drop(image);
        Ok(number + user.len())
    }

    #[tracked(action = "deployment")]
    pub(super) fn returns_nothing(values: &mut Vec<u8>) {
        if values.is_empty() {
            return;
        }
        values.clear();
    }

    #[tracked(action = "deployment", details = "{number}")]
    pub(super) extern "C" fn of_another_abi(number: u8) -> u8 {
        log("body");
        number + 1
    }

    #[tracked(action = "deployment", details = "{text}")]
    pub(super) fn coerces_to_dyn(text: &str) -> Result<Box<dyn Display>, Box<dyn Error>> {
        if text.is_empty() {
            Err("empty")?;
        }
        let number: u8 = text.parse()?;
        Ok(Box::new(number))
    }

    #[tracked(action = "deployment")]
    pub(super) fn never_returns(user_id: &str) -> ! {
        panic!("{user_id}")
    }

    #[tracked(action = "deployment", details = "{first} {second:?} {output}")]
    pub(super) fn generic<T, const N: usize>(first: impl Display + Clone, second: &[T; N], convert: impl FnOnce(&[T]) -> usize) -> usize
    where
        T: std::fmt::Debug,
    {
        drop(first);
        convert(second)
    }

    #[tracked(action = "deployment", details("{}", values.len()))]
    pub(super) fn returns_some_type(values: &[u8]) -> impl Iterator<Item = u8> + use<'_> {
        values.iter().copied()
    }

    #[tracked(action = "deployment", details = "{count} {name}")]
    pub(super) fn destructured((mut count, name): (u8, String), #[cfg(any())] absent: Absent, _: u8) -> String {
        count += 1;
        name + &count.to_string()
    }

    #[tracked(action = "deployment", details = "{depth}")]
    pub(super) fn recurses(depth: u8) -> u8 {
        if depth == 0 { 0 } else { recurses(depth - 1) + 1 }
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) fn loops(limit: u8) -> u8 {
        'outer: loop {
            for step in 1.. {
                if step > limit {
                    break 'outer step;
                }
            }
        }
    }

    #[derive(Debug)]
    pub(super) struct Job {
        pub(super) id: String,
    }

    impl Job {
        #[tracked(action = "deployment", details = "{self.id} {output}")]
        pub(super) fn shared(&self) -> &str {
            log("body");
            &self.id
        }

        #[tracked(action = "deployment", details = "{self.id} {output}")]
        pub(super) fn exclusive(&mut self, more: &str) -> &mut String {
            self.id += more;
            &mut self.id
        }

        #[tracked(action = "deployment", details = "{self.id}")]
        pub(super) fn owned(self) -> String {
            log("body");
            self.id
        }

        #[tracked(action = "deployment", details = "{self.id}")]
        pub(super) fn owned_and_changed(mut self, more: &str) -> Self {
            self.id += more;
            self
        }

        #[tracked(action = "deployment", details = "{self.id}")]
        #[allow(clippy::boxed_local)]
        pub(super) fn boxed(self: Box<Self>) -> String {
            log("body");
            self.id
        }

        #[tracked(action = "deployment", details = "{self.id} {output}")]
        pub(super) fn counted(self: &Arc<Self>) -> usize {
            Arc::strong_count(self)
        }

        #[tracked(action = "deployment", details = "{self.id} {output}")]
        pub(super) fn counted_on_one_thread(self: Rc<Self>) -> usize {
            Rc::strong_count(&self)
        }

        #[tracked(action = "deployment", details = "{self.id}")]
        pub(super) fn pinned(mut self: Pin<&mut Self>) -> usize {
            self.id.push('!');
            self.id.len()
        }
    }

    pub(super) trait Deploy {
        fn id(&self) -> &str;

        #[tracked(action = "deployment", details = "{output}")]
        fn by_default(&self) -> usize {
            self.id().len()
        }
    }

    impl Deploy for Job {
        #[tracked(action = "github_push", details = "{output}")]
        fn id(&self) -> &str {
            log("body");
            &self.id
        }
    }
}

#[test]
fn a_synchronous_function() {
    let rows = compare!(twin => {
        let outcomes = ["7", "0", "seven"].map(|image| twin::deploy("user_1", 3, image.into()));
        let mut values = vec![1];
        twin::returns_nothing(&mut values);
        twin::returns_nothing(&mut values);
        (outcomes, values)
    });
    assert_eq!(
        rows,
        [
            r#"deployment by user_1 on 3: 7 13 {"image_id":"7"}"#,
            r#"deployment by user_1 on 3: 0 3 {"image_id":"0"}"#,
            "deployment",
            "deployment",
        ]
    );
}

#[test]
fn an_extern_function() {
    let rows = compare!(twin => {
        let pointer: extern "C" fn(u8) -> u8 = twin::of_another_abi;
        pointer(7)
    });
    assert_eq!(rows, ["deployment: 7"]);
}

#[test]
fn ok_of_a_box_coerces_to_dyn_in_a_synchronous_function() {
    let rows = compare!(twin => {
        ["7", "", "seven"].map(|text| {
            twin::coerces_to_dyn(text).map_or_else(|error| error.to_string(), |value| value.to_string())
        })
    });
    assert_eq!(rows, ["deployment: 7"]);
}

#[test]
fn a_synchronous_function_that_does_not_return() {
    let rows = compare!(twin => twin::never_returns("user_1"));
    assert_eq!(rows, [""; 0]);
}

#[test]
fn synchronous_functions_with_generics_patterns_loops_and_recursion() {
    let rows = compare!(twin => {
        let count = twin::generic("a", &[1, 2], <[u8]>::len);
        (count, twin::returns_some_type(&[1, 2]).sum::<u8>(), twin::destructured((1, "a".into()), 2))
    });
    assert_eq!(
        rows,
        ["deployment: a [1, 2] 2", "deployment: 2", "deployment: 1 a"]
    );
    let rows = compare!(twin => (twin::recurses(1), twin::loops(2)));
    assert_eq!(rows, ["deployment: 0", "deployment: 1", "deployment: 3"]);
}

#[test]
fn synchronous_methods_with_every_receiver() {
    let job = || String::from("job");
    let rows = compare!(twin => {
        let mut first = twin::Job { id: job() };
        first.exclusive("_1").push('0');
        let length = Pin::new(&mut first).pinned();
        let shared = first.shared().to_owned();
        let changed = first.owned_and_changed("?");
        let counted = Arc::new(changed);
        let count = counted.counted();
        let on_one_thread = Rc::new(twin::Job { id: job() }).counted_on_one_thread();
        let boxed = Box::new(twin::Job { id: job() }).boxed();
        (length, shared, count, on_one_thread, boxed, twin::Job { id: job() }.owned())
    });
    assert_eq!(
        rows,
        [
            "deployment: job job_1",
            "deployment: job_10",
            "deployment: job_10! job_10!",
            "deployment: job_10!",
            "deployment: job_10!? 1",
            "deployment: job 1",
            "deployment: job",
            "deployment: job",
        ]
    );
}

#[test]
fn synchronous_methods_of_traits() {
    let rows = compare!(twin => {
        let job: &dyn twin::Deploy = &twin::Job { id: "job".into() };
        job.by_default()
    });
    assert_eq!(rows, ["github_push: job", "deployment: 3"]);
}
