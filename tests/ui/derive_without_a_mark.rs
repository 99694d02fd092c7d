use tracker_core::ReferenceIds;

#[derive(ReferenceIds)]
struct Deployment {
    id: String,
}

fn main() {}
