//! `#[derive(ActionSet)]`: names, labels, and activities of a team's own action types.

use tracker_core::{ActionSet, Activity, NamedAction};

#[derive(ActionSet)]
enum Billing {
    InvoiceSent,
    #[action(rename = "payment_received", label = "Payment came in")]
    PaidByCustomer,
    #[action(rename = "refund_2_issued")]
    Refund,
    #[action(label = "Plan")]
    #[action(rename = "plan_changed")]
    r#Type = 7,
}

#[test]
fn a_name_is_the_variants_in_snake_case_unless_it_is_renamed() {
    assert_eq!(Billing::InvoiceSent.name(), "invoice_sent");
    assert_eq!(Billing::PaidByCustomer.name(), "payment_received");
    assert_eq!(Billing::Refund.name(), "refund_2_issued");
    assert_eq!(Billing::r#Type.name(), "plan_changed");
}

#[test]
fn a_label_is_the_name_in_words_unless_it_is_given() {
    assert_eq!(Billing::InvoiceSent.label(), "Invoice sent");
    assert_eq!(Billing::PaidByCustomer.label(), "Payment came in");
    assert_eq!(Billing::Refund.label(), "Refund 2 issued");
    assert_eq!(Billing::r#Type.label(), "Plan");
}

#[test]
fn a_set_lists_its_actions_in_the_order_of_the_variants() {
    assert_eq!(
        Billing::ACTIONS,
        [
            NamedAction::new("invoice_sent", "Invoice sent"),
            NamedAction::new("payment_received", "Payment came in"),
            NamedAction::new("refund_2_issued", "Refund 2 issued"),
            NamedAction::new("plan_changed", "Plan"),
        ]
    );
}

#[test]
fn an_activity_stores_the_name() {
    let activity = Activity::new(&Billing::PaidByCustomer);
    assert_eq!(activity.action_type.as_deref(), Some("payment_received"));
}

/// Declares a set of one action with the given case, and checks its name and label.
macro_rules! in_case {
    ($case:literal, $name:literal) => {{
        #[derive(ActionSet)]
        #[action(rename_all = $case)]
        enum Set {
            InvoiceSentToEU,
        }
        assert_eq!(Set::InvoiceSentToEU.name(), $name, "{}", $case);
        let words = match $case {
            "lowercase" | "UPPERCASE" => "Invoicesenttoeu",
            _ => "Invoice sent to eu",
        };
        assert_eq!(Set::InvoiceSentToEU.label(), words, "{}", $case);
    }};
}

#[test]
fn names_can_be_in_each_case_that_serde_knows() {
    in_case!("lowercase", "invoicesenttoeu");
    in_case!("UPPERCASE", "INVOICESENTTOEU");
    in_case!("PascalCase", "InvoiceSentToEu");
    in_case!("camelCase", "invoiceSentToEu");
    in_case!("snake_case", "invoice_sent_to_eu");
    in_case!("SCREAMING_SNAKE_CASE", "INVOICE_SENT_TO_EU");
    in_case!("kebab-case", "invoice-sent-to-eu");
    in_case!("SCREAMING-KEBAB-CASE", "INVOICE-SENT-TO-EU");
}

mod reexporting {
    pub(crate) use tracker_core as tracking;
}

#[derive(ActionSet)]
#[action(crate = crate::action_set::reexporting::tracking, rename_all = "kebab-case")]
#[expect(dead_code, reason = "only its constant is read")]
enum Reexported<const SHARD: usize> {
    #[deprecated = "an action that old rows have"]
    CardCharged,
}

#[test]
fn a_generic_enum_with_a_deprecated_variant_through_a_reexport_is_a_set() {
    assert_eq!(Reexported::<1>::ACTIONS.len(), 1);
    assert_eq!(Reexported::<1>::ACTIONS[0].name, "card-charged");
}
