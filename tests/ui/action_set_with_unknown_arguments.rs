use tracker_core::ActionSet;

#[derive(ActionSet)]
#[action(rename_al = "snake_case")]
enum Container {
    InvoiceSent,
}

#[derive(ActionSet)]
#[action(rename_all = "snakecase")]
enum Case {
    InvoiceSent,
}

#[derive(ActionSet)]
#[action(rename_all = "snake_case", rename_all = "kebab-case")]
enum Twice {
    InvoiceSent,
}

#[derive(ActionSet)]
#[action]
enum Bare {
    #[action]
    InvoiceSent,
    #[action = "payment_received"]
    PaymentReceived,
}

#[derive(ActionSet)]
enum Variant {
    #[action(name = "invoice_sent")]
    InvoiceSent,
    #[action(rename_all = "snake_case")]
    PaymentReceived,
    #[action(rename = payment_refunded)]
    Refunded,
    #[action(label = "Charged" rename = "charged")]
    Charged,
}

fn main() {}
