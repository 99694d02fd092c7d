use tracker_core::ReferenceIds;

#[derive(ReferenceIds)]
struct Deployment {
    #[reference]
    id: String,
    #[reference(rename = "id")]
    other: String,
}

fn main() {}
