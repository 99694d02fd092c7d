#[automatically_derived]
impl<T: Display> ::tracker_core::HasReferenceIds for Deployment<T>
where
    T: Clone,
{
    fn add_reference_ids(&self, ids: &mut ::tracker_core::ReferenceIds) {
        ::tracker_core::__private::insert_reference_id(
            ids,
            "deployment_id",
            ::tracker_core::__private::text(&self.id),
        );
        ::tracker_core::__private::insert_reference_id(
            ids,
            "type",
            ::tracker_core::__private::text(&self.r#type),
        );
    }
}
