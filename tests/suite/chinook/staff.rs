//! The employees: who reports to whom, down and up.

use orm_tests::Outcome;

use super::*;
use crate::chinook::{
    plain::{Row, row},
    tests,
};

tests!(the_tree_of_employees_downwards, managers_upwards_in_one_statement, who_is_loaded_already_costs_nothing,);

async fn the_tree_of_employees_downwards(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    let session = chinook.db.session();
    let query = Employee::select()
        .filter(Employee::MANAGER.is_none())
        .selectin(Employee::SUBORDINATES.selectin(Employee::SUBORDINATES.selectin(Employee::SUBORDINATES)));
    let boss = session.one(&query).await?;
    // One for each level, the last of which finds nobody.
    chinook.assert_sent(&log, &["SELECT Employee"; 4]);
    let mut rows: Vec<Row> = Vec::new();
    for manager in boss.subordinates() {
        for employee in manager.subordinates() {
            assert!(employee.subordinates().is_empty(), "nobody reports to {}", employee.first_name());
            rows.push(row![
                boss.last_name(),
                manager.last_name(),
                employee.last_name(),
                employee.title(),
                employee.birth_date(),
                employee.hire_date(),
            ]);
        }
    }
    let expected = chinook
        .plain(
            r#"SELECT b."LastName", m."LastName", e."LastName", e."Title", e."BirthDate", e."HireDate" FROM "Employee" b
               JOIN "Employee" m ON m."ReportsTo" = b."EmployeeId" JOIN "Employee" e ON e."ReportsTo" = m."EmployeeId"
               WHERE b."ReportsTo" IS NULL ORDER BY m."EmployeeId", e."EmployeeId""#,
        )
        .await?;
    assert_eq!(rows, expected);
    assert_eq!(rows.len(), 5);
    Ok(())
}

async fn managers_upwards_in_one_statement(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    let session = chinook.db.session();
    let query =
        Employee::select().order_by(Employee::EMPLOYEE_ID.asc()).joined(Employee::MANAGER.joined(Employee::MANAGER));
    let employees = session.all(&query).await?;
    chinook.assert_sent(&log, &["SELECT Employee"]);
    let rows: Vec<Row> = employees
        .iter()
        .map(|employee| {
            let manager = employee.manager();
            row![
                employee.last_name(),
                manager.map(|manager| manager.last_name()),
                manager.and_then(|manager| manager.manager()).map(|boss| boss.last_name()),
            ]
        })
        .collect();
    let expected = chinook
        .plain(
            r#"SELECT e."LastName", m."LastName", b."LastName" FROM "Employee" e
               LEFT JOIN "Employee" m ON m."EmployeeId" = e."ReportsTo"
               LEFT JOIN "Employee" b ON b."EmployeeId" = m."ReportsTo" ORDER BY e."EmployeeId""#,
        )
        .await?;
    assert_eq!(rows, expected);
    let boss = session.get_one::<Employee>(1).await?;
    assert!(
        employees
            .iter()
            .filter_map(|employee| employee.manager())
            .filter(|manager| manager.employee_id() == 1)
            .all(|manager| manager == boss)
    );
    Ok(())
}

async fn who_is_loaded_already_costs_nothing(chinook: Chinook) -> Outcome {
    let session = chinook.db.session();
    let employees = session.all(&Employee::select().order_by(Employee::EMPLOYEE_ID.asc())).await?;
    let log = chinook.db.statement_log();
    let with_managers = session.load_all(&employees, Employee::MANAGER).await?;
    // Every manager is an employee who is there.
    chinook.assert_sent(&log, &[]);
    assert_eq!(with_managers.iter().filter(|employee| employee.manager().is_none()).count(), 1);
    let with_both = session.load_all(&with_managers, Employee::SUBORDINATES).await?;
    chinook.assert_sent(&log, &["SELECT Employee"]);
    for employee in &with_both {
        for subordinate in employee.subordinates() {
            let subordinate = session.loaded(&subordinate, Employee::MANAGER)?;
            assert!(subordinate.manager().is_some_and(|manager| manager == *employee));
        }
    }
    chinook.assert_sent(&log, &[]);
    Ok(())
}
