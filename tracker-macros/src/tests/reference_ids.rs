#[automatically_derived]
#[allow(deprecated)]
impl<T: Display> ::tracker_core::HasReferenceIds for Deployment<T>
where
    T: Clone,
{
    fn add_reference_ids(&self, ids: &mut ::tracker_core::ReferenceIds) {
        ::tracker_core::__private::add_written_reference_ids(self, ids);
    }
    fn __tracked_write(&self, draft: &mut ::tracker_core::__private::Draft) {
        ::tracker_core::__private::write_reference(draft, "deployment_id", &self.id);
        ::tracker_core::__private::write_reference(draft, "type", &self.r#type);
    }
}
