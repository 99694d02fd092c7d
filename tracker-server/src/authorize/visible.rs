//! The projects that a request may list: [`VisibleProjects`].

/// The projects that a request may list, as an [`Authorize`](super::Authorize) knows it.
///
/// A list has only those of them that have an activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VisibleProjects {
    /// All projects.
    All,
    /// The projects with these IDs, in any order, and no others.
    These(Vec<String>),
    /// Those that [`decide`](super::Authorize::decide) allows. It is asked for one project after
    /// the other, at most 5,000 for a page.
    ///
    /// The time that a list takes then depends on how many projects there are. If none of 5,000 can
    /// be seen, the page is empty and has a next one. The list ends behind 100,000 in a row of
    /// which none can be seen.
    AskEach,
    /// The sender is unknown: the answer is a 401.
    Unauthenticated,
}
