//! Statements of fixed shape, and the cache of their texts.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use super::{context::Dialect, delete::DeleteShape, insert::InsertShape, select::GetShape, update::UpdateShape};

/// Whatever has one text for all values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shape {
    /// One object by key.
    Get(GetShape),
    /// New rows.
    Insert(InsertShape, Form),
    /// Changed rows.
    Update(UpdateShape, Form),
    /// One row less, by key.
    DeleteOne(DeleteShape),
}

/// How the rows of a statement are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Form {
    /// A placeholder for each value of so many rows.
    Rows(usize),
    /// An array for each column, of any length.
    Arrays,
}

impl Shape {
    /// Writes the text.
    pub(crate) fn text(&self, dialect: Dialect) -> String {
        match self {
            Self::Get(shape) => shape.text(dialect),
            Self::Insert(shape, form) => shape.text(dialect, *form),
            Self::Update(shape, form) => shape.text(dialect, *form),
            Self::DeleteOne(shape) => shape.text_of_one(dialect),
        }
    }
}

/// The texts written so far, for one database.
#[derive(Debug)]
pub(crate) struct TextCache {
    dialect: Dialect,
    texts: RwLock<HashMap<Shape, Arc<str>>>,
    /// The last few texts of many rows: an import comes in portions of one length.
    long: Mutex<VecDeque<(Shape, Arc<str>)>>,
}

/// Up to this many rows, a statement's text is kept for good.
const LONGEST: usize = 64;

/// How many longer ones are kept.
const LONG_ONES: usize = 8;

/// More shapes than any application has: what comes beyond is made up of ever new sets of changed columns.
const CAPACITY: usize = 8192;

impl TextCache {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { dialect, texts: RwLock::default(), long: Mutex::default() }
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The text of a shape. Of statements of many rows, whose lengths are too many to keep, the last few are kept.
    pub(crate) fn text(&self, shape: Shape) -> Arc<str> {
        if let Shape::Insert(_, Form::Rows(rows)) | Shape::Update(_, Form::Rows(rows)) = &shape
            && *rows > LONGEST
        {
            return self.long_text(shape);
        }
        if let Some(text) = self.texts.read().unwrap_or_else(PoisonError::into_inner).get(&shape) {
            return Arc::clone(text);
        }
        let text: Arc<str> = shape.text(self.dialect).into();
        let mut texts = self.texts.write().unwrap_or_else(PoisonError::into_inner);
        if texts.len() >= CAPACITY {
            texts.clear();
        }
        Arc::clone(texts.entry(shape).or_insert(text))
    }

    fn long_text(&self, shape: Shape) -> Arc<str> {
        let long = || self.long.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, text)) = long().iter().find(|(known, _)| *known == shape) {
            return Arc::clone(text);
        }
        let text: Arc<str> = shape.text(self.dialect).into();
        let mut long = long();
        if long.len() >= LONG_ONES {
            long.pop_front();
        }
        long.push_back((shape, Arc::clone(&text)));
        text
    }
}
