//! Every name that the derive makes up: the model takes them from here, `expand` writes them down.

use heck::{ToKebabCase, ToLowerCamelCase, ToPascalCase, ToShoutyKebabCase, ToShoutySnakeCase, ToSnakeCase};
use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;

/// What `rename_all` does to a name, in serde's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RenameRule {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl RenameRule {
    /// Each rule as it is written.
    pub(crate) const ALL: &[(&str, Self)] = &[
        ("snake_case", Self::Snake),
        ("camelCase", Self::Camel),
        ("PascalCase", Self::Pascal),
        ("SCREAMING_SNAKE_CASE", Self::ScreamingSnake),
        ("kebab-case", Self::Kebab),
        ("SCREAMING-KEBAB-CASE", Self::ScreamingKebab),
        ("lowercase", Self::Lower),
        ("UPPERCASE", Self::Upper),
    ];

    /// The rule that is written so.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, rule)| *rule)
    }

    /// The name under the rule.
    pub(crate) fn apply(self, name: &str) -> String {
        match self {
            Self::Lower => name.to_lowercase(),
            Self::Upper => name.to_uppercase(),
            Self::Pascal => name.to_pascal_case(),
            Self::Camel => name.to_lower_camel_case(),
            Self::Snake => name.to_snake_case(),
            Self::ScreamingSnake => name.to_shouty_snake_case(),
            Self::Kebab => name.to_kebab_case(),
            Self::ScreamingKebab => name.to_shouty_kebab_case(),
        }
    }
}

/// Whether a word can name a constant.
fn is_identifier(word: &str) -> bool {
    word != "_" && syn::parse_str::<Ident>(word).is_ok()
}

/// The word without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// The table of an entity, and the words that name it in a secondary table: its name in snake case.
pub(crate) fn snake(name: &str) -> String {
    name.to_snake_case()
}

/// The foreign key that a `BelongsTo` has unless it says otherwise: `author_id` for `author`.
pub(crate) fn default_foreign_key(relation: &str) -> String {
    format!("{relation}_id")
}

/// A column of a secondary table, after the entity and the column that it refers to: `post_id`.
pub(crate) fn secondary_column(entity: &str, column: &str) -> String {
    format!("{}_{column}", snake(entity))
}

/// An index in PostgreSQL's own manner: `posts_author_id_created_at_idx`.
pub(crate) fn index_name(table: &str, columns: &[&str], suffix: &str) -> String {
    format!("{table}_{}_{suffix}", columns.join("_"))
}

/// The names made of an entity's name. They are siblings of the entity, so they carry its name as a prefix.
#[derive(Clone, Debug)]
pub(crate) struct EntityNames {
    /// `User`, for messages and the schema.
    pub(crate) name: String,
    entity: Ident,
}

impl EntityNames {
    pub(crate) fn of(entity: &Ident) -> Self {
        Self { name: plain(entity), entity: entity.clone() }
    }

    /// `UserBuilder` for `Builder`.
    pub(crate) fn item(&self, suffix: &str) -> Ident {
        Ident::new(&format!("{}{suffix}", self.name), self.entity.span())
    }

    /// `User_email_is_set`, shown at the field where a message shows it.
    pub(crate) fn item_of(&self, member: &MemberNames, what: &str) -> Ident {
        Ident::new(&format!("{}_{}_{what}", self.name, member.name), member.span)
    }
}

/// The names made of a field's name.
#[derive(Clone, Debug)]
pub(crate) struct MemberNames {
    /// `posts`, without `r#`: what the schema, errors and `loaded!` call it.
    pub(crate) name: String,
    /// `posts`, or what `#[orm(getter = "..")]` says.
    pub(crate) getter: Ident,
    /// `POSTS`.
    pub(crate) constant: Ident,
    span: Span,
}

impl MemberNames {
    pub(crate) fn of(field: &Ident, getter: Option<&Ident>) -> Self {
        let name = plain(field);
        let shouty = name.to_shouty_snake_case();
        // A field of underscores alone has no words to shout, and a word may begin with a number: `_1`.
        let constant = [shouty.clone(), format!("_{shouty}")].into_iter().find(|word| is_identifier(word));
        let constant = constant.unwrap_or_else(|| name.clone());
        Self {
            constant: Ident::new(&constant, field.span()),
            getter: getter.unwrap_or(field).clone(),
            span: field.span(),
            name,
        }
    }

    /// `set_posts` for `set`.
    pub(crate) fn method(&self, verb: &str) -> Ident {
        Ident::new(&format!("{verb}_{}", self.name), self.span)
    }

    /// `posts_mut`.
    pub(crate) fn mutable_getter(&self) -> Ident {
        Ident::new(&format!("{}_mut", self.name), self.span)
    }

    /// `posts_subset`.
    pub(crate) fn subset_getter(&self) -> Ident {
        Ident::new(&format!("{}_subset", self.name), self.span)
    }
}
