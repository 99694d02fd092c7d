use tracker_core::ReferenceIds;

struct Id;

#[derive(ReferenceIds)]
struct Deployment {
    #[reference]
    id: Id,
}

fn main() {}
