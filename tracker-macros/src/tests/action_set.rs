#[automatically_derived]
#[allow(deprecated)]
impl my_reexport::ActionSet for Billing {
    const ACTIONS: &'static [my_reexport::NamedAction] = &[
        my_reexport::NamedAction::new("invoice_sent", "Invoice sent"),
        my_reexport::NamedAction::new("payment_received", "Payment came in"),
    ];
    fn name(&self) -> &'static str {
        match self {
            Self::InvoiceSent => "invoice_sent",
            Self::PaidByCustomer => "payment_received",
        }
    }
    fn label(&self) -> &'static str {
        match self {
            Self::InvoiceSent => "Invoice sent",
            Self::PaidByCustomer => "Payment came in",
        }
    }
}
