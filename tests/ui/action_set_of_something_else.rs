use tracker_core::ActionSet;

#[derive(ActionSet)]
struct Billing;

#[derive(ActionSet)]
union Payment {
    amount: u64,
}

#[derive(ActionSet)]
enum Empty {}

fn main() {}
