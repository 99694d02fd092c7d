//! The questions whose answers are timed.

/// The first page of the large project.
pub(crate) const FIRST_PAGE: &str = "/api/projects/project_0/activities?limit=50";

/// Each question, by the name of its figures and by its title for people.
pub(crate) const QUESTIONS: [(&str, &str); 7] = [
    ("first", "the first page"),
    ("first_blocks", "the first page of blocks"),
    ("deep", "the page at row 100,000"),
    ("deep_blocks", "the page of blocks at row 100,000"),
    ("rare_action", "a rare action type"),
    ("reference", "a reference ID"),
    ("small", "the first page of a small project"),
];

/// The questions that the build before is asked as well.
pub(crate) const COMPARED: [&str; 4] = ["first", "deep", "rare_action", "reference"];
