use tracker_core::ReferenceIds;

#[derive(ReferenceIds)]
struct Deployment(#[reference] String);

fn main() {}
