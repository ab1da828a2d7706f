//! Every text as it was reviewed, in `pinned.txt`; `ORM_BLESS=1 cargo test` writes it anew.

use std::{borrow::Cow, fmt::Write as _};

use sea_query::Query;

use super::{
    fixtures::{LINE, LOG, POST, TAG, USER, post, user},
    flush,
    written::{count, exists, select, select_by_key, select_related},
};
use crate::{
    expr::{Column, Comparison, Direction, Nested, Node, Operand, OrderBy, OrderNode, Predicate},
    query::sql::{
        Dialect, GetShape, Join, JoinKind, Lock, LockStrength, LockWait, RenderContext, Select, Shape, Sql,
        default_columns, filter, statement::Build,
    },
    schema::EntityDef,
    value::Value,
};

struct User;
struct Post;

const ID: Column<User, i64> = Column::new(user::ID);
const NAME: Column<User, String> = Column::new(user::NAME);
const NICK: Column<User, Option<String>> = Column::new(user::NICK);
const SCORE: Column<User, f64> = Column::new(user::SCORE);
const MANAGER_ID: Column<User, Option<i64>> = Column::new(user::MANAGER_ID);
const TITLE: Column<Post, String> = Column::new(post::TITLE);

/// Titles and the texts below them.
pub(super) struct Pins {
    dialect: Dialect,
    text: String,
    pub(super) statements: Vec<Sql>,
}

impl Pins {
    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn section(&mut self, title: &str) {
        writeln!(self.text, "\n# {title}\n").expect("a string");
    }

    pub(super) fn pin(&mut self, title: &str, sql: Sql) {
        writeln!(self.text, "{title}\n    {}", sql.text).expect("a string");
        if !sql.values.is_empty() {
            let values: Vec<String> = sql.values.iter().map(|value| format!("{value:?}")).collect();
            let (shown, left) = values.split_at(values.len().min(6));
            let left = if left.is_empty() { String::new() } else { format!(" and {} more", left.len()) };
            writeln!(self.text, "    < {}{left}", shown.join(", ")).expect("a string");
        }
        self.statements.push(sql);
    }

    fn filter(&mut self, title: &str, def: &'static EntityDef, node: &Node) {
        let context = RenderContext::new(self.dialect);
        let scope = context.scope(def);
        let condition = filter(&context, &scope, node);
        let mut statement = Query::select();
        statement.expr(sea_query::Expr::cust("1")).from(scope.table()).and_where(condition);
        let sql = statement.sql(self.dialect);
        self.pin(title, sql);
    }

    fn users(&mut self, title: &str, predicate: Predicate<User>) {
        self.filter(title, &USER, predicate.node());
    }
}

#[test]
fn every_statement_is_as_pinned() {
    let mut text =
        String::from("Every statement as it is sent. Written by the test beside this file; read it as code.\n");
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql] {
        let enabled = match dialect {
            Dialect::Sqlite => cfg!(feature = "sqlite"),
            Dialect::Postgres => cfg!(feature = "postgres"),
            Dialect::MySql => cfg!(feature = "mysql"),
        };
        if enabled {
            text.push_str(&pins(dialect).text);
        } else {
            return;
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/query/sql/tests/pinned.txt");
    if std::env::var_os("ORM_BLESS").is_some() {
        std::fs::write(path, text).expect("the file of pinned texts");
        return;
    }
    let pinned = std::fs::read_to_string(path).expect("the file of pinned texts");
    for (now, then) in text.lines().zip(pinned.lines()) {
        assert_eq!(now, then);
    }
    assert_eq!(text.len(), pinned.len());
}

pub(super) fn pins(dialect: Dialect) -> Pins {
    let mut pins = Pins { dialect, text: format!("\n## {dialect:?}\n"), statements: Vec::new() };
    pins.section("comparisons");
    comparisons(&mut pins);
    pins.section("lists");
    lists(&mut pins);
    pins.section("text");
    texts(&mut pins);
    pins.section("logic");
    logic(&mut pins);
    pins.section("relationships");
    relationships(&mut pins);
    pins.section("queries");
    queries(&mut pins);
    pins.section("joins");
    joins(&mut pins);
    pins.section("by key");
    by_key(&mut pins);
    pins.section("flush");
    flush::statements(&mut pins);
    pins
}

fn decimal(operation: impl FnOnce(Operand, Value) -> Node) -> Node {
    operation(Operand::Column(user::BALANCE), Value::String(Some("10.5".into())))
}

fn comparisons(pins: &mut Pins) {
    pins.users("eq", ID.eq(7));
    pins.users("ne", NAME.ne("Ada"));
    pins.users("lt", ID.lt(7));
    pins.users("le", ID.le(7));
    pins.users("gt", ID.gt(7));
    pins.users("ge", ID.ge(7));
    pins.users("between", ID.between(7, 9));
    pins.users("eq(None)", MANAGER_ID.eq(None));
    pins.users("ne(None)", MANAGER_ID.ne(None));
    pins.users("eq of a nullable column", NICK.eq("ada"));
    pins.users("is_null", NICK.is_null());
    pins.users("is_not_null", NICK.is_not_null());
    pins.users("two columns", MANAGER_ID.eq_column(ID) | ID.lt_column(MANAGER_ID));
    pins.users("eq(NaN)", SCORE.eq(f64::NAN));
    pins.users("ne(NaN)", SCORE.ne(f64::NAN));
    pins.users("lt(NaN)", SCORE.lt(f64::NAN));
    pins.users("between and NaN", SCORE.between(1.0, f64::NAN));
    let mood = Value::String(Some("happy".into()));
    pins.filter("eq of an enum", &USER, &Node::compare(Operand::Column(user::MOOD), Comparison::Equal, mood));
    let greater = decimal(|operand, value| Node::compare(operand, Comparison::Greater, value));
    pins.filter("gt of a decimal", &USER, &greater);
    let between = decimal(|operand, value| Node::Between { operand, low: value.clone(), high: value });
    pins.filter("between of decimals", &USER, &between);
    let listed = decimal(|operand, value| Node::In { operand, values: vec![value.clone(), value] });
    pins.filter("in_ of decimals", &USER, &listed);
}

fn lists(pins: &mut Pins) {
    pins.users("in_ numbers", ID.in_([1, 2, 3]));
    pins.users("in_ texts", NAME.in_(["a\"b", "c\\d\n"]));
    pins.users("in_([])", ID.in_([0_i64; 0]));
    pins.users("not_in", ID.not_in([1, 2]));
    pins.users("not_in([])", ID.not_in([0_i64; 0]));
    pins.users("in_ with a NULL", MANAGER_ID.in_([Some(1), None]));
    pins.users("not_in with a NULL", MANAGER_ID.not_in([Some(1), None]));
    pins.users("in_ of NULL alone", MANAGER_ID.in_([None]));
    pins.users("in_ of floats", SCORE.in_([1.0, 2.5]));
    pins.users("in_ of nine floats", SCORE.in_((0..9).map(f64::from)));
    pins.users("in_ of floats with NaN", SCORE.in_([1.0, f64::NAN]));
    pins.users("in_ of NaN alone", SCORE.in_([f64::NAN]));
    pins.users("in_ of a text with NUL", NAME.in_(["a\0b"]));
    let moods = vec![Value::String(Some("sad".into()))];
    pins.filter("in_ of enums", &USER, &Node::In { operand: Operand::Column(user::MOOD), values: moods });
}

fn texts(pins: &mut Pins) {
    pins.users("like", NAME.like("A_a%[x]*\\%"));
    pins.users("not_like", NAME.not_like("A%"));
    pins.users("starts_with", NAME.starts_with("50%_\\"));
    pins.users("ends_with", NAME.ends_with("*?["));
    pins.users("contains", NICK.contains("a"));
    pins.users("icontains", NICK.icontains("50%_\\"));
    pins.users("lower", NAME.lower().eq("ada") & NAME.lower().starts_with("a"));
    pins.users("raw", Predicate::raw("length({nick}) > ? AND '?{nick}' <> ''", [3.into()]));
    pins.users("raw beside others", Predicate::raw("{id} % ? = 0 OR {id} = ?", [2.into(), 9.into()]) & ID.gt(1));
}

fn logic(pins: &mut Pins) {
    pins.users("and, or, not", (ID.eq(1) | ID.eq(2)) & !(NAME.eq("a") & NICK.is_null()));
    pins.users("three alternatives", ID.eq(1) | ID.eq(2) | ID.eq(3));
    pins.users("all_of([])", Predicate::all_of([]));
    pins.users("any_of([])", Predicate::any_of([]));
    pins.users("not of them", !Predicate::all_of([]) | !Predicate::any_of([]));
    pins.users("twenty alternatives", Predicate::any_of((1..=20).map(|id| ID.eq(id))));
}

fn relationships(pins: &mut Pins) {
    let titled = || TITLE.contains("Loops");
    pins.users("any", Predicate::related(user::POSTS, titled()));
    pins.users("any without a filter", Predicate::related::<Post>(user::POSTS, Predicate::all_of([])));
    pins.users("has, self-referential", Predicate::related(user::MANAGER, NAME.eq("Ada")));
    let reports = Predicate::related(user::REPORTS, Predicate::related(user::REPORTS, NAME.eq("Ada")) & ID.gt(1));
    pins.users("any of any, self-referential", reports & ID.lt(9));
    let tagged = Predicate::<Post>::related(
        post::TAGS,
        Predicate::<()>::from_node(Column::<(), String>::new(1).eq("sql").into_node()),
    );
    pins.filter("any of a many-to-many", &POST, tagged.node());
    pins.users("not any of a many-to-many", !Predicate::related(user::POSTS, tagged));
    pins.filter(
        "any over a composite key",
        &LINE,
        &Node::Related {
            relation: 0,
            filter: Nested::new(Node::compare(Operand::Column(2), Comparison::Greater, 3.into())),
        },
    );
}

fn queries(pins: &mut Pins) {
    let dialect = pins.dialect;
    let mut pin = |title, query: &Select<'_>| {
        pins.pin(title, select(dialect, query).0);
        pins.pin("    its count", count(dialect, query));
        pins.pin("    whether any", exists(dialect, query));
    };
    pin("everything", &Select::all(&USER));
    pin("a table in a schema", &Select::all(&LOG));
    let (name, nick) = (NAME.starts_with("A"), NICK.is_null());
    let filters = vec![name.node(), nick.node()];
    let order = [NICK.desc().nulls_last(), NAME.lower().asc().nulls_first(), ID.asc()].map(OrderBy::into_node);
    let query =
        Select { filters, order: order.to_vec().into(), limit: Some(20), offset: Some(40), ..Select::all(&USER) };
    pin("filters, order, limit", &query);
    pin("offset alone", &Select { offset: Some(5), ..Select::all(&TAG) });
    pin("distinct columns", &Select { columns: Cow::Owned(vec![1]), distinct: true, ..Select::all(&TAG) });
    let by = [OrderNode::column(user::BALANCE, Direction::Descending)];
    pin("order by a decimal", &Select { order: by.to_vec().into(), columns: vec![0].into(), ..Select::all(&USER) });
    let raw = [OrderBy::<User>::raw("length({name}) - ?", [1.into()], Direction::Descending).into_node()];
    pin("order by SQL", &Select { order: raw.to_vec().into(), columns: vec![0].into(), ..Select::all(&USER) });
    for (title, strength, wait) in [
        ("for update", LockStrength::Update, LockWait::Wait),
        ("for update nowait", LockStrength::Update, LockWait::NoWait),
        ("for share", LockStrength::Share, LockWait::Wait),
        ("for share skip locked", LockStrength::Share, LockWait::SkipLocked),
        ("for share nowait", LockStrength::Share, LockWait::NoWait),
    ] {
        let query = Select { lock: Some(Lock { strength, wait }), ..Select::all(&TAG) };
        pins.pin(title, select(dialect, &query).0);
    }
}

fn join(relation: usize, target: &'static EntityDef, joins: Vec<Join<'static>>) -> Join<'static> {
    Join { relation, columns: default_columns(target).into(), filter: None, kind: JoinKind::Joined, joins }
}

fn joins(pins: &mut Pins) {
    let dialect = pins.dialect;
    let posts = || Select { columns: vec![post::ID].into(), ..Select::all(&POST) };
    let slim = |mut join: Join<'static>| {
        join.columns = vec![0].into();
        join
    };
    let mut pin = |title: &str, query: &Select<'_>| {
        let (sql, layout) = select(dialect, query);
        pins.pin(title, sql);
        if title.contains("layout") {
            writeln!(pins.text, "    > {layout:?}").expect("a string");
        }
    };
    let author = || slim(join(post::AUTHOR, &USER, Vec::new()));
    let manager = || slim(join(user::MANAGER, &USER, Vec::new()));
    pin("a required to-one", &Select { joins: vec![author()], ..posts() });
    pin("an optional to-one", &Select { joins: vec![slim(join(post::EDITOR, &USER, Vec::new()))], ..posts() });
    let nested = slim(join(post::AUTHOR, &USER, vec![manager()]));
    pin(
        "nested, and the layout",
        &Select { joins: vec![nested, slim(join(post::EDITOR, &USER, vec![manager()]))], ..posts() },
    );
    let under_optional = slim(join(user::POSTS, &POST, vec![author()]));
    let users = || Select { columns: vec![user::ID].into(), ..Select::all(&USER) };
    pin("a required to-one under a to-many", &Select { joins: vec![under_optional], ..users() });
    let only = TITLE.eq("Loops");
    let filtered = Join { filter: Some(only.node()), ..slim(join(user::POSTS, &POST, Vec::new())) };
    let with_order = [NAME.asc().into_node()];
    pin("a filtered to-many", &Select { joins: vec![filtered.clone()], order: with_order.to_vec().into(), ..users() });
    let limited =
        Select { joins: vec![filtered.clone()], order: with_order.to_vec().into(), limit: Some(3), ..users() };
    pin("with a limit", &limited);
    let lock = Some(Lock { strength: LockStrength::Update, wait: LockWait::Wait });
    pin("with a limit and a lock", &Select { lock, offset: Some(1), ..limited.clone() });
    let eager = Join { kind: JoinKind::ContainsEager, ..filtered };
    let contains = Select { joins: vec![eager], limit: Some(3), ..users() };
    pin("contains_eager with a limit", &contains);
    pin("contains_eager", &Select { limit: None, ..contains.clone() });
    pins.pin("    its count", count(dialect, &contains));
    let tags = slim(join(post::TAGS, &TAG, Vec::new()));
    pins.pin("a many-to-many", select(dialect, &Select { joins: vec![tags], ..posts() }).0);
    let ordered = slim(join(user::REPORTS, &USER, Vec::new()));
    pins.pin("a collection with its own order", select(dialect, &Select { joins: vec![ordered], ..users() }).0);
}

fn by_key(pins: &mut Pins) {
    let dialect = pins.dialect;
    let keys = |keys: &[i64]| keys.iter().map(|&key| Value::BigInt(Some(key))).collect::<Vec<_>>();
    let lock = Lock { strength: LockStrength::Update, wait: LockWait::NoWait };
    let mut fixed = |title: &str, shape: GetShape, values: Vec<Value>| {
        let text = Shape::Get(shape).text(dialect).into();
        pins.pin(title, Sql { text, values });
    };
    fixed("get", GetShape::new(&USER, &[0, 1], None), keys(&[7]));
    fixed("get for update", GetShape::new(&TAG, &[0, 1], Some(lock)), keys(&[7]));
    fixed("get by a composite key", GetShape::new(&LINE, &[2], None), vec![7.into(), "a".into()]);
    fixed("get by a key of another type", GetShape::new(&LOG, &[0], None), vec![0.5.into()]);

    let mut pin = |title: &str, keyed: crate::query::sql::Keyed| {
        let [batch] = keyed.batches.as_slice() else { panic!("{title}: {} statements", keyed.batches.len()) };
        pins.pin(title, batch.sql.clone());
        writeln!(pins.text, "    > {:?}, keys {:?}", keyed.layout.columns, keyed.layout.key_cells).expect("a string");
    };
    let columns = |def, columns: &[usize]| Select { columns: Cow::Owned(columns.to_vec()), ..Select::all(def) };
    pin("deferred columns by key", select_by_key(dialect, &columns(&USER, &[user::BIO]), &[user::ID], &keys(&[1, 2])));
    let lines = [Value::BigInt(Some(1)), "a".into(), Value::BigInt(Some(2)), "b".into()];
    pin("by composite keys", select_by_key(dialect, &columns(&LINE, &[0, 1, 2]), &[0, 1], &lines));
    let related = |owner: &'static EntityDef, relation: usize, query: &Select<'_>, keys: &[Value]| {
        select_related(dialect, owner, &owner.relations[relation], query, keys)
    };
    let posts = columns(&POST, &[0, 1, 2]);
    pin("one-to-many", related(&USER, user::POSTS, &posts, &keys(&[1, 2])));
    pin("one-to-many, ordered, self-referential", related(&USER, user::REPORTS, &columns(&USER, &[0]), &keys(&[1])));
    pin("many-to-one", related(&POST, post::AUTHOR, &columns(&USER, &[0, 1]), &keys(&[1, 2])));
    pin("one-to-many over a composite key", related(&LINE, 0, &columns(&LINE, &[2]), &lines));
    let tags = columns(&TAG, &[0, 1]);
    pin("many-to-many", related(&POST, post::TAGS, &tags, &keys(&[1, 2])));
    let only = TITLE.like("a%");
    let recent = [OrderNode::column(post::ID, Direction::Descending)];
    let some = Select { filters: vec![only.node()], order: recent.to_vec().into(), limit: Some(3), ..posts.clone() };
    pin("one-to-many, filtered, three for each owner", related(&USER, user::POSTS, &some, &keys(&[1, 2])));
    pin("the next three", related(&USER, user::POSTS, &Select { offset: Some(3), ..some.clone() }, &keys(&[1])));
    pin(
        "many-to-many, two for each owner",
        related(&POST, post::TAGS, &Select { limit: Some(2), ..tags }, &keys(&[1])),
    );
    let with_author =
        Select { joins: vec![Join { columns: vec![0].into(), ..join(post::AUTHOR, &USER, Vec::new()) }], ..posts };
    pin("one-to-many with a joined to-one", related(&USER, user::POSTS, &with_author, &keys(&[1])));
}

#[cfg(feature = "postgres")]
#[test]
fn every_placeholder_has_its_value() {
    for sql in pins(Dialect::Postgres).statements {
        let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
        let highest = sql.text.split('$').skip(1).filter_map(|rest| digits(rest).parse::<usize>().ok()).max();
        assert_eq!(highest.unwrap_or(0), sql.values.len(), "{}", sql.text);
    }
}
