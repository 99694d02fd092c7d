use tracker_core::ReferenceIds;

#[derive(ReferenceIds)]
enum Deployment {
    Done,
}

fn main() {}
