/// Deploys.
#[inline]
pub(crate) async fn deploy(
    user_id: &str,
    request_id: &str,
    project_id: &str,
    image: &Image,
) -> Result<Deployment, FlyError> {
    ::tracker_core::__private::call_site!("deploy", ::core::line!(), "deployment");
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
            let never: Result<Deployment, FlyError> = loop {};
            return never;
        }
        { fly::deploy(image).await }
    }
        .await;
    {
        #[allow(unused_imports)]
        use ::tracker_core::__private::{
            ReturnedValue as _, WithReferenceIds as _, WithoutReferenceIds as _,
        };
        match ::tracker_core::__private::Returned(&result).__tracked_outcome() {
            ::core::result::Result::Ok(output) => {
                if ::tracker_core::__private::may_record() {
                    ::tracker_core::__private::record(
                        ::tracker_core::__private::Recorder::Current,
                        ::tracker_core::__private::Queued,
                        &mut move |draft: &mut ::tracker_core::__private::Draft<'_>| {
                            #[allow(unused_imports)]
                            use ::tracker_core::__private::{
                                CopiedWay as _, DisplayedWay as _, LentWay as _,
                            };
                            ::tracker_core::__private::set_action(draft, "deployment");
                            ::tracker_core::__private::Lent(user_id)
                                .set(draft, ::tracker_core::__private::Field::User);
                            ::tracker_core::__private::Lent(request_id)
                                .set(draft, ::tracker_core::__private::Field::Request);
                            ::tracker_core::__private::Lent(project_id)
                                .set(draft, ::tracker_core::__private::Field::Project);
                            (&::tracker_core::__private::Output(output))
                                .__tracked_reference_ids(draft);
                            (&&::tracker_core::__private::Place(&image))
                                .__tracked_way()
                                .add_to(draft);
                            (&&::tracker_core::__private::Place(&output.url))
                                .__tracked_way()
                                .add_to(draft);
                            ::tracker_core::__private::set_details(
                                draft,
                                "deployed \0 to \0",
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
