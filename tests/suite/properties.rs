//! What holds for every graph and every order of operations, tried at random.

mod keys;
mod lists;
mod merging;
mod promises;
mod reading;
mod session;
mod writing;

use std::future::Future;

use orm_tests::Outcome;
use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestCaseError, TestError, TestRunner},
};

/// Runs a property over so many cases; what fails is shrunk to the smallest case that does.
pub(crate) fn check<S: Strategy, F: Future<Output = Outcome>>(
    cases: u32,
    strategy: &S,
    property: impl Fn(S::Value) -> F,
) {
    let cases = cases * std::env::var("ORM_CASES").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 400, ..Config::default() };
    let result = TestRunner::new(config).run(strategy, |case| {
        // On a worker of the runtime: the property is asynchronous, proptest is not.
        let outcome = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(property(case)));
        outcome.map_err(|failure| TestCaseError::fail(format!("{failure:?}")))
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(why, case)) => panic!("{why}\nthe smallest case: {case:#?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}
