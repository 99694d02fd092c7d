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
        capture::{Entry, capture, entry_text, is_recording, may_record},
        fill::{add_declared_reference_ids, copy_text, set_action, set_details, write_details},
        guard::{Call, Watched},
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
        way::{Copied, CopiedWay, DisplayedWay, Lent, LentWay, Look, Place},
    },
    draft::{Copies, Draft, Field},
    reference_ids::declared::ReferenceSink,
    tracker::{Durable, Queued, Refusal, not_recorded, on_client},
};
