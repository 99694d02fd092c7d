//! Bodies that leave early, convert errors, coerce, loop, recurse or contain items.

use std::{error::Error, fmt::Display, num::ParseIntError};

use crate::support::{log, tick};

#[derive(Debug)]
enum Failed {
    Number(ParseIntError),
    Range(u8),
}

impl From<ParseIntError> for Failed {
    fn from(error: ParseIntError) -> Self {
        Self::Number(error)
    }
}

impl Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(error) => error.fmt(f),
            Self::Range(number) => write!(f, "{number} is out of range"),
        }
    }
}

impl Error for Failed {}

twins! {
    #[tracked(action = "deployment", details = "{text} {output}")]
    pub(super) async fn leaves_early(text: &str) -> Result<u8, Failed> {
        let number: u8 = text.parse()?;
        if number > 100 {
            return Err(Failed::Range(number));
        }
        if number > 10 {
            return Ok(10);
        }
        tick().await;
        Ok(number)
    }

    #[tracked(action = "deployment", details = "{text}")]
    pub(super) async fn leaves_early_without_a_value(text: &str) {
        let Ok(number) = text.parse::<u8>() else {
            return;
        };
        tick().await;
        log(number);
    }

    #[tracked(action = "deployment", details = "{output:?}")]
    pub(super) async fn leaves_early_from_an_option(text: &str) -> Option<char> {
        let first = text.chars().next()?;
        tick().await;
        Some(first)
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn coerces_to_dyn(text: &str) -> Result<Box<dyn Display + Send>, Box<dyn Error + Send + Sync>> {
        if text.is_empty() {
            return Err("empty".into());
        }
        if text.len() > 3 {
            Err(Failed::Range(4))?;
        }
        let number: u8 = text.parse()?;
        tick().await;
        if number == 0 {
            return Ok(Box::new("zero"));
        }
        Ok(Box::new(number))
    }

    #[tracked(action = "deployment", details("{}", output.len()))]
    pub(super) async fn coerces_the_elements(number: u8) -> Vec<Box<dyn Display>> {
        tick().await;
        vec![Box::new(number), Box::new("text")]
    }

    #[tracked(action = "deployment")]
    pub(super) async fn coerces_to_a_pointer(double: bool) -> fn(u8) -> u8 {
        tick().await;
        if double { |number| number * 2 } else { |number| number }
    }

    #[tracked(action = "deployment", details = "{output:?}")]
    pub(super) async fn coerces_to_a_slice(values: &[u8; 3]) -> &[u8] {
        tick().await;
        values
    }

    #[tracked(action = "deployment")]
    pub(super) async fn never_returns(user_id: &str) -> ! {
        tick().await;
        panic!("{user_id}")
    }

    #[tracked(action = "deployment")]
    pub(super) async fn loops_forever() -> ! {
        loop {
            tick().await;
        }
    }

    #[tracked(action = "deployment")]
    pub(super) async fn ends_with_a_panic(user_id: &str) -> Result<u8, Failed> {
        tick().await;
        todo!("{user_id}")
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn loops_with_labels(limit: u32) -> u32 {
        let mut sum = 0;
        let found = 'outer: loop {
            for step in 1.. {
                if step % 2 == 0 {
                    continue;
                }
                sum += step;
                tick().await;
                if sum > limit {
                    break 'outer step;
                }
                if step > 5 {
                    continue 'outer;
                }
            }
        };
        let block = 'block: {
            if found > 3 {
                break 'block 1;
            }
            while sum > 0 {
                sum -= 1;
            }
            2
        };
        sum + found + block
    }

    #[tracked(action = "deployment", details = "{depth}")]
    pub(super) async fn recurses(depth: u8) -> u8 {
        if depth == 0 {
            return 0;
        }
        tick().await;
        Box::pin(recurses(depth - 1)).await + 1
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn contains_items(number: u8) -> u8 {
        use std::ops::Add as _;

        #[derive(Clone, Copy)]
        struct Local(u8);

        impl Local {
            const ONE: Self = Self(1);
        }

        const TWO: u8 = 2;

        macro_rules! plus_three {
            ($number:expr) => {
                $number + 3
            };
        }

        #[tracked(action = "queries_executed", details = "{local.0}")]
        async fn inner(local: Local) -> u8 {
            tick().await;
            local.0
        }

        let sum = inner(Local::ONE).await.add(TWO);
        plus_three!(sum) + number
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn contains_blocks_and_closures(number: u8) -> u8 {
        let in_a_closure = |text: &str| -> Result<u8, ParseIntError> { Ok(text.parse::<u8>()? + number) };
        let in_a_block = async {
            let one: u8 = "1".parse()?;
            tick().await;
            Ok::<_, ParseIntError>(one + number)
        };
        let closed = async |text: String| in_a_closure(&text);
        in_a_block.await.unwrap_or(0) + closed("2".into()).await.unwrap_or(0)
    }

    #[tracked(action = "deployment")]
    #[allow(clippy::unused_async)]
    pub(super) async fn is_empty() {}

    #[tracked(action = "deployment", details = "{text}")]
    pub(super) async fn has_only_a_statement(text: &str) -> () {
        let _ = text;
        tick().await;
    }

    #[tracked(action = "deployment", details = "{output:?}")]
    pub(super) async fn has_attributes_inside() -> u8 {
        #![allow(clippy::let_and_return)]
        tick().await;
        let seven = 7;
        seven
    }
}

#[test]
fn early_returns_and_converted_errors() {
    let rows = compare!(twin => {
        let mut outcomes = Vec::new();
        for text in ["7", "70", "107", "seven"] {
            outcomes.push(twin::leaves_early(text).await);
        }
        outcomes
    });
    assert_eq!(rows, ["deployment: 7 7", "deployment: 70 10"]);
    let rows = compare!(twin => {
        twin::leaves_early_without_a_value("7").await;
        twin::leaves_early_without_a_value("seven").await;
        (twin::leaves_early_from_an_option("a").await, twin::leaves_early_from_an_option("").await)
    });
    assert_eq!(
        rows,
        [
            "deployment: 7",
            "deployment: seven",
            "deployment: Some('a')",
            "deployment: None"
        ]
    );
}

#[test]
fn ok_of_a_box_coerces_to_dyn() {
    let rows = compare!(twin => {
        let mut outcomes = Vec::new();
        for text in ["7", "0", "", "12345", "x"] {
            let outcome = twin::coerces_to_dyn(text).await;
            outcomes.push(outcome.map_or_else(|error| error.to_string(), |value| value.to_string()));
        }
        outcomes
    });
    assert_eq!(rows, ["deployment: 7", "deployment: zero"]);
}

#[test]
fn values_coerce_as_in_a_function() {
    let rows = compare!(twin => {
        let doubled = twin::coerces_to_a_pointer(true).await(3);
        let count = twin::coerces_the_elements(7).await.len();
        (doubled, count, twin::coerces_to_a_slice(&[1, 2, 3]).await)
    });
    assert_eq!(
        rows,
        ["deployment", "deployment: 2", "deployment: [1, 2, 3]"]
    );
}

#[test]
fn functions_that_do_not_return() {
    let rows = compare!(twin => twin::never_returns("user_1").await);
    assert_eq!(rows, [""; 0]);
    let rows = compare!(twin => twin::ends_with_a_panic("user_1").await);
    assert_eq!(rows, [""; 0]);
    let rows = compare!(twin => crate::support::polled(3, twin::loops_forever()).is_none());
    assert_eq!(rows, [""; 0]);
}

#[test]
fn loops_and_labels() {
    let rows =
        compare!(twin => (twin::loops_with_labels(20).await, twin::loops_with_labels(0).await));
    assert_eq!(rows, ["deployment: 31", "deployment: 3"]);
}

#[test]
fn recursion_records_each_call() {
    let rows = compare!(twin => twin::recurses(2).await);
    assert_eq!(rows, ["deployment: 0", "deployment: 1", "deployment: 2"]);
}

#[test]
fn items_closures_and_blocks_in_the_body() {
    let rows = compare!(twin => twin::contains_items(1).await);
    assert_eq!(rows, ["queries_executed: 1", "deployment: 7"]);
    let rows = compare!(twin => twin::contains_blocks_and_closures(1).await);
    assert_eq!(rows, ["deployment: 5"]);
}

#[test]
fn bodies_with_next_to_nothing_in_them() {
    let rows = compare!(twin => {
        twin::is_empty().await;
        twin::has_only_a_statement("a").await;
        twin::has_attributes_inside().await
    });
    assert_eq!(rows, ["deployment", "deployment: a", "deployment: 7"]);
}
