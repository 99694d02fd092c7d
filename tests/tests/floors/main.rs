//! The workspace's own sources: modules stand on each other without circles, comments keep their
//! form, texts for operators name nothing of Rust, and the guide's messages are real.

mod made_up;
mod messages;
mod operators;
mod prose;
mod resolving;
mod stacks;

use std::{fs, path::Path};

use tracker_tests::{examples::workspace, floors::Crate, sources::crate_roots};

#[test]
fn no_modules_of_a_crate_need_each_other() {
    let roots = crate_roots(workspace());
    assert!(!roots.is_empty());
    let read = |path: &Path| fs::read_to_string(workspace().join(path)).ok();
    let circles = roots
        .iter()
        .flat_map(|root| Crate::read(root, &read).circles());
    let circles: Vec<String> = circles.map(|circle| circle.to_string()).collect();
    assert!(
        circles.is_empty(),
        "{} circles of modules that need each other; what two of them share goes into a file of \
         its own, or to the one that the other stands on:\n\n{}\n",
        circles.len(),
        circles.join("\n\n")
    );
}
