//! Every message that a mistake gives: `fail/` with its goldens, `pass/` with what a rule allows.

#[test]
fn mistakes_are_explained() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("fail/**/*.rs");
    cases.pass("pass/**/*.rs");
}
