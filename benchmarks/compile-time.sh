#!/bin/sh
# What entities cost the compiler: generates a crate of 10 and one of 50, and measures `cargo check` and `cargo build --release` after
# the entities were touched. Needs a directory for its builds: ./compile-time.sh /tmp/compile-time [check]
# With `check` there are no release builds.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
where=${1:?a directory for the builds}
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$where/target}"

# One entity with seven columns, a parent and children: `entity number parent child`.
entity() {
    cat <<EOF
#[derive(Entity)]
#[orm(table = "entity_$1")]
pub struct Entity$1 {
    #[orm(primary_key)]
    id: i64,
    name: String,
    email: Option<String>,
    age: i32,
    active: bool,
    score: f64,
    parent_id: Option<i64>,
    #[orm(foreign_key = parent_id)]
    parent: BelongsTo<Entity$2>,
    #[orm(foreign_key = parent_id)]
    children: HasMany<Entity$3>,
}

pub async fn use_$1(session: &mut Session) -> Result<i64, orm_core::error::Error> {
    let query = Entity$1::select().filter(Entity$1::NAME.eq("a")).selectin(Entity$1::CHILDREN);
    let mut sum = 0;
    for object in session.all(&query).await? {
        object.set_age(object.age() + 1);
        sum += object.children().len() as i64 + object.id();
    }
    session.insert(Entity$1::builder().name("b").age(1).active(true).score(0.5)).await?;
    session.commit().await?;
    Ok(sum)
}

EOF
}

generate() {
    mkdir -p "$where/entities$1/src"
    cat > "$where/entities$1/Cargo.toml" <<EOF
[package]
name = "entities$1"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
orm-core = { path = "$here/../orm-core" }
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }

[profile.dev]
debug = false
EOF
    cp "$here/../Cargo.lock" "$here/../rust-toolchain.toml" "$where/entities$1"
    {
        echo "pub mod entities;"
        echo "#[tokio::main]"
        echo "async fn main() -> Result<(), orm_core::error::Error> {"
        echo "    let db = orm_core::database::Database::connect(\"sqlite::memory:\").await?;"
        echo "    let mut session = db.session();"
        number=1
        while [ "$number" -le "$1" ]; do
            echo "    entities::use_$number(&mut session).await?;"
            number=$((number + 1))
        done
        echo "    Ok(())"
        echo "}"
    } > "$where/entities$1/src/main.rs"
    {
        echo "use orm_core::prelude::*;"
        number=1
        while [ "$number" -le "$1" ]; do
            # Children are those whose parent this is: of the one before.
            entity "$number" $((number % $1 + 1)) $(((number + $1 - 2) % $1 + 1))
            number=$((number + 1))
        done
    } > "$where/entities$1/src/entities.rs"
}

# The user time, which other work on the machine disturbs least, of the middle of three.
touched() {
    for _ in 1 2 3; do
        touch "$where/entities$1/src/entities.rs"
        ( cd "$where/entities$1" && bash -c "TIMEFORMAT='%U %R'; time cargo $2 --quiet" 2>&1 | tail -1 )
    done | sort -n | sed -n 2p
}

for count in 10 50; do
    generate "$count"
    ( cd "$where/entities$count" && cargo check --quiet )
    echo "cargo check, $count entities touched (user, real seconds): $(touched "$count" check)"
done
crates=$(cd "$where/entities10" && cargo tree -e normal --prefix none -p orm-core | sed 's/ (\*)$//' | sort -u | wc -l)
echo "crates of orm-core: $crates"
[ "${2:-}" = check ] && exit
for count in 10 50; do
    ( cd "$where/entities$count" && cargo build --release --quiet )
    echo "cargo build --release, $count entities touched (user, real seconds): $(touched "$count" 'build --release')"
done
