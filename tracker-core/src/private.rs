//! The names that the macros' expansion uses, and nothing else. No part of it is for people: it
//! changes without notice.
//!
//! Methods have names that no other trait in the user's scope is likely to have.

#[cfg(feature = "call-sites")]
pub use inventory;

pub use crate::{
    __call_site as call_site,
    action::check::check_action,
    call::{
        capture::{Entry, capture, is_recording, may_record, take},
        fill::{add_declared_reference_ids, set_action, set_str, set_text, write_reference_text},
        guard::{Call, Watched},
        line::Line,
        outcome::{
            Fallible, FutureKind, IsFuture, IsValue, Kind, Output, Recordable, Returned,
            ReturnedValue, Untracked, ValueKind, WithReferenceIds, WithoutReferenceIds, call,
            demand_value, never, refused,
        },
        record::{Recorder, Recording, record},
        text::{
            Optional, OptionalRef, Parameter, ParameterOption, ParameterText, ParameterWithoutText,
            Plain, Text, format, text,
        },
        way::{CopiedWay, DisplayedWay, Look},
    },
    draft::{Draft, Field},
    reference_ids::declared::ReferenceSink,
    tracker::{Durable, Queued, Refusal, not_recorded, on_client},
};
