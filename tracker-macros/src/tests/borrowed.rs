/// Deploys.
#[inline]
pub(crate) async fn deploy(
    user_id: &str,
    request_id: &str,
    project_id: &str,
    image: &Image,
) -> Result<Deployment, FlyError> {
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
        if let ::core::option::Option::Some(output) = ::tracker_core::__private::Returned(
                &result,
            )
            .success()
        {
            ::tracker_core::__private::record(
                ::tracker_core::ActionSet::name(&::tracker_core::ActionType::Deployment),
                &mut |activity: &mut ::tracker_core::Activity| {
                    activity.user_id = ::tracker_core::__private::text(&user_id);
                    activity.request_id = ::tracker_core::__private::text(&request_id);
                    activity.project_id = ::tracker_core::__private::text(&project_id);
                    activity.action_details = ::core::option::Option::Some(
                        ::tracker_core::__private::format(
                            ::core::format_args!("deployed {} to {}", image, output.url),
                        ),
                    );
                    (&::tracker_core::__private::Output(output))
                        .add_reference_ids(&mut activity.reference_ids);
                },
            );
        }
    }
    result
}
