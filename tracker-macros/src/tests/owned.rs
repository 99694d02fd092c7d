async fn run(job: Job, database: Database) -> Report {
    ::tracker_core::__private::call_site!("run", ::core::line!(), "queries_executed");
    let entry = if ::tracker_core::__private::is_recording() {
        ::core::option::Option::Some(
            ::std::boxed::Box::new([
                ::tracker_core::__private::capture(|| ::tracker_core::__private::text(
                    &job.user_id,
                )),
                ::tracker_core::__private::capture(|| ::tracker_core::__private::text(
                    &database.id,
                )),
                ::tracker_core::__private::capture(|| ::core::option::Option::Some(
                    ::tracker_core::__private::format(
                        ::core::format_args!("{}", job.name),
                    ),
                )),
            ]),
        )
    } else {
        ::core::option::Option::None
    };
    #[allow(unused_braces)]
    let result = async move {
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
            let _ = &database;
            let _ = &job;
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
        match ::tracker_core::__private::Returned(&result).__tracked_outcome() {
            ::core::result::Result::Ok(output) => {
                if ::core::option::Option::is_some(&entry) {
                    ::tracker_core::__private::record(
                        ::tracker_core::__private::Recorder::Current,
                        ::tracker_core::__private::Queued,
                        &mut |draft: &mut ::tracker_core::__private::Draft<'_>| {
                            #[allow(unused_imports)]
                            use ::tracker_core::__private::{
                                CopiedWay as _, DisplayedWay as _, LentWay as _,
                            };
                            ::tracker_core::__private::set_action(
                                draft,
                                "queries_executed",
                            );
                            if let ::core::option::Option::Some(text) = ::tracker_core::__private::entry_text(
                                    &entry,
                                    0usize,
                                )
                                .map(::tracker_core::__private::Lent)
                            {
                                text.set(draft, ::tracker_core::__private::Field::User);
                            }
                            (&::tracker_core::__private::Output(output))
                                .__tracked_reference_ids(draft);
                            if let ::core::option::Option::Some(text) = ::tracker_core::__private::entry_text(
                                    &entry,
                                    1usize,
                                )
                                .map(::tracker_core::__private::Lent)
                            {
                                text.refer(draft, "database_id");
                            }
                            ::tracker_core::__private::write_details(
                                draft,
                                ::core::format_args!(
                                    "{0} on {1:?}", ::tracker_core::__private::entry_text(&
                                    entry, 2usize).unwrap_or_default(), output.tables
                                ),
                            );
                        },
                    )
                }
            }
            ::core::result::Result::Err(_) => {}
        }
    }
    result
}
