//! The whole shop, read, emptied, and written again through builders and relationships in one commit: table by table what it was.

use std::collections::HashMap;

use orm_tests::Outcome;

use super::*;
use crate::chinook::{plain::Row, tests};

tests!(every_row_comes_back_through_builders_in_one_commit,);

/// Each table, and its columns in the order of its rows.
const TABLES: &[(&str, &str)] = &[
    ("Artist", r#""ArtistId", "Name""#),
    ("Album", r#""AlbumId", "Title", "ArtistId""#),
    ("Genre", r#""GenreId", "Name""#),
    ("MediaType", r#""MediaTypeId", "Name""#),
    (
        "Track",
        r#""TrackId", "Name", "AlbumId", "MediaTypeId", "GenreId", "Composer", "Milliseconds", "Bytes", "UnitPrice""#,
    ),
    ("Playlist", r#""PlaylistId", "Name""#),
    ("PlaylistTrack", r#""PlaylistId", "TrackId""#),
    (
        "Employee",
        r#""EmployeeId", "LastName", "FirstName", "Title", "ReportsTo", "BirthDate", "HireDate", "Address", "City", "State",
           "Country", "PostalCode", "Phone", "Fax", "Email""#,
    ),
    (
        "Customer",
        r#""CustomerId", "FirstName", "LastName", "Company", "Address", "City", "State", "Country", "PostalCode", "Phone",
           "Fax", "Email", "SupportRepId""#,
    ),
    (
        "Invoice",
        r#""InvoiceId", "CustomerId", "InvoiceDate", "BillingAddress", "BillingCity", "BillingState", "BillingCountry",
           "BillingPostalCode", "Total""#,
    ),
    ("InvoiceLine", r#""InvoiceLineId", "InvoiceId", "TrackId", "UnitPrice", "Quantity""#),
];

async fn rows(chinook: &Chinook) -> Outcome<Vec<Vec<Row>>> {
    let mut tables = Vec::new();
    for (table, columns) in TABLES {
        tables.push(chinook.plain(&format!(r#"SELECT {columns} FROM "{table}" ORDER BY 1, 2"#)).await?);
    }
    Ok(tables)
}

fn text(value: Option<&str>) -> Option<String> {
    value.map(str::to_owned)
}

/// The shop as values that no session holds.
struct Shop {
    artists: Vec<Detached<Artist>>,
    albums: Vec<Detached<Album>>,
    genres: Vec<Detached<Genre>>,
    media_types: Vec<Detached<MediaType>>,
    tracks: Vec<Detached<Track>>,
    playlists: Vec<Detached<Playlist, loaded!(Playlist { tracks })>>,
    employees: Vec<Detached<Employee>>,
    customers: Vec<Detached<Customer>>,
    invoices: Vec<Detached<Invoice, loaded!(Invoice { lines })>>,
}

impl Shop {
    async fn read(db: &Database) -> Outcome<Self> {
        Ok(Self {
            artists: db.all(&Artist::select()).await?,
            albums: db.all(&Album::select()).await?,
            genres: db.all(&Genre::select()).await?,
            media_types: db.all(&MediaType::select()).await?,
            tracks: db.all(&Track::select()).await?,
            playlists: db.all(&Playlist::select().selectin(Playlist::TRACKS)).await?,
            employees: db.all(&Employee::select().order_by(Employee::EMPLOYEE_ID.desc())).await?,
            customers: db.all(&Customer::select()).await?,
            invoices: db.all(&Invoice::select().selectin(Invoice::LINES)).await?,
        })
    }

    /// Adds everything, linked as objects: no foreign key is written by hand.
    fn add(&self, session: &Session) -> Result<(), Error> {
        let tracks = self.add_music(session)?;
        for playlist in &self.playlists {
            let listed = playlist.tracks().iter().map(|track| tracks[&track.track_id()]);
            let new = Playlist::builder().playlist_id(playlist.playlist_id()).name(text(playlist.name()));
            session.add(new.tracks(listed))?;
        }
        let customers = self.add_people(session)?;
        for invoice in &self.invoices {
            let line = |line: &Detached<InvoiceLine>| {
                InvoiceLine::builder()
                    .invoice_line_id(line.invoice_line_id())
                    .track(tracks[&line.track_id()])
                    .unit_price(line.unit_price())
                    .quantity(line.quantity())
            };
            session.add(
                Invoice::builder()
                    .invoice_id(invoice.invoice_id())
                    .customer(customers[&invoice.customer_id()])
                    .invoice_date(invoice.invoice_date())
                    .billing_address(text(invoice.billing_address()))
                    .billing_city(text(invoice.billing_city()))
                    .billing_state(text(invoice.billing_state()))
                    .billing_country(text(invoice.billing_country()))
                    .billing_postal_code(text(invoice.billing_postal_code()))
                    .total(invoice.total())
                    .lines(invoice.lines().iter().map(line)),
            )?;
        }
        Ok(())
    }

    fn add_music<'s>(&self, session: &'s Session) -> Result<HashMap<i32, Pending<'s, Track>>, Error> {
        let mut artists = HashMap::new();
        for artist in &self.artists {
            let new = Artist::builder().artist_id(artist.artist_id()).name(text(artist.name()));
            artists.insert(artist.artist_id(), session.add(new)?);
        }
        let mut albums = HashMap::new();
        for album in &self.albums {
            let new = Album::builder().album_id(album.album_id()).title(album.title());
            albums.insert(album.album_id(), session.add(new.artist(artists[&album.artist_id()]))?);
        }
        let mut genres = HashMap::new();
        for genre in &self.genres {
            let new = Genre::builder().genre_id(genre.genre_id()).name(text(genre.name()));
            genres.insert(genre.genre_id(), session.add(new)?);
        }
        let mut media_types = HashMap::new();
        for media_type in &self.media_types {
            let new = MediaType::builder().media_type_id(media_type.media_type_id()).name(text(media_type.name()));
            media_types.insert(media_type.media_type_id(), session.add(new)?);
        }
        let mut tracks = HashMap::new();
        for track in &self.tracks {
            let new = Track::builder()
                .track_id(track.track_id())
                .name(track.name())
                .composer(text(track.composer()))
                .milliseconds(track.milliseconds())
                .bytes(track.bytes())
                .unit_price(track.unit_price())
                .media_type(media_types[&track.media_type_id()]);
            let new = session.add(new)?;
            if let Some(album) = track.album_id() {
                albums[&album].add_to_tracks(new)?;
            }
            if let Some(genre) = track.genre_id() {
                new.set_genre(genres[&genre])?;
            }
            tracks.insert(track.track_id(), new);
        }
        Ok(tracks)
    }

    fn add_people<'s>(&self, session: &'s Session) -> Result<HashMap<i32, Pending<'s, Customer>>, Error> {
        let mut employees = HashMap::new();
        for employee in &self.employees {
            let new = Employee::builder()
                .employee_id(employee.employee_id())
                .last_name(employee.last_name())
                .first_name(employee.first_name())
                .title(text(employee.title()))
                .birth_date(employee.birth_date())
                .hire_date(employee.hire_date())
                .address(text(employee.address()))
                .city(text(employee.city()))
                .state(text(employee.state()))
                .country(text(employee.country()))
                .postal_code(text(employee.postal_code()))
                .phone(text(employee.phone()))
                .fax(text(employee.fax()))
                .email(text(employee.email()));
            employees.insert(employee.employee_id(), session.add(new)?);
        }
        // Whoever reports to somebody may have been added before them.
        for employee in &self.employees {
            if let Some(manager) = employee.reports_to() {
                employees[&employee.employee_id()].set_manager(employees[&manager])?;
            }
        }
        let mut customers = HashMap::new();
        for customer in &self.customers {
            let new = Customer::builder()
                .customer_id(customer.customer_id())
                .first_name(customer.first_name())
                .last_name(customer.last_name())
                .company(text(customer.company()))
                .address(text(customer.address()))
                .city(text(customer.city()))
                .state(text(customer.state()))
                .country(text(customer.country()))
                .postal_code(text(customer.postal_code()))
                .phone(text(customer.phone()))
                .fax(text(customer.fax()))
                .email(customer.email());
            let new = session.add(new)?;
            if let Some(support_rep) = customer.support_rep_id() {
                new.set_support_rep(employees[&support_rep])?;
            }
            customers.insert(customer.customer_id(), new);
        }
        Ok(customers)
    }
}

async fn every_row_comes_back_through_builders_in_one_commit(chinook: Chinook) -> Outcome {
    let before = rows(&chinook).await?;
    let shop = Shop::read(&chinook.db).await?;
    // Employees report to employees, and MySQL checks each row as it goes.
    chinook.db.update(&Employee::update().set(Employee::REPORTS_TO, None)).await?;
    for (table, _) in TABLES.iter().rev() {
        let table = chinook.table(table);
        chinook.db.execute(format!("DELETE FROM {table}"), vec![]).await?;
    }
    assert!(rows(&chinook).await?.iter().all(Vec::is_empty));

    let log = chinook.db.statement_log();
    let mut session = chinook.db.session();
    shop.add(&session)?;
    session.commit().await?;
    let sent = log.take();
    let inserts: Vec<String> = sent
        .iter()
        .filter(|sent| !sent.kind.is_transaction_frame())
        .map(|sent| orm_tests::summary(&sent.sql))
        .collect();
    assert!(inserts.iter().all(|sent| sent.starts_with("INSERT")), "{inserts:#?}");
    assert_eq!(inserts.len(), TABLES.len(), "15,607 rows, one statement for each table: {inserts:#?}");

    let after = rows(&chinook).await?;
    for ((table, _), (before, after)) in TABLES.iter().zip(before.iter().zip(&after)) {
        assert_eq!(before.len(), after.len(), "rows of {table}");
        for (before, after) in before.iter().zip(after) {
            assert_eq!(before, after, "a row of {table}");
        }
    }
    Ok(())
}
