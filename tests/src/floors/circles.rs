//! The circles among the modules of each file that declares some.
//!
//! One module is a file with all that its own modules have. The file that declares the modules
//! stands beside them, with its own code.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    iter::successors,
    path::{Path, PathBuf},
};

use super::{
    graph::{Edge, circles},
    uses::{Crate, Use},
};

/// Modules of which each needs the next one, and the last needs the first.
#[derive(Debug)]
pub struct Circle {
    /// The file that declares the modules. It may be one of them.
    pub declared_in: PathBuf,
    /// One for each module, in the circle's order.
    pub steps: Vec<Step>,
}

/// A module's need of the next one in a circle.
#[derive(Debug)]
pub struct Step {
    /// The module's own file.
    pub module: PathBuf,
    /// The file of the module that uses the other one, and the line, counted from 1.
    pub from: (PathBuf, usize),
    /// The file that defines the items.
    pub to: PathBuf,
    /// The items that are used, by their names in the file that defines them.
    pub names: BTreeSet<String>,
}

impl Crate {
    /// Finds a shortest circle for each set of modules that all need each other, beginning with
    /// those of the root.
    #[must_use]
    pub fn circles(&self) -> Vec<Circle> {
        let declaring: BTreeSet<usize> = self.parents.iter().copied().flatten().collect();
        let circles = declaring.into_iter().flat_map(|file| self.circles_in(file));
        circles.collect()
    }

    fn circles_in(&self, declaring: usize) -> Vec<Circle> {
        let mut uses: BTreeMap<Edge, Vec<&Use>> = BTreeMap::new();
        for used in &self.uses {
            let from = self.module(declaring, used.from);
            let to = self.module(declaring, used.to);
            if let (Some(from), Some(to)) = (from, to)
                && from != to
            {
                uses.entry((from, to)).or_default().push(used);
            }
        }
        let edges = uses.keys().copied().collect();
        let circles = circles(&edges).into_iter().map(|edges| Circle {
            declared_in: self.files[declaring].clone(),
            steps: edges
                .into_iter()
                .map(|edge| self.step(edge.0, &uses[&edge]))
                .collect(),
        });
        circles.collect()
    }

    /// The module that a file is in, by its own file; `None` outside of what `declaring` declares.
    fn module(&self, declaring: usize, file: usize) -> Option<usize> {
        if file == declaring {
            return Some(file);
        }
        let mut above = successors(Some(file), |file| self.parents[*file]);
        above.find(|file| self.parents[*file] == Some(declaring))
    }

    /// The step for the first two files between which a module uses another one.
    fn step(&self, module: usize, uses: &[&Use]) -> Step {
        let first = uses[0];
        let between = uses
            .iter()
            .filter(|used| (used.from, used.to) == (first.from, first.to));
        let line = between.clone().map(|used| used.line).min();
        Step {
            module: self.files[module].clone(),
            from: (self.files[first.from].clone(), line.unwrap_or(first.line)),
            to: self.files[first.to].clone(),
            names: between.map(|used| used.name.clone()).collect(),
        }
    }
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let modules = self.steps.iter().chain(self.steps.first());
        let modules: Vec<String> = modules.map(|step| name(&step.module)).collect();
        let declared_in = self.declared_in.display();
        write!(f, "{} in {declared_in}", modules.join(" → "))?;
        for step in &self.steps {
            write!(f, "\n    {step}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, line) = &self.from;
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let (from, to) = (from.display(), self.to.display());
        write!(f, "{from}:{line} uses {} of {to}", names.join(", "))
    }
}

/// The name of the module in a file.
fn name(file: &Path) -> String {
    let named = match file.parent() {
        Some(folder) if file.ends_with("mod.rs") => folder,
        _ => file,
    };
    let name = named.file_stem().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
