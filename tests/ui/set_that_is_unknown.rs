use tracker_core::{ActionSet, tracked};

#[derive(ActionSet)]
enum Billing {
    InvoiceSent,
}

enum Support {
    TicketOpened,
}

#[tracked(actions = Biling, action = "invoice_sent")]
async fn misspelled() {}

#[tracked(actions = Billing::InvoiceSent, action = "invoice_sent")]
async fn variant() {}

#[tracked(actions = Support, action = "ticket_opened")]
async fn without_the_derive() {}

#[tracked(actions = "Billing", action = "invoice_sent")]
async fn quoted() {}

fn main() {}
