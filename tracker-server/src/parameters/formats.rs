//! The formats: the form of a download, and where a stream resumes.

use super::parameter::{Kind, Parameter, text};

/// The event after which a stream resumes.
pub(crate) const STREAM: &[Parameter] = &[text(
    "lastEventId",
    "The same as the header `Last-Event-ID`, which counts where both are there, for clients that can't set one.",
)];

/// The format of a download.
pub(crate) const EXPORT: &[Parameter] = &[
    Parameter {
        kind: Kind::Choice(&["jsonl", "csv"]),
        ..text("format", "`jsonl` unless set.")
    },
    Parameter {
        kind: Kind::Choice(&["guarded", "raw"]),
        ..text(
            "formulas",
            "In CSV, a text that a spreadsheet would take for a formula begins with an apostrophe, or is as it is: `guarded` unless set.",
        )
    },
];
