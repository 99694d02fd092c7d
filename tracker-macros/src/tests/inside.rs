#[fastrace::trace]
fn deploy<'life0, 'async_trait>(
    &'life0 self,
    image: Image,
) -> Pin<Box<dyn Future<Output = ()> + Send + 'async_trait>> {
    Box::pin(async move {
        ::tracker_core::__private::call_site!("deploy", ::core::line!(), "deployment");
        let entry = if ::tracker_core::__private::is_recording() {
            ::core::option::Option::Some(
                ::std::boxed::Box::new([
                    ::tracker_core::__private::capture(|| ::core::option::Option::Some(
                        ::tracker_core::__private::format(
                            ::core::format_args!("{}", image),
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
                let never: () = loop {};
                return never;
            }
            { image.run().await }
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
                                ::tracker_core::__private::set_action(draft, "deployment");
                                (&::tracker_core::__private::Output(output))
                                    .__tracked_reference_ids(draft);
                                ::tracker_core::__private::entry_text(&entry, 0usize)
                                    .map(::tracker_core::__private::Lent)
                                    .unwrap_or_default()
                                    .add_to(draft);
                                ::tracker_core::__private::set_details(draft, "\0");
                            },
                        )
                    }
                }
                ::core::result::Result::Err(_) => {}
            }
        }
        result
    })
}
