//! Gathers the errors of one item, so that one compile shows them all.

use std::cell::RefCell;
use std::fmt;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// What one error says: a headline that is understood alone, then what to do.
#[derive(Debug)]
pub(crate) struct Message {
    headline: String,
    notes: Vec<Note>,
}

/// A line under the headline, as rustc prints its own.
#[derive(Debug)]
struct Note {
    word: &'static str,
    text: String,
}

impl Message {
    pub(crate) fn new(headline: impl Into<String>) -> Self {
        Self { headline: headline.into(), notes: Vec::new() }
    }

    /// What to type instead.
    #[must_use]
    pub(crate) fn help(self, text: impl Into<String>) -> Self {
        self.with("help", text.into())
    }

    /// Why.
    #[must_use]
    pub(crate) fn note(self, text: impl Into<String>) -> Self {
        self.with("note", text.into())
    }

    /// "did you mean", where something is near enough.
    #[must_use]
    pub(crate) fn did_you_mean(self, word: Option<&str>) -> Self {
        match word {
            Some(word) => self.help(format!("did you mean `{word}`?")),
            None => self,
        }
    }

    fn with(mut self, word: &'static str, text: String) -> Self {
        self.notes.push(Note { word, text });
        self
    }

    /// The error that points at these tokens.
    pub(crate) fn at(self, tokens: impl ToTokens) -> syn::Error {
        syn::Error::new_spanned(tokens, self)
    }

    /// The error that points at this span.
    pub(crate) fn at_span(self, span: Span) -> syn::Error {
        syn::Error::new(span, self)
    }
}

impl fmt::Display for Message {
    /// A macro has one text for an error: the notes are laid out under the headline as rustc lays out its own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline)?;
        if !self.notes.is_empty() {
            f.write_str("\n")?;
        }
        for note in &self.notes {
            write!(f, "\n= {}: {}", note.word, note.text)?;
        }
        Ok(())
    }
}

/// The errors found so far in one item.
///
/// Dropping it without [`finish`](Self::finish) is a bug of this crate and panics: an error would be lost.
#[derive(Debug)]
pub(crate) struct Ctxt(RefCell<Option<Vec<syn::Error>>>);

impl Ctxt {
    pub(crate) fn new() -> Self {
        Self(RefCell::new(Some(Vec::new())))
    }

    /// Adds an error that points at these tokens.
    pub(crate) fn refuse(&self, tokens: impl ToTokens, message: Message) {
        self.add(message.at(tokens));
    }

    /// Adds an error.
    pub(crate) fn add(&self, error: syn::Error) {
        if let Some(errors) = self.0.borrow_mut().as_mut() {
            errors.push(error);
        }
    }

    /// How many errors there are so far: whether something went wrong in between.
    pub(crate) fn count(&self) -> usize {
        self.0.borrow().as_ref().map_or(0, Vec::len)
    }

    /// The value, or its error added here.
    pub(crate) fn take<T>(&self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }

    /// Ends the gathering.
    pub(crate) fn finish(self) -> Result<(), Errors> {
        match self.0.borrow_mut().take() {
            Some(errors) if !errors.is_empty() => Err(Errors(errors)),
            _ => Ok(()),
        }
    }
}

impl Drop for Ctxt {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert!(self.0.borrow().is_none(), "orm bug: the errors of an item were never looked at");
        }
    }
}

/// One or more errors of one item.
#[derive(Debug)]
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &syn::Error> {
        self.0.iter()
    }
}

impl Errors {
    /// No model and no reason: a bug of this crate, yet the user's build should say something.
    pub(crate) fn unexplained() -> Self {
        let message = Message::new("orm bug: the item cannot be read, and nothing says why");
        Self(vec![message.at_span(Span::call_site())])
    }
}

impl ToTokens for Errors {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.iter().map(syn::Error::to_compile_error));
    }
}
