use tracker_core::ActionSet;

#[derive(ActionSet)]
enum Billing {
    #[action(rename = "Invoice Sent")]
    InvoiceSent,
    #[action(rename = "payment-received")]
    PaymentReceived,
    #[action(rename = "")]
    Refunded,
    #[action(label = " ")]
    Charged,
    __,
}

fn main() {}
