//! The bounds that figures shall keep: [`Goal`].

use std::{
    fmt,
    io::{Write as _, stdout},
};

use crate::Figures;

/// A bound of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Goal {
    figure: &'static str,
    bound: Bound,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Goal {
    /// The figure is this much or less.
    #[must_use]
    pub const fn at_most(figure: &'static str, limit: f64) -> Self {
        let bound = Bound::AtMost(limit);
        Self { figure, bound }
    }

    /// The figure is this much or more.
    #[must_use]
    pub const fn at_least(figure: &'static str, limit: f64) -> Self {
        let bound = Bound::AtLeast(limit);
        Self { figure, bound }
    }

    fn limit(&self) -> f64 {
        match self.bound {
            Bound::AtMost(limit) | Bound::AtLeast(limit) => limit,
        }
    }

    /// Returns the distance to the bound, which is negative if the value keeps it.
    fn excess(&self, value: f64) -> f64 {
        match self.bound {
            Bound::AtMost(limit) => value - limit,
            Bound::AtLeast(limit) => limit - value,
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = match self.bound {
            Bound::AtMost(_) => "at most",
            Bound::AtLeast(_) => "at least",
        };
        write!(f, "`{}` {bound} {}", self.figure, self.limit())
    }
}

impl Figures {
    /// Sets the bound of each measured figure as `goal_NAME`, and as `goal_NAME_met` a 1 if the
    /// figure keeps it, or a 0.
    pub fn set_goals(&mut self, goals: &[Goal]) {
        for goal in goals {
            if let Some(value) = self.measured(goal.figure) {
                let is_met = goal.excess(value) <= 0.0;
                self.set(format!("goal_{}", goal.figure), goal.limit());
                self.set(format!("goal_{}_met", goal.figure), is_met.into());
            }
        }
    }

    /// Prints each goal and its figure as the Markdown of docs/benchmarks.md.
    ///
    /// # Errors
    ///
    /// If nothing can be printed.
    pub fn print_goals(&self, goals: &[Goal]) -> anyhow::Result<()> {
        let mut out = stdout().lock();
        writeln!(out, "\n| goal | measured | result |\n| --- | ---: | --- |")?;
        for goal in goals {
            let Some(value) = self.measured(goal.figure) else {
                writeln!(out, "| {goal} | | not measured |")?;
                continue;
            };
            let result = result(goal.excess(value));
            writeln!(out, "| {goal} | {} | {result} |", significant(value))?;
        }
        Ok(())
    }
}

fn result(excess: f64) -> String {
    if excess <= 0.0 {
        "met".to_owned()
    } else {
        format!("**missed by {}**", significant(excess))
    }
}

/// Returns a number with at least three significant digits.
fn significant(value: f64) -> String {
    let places = match value.abs() {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    format!("{value:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_at_its_bound_meets_the_goal() {
        let mut figures = Figures::new();
        figures.set("ratio", 0.5);
        figures.set("rate", 0.5);
        let goals = [Goal::at_most("ratio", 0.5), Goal::at_least("rate", 0.5)];
        figures.set_goals(&goals);
        assert_eq!(figures.measured("goal_ratio_met"), Some(1.0));
        assert_eq!(figures.measured("goal_rate_met"), Some(1.0));
        assert_eq!(figures.measured("goal_rate"), Some(0.5));
    }

    #[test]
    fn a_missed_goal_says_by_how_much() {
        assert_eq!(
            result(Goal::at_most("ratio", 0.33).excess(0.95)),
            "**missed by 0.620**"
        );
        assert_eq!(
            result(Goal::at_least("rate", 1.4).excess(1.0)),
            "**missed by 0.400**"
        );
    }

    #[test]
    fn a_figure_that_is_no_number_misses_the_goal() {
        let mut figures = Figures::new();
        figures.set("ratio", f64::NAN);
        figures.set_goals(&[Goal::at_most("ratio", 0.5)]);
        assert_eq!(figures.measured("goal_ratio_met"), Some(0.0));
    }

    #[test]
    fn a_figure_that_was_not_measured_has_no_result() {
        let mut figures = Figures::new();
        figures.set_goals(&[Goal::at_most("ratio", 0.5)]);
        assert!(figures.is_empty());
    }
}
