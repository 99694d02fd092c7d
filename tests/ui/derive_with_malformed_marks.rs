use tracker_core::ReferenceIds;

#[derive(ReferenceIds)]
struct Unknown {
    #[reference(renamed = "deployment_id")]
    id: String,
}

#[derive(ReferenceIds)]
struct Empty {
    #[reference(rename = "")]
    id: String,
}

#[derive(ReferenceIds)]
#[reference]
struct Container {
    #[reference]
    id: String,
}

fn main() {}
