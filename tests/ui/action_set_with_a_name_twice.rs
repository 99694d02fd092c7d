use tracker_core::ActionSet;

#[derive(ActionSet)]
enum Billing {
    InvoiceSent,
    #[action(rename = "invoice_sent")]
    InvoiceMailed,
    #[action(rename = "invoice_sent")]
    InvoicePosted,
}

fn main() {}
