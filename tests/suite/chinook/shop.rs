//! Customers, their invoices, lines and tracks, and the employees who look after them.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use orm_tests::Outcome;

use super::*;
use crate::chinook::{
    plain::{Row, row},
    tests,
};

tests!(
    customers_with_everything_they_bought,
    the_customers_of_each_support_rep,
    invoices_of_a_year_with_their_customers,
);

async fn customers_with_everything_they_bought(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    let session = chinook.db.session();
    let query = Customer::select()
        .order_by(Customer::LAST_NAME.asc())
        .order_by(Customer::CUSTOMER_ID.asc())
        .joined(Customer::SUPPORT_REP)
        .selectin(Customer::INVOICES.selectin(Invoice::LINES.selectin(InvoiceLine::TRACK)));
    let customers = session.all(&query).await?;
    chinook
        .assert_sent(&log, &["SELECT Customer JOIN Employee", "SELECT Invoice", "SELECT InvoiceLine", "SELECT Track"]);

    let mut rows: Vec<Row> = Vec::new();
    for customer in &customers {
        for invoice in customer.invoices() {
            let sum: Decimal =
                invoice.lines().iter().map(|line| line.unit_price() * Decimal::from(line.quantity())).sum();
            assert_eq!(sum, invoice.total(), "the lines of invoice {} add up", invoice.invoice_id());
            for line in invoice.lines() {
                rows.push(row![
                    customer.full_name().as_str(),
                    customer.company(),
                    customer.support_rep().map(|employee| employee.last_name()),
                    invoice.invoice_id(),
                    invoice.invoice_date(),
                    invoice.total(),
                    line.invoice_line_id(),
                    line.unit_price(),
                    line.track().name(),
                ]);
            }
        }
    }
    let expected = chinook
        .plain(
            r#"SELECT c."FirstName" || ' ' || c."LastName", c."Company", e."LastName", i."InvoiceId", i."InvoiceDate",
                      i."Total", l."InvoiceLineId", l."UnitPrice", t."Name"
               FROM "Customer" c
               LEFT JOIN "Employee" e ON e."EmployeeId" = c."SupportRepId"
               JOIN "Invoice" i ON i."CustomerId" = c."CustomerId"
               JOIN "InvoiceLine" l ON l."InvoiceId" = i."InvoiceId"
               JOIN "Track" t ON t."TrackId" = l."TrackId"
               ORDER BY c."LastName", c."CustomerId", i."InvoiceDate" DESC, i."InvoiceId", l."InvoiceLineId""#,
        )
        .await?;
    assert_eq!(rows.len(), 2240);
    assert_eq!(rows, expected);
    Ok(())
}

async fn the_customers_of_each_support_rep(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    let session = chinook.db.session();
    let query = Employee::select()
        .filter(Employee::CUSTOMERS.any_at_all())
        .order_by(Employee::EMPLOYEE_ID.asc())
        .selectin(Employee::CUSTOMERS.selectin(Customer::SUPPORT_REP));
    let employees = session.all(&query).await?;
    // Whom the customers name is there already.
    chinook.assert_sent(&log, &["SELECT Employee", "SELECT Customer"]);
    let mut rows: Vec<Row> = Vec::new();
    for employee in &employees {
        for customer in employee.customers() {
            assert!(customer.support_rep().is_some_and(|rep| rep == *employee), "the same object");
            rows.push(row![employee.employee_id(), employee.title(), customer.customer_id(), customer.email()]);
        }
    }
    let expected = chinook
        .plain(
            r#"SELECT e."EmployeeId", e."Title", c."CustomerId", c."Email" FROM "Employee" e
               JOIN "Customer" c ON c."SupportRepId" = e."EmployeeId" ORDER BY e."EmployeeId", c."CustomerId""#,
        )
        .await?;
    assert_eq!((employees.len(), rows.len()), (3, 59));
    assert_eq!(rows, expected);
    Ok(())
}

async fn invoices_of_a_year_with_their_customers(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    let midnight =
        |year, month, day| NaiveDate::from_ymd_opt(year, month, day).and_then(|day| day.and_hms_opt(0, 0, 0));
    let (Some(first), Some(end)) = (midnight(2022, 1, 1), midnight(2023, 1, 1)) else { panic!("two dates") };
    let query = Invoice::select()
        .filter(Invoice::INVOICE_DATE.ge(first) & Invoice::INVOICE_DATE.lt(end))
        .order_by(Invoice::INVOICE_ID.asc())
        .joined(Invoice::CUSTOMER);
    let invoices = chinook.db.all(&query).await?;
    chinook.assert_sent(&log, &["SELECT Invoice JOIN Customer"]);
    let mut by_country: BTreeMap<&str, Decimal> = BTreeMap::new();
    for invoice in &invoices {
        *by_country.entry(invoice.customer().country().unwrap_or("nowhere")).or_default() += invoice.total();
    }
    let rows: Vec<Row> =
        by_country.iter().map(|(country, total)| row![*country, *total * Decimal::from(100)]).collect();
    // In cents, because SQLite would add floats.
    let expected = chinook
        .plain(
            r#"SELECT c."Country", sum(CAST(round(100 * i."Total") AS DECIMAL(10, 0))) FROM "Invoice" i
               JOIN "Customer" c ON c."CustomerId" = i."CustomerId"
               WHERE i."InvoiceDate" >= '2022-01-01' AND i."InvoiceDate" < '2023-01-01'
               GROUP BY c."Country" ORDER BY c."Country""#,
        )
        .await?;
    assert_eq!(rows, expected);
    assert!(rows.len() > 10);
    Ok(())
}
