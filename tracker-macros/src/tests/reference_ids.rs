#[automatically_derived]
#[allow(deprecated)]
impl<T: Display> ::tracker_core::HasReferenceIds for Deployment<T>
where
    T: Clone,
{
    fn add_reference_ids(&self, ids: &mut ::tracker_core::ReferenceIds) {
        <Self as ::tracker_core::HasReferenceIds>::__tracked_write(self, ids);
    }
    fn __tracked_write<'__tracked>(
        &'__tracked self,
        sink: &mut dyn ::tracker_core::__private::ReferenceSink<'__tracked>,
    ) {
        #[allow(unused_imports)]
        use ::tracker_core::__private::{CopiedWay as _, DisplayedWay as _, LentWay as _};
        (&&::tracker_core::__private::Place(&self.id))
            .__tracked_way()
            .refer(sink, "deployment_id");
        (&&::tracker_core::__private::Place(&self.r#type))
            .__tracked_way()
            .refer(sink, "type");
    }
}
