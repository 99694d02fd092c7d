//! The list of tracked functions of this program and of the crates that it links.

use std::panic::catch_unwind;

use tracker_core::{
    ActionSet, ActionType,
    call_sites::{CallSite, assert_all_tracked, call_sites},
    tracked,
};
// Linked for its tracked function alone.
use tracker_tests as _;

#[derive(ActionSet)]
enum Billing {
    InvoiceSent,
    PaymentReceived,
}

#[derive(ActionSet)]
#[expect(dead_code, reason = "no function closes tickets")]
enum Support {
    TicketOpened,
    TicketClosed,
}

#[allow(dead_code, reason = "what is listed need not be called")]
mod functions {
    use tracker_core::tracked;

    use super::{Billing, Support};

    #[tracked(action = Billing::InvoiceSent)]
    async fn plain() {}

    #[tracked(action = "github_push")]
    async fn generic<T, const N: usize>(_: T) {}

    pub(super) trait Pay {
        #[tracked(action = Billing::PaymentReceived)]
        async fn pay(&self) {}
    }

    struct Desk;

    impl Desk {
        const OPENED: Support = Support::TicketOpened;

        #[tracked(action = Self::OPENED)]
        async fn of_its_type(&self) {}

        #[tracked(action = kind)]
        async fn of_a_parameter(&self, kind: Support) {}

        #[tracked(action = A)]
        async fn around() {
            #[tracked(action = "queries_executed")]
            async fn nested() {}
            nested().await;
        }
    }

    const A: Billing = Billing::InvoiceSent;

    macro_rules! function {
        ($name:ident) => {
            #[tracked(action = "deployment")]
            async fn $name() {}
        };
    }
    function!(by_a_macro);

    mod inner {
        #[tracker_core::tracked(action = "deployment")]
        pub(super) async fn r#type() {}
    }
}

fn sites_in(module: &str) -> Vec<&'static CallSite> {
    call_sites()
        .filter(|site| site.module_path().starts_with(module))
        .collect()
}

#[test]
fn every_tracked_function_of_a_module_is_listed_once_called_or_not() {
    let found: Vec<_> = sites_in(concat!(module_path!(), "::functions"))
        .into_iter()
        .map(|site| (site.function(), site.action()))
        .collect();
    assert_eq!(
        found,
        [
            ("plain", Some("invoice_sent")),
            ("generic", Some("github_push")),
            ("pay", Some("payment_received")),
            ("of_its_type", None),
            ("of_a_parameter", None),
            ("around", Some("invoice_sent")),
            ("nested", Some("queries_executed")),
            ("by_a_macro", Some("deployment")),
            ("type", Some("deployment")),
        ]
    );
}

#[tracked(action = "deployment", details = "on several lines")]
/// A function whose name is below its attribute.
#[allow(dead_code)]
async fn located() {}
const LINE_OF_LOCATED: u32 = line!() - 1;

#[test]
fn a_call_site_says_where_its_functions_name_stands() {
    let [site] = sites_in(module_path!())
        .into_iter()
        .filter(|site| site.function() == "located")
        .collect::<Vec<_>>()
        .try_into()
        .expect("one function of this name");
    assert_eq!(site.module_path(), module_path!());
    assert_eq!(site.file(), file!());
    assert_eq!(site.line(), LINE_OF_LOCATED);
    assert_eq!(
        site.to_string(),
        format!(
            "located ({}, {}:{LINE_OF_LOCATED})",
            module_path!(),
            file!()
        )
    );
}

#[test]
fn functions_of_linked_crates_are_listed() {
    let [site] = sites_in("tracker_tests::linked")[..] else {
        panic!("one function of that module is tracked");
    };
    assert_eq!(site.module_path(), "tracker_tests::linked");
    assert_eq!(site.function(), "never_called");
}

#[test]
fn the_list_is_ordered() {
    let places: Vec<_> = call_sites()
        .map(|site| (site.module_path(), site.file(), site.line()))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn a_set_whose_actions_are_all_recorded_passes() {
    assert_all_tracked::<Billing>();
}

#[derive(ActionSet)]
#[allow(dead_code, reason = "what is listed need not be recorded")]
enum Shop {
    OrderPlaced,
    InvoicePaid,
    ParcelShipped,
}

#[allow(dead_code, reason = "what is listed need not be called")]
mod by_hand {
    use tracker_core::call_site;

    use super::Shop;

    call_site!("order_placed");

    struct Invoice;

    impl Invoice {
        async fn pay<T>(&self, payment: impl Future<Output = T>) -> T {
            call_site!(Shop::InvoicePaid);
            payment.await
        }
    }

    fn ship() {
        const SHIPPED: Shop = Shop::ParcelShipped;
        call_site!(&SHIPPED);
        call_site!("parcel_shipped");
    }
}

#[test]
fn what_is_recorded_by_hand_is_listed_beside_its_calls_and_counts() {
    assert_all_tracked::<Shop>();
    let sites = sites_in(concat!(module_path!(), "::by_hand"));
    let actions: Vec<_> = sites.iter().map(|site| site.action()).collect();
    assert_eq!(
        actions,
        [
            Some("order_placed"),
            Some("invoice_paid"),
            Some("parcel_shipped"),
            Some("parcel_shipped")
        ]
    );
    for site in &sites {
        assert_eq!((site.function(), site.file()), ("call_site!", file!()));
    }
    assert_eq!(sites[3].line(), sites[2].line() + 1);
}

#[test]
fn an_action_that_no_function_records_is_named() {
    let panic = catch_unwind(assert_all_tracked::<ActionType>).expect_err("most are not recorded");
    let message = panic.downcast_ref::<String>().expect("a formatted message");
    let (missing, listed) = message.split_once("\n\n").expect("two parts");
    assert_eq!(
        missing,
        "no tracked function, and no call beside `call_site!`, records `project_created`, `database_created`, `endpoints_added` of `tracker_core::action::ActionType`"
    );
    assert!(
        listed.contains(&format!(
            "deployment: located ({}, {}",
            module_path!(),
            file!()
        )),
        "{listed}"
    );
}

#[test]
fn an_action_decided_at_the_call_counts_for_no_type() {
    let panic = catch_unwind(assert_all_tracked::<Support>).expect_err("none is known");
    let message = panic.downcast_ref::<String>().expect("a formatted message");
    assert!(
        message.starts_with("no tracked function, and no call beside `call_site!`, records `ticket_opened`, `ticket_closed` of"),
        "{message}"
    );
}
