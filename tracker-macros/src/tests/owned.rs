async fn run(job: Job, database: Database) -> Report {
    let mut entry_0 = ::tracker_core::__private::capture(|| ::tracker_core::__private::text(
        &job.user_id,
    ));
    let mut entry_1 = ::tracker_core::__private::capture(|| ::core::option::Option::Some(
        ::tracker_core::__private::format(::core::format_args!("{}", job.name)),
    ));
    let mut entry_2 = ::tracker_core::__private::capture(|| ::tracker_core::__private::text(
        &database.id,
    ));
    let result = async move {
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
            let never: Report = loop {};
            return never;
        }
        { database.run(job.queries).await }
    }
        .await;
    {
        #[allow(unused_imports)]
        use ::tracker_core::__private::{
            ReturnedValue as _, WithReferenceIds as _, WithoutReferenceIds as _,
        };
        if let ::core::option::Option::Some(output) = ::tracker_core::__private::Returned(
                &result,
            )
            .success()
        {
            ::tracker_core::__private::record(
                ::tracker_core::ActionSet::name(
                    &::tracker_core::ActionType::QueriesExecuted,
                ),
                &mut |activity: &mut ::tracker_core::Activity| {
                    activity.user_id = entry_0.take();
                    activity.action_details = ::core::option::Option::Some(
                        ::tracker_core::__private::format(
                            ::core::format_args!(
                                "{} on {:?}", entry_1.take().unwrap_or_default(), output
                                .tables
                            ),
                        ),
                    );
                    (&::tracker_core::__private::Output(output))
                        .add_reference_ids(&mut activity.reference_ids);
                    ::tracker_core::__private::add_reference_id(
                        &mut activity.reference_ids,
                        "database_id",
                        entry_2.take(),
                    );
                },
            );
        }
    }
    result
}
