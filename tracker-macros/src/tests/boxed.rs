fn deploy(user_id: &str, image: Image) -> BoxFuture<'_, Result<(), Error>> {
    ::tracker_core::__private::call_site!("deploy", ::core::line!(), "deployment");
    let entry = if true {
        ::core::option::Option::Some(
            ::std::boxed::Box::new([
                ::tracker_core::__private::capture(|| ::tracker_core::__private::text(
                    &user_id,
                )),
            ]),
        )
    } else {
        ::core::option::Option::None
    };
    let returned: BoxFuture<'_, Result<(), Error>> = ::tracker_core::__private::call(move ||
    {
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
            let _ = &image;
            let never: BoxFuture<'_, Result<(), Error>> = loop {};
            return never;
        }
        { image.run(user_id) }
    });
    ::std::boxed::Box::pin(async move {
        let mut call = ::tracker_core::__private::Call::start(
            ::tracker_core::__private::Recorder::Current,
            &mut |draft: &mut ::tracker_core::__private::Draft<'_>| {
                #[allow(unused_imports)]
                use ::tracker_core::__private::{
                    CopiedWay as _, DisplayedWay as _, LentWay as _,
                };
                ::tracker_core::__private::set_action(draft, "deployment");
                if let ::core::option::Option::Some(text) = ::tracker_core::__private::entry_text(
                        &entry,
                        0usize,
                    )
                    .map(::tracker_core::__private::Copied::<str>)
                {
                    text.set(draft, ::tracker_core::__private::Field::User);
                }
            },
        );
        #[allow(unused_braces)]
        let result = {
            let future = ::core::pin::pin!(returned);
            ::tracker_core::__private::Watched::new(&mut call, future).await
        };
        {
            #[allow(unused_imports)]
            use ::tracker_core::__private::{
                ReturnedValue as _, WithReferenceIds as _, WithoutReferenceIds as _,
            };
            match ::tracker_core::__private::Returned(&result).__tracked_outcome() {
                ::core::result::Result::Ok(output) => {
                    ::tracker_core::__private::Call::success(
                        &mut call,
                        ::tracker_core::__private::Queued,
                        &mut move |draft: &mut ::tracker_core::__private::Draft<'_>| {
                            #[allow(unused_imports)]
                            use ::tracker_core::__private::{
                                CopiedWay as _, DisplayedWay as _, LentWay as _,
                            };
                            (&::tracker_core::__private::Output(output))
                                .__tracked_reference_ids(
                                    &mut ::tracker_core::__private::Copies(draft),
                                );
                        },
                    )
                }
                ::core::result::Result::Err(error) => {
                    let _ = error;
                    ::tracker_core::__private::Call::failure(
                        &mut call,
                        ::tracker_core::__private::Queued,
                        &mut move |_: &mut ::tracker_core::__private::Draft<'_>| {
                            #[allow(unused_imports)]
                            use ::tracker_core::__private::{
                                CopiedWay as _, DisplayedWay as _, LentWay as _,
                            };
                        },
                    )
                }
            }
        }
        result
    })
}
