//! Edits, committed, and read back by a second session and by plain SQL.

use chrono::NaiveDate;
use orm_core::error::ErrorKind;
use orm_tests::{Outcome, refused};

use super::*;
use crate::chinook::tests;

tests!(
    an_artist_is_renamed,
    a_track_moves_to_another_album,
    a_playlist_gains_one_track_and_loses_another,
    an_invoice_line_is_deleted_and_the_total_follows,
    an_invoice_is_deleted_with_its_lines,
    an_artist_arrives_with_albums_and_tracks,
    a_customer_buys_what_is_on_a_playlist,
    an_employee_changes_manager,
    what_others_refer_to_is_not_deleted,
    nothing_of_a_rolled_back_day_remains,
);

async fn an_artist_is_renamed(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    let mut session = chinook.db.session();
    let queen = session.one(&Artist::select().filter(Artist::NAME.eq("Queen"))).await?;
    queen.set_name("Larry Lurex");
    let key = Key::of(&queen);
    session.commit().await?;
    chinook.assert_sent(&log, &["SELECT Artist", "UPDATE Artist"]);

    let second = chinook.db.session();
    assert_eq!(second.get_one(key).await?.name(), Some("Larry Lurex"));
    let names = chinook.plain(r#"SELECT "Name" FROM "Artist" WHERE "Name" IN ('Queen', 'Larry Lurex')"#).await?;
    assert_eq!(names, [["Larry Lurex"]]);
    Ok(())
}

async fn a_track_moves_to_another_album(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    let mut session = chinook.db.session();
    let query =
        Album::select().filter(Album::ALBUM_ID.in_([1, 4])).order_by(Album::ALBUM_ID.asc()).selectin(Album::TRACKS);
    let [salute, rock] = session.all(&query).await?[..] else { panic!("two albums") };
    let (here, there) = (salute.tracks().len(), rock.tracks().len());
    let Some(track) = salute.tracks().last() else { panic!("an album with tracks") };
    track.set_album(&rock)?;
    assert_eq!(track.album_id(), Some(4), "the column follows at once");
    assert_eq!((salute.tracks().len(), rock.tracks().len()), (here - 1, there + 1), "both sides show it");
    let moved = Key::of(&track);
    session.commit().await?;
    chinook.assert_sent(&log, &["SELECT Album", "SELECT Track", "UPDATE Track"]);

    let second = chinook.db.session();
    let track = second.get_one(moved).joined(Track::ALBUM).await?;
    assert_eq!(track.album().map(|album| album.title()), Some("Let There Be Rock"));
    let counts =
        r#"SELECT "AlbumId", count(*) FROM "Track" WHERE "AlbumId" IN (1, 4) GROUP BY "AlbumId" ORDER BY "AlbumId""#;
    assert_eq!(chinook.plain(counts).await?, [["1", &(here - 1).to_string()], ["4", &(there + 1).to_string()]]);
    Ok(())
}

async fn a_playlist_gains_one_track_and_loses_another(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    let mut session = chinook.db.session();
    let grunge =
        session.one(&Playlist::select().filter(Playlist::NAME.eq("Grunge")).selectin(Playlist::TRACKS)).await?;
    let before = grunge.tracks().len();
    let Some(first) = grunge.tracks().first() else { panic!("a playlist with tracks") };
    let first_id = first.track_id();
    grunge.remove_from_tracks(&first)?;
    // Handles were promised that every track of the list is loaded: this one is not, and `assign` loads it.
    let promised = refused(grunge.add_to_tracks(Key::new(1)), ErrorKind::BreaksPromise);
    assert!(promised.to_string().contains("`Track[1]` is not"), "{promised}");
    session.assign(&grunge, Playlist::TRACKS, Key::new(1)).await?;
    let key = Key::of(&grunge);
    session.commit().await?;
    // What was changed is flushed before anything is read.
    let read = ["SELECT Playlist", "SELECT Track JOIN PlaylistTrack"];
    let written = ["DELETE PlaylistTrack", "SELECT Track", "INSERT PlaylistTrack"];
    chinook.assert_sent(&log, &[&read[..], &written].concat());

    let second = chinook.db.session();
    let grunge = second.get_one(key).selectin(Playlist::TRACKS).await?;
    let tracks: Vec<i32> = grunge.tracks().iter().map(|track| track.track_id()).collect();
    assert_eq!((tracks.len(), tracks.contains(&1), tracks.contains(&first_id)), (before, true, false));
    let plain =
        chinook.plain(r#"SELECT "TrackId" FROM "PlaylistTrack" WHERE "PlaylistId" = 16 ORDER BY "TrackId""#).await?;
    assert_eq!(tracks.iter().map(|track| vec![track.to_string()]).collect::<Vec<_>>(), plain);
    Ok(())
}

async fn an_invoice_line_is_deleted_and_the_total_follows(chinook: Chinook) -> Outcome {
    let mut session = chinook.db.session();
    let invoice = session.get_one::<Invoice>(5).selectin(Invoice::LINES).await?;
    let log = chinook.db.statement_log();
    let Some(line) = invoice.lines().first() else { panic!("an invoice with lines") };
    let (gone, price) = (Key::of(&line), line.unit_price());
    let total = invoice.total() - price;
    invoice.remove_from_lines(&line)?; // a line without an invoice is an orphan, and is deleted
    invoice.set_total(total);
    session.flush().await?;
    assert_eq!(invoice.lines().len(), 13);
    session.commit().await?;
    let mut sent = log.take();
    sent.retain(|sent| !sent.kind.is_transaction_frame());
    assert_eq!(sent.len(), 2, "an UPDATE of the invoice and a DELETE of the line: {sent:#?}");

    let second = chinook.db.session();
    assert!(second.get(gone).await?.is_none());
    let invoice = second.get_one::<Invoice>(5).selectin(Invoice::LINES).await?;
    let sum: Decimal = invoice.lines().iter().map(|line| line.unit_price() * Decimal::from(line.quantity())).sum();
    assert_eq!((invoice.total(), sum), (total, total));
    assert_eq!(chinook.plain(r#"SELECT count(*) FROM "InvoiceLine" WHERE "InvoiceId" = 5"#).await?, [["13"]]);
    Ok(())
}

async fn an_invoice_is_deleted_with_its_lines(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    let mut session = chinook.db.session();
    let invoice = session.get_one::<Invoice>(5).await?;
    session.delete(&invoice).await?;
    session.commit().await?;
    chinook.assert_sent(&log, &["SELECT Invoice", "SELECT InvoiceLine", "DELETE InvoiceLine", "DELETE Invoice"]);
    assert!(session.get::<Invoice>(5).await?.is_none());
    assert_eq!(chinook.plain(r#"SELECT count(*) FROM "InvoiceLine""#).await?, [[(2240 - 14).to_string()]]);
    Ok(())
}

async fn an_artist_arrives_with_albums_and_tracks(chinook: Chinook) -> Outcome {
    let mut session = chinook.db.session();
    let mpeg = session.get_one::<MediaType>(1).await?;
    let log = chinook.db.statement_log();
    let track = |name: &str, seconds: i32| {
        Track::builder()
            .name(name)
            .milliseconds(seconds * 1000)
            .unit_price(Decimal::new(129, 2))
            .media_type(&mpeg)
            .genre(Key::new(4))
    };
    let radiohead = session
        .insert(Artist::builder().name("Radiohead").albums([
            Album::builder().title("OK Computer").tracks([track("Airbag", 284), track("Paranoid Android", 383)]),
            Album::builder().title("Kid A").tracks([track("Idioteque", 309), track("Optimistic", 315)]),
        ]))
        .await?;
    chinook.assert_sent(&log, &["INSERT Artist", "INSERT Album", "INSERT Track"]);
    // What was inserted together is loaded together.
    let titles: Vec<&str> = radiohead.albums().iter().map(|album| album.title()).collect();
    assert_eq!(titles, ["OK Computer", "Kid A"]);
    let Some(album) = radiohead.albums().last() else { panic!("two albums") };
    assert_eq!(
        album.tracks().iter().map(|track| track.media_type().name()).collect::<Vec<_>>(),
        [Some("MPEG audio file"); 2]
    );
    chinook.assert_sent(&log, &[]);
    let key = Key::of(&radiohead);
    session.commit().await?;

    let second = chinook.db.session();
    let artist = second.get_one(key).selectin(Artist::ALBUMS.selectin(Album::TRACKS.joined(Track::GENRE))).await?;
    let mut rows = Vec::new();
    for album in artist.albums() {
        for track in album.tracks() {
            let genre = track.genre().and_then(|genre| genre.name()).unwrap_or_default();
            rows.push([album.title(), track.name(), genre].map(str::to_owned).to_vec());
        }
    }
    let expected = chinook
        .plain(
            r#"SELECT a."Title", t."Name", g."Name" FROM "Artist" r JOIN "Album" a ON a."ArtistId" = r."ArtistId"
               JOIN "Track" t ON t."AlbumId" = a."AlbumId" JOIN "Genre" g ON g."GenreId" = t."GenreId"
               WHERE r."Name" = 'Radiohead' ORDER BY a."AlbumId", t."TrackId""#,
        )
        .await?;
    assert_eq!(rows, expected);
    let column = |at: usize| rows.iter().map(|row: &Vec<String>| row[at].as_str()).collect::<Vec<_>>();
    assert_eq!(column(1), ["Airbag", "Paranoid Android", "Idioteque", "Optimistic"]);
    Ok(())
}

async fn a_customer_buys_what_is_on_a_playlist(chinook: Chinook) -> Outcome {
    let mut session = chinook.db.session();
    let movies = session.get_one::<Playlist>(9).selectin(Playlist::TRACKS).await?;
    let customer = session.get_one::<Customer>(14).await?;
    let log = chinook.db.statement_log();
    let lines = movies
        .tracks()
        .iter()
        .map(|track| InvoiceLine::builder().track(track).unit_price(track.unit_price()).quantity(1));
    let Some(now) = NaiveDate::from_ymd_opt(2026, 1, 31).and_then(|day| day.and_hms_opt(23, 59, 59)) else {
        panic!("a date")
    };
    let total: Decimal = movies.tracks().iter().map(|track| track.unit_price()).sum();
    let invoice = Invoice::builder().customer(&customer).invoice_date(now).total(total).lines(lines);
    let invoice = session.insert(invoice).await?;
    chinook.assert_sent(&log, &["INSERT Invoice", "INSERT InvoiceLine"]);
    assert_eq!(invoice.customer().full_name(), "Mark Philips");
    assert_eq!(invoice.lines().len(), movies.tracks().len());
    let key = Key::of(&invoice);
    session.commit().await?;

    let second = chinook.db.session();
    let customer = second.get_one::<Customer>(14).selectin(Customer::INVOICES.selectin(Invoice::LINES)).await?;
    let Some(latest) = customer.invoices().first() else { panic!("invoices") };
    assert_eq!(Key::of(&latest), key, "the latest comes first");
    assert_eq!((latest.total(), latest.invoice_date()), (total, now));
    assert!(
        latest
            .lines()
            .iter()
            .all(|line| line.unit_price() == Decimal::new(199, 2) || line.unit_price() == Decimal::new(99, 2))
    );
    Ok(())
}

async fn an_employee_changes_manager(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    let mut session = chinook.db.session();
    let managers = Employee::select().filter(Employee::EMPLOYEE_ID.in_([1, 6])).selectin(Employee::SUBORDINATES);
    let managers = session.all(&managers.order_by(Employee::EMPLOYEE_ID.asc())).await?;
    let [boss, michael] = managers[..] else { panic!("two managers") };
    let Some(laura) = michael.subordinates().iter().find(|employee| employee.first_name() == "Laura") else {
        panic!("Laura")
    };
    boss.add_to_subordinates(&laura)?;
    assert_eq!((boss.subordinates().len(), michael.subordinates().len()), (3, 1));
    session.commit().await?;
    chinook.assert_sent(&log, &["SELECT Employee", "SELECT Employee", "UPDATE Employee"]);

    let second = chinook.db.session();
    let laura =
        second.one(&Employee::select().filter(Employee::FIRST_NAME.eq("Laura")).selectin(Employee::MANAGER)).await?;
    assert_eq!(laura.manager().map(|manager| manager.last_name()), Some("Adams"));
    Ok(())
}

async fn what_others_refer_to_is_not_deleted(chinook: Chinook) -> Outcome {
    let mut session = chinook.db.session();
    let genre = session.one(&Genre::select().filter(Genre::NAME.eq("Opera")).selectin(Genre::TRACKS)).await?;
    let media_type = session.get_one::<MediaType>(1).await?;
    assert_eq!(genre.tracks().len(), 1);
    let log = chinook.db.statement_log();
    // Nobody on our side knows who refers to a media type: the database does.
    session.delete(&media_type).await?;
    refused(session.flush().await, ErrorKind::ForeignKeyViolation);
    assert_eq!(media_type.name(), Some("MPEG audio file"), "handles stay readable");
    refused(session.get::<Artist>(1).await, ErrorKind::PendingRollback);
    session.rollback().await?;
    drop(log.take());

    // A genre may be left: its tracks stay without one.
    let genre = session.one(&Genre::select().filter(Genre::NAME.eq("Opera"))).await?;
    session.delete(&genre).await?;
    session.commit().await?;
    chinook.assert_sent(&log, &["SELECT Genre", "SELECT Track", "UPDATE Track", "DELETE Genre"]);
    assert_eq!(chinook.plain(r#"SELECT count(*) FROM "Track" WHERE "GenreId" IS NULL"#).await?, [["1"]]);
    Ok(())
}

async fn nothing_of_a_rolled_back_day_remains(chinook: Chinook) -> Outcome {
    let mut session = chinook.db.session();
    let album = session.get_one::<Album>(1).selectin(Album::TRACKS).await?;
    let title = album.title().to_owned();
    album.set_title("Nothing");
    for track in album.tracks() {
        track.set_name("nothing");
    }
    session.insert(Artist::builder().name("Nobody")).await?;
    let playlist = session.get_one::<Playlist>(1).await?;
    session.delete(&playlist).await?;
    session.flush().await?;
    assert_eq!(session.count(&Track::select().filter(Track::NAME.eq("nothing"))).await?, 10);
    session.rollback().await?;

    let album = session.get_one::<Album>(1).await?;
    assert_eq!(album.title(), title);
    assert!(session.get::<Playlist>(1).await?.is_some());
    let plain = r#"SELECT (SELECT count(*) FROM "Artist"), (SELECT count(*) FROM "PlaylistTrack"),
                          (SELECT count(*) FROM "Track" WHERE "Name" = 'nothing')"#;
    assert_eq!(chinook.plain(plain).await?, [["275", "8715", "0"]]);
    Ok(())
}
