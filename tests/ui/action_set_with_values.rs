use tracker_core::ActionSet;

#[derive(ActionSet)]
enum Billing {
    InvoiceSent(u64),
    PaymentReceived { amount: u64 },
    Refunded,
}

fn main() {
    let _ = Billing::Refunded.name();
}
