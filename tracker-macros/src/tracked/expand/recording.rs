//! Expansion of the statements around the body: the values that are read before it, and the one
//! call that records after it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::{
    super::{
        client::{Borrow, Client, Refusal},
        details,
        function::{Body, Function},
        parse::Record,
        plan::Plan,
        value::{ERROR, OUTPUT, When},
    },
    action::Name,
    reference::{exclusive_reference_to, reference_to},
    values::{Entries, Writer},
};

/// Returns the name of the variable that holds the call, for `record = "always"`.
pub(super) fn call() -> Ident {
    Ident::new("call", Span::mixed_site())
}

/// Returns the name of the variable that holds the client while the activity is recorded. Its span
/// is that of the client's expression, where an error about the client's type belongs.
fn client_name(client: &Client) -> Ident {
    let first = client.expression.to_token_stream().into_iter().next();
    let place = first.map_or_else(Span::call_site, |first| first.span());
    Ident::new("client", Span::mixed_site().located_at(place))
}

/// Returns the reference to the client that the recording takes.
fn client_reference(client: &Client) -> TokenStream {
    let expression = &client.expression;
    match client.borrow {
        Borrow::Parameter => quote!(&mut *#expression),
        Borrow::Exclusive => exclusive_reference_to(expression),
        Borrow::Shared => reference_to(expression),
    }
}

/// The statements around the body.
pub(super) struct Recording {
    /// The statements at the function's entry.
    pub(super) entries: TokenStream,
    /// The statements directly before the body runs.
    pub(super) start: TokenStream,
    /// The statements after the body has returned.
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
            // A future may be created outside the tracker's scope in which it runs later.
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
    /// Returns the statements that record a success.
    fn exit_of_success(&mut self) -> TokenStream {
        let krate = &self.plan.krate;
        let mut writer = Writer::of_success(krate, self.entries);
        // A panic keeps the values that were written before it, so values that are likelier to
        // panic come later.
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
        let is_entered = self.entries.are_there();
        let is_read_before =
            (self.plan.tracker.as_ref()).is_some_and(|tracker| tracker.when == When::Entry);
        let recorder = self.recorder(is_read_before);
        let destination = self.destination();
        let record = quote!(#krate::__private::record(#recorder, #destination, #fill));
        let is_awaited = self.plan.is_durable || self.plan.client.is_some();
        let record = match (&self.plan.tracker, is_entered) {
            (None, Some(is_entered)) if is_awaited => {
                quote!(if #is_entered { #record } else { #krate::__private::not_recorded() })
            }
            (None, Some(is_entered)) => quote!(if #is_entered { #record }),
            (None, None) if !is_awaited => {
                quote!(if #krate::__private::may_record() { #record })
            }
            _ => record,
        };
        self.recorded(&record, None)
    }

    /// Returns the statement that begins a call of which every outcome is recorded.
    fn start(&mut self) -> TokenStream {
        let krate = &self.plan.krate;
        let mut writer = Writer::of_call(krate, self.entries, !self.is_future);
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
        // When a future runs, the value that the tracker is read from may be gone.
        let is_read_before = self.is_future
            && (self.plan.tracker.as_ref()).is_some_and(|tracker| tracker.when == When::Entry);
        let recorder = self.recorder(is_read_before);
        quote!(let mut #call = #krate::__private::Call::start(#recorder, #fill);)
    }

    /// Returns the statements that record the outcome of the call that [`start`](Self::start)
    /// began.
    fn exit(&mut self) -> TokenStream {
        let krate = &self.plan.krate;
        let mut writer = Writer::of_call(krate, self.entries, false);
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
        let mut writer = Writer::of_call(krate, self.entries, false);
        if let Some(details) = &self.plan.error_details {
            writer.details_in_place_of_others(details);
        }
        let failure = writer.finish();

        let call = call();
        let krate_call = quote!(#krate::__private::Call);
        let (destination, of_failures) = (self.destination(), self.own_destination());
        let success = quote!(#krate_call::success(&mut #call, #destination, #success));
        let failure = quote!(#krate_call::failure(&mut #call, #of_failures, #failure));
        self.recorded(&success, Some(&failure))
    }

    /// Returns the expression of the tracker to record with.
    fn recorder(&mut self, is_read_before: bool) -> TokenStream {
        let recorder = {
            let krate = &self.plan.krate;
            quote!(#krate::__private::Recorder)
        };
        let Some(tracker) = &self.plan.tracker else {
            return quote!(#recorder::Current);
        };
        let tracker = reference_to(&tracker.expression);
        if is_read_before {
            let entry = self.entries.add_tracker(&self.plan.krate, &tracker);
            quote!(#recorder::entry(&#entry))
        } else {
            quote!(#recorder::Named(#tracker))
        }
    }

    /// Returns the destination of a success's activity.
    fn destination(&self) -> TokenStream {
        let krate = &self.plan.krate;
        let Some(client) = &self.plan.client else {
            return self.own_destination();
        };
        let name = client_name(client);
        let refusal = match client.refusal {
            Refusal::Lose => quote!(Lose),
            Refusal::Journal => quote!(Journal),
            Refusal::Return(_) => quote!(Return),
        };
        quote!(#krate::__private::on_client(#name, #krate::__private::Refusal::#refusal))
    }

    /// Returns the destination of an activity that no client takes.
    fn own_destination(&self) -> TokenStream {
        let krate = &self.plan.krate;
        if self.plan.is_durable {
            quote!(#krate::__private::Durable)
        } else {
            quote!(#krate::__private::Queued)
        }
    }

    /// Returns statements that run `success` or `failure`, depending on the function's outcome. A
    /// recording is awaited only after the borrow of the result has ended.
    fn recorded(&self, success: &TokenStream, failure: Option<&TokenStream>) -> TokenStream {
        if let Some(client) = &self.plan.client {
            return self.recorded_on_client(client, success, failure);
        }
        let krate = &self.plan.krate;
        let (output, outcome) = (output(), self.outcome());
        let (ok, err) = (ok(), err());
        let traits = self.traits();
        if self.plan.is_durable {
            let failure = failed(failure);
            let failure =
                failure.unwrap_or_else(|| quote!(#err(_) => #krate::__private::not_recorded()));
            let recording = Ident::new("recording", Span::mixed_site());
            return quote! {{
                #traits
                let #recording = match #outcome { #ok(#output) => { #success } #failure };
                let _ = #krate::__private::Recording::new(#recording).await;
            }};
        }
        let failure = failed(failure).unwrap_or_else(|| quote!(#err(_) => {}));
        quote! {{
            #traits
            match #outcome { #ok(#output) => { #success } #failure }
        }}
    }

    /// Returns the same statements as [`recorded`](Self::recorded), for a function whose successes
    /// go to the caller's client.
    fn recorded_on_client(
        &self,
        client: &Client,
        success: &TokenStream,
        failure: Option<&TokenStream>,
    ) -> TokenStream {
        let (krate, result) = (&self.plan.krate, self.result);
        let (output, outcome) = (output(), self.outcome());
        let (ok, err) = (ok(), err());
        let traits = self.traits();
        let recording = Ident::new("recording", Span::mixed_site());
        let (name, reference) = (client_name(client), client_reference(client));
        // The temporaries of the client's expression live until the end of the `match` on it.
        let success = quote! {
            match #reference {
                #name => {
                    let #recording = match #outcome {
                        #ok(#output) => #success,
                        #err(_) => #krate::__private::not_recorded(),
                    };
                    #krate::__private::Recording::new(#recording).await
                }
            }
        };
        let is_ok = quote!(::core::result::Result::is_ok(&#outcome));
        let Refusal::Return(required) = &client.refusal else {
            let failure = failed(failure);
            let failure = failure.map(|failure| quote!(match #outcome { #ok(_) => {} #failure }));
            return quote! {{
                #traits
                #failure
                if #is_ok {
                    let _ = #success;
                }
            }};
        };
        // A refusal by the client turns a success into a failure, so the failure is recorded last.
        let place = |name: &str| Ident::new(name, Span::mixed_site().located_at(required.span()));
        let (refused, returned) = (place("refused"), place(&result.to_string()));
        let refuse =
            quote_spanned!(required.span()=> #krate::__private::refused(#returned, #refused));
        let recorded = Ident::new("recorded", Span::mixed_site());
        let end = failed(failure).map(|failure| {
            let call = call();
            let close = quote!(#krate::__private::Call::close(&mut #call));
            quote!({ #traits match #outcome { #ok(_) => #close, #failure } })
        });
        quote! {
            let #recorded = {
                #traits
                if #is_ok { #success } else { #ok(()) }
            };
            let #result = match #recorded {
                #ok(()) => #result,
                #err(#refused) => #refuse,
            };
            #end
        }
    }

    /// Returns the function's outcome as a `Result`.
    fn outcome(&self) -> TokenStream {
        let (krate, result) = (&self.plan.krate, self.result);
        quote!(#krate::__private::Returned(&#result).__tracked_outcome())
    }

    /// Returns the imports that [`outcome`](Self::outcome) and the values of a success need.
    fn traits(&self) -> TokenStream {
        let krate = &self.plan.krate;
        quote! {
            #[allow(unused_imports)]
            use #krate::__private::{ReturnedValue as _, WithReferenceIds as _, WithoutReferenceIds as _};
        }
    }
}

/// Returns the arm of a `match` on the outcome that records a failure, or `None` if failures are
/// not recorded.
fn failed(failure: Option<&TokenStream>) -> Option<TokenStream> {
    let (err, error) = (err(), Ident::new(ERROR, Span::call_site()));
    failure.map(|failure| quote!(#err(#error) => { let _ = #error; #failure }))
}

/// Returns the name of the success value.
fn output() -> Ident {
    Ident::new(OUTPUT, Span::call_site())
}

fn ok() -> TokenStream {
    quote!(::core::result::Result::Ok)
}

fn err() -> TokenStream {
    quote!(::core::result::Result::Err)
}
