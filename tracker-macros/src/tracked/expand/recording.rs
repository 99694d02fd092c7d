//! What stands around the body: the values that are read before it, and the one call that records after it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::{
    super::{
        action::Action,
        details,
        function::Body,
        parse::Record,
        validate::{Plan, Value},
        value::{ERROR, OUTPUT, When},
    },
    values::{Entries, Writer, reference_to},
};

/// The name of the call that is recorded always.
pub(super) fn call() -> Ident {
    Ident::new("call", Span::mixed_site())
}

/// The statements around the body.
pub(super) struct Recording {
    /// At the function's entry.
    pub(super) entries: Vec<TokenStream>,
    /// Where the body begins to run.
    pub(super) start: TokenStream,
    /// Where it has returned.
    pub(super) exit: TokenStream,
}

impl Recording {
    pub(super) fn new(plan: &Plan, result: &Ident, body: &Body) -> Self {
        let mut entries = Entries::default();
        let mut around = Around {
            plan,
            result,
            is_future: matches!(body, Body::Future(_)),
            entries: &mut entries,
        };
        let (start, exit) = match plan.record {
            Record::Success => (TokenStream::new(), around.exit_of_success()),
            Record::Always => (around.start(), around.exit()),
        };
        Self {
            entries: entries.statements,
            start,
            exit,
        }
    }
}

struct Around<'a> {
    plan: &'a Plan,
    result: &'a Ident,
    is_future: bool,
    entries: &'a mut Entries,
}

impl Around<'_> {
    /// The call that records a success.
    fn exit_of_success(&mut self) -> TokenStream {
        let krate = &self.plan.krate;
        let mut writer = Writer::new(krate, self.entries, false);
        for field in &self.plan.fields {
            writer.field(field);
        }
        if let Some(details) = &self.plan.details {
            writer.details(details);
        }
        writer.declared_references(self.plan.demands_references.as_ref());
        for (name, value) in &self.plan.references {
            writer.reference(name, value);
        }
        let fill = writer.finish();

        let client = self.client();
        let function = match (&client, &self.plan.tracker) {
            (None, None) => quote!(record),
            (None, Some(_)) => quote!(record_with),
            (Some(_), None) => quote!(record_in),
            (Some(_), Some(_)) => quote!(record_in_with),
        };
        let action = self.action();
        let client = client.map(|client| quote!(#client,));
        let record = |tracker: Option<TokenStream>| {
            let tracker = tracker.map(|tracker| quote!(#tracker,));
            quote!(#krate::__private::#function(#tracker #client #action, #fill))
        };
        let record = match &self.plan.tracker {
            None => record(None),
            Some(Value {
                expression,
                when: When::Exit,
            }) => record(Some(reference_to(expression))),
            Some(Value { expression, .. }) => {
                let value = reference_to(expression);
                let clone = quote!(::core::option::Option::Some(#krate::Tracker::clone(#value)));
                let entry = self.entries.add(krate, &clone);
                let record = record(Some(quote!(&#entry)));
                // Reading the tracker may have panicked: then there is none.
                let none = client
                    .is_some()
                    .then(|| quote!(else { #krate::__private::nothing() }));
                quote!(if let ::core::option::Option::Some(#entry) = #entry.take() { #record } #none)
            }
        };
        let success = self.on_outcome(&record, None);
        if client.is_none() {
            return success;
        }
        awaited(&success)
    }

    /// The call that begins to be recorded, whatever comes of it.
    fn start(&mut self) -> TokenStream {
        let krate = &self.plan.krate;
        let mut writer = Writer::new(krate, self.entries, !self.is_future);
        for field in &self.plan.fields {
            writer.field(field);
        }
        if let Some(details) = &self.plan.details
            && !details::needs(details, OUTPUT)
        {
            writer.details(details);
        }
        for (name, value) in &self.plan.references {
            if !value.needs(OUTPUT) {
                writer.reference(name, value);
            }
        }
        let fill = writer.finish();
        let (call, action) = (call(), self.action());
        let start = match &self.plan.tracker {
            None => quote!(start(#action, #fill)),
            Some(Value { expression, .. }) => {
                let tracker = reference_to(expression);
                quote!(start_with(#tracker, #action, #fill))
            }
        };
        quote!(let mut #call = #krate::__private::#start;)
    }

    /// The call that records what [`start`](Self::start) began.
    fn exit(&mut self) -> TokenStream {
        let krate = &self.plan.krate;
        let mut writer = Writer::new(krate, self.entries, false);
        if let Some(details) = &self.plan.details
            && details::needs(details, OUTPUT)
        {
            writer.details(details);
        }
        writer.declared_references(self.plan.demands_references.as_ref());
        for (name, value) in &self.plan.references {
            if value.needs(OUTPUT) {
                writer.reference(name, value);
            }
        }
        let success = writer.finish();
        let mut writer = Writer::new(krate, self.entries, false);
        if let Some(details) = &self.plan.error_details {
            writer.details(details);
        }
        let failure = writer.finish();

        let call = call();
        let failure = quote!(#call.failure(#failure));
        match self.client() {
            None => self.on_outcome(&quote!(#call.success(#success)), Some(&failure)),
            Some(client) => {
                let success = quote!(#call.success_in(#client, #success));
                let recording = self.on_outcome(&success, Some(&failure));
                awaited(&recording)
            }
        }
    }

    /// Does `success` or `failure` by what the function has returned. With a client it gives the future that records, if
    /// there is one.
    fn on_outcome(&self, success: &TokenStream, failure: Option<&TokenStream>) -> TokenStream {
        let (krate, result) = (&self.plan.krate, self.result);
        let output = Ident::new(OUTPUT, Span::call_site());
        let error = Ident::new(ERROR, Span::call_site());
        let (success, none) = if self.plan.client.is_some() {
            let none = quote!(::core::option::Option::None);
            (quote!(::core::option::Option::Some(#success)), Some(none))
        } else {
            (quote!(#success;), None)
        };
        let failure = match failure {
            None => quote!(::core::result::Result::Err(_) => { #none }),
            Some(failure) => quote! {
                ::core::result::Result::Err(#error) => { let _ = #error; #failure; #none }
            },
        };
        quote! {{
            #[allow(unused_imports)]
            use #krate::__private::{ReturnedValue as _, WithReferenceIds as _, WithoutReferenceIds as _};
            match #krate::__private::Returned(&#result).outcome() {
                ::core::result::Result::Ok(#output) => { #success }
                #failure
            }
        }}
    }

    fn client(&self) -> Option<TokenStream> {
        let client = self.plan.client.as_ref()?;
        Some(reference_to(&client.expression))
    }

    /// The name of the action, a `&'static str`.
    fn action(&self) -> TokenStream {
        let krate = &self.plan.krate;
        match &self.plan.action {
            Action::BuiltIn(variant) => {
                quote!(#krate::ActionSet::name(&#krate::ActionType::#variant))
            }
            Action::Path(path) => {
                let value = reference_to(path);
                quote!(#krate::ActionSet::name(#value))
            }
            Action::InSet(set, name) => {
                let span = name.span();
                let set = set.to_token_stream();
                quote_spanned! {span=> {
                    const NAME: &'static str =
                        #krate::__private::checked_action(<#set as #krate::ActionSet>::NAMES, #name);
                    NAME
                }}
            }
        }
    }
}

/// Awaits the future that records, if there is one, when nothing borrows from the result any more.
fn awaited(recording: &TokenStream) -> TokenStream {
    let name = Ident::new("recording", Span::mixed_site());
    quote! {
        let #name = #recording;
        if let ::core::option::Option::Some(#name) = #name {
            #name.await;
        }
    }
}
