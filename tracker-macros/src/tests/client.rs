async fn create(&self, tx: &mut Transaction<'_>) -> Result<impl Database, Error> {
    const __TRACKED_ACTION: fn() -> &'static str = || my_reexport::ActionSet::name(
        &ActionType::DatabaseCreated,
    );
    my_reexport::__private::call_site!("create", ::core::line!(), name __TRACKED_ACTION);
    #[allow(unused_braces)]
    let result = {
        #[allow(unused_variables)]
        let tx = &mut *tx;
        async move {
            #[allow(
                unknown_lints,
                unreachable_code,
                clippy::diverging_sub_expression,
                clippy::empty_loop,
                clippy::let_unit_value,
                clippy::let_with_type_underscore,
                clippy::needless_return,
                clippy::unreachable,
                clippy::used_underscore_binding
            )]
            if false {
                let never: Result<_, Error> = loop {};
                return never;
            }
            { tx.execute(CREATE, &[]).await }
        }
            .await
    };
    {
        #[allow(unused_imports)]
        use my_reexport::__private::{
            ReturnedValue as _, WithReferenceIds as _, WithoutReferenceIds as _,
        };
        if ::core::result::Result::is_ok(
            &my_reexport::__private::Returned(&result).__tracked_outcome(),
        ) {
            let _ = match &mut *tx {
                client => {
                    let recording = match my_reexport::__private::Returned(&result)
                        .__tracked_outcome()
                    {
                        ::core::result::Result::Ok(output) => {
                            my_reexport::__private::record(
                                my_reexport::__private::Recorder::Named(&self.tracker),
                                my_reexport::__private::on_client(
                                    client,
                                    my_reexport::__private::Refusal::Lose,
                                ),
                                &mut move |draft: &mut my_reexport::__private::Draft<'_>| {
                                    #[allow(unused_imports)]
                                    use my_reexport::__private::{
                                        CopiedWay as _, DisplayedWay as _, LentWay as _,
                                    };
                                    my_reexport::__private::set_action(
                                        draft,
                                        __TRACKED_ACTION(),
                                    );
                                    (&my_reexport::__private::Output(output))
                                        .__tracked_reference_ids(draft);
                                },
                            )
                        }
                        ::core::result::Result::Err(_) => {
                            my_reexport::__private::not_recorded()
                        }
                    };
                    my_reexport::__private::Recording::new(recording).await
                }
            };
        }
    }
    result
}
