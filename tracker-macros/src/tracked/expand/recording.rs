//! What stands around the body: the values that are read before it, and the one call that records after it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Path;

use super::{
    super::{
        client::{Borrow, Client, Refusal},
        details,
        function::{Body, Function},
        parse::Record,
        plan::Plan,
        value::{ERROR, OUTPUT, Value, When},
    },
    action::Name,
    reference::{exclusive_reference_to, reference_to},
    values::{Entries, Writer},
};

/// The name of the call that is recorded always.
pub(super) fn call() -> Ident {
    Ident::new("call", Span::mixed_site())
}

/// The name of the client, where the activity is recorded; in the place of its expression, where an error about its type belongs.
fn client_name(client: &Client) -> Ident {
    let first = client.expression.to_token_stream().into_iter().next();
    let place = first.map_or_else(Span::call_site, |first| first.span());
    Ident::new("client", Span::mixed_site().located_at(place))
}

/// A reference to the client, as recording takes it.
fn client_reference(client: &Client) -> TokenStream {
    let expression = &client.expression;
    match client.borrow {
        Borrow::Parameter => quote!(&mut *#expression),
        Borrow::Exclusive => exclusive_reference_to(expression),
        Borrow::Shared => reference_to(expression),
    }
}

/// What becomes of an activity that the client does not take.
fn refusal(client: &Client, krate: &Path) -> TokenStream {
    let refusal = match client.refusal {
        Refusal::Lose => quote!(Lose),
        Refusal::Journal => quote!(Journal),
        Refusal::Return(_) => quote!(Return),
    };
    quote!(#krate::__private::Refusal::#refusal)
}

/// The statements around the body.
pub(super) struct Recording {
    /// At the function's entry.
    pub(super) entries: TokenStream,
    /// Where the body begins to run.
    pub(super) start: TokenStream,
    /// Where it has returned.
    pub(super) exit: TokenStream,
}

impl Recording {
    pub(super) fn new(plan: &Plan, action: &Name, result: &Ident, function: &Function) -> Self {
        let mut entries = Entries::default();
        let is_future = matches!(function.body, Body::Future(_) | Body::Boxed(_));
        let mut around = Around {
            plan,
            action,
            result,
            is_future,
            entries: &mut entries,
        };
        let (start, exit) = match plan.record {
            Record::Success => (TokenStream::new(), around.exit_of_success()),
            Record::Always => (around.start(), around.exit()),
        };
        Self {
            // A future may be made outside the scope in which it runs.
            entries: entries.statements(
                &plan.krate,
                (is_future && !function.begins_inside()) || plan.tracker.is_some(),
            ),
            start,
            exit,
        }
    }
}

struct Around<'a> {
    plan: &'a Plan,
    action: &'a Name,
    result: &'a Ident,
    is_future: bool,
    entries: &'a mut Entries,
}

impl Around<'_> {
    /// The call that records a success.
    fn exit_of_success(&mut self) -> TokenStream {
        let krate = &self.plan.krate;
        let mut writer = Writer::new(krate, self.entries, false);
        // What is likelier to panic comes later: what was written before it is kept.
        writer.action(self.action);
        for field in &self.plan.fields {
            writer.field(field);
        }
        writer.declared_references(self.plan.demands_references.as_ref());
        for (name, value) in &self.plan.references {
            writer.reference(name, value);
        }
        if let Some(details) = &self.plan.details {
            writer.details(details);
        }
        let fill = writer.finish();

        let function = match (&self.plan.client, &self.plan.tracker) {
            (None, None) if self.plan.is_durable => quote!(record_durable),
            (None, Some(_)) if self.plan.is_durable => quote!(record_durable_with),
            (None, None) => quote!(record),
            (None, Some(_)) => quote!(record_with),
            (Some(_), None) => quote!(record_in),
            (Some(_), Some(_)) => quote!(record_in_with),
        };
        let is_awaited = self.plan.is_durable || self.plan.client.is_some();
        let nothing = self.nothing();
        let client = self.plan.client.as_ref().map(|client| {
            let (name, refusal) = (client_name(client), refusal(client, krate));
            quote!(#name, #refusal,)
        });
        let record = |tracker: Option<TokenStream>| {
            let tracker = tracker.map(|tracker| quote!(#tracker,));
            quote!(#krate::__private::#function(#tracker #client #fill))
        };
        let are_there = self.entries.are_there();
        let record_if_any = |record| match (is_awaited, &are_there) {
            (false, None) => quote!(if #krate::__private::may_record() { #record }),
            (false, Some(are_there)) => quote!(if #are_there { #record }),
            (true, None) => record,
            (true, Some(are_there)) => {
                quote!(if #are_there { #record } else { #nothing })
            }
        };
        let record = match &self.plan.tracker {
            None => record_if_any(record(None)),
            Some(Value {
                expression,
                when: When::Exit,
            }) => record(Some(reference_to(expression))),
            Some(Value { expression, .. }) => {
                let entry = self.entries.add_tracker(krate, &reference_to(expression));
                let tracker = Ident::new("tracker", Span::mixed_site());
                let record = record(Some(quote!(&#tracker)));
                // Reading the tracker may have panicked: then there is none.
                let none = is_awaited.then(|| quote!(else { #nothing }));
                quote!(if let ::core::option::Option::Some(#tracker) = #entry { #record } #none)
            }
        };
        self.recorded(&record, None)
    }

    /// The call that begins to be recorded, whatever comes of it.
    fn start(&mut self) -> TokenStream {
        let krate = &self.plan.krate;
        let mut writer = Writer::new(krate, self.entries, !self.is_future);
        writer.action(self.action);
        for field in &self.plan.fields {
            writer.field(field);
        }
        for (name, value) in &self.plan.references {
            if !value.needs(OUTPUT) {
                writer.reference(name, value);
            }
        }
        if let Some(details) = &self.plan.details
            && !details::needs(details, OUTPUT)
        {
            writer.details(details);
        }
        let fill = writer.finish();
        let call = call();
        let start = match &self.plan.tracker {
            None => quote!(start(#fill)),
            // A future that runs later may have nothing left to read the tracker from.
            Some(Value {
                expression,
                when: When::Entry,
            }) if self.is_future => {
                let entry = self.entries.add_tracker(krate, &reference_to(expression));
                quote!(start_with_entry(#entry, #fill))
            }
            Some(Value { expression, .. }) => {
                let tracker = reference_to(expression);
                quote!(start_with(#tracker, #fill))
            }
        };
        quote!(let mut #call = #krate::__private::#start;)
    }

    /// The call that records what [`start`](Self::start) began.
    fn exit(&mut self) -> TokenStream {
        let krate = &self.plan.krate;
        let mut writer = Writer::new(krate, self.entries, false);
        writer.declared_references(self.plan.demands_references.as_ref());
        for (name, value) in &self.plan.references {
            if value.needs(OUTPUT) {
                writer.reference(name, value);
            }
        }
        if let Some(details) = &self.plan.details
            && details::needs(details, OUTPUT)
        {
            writer.details(details);
        }
        let success = writer.finish();
        let mut writer = Writer::new(krate, self.entries, false);
        if let Some(details) = &self.plan.error_details {
            writer.details(details);
        }
        let failure = writer.finish();

        let call = call();
        let krate_call = quote!(#krate::__private::Call);
        let success = match &self.plan.client {
            Some(client) => {
                let (name, refusal) = (client_name(client), refusal(client, krate));
                quote!(#krate_call::success_in(&mut #call, #name, #refusal, #success))
            }
            None if self.plan.is_durable => {
                quote!(#krate_call::success_durable(&mut #call, #success))
            }
            None => quote!(#krate_call::success(&mut #call, #success)),
        };
        let failure = if self.plan.is_durable {
            quote!(#krate_call::failure_durable(&mut #call, #failure))
        } else {
            quote!(#krate_call::failure(&mut #call, #failure))
        };
        self.recorded(&success, Some(&failure))
    }

    /// What is awaited where nothing is recorded.
    fn nothing(&self) -> TokenStream {
        let krate = &self.plan.krate;
        if self.plan.client.is_some() {
            quote!(#krate::__private::not_installed())
        } else {
            quote!(#krate::__private::nothing())
        }
    }

    /// Does `success` or `failure` by what the function has returned. With a client, `success` is a future, and where durability is awaited both
    /// are; it is awaited when nothing borrows from the result any more.
    fn recorded(&self, success: &TokenStream, failure: Option<&TokenStream>) -> TokenStream {
        let (krate, result) = (&self.plan.krate, self.result);
        let output = Ident::new(OUTPUT, Span::call_site());
        let error = Ident::new(ERROR, Span::call_site());
        let outcome = quote!(#krate::__private::Returned(&#result).__tracked_outcome());
        let ok = quote!(::core::result::Result::Ok);
        let err = quote!(::core::result::Result::Err);
        let recording = Ident::new("recording", Span::mixed_site());
        let nothing = self.nothing();
        let failure = match failure {
            None if self.plan.is_durable => quote!(#err(_) => #nothing),
            None => quote!(#err(_) => {}),
            Some(failure) if self.plan.is_durable => {
                quote!(#err(#error) => { let _ = #error; #failure })
            }
            Some(failure) => quote!(#err(#error) => { let _ = #error; #failure; }),
        };
        let traits = quote! {
            #[allow(unused_imports)]
            use #krate::__private::{ReturnedValue as _, WithReferenceIds as _, WithoutReferenceIds as _};
        };
        let Some(client) = &self.plan.client else {
            let record = if self.plan.is_durable {
                quote! {
                    let #recording = match #outcome { #ok(#output) => { #success } #failure };
                    #krate::__private::Recording::new(#recording).await;
                }
            } else {
                quote!(match #outcome { #ok(#output) => { #success; } #failure })
            };
            return quote!({ #traits #record });
        };
        let (name, reference) = (client_name(client), client_reference(client));
        // What the expression of the client makes lives as long as the `match` on it.
        let success = quote! {
            match #reference {
                #name => {
                    let #recording = match #outcome {
                        #ok(#output) => #success,
                        #err(_) => #nothing,
                    };
                    #krate::__private::Recording::new(#recording).await
                }
            }
        };
        let Refusal::Return(required) = &client.refusal else {
            return quote! {{
                #traits
                match #outcome { #ok(_) => {} #failure }
                if ::core::result::Result::is_ok(&#outcome) {
                    let _ = #success;
                }
            }};
        };
        // A failure only now, where the client has refused.
        let place = |name: &str| Ident::new(name, Span::mixed_site().located_at(required.span()));
        let (refused, returned) = (place("refused"), place(&result.to_string()));
        let refuse =
            quote_spanned!(required.span()=> #krate::__private::refused(#returned, #refused));
        let recorded = Ident::new("recorded", Span::mixed_site());
        quote! {
            let #recorded = {
                #traits
                if ::core::result::Result::is_ok(&#outcome) { #success } else { #ok(()) }
            };
            let #result = match #recorded {
                #ok(()) => #result,
                #err(#refused) => #refuse,
            };
            { #traits match #outcome { #ok(_) => {} #failure } }
        }
    }
}
