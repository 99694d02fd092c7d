//! The API and the timeline over what [`tracker_core`] records.
