use tracker_core::{ActionSet, tracked};

#[derive(ActionSet)]
enum Billing {
    InvoiceSent,
    PaymentReceived,
}

#[tracked(actions = Billing, action = "invoice_snt")]
async fn near_miss() {}

#[tracked(actions = Billing, action = "deployment")]
async fn of_another_set() {}

#[tracked(actions = Billing, action = "invoice_sent")]
async fn right() {}

fn main() {}
