async fn create(&self, tx: &mut Transaction<'_>) -> Result<impl Database, Error> {
    let result = {
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
                clippy::unreachable
            )]
            if false {
                let never: Result<_, Error> = loop {};
                return never;
            }
            { tx.execute(CREATE, &[]).await }
        }
            .await
    };
    let recording = {
        #[allow(unused_imports)]
        use my_reexport::__private::{
            ReturnedValue as _, WithReferenceIds as _, WithoutReferenceIds as _,
        };
        match my_reexport::__private::Returned(&result).outcome() {
            ::core::result::Result::Ok(output) => {
                ::core::option::Option::Some(
                    my_reexport::__private::record_in_with(
                        &self.tracker,
                        &tx,
                        my_reexport::ActionSet::name(&ActionType::DatabaseCreated),
                        &mut |draft: &mut my_reexport::__private::Draft| {
                            (&my_reexport::__private::Output(output))
                                .add_reference_ids(draft);
                        },
                    ),
                )
            }
            ::core::result::Result::Err(_) => ::core::option::Option::None,
        }
    };
    if let ::core::option::Option::Some(recording) = recording {
        recording.await;
    }
    result
}
