//! Filters, orders, pages and counts over the music, each beside the same in plain SQL.

use orm_tests::Outcome;

use super::*;
use crate::chinook::{
    plain::{Row, row},
    tests,
};

tests!(filters_find_what_plain_sql_finds, pages_are_parts_of_one_order, orders_by_decimals_dates_and_text,);

/// The condition in both languages, and how many rows it finds at least: one that finds nothing shows nothing.
type Search = (orm_core::expr::Predicate<Track>, &'static str, u64);

async fn filters_find_what_plain_sql_finds(chinook: Chinook) -> Outcome {
    let session = chinook.db.session();
    let searches: Vec<Search> = vec![
        (Track::COMPOSER.is_null(), r#"t."Composer" IS NULL"#, 900),
        (Track::COMPOSER.eq(None::<String>), r#"t."Composer" IS NULL"#, 900),
        (Track::COMPOSER.ne("AC/DC"), r#"t."Composer" <> 'AC/DC'"#, 2000),
        (Track::COMPOSER.not_in([Some("AC/DC".to_owned()), None]), r#"t."Composer" <> 'AC/DC'"#, 2000),
        (Track::NAME.contains("%"), r#"t."Name" LIKE '%!%%' ESCAPE '!'"#, 1),
        (Track::NAME.contains("'"), r#"t."Name" LIKE '%''%'"#, 100),
        (Track::NAME.starts_with("Não"), r#"substr(t."Name", 1, 3) = 'Não'"#, 5),
        (Track::NAME.starts_with("the "), r#"substr(t."Name", 1, 4) = 'the '"#, 0),
        (Track::NAME.icontains("LOVE"), r#"lower(t."Name") LIKE '%love%'"#, 100),
        (Track::UNIT_PRICE.gt(Decimal::new(99, 2)), r#"t."UnitPrice" > 0.99"#, 200),
        (Track::UNIT_PRICE.eq(Decimal::new(1990, 3)), r#"t."UnitPrice" = 1.99"#, 200),
        (Track::UNIT_PRICE.in_([Decimal::new(99, 2), Decimal::from(5)]), r#"t."UnitPrice" IN (0.99, 5)"#, 3000),
        (Track::MILLISECONDS.between(100_000, 200_000), r#"t."Milliseconds" BETWEEN 100000 AND 200000"#, 500),
        (Track::BYTES.gt_column(Track::MILLISECONDS), r#"t."Bytes" > t."Milliseconds""#, 3000),
        (
            Track::GENRE.has(Genre::NAME.eq("Jazz")) & !Track::NAME.lower().starts_with("a"),
            r#"t."GenreId" = (SELECT "GenreId" FROM "Genre" WHERE "Name" = 'Jazz') AND lower(substr(t."Name", 1, 1)) <> 'a'"#,
            100,
        ),
        (
            Track::ALBUM.has(Album::ARTIST.has(Artist::NAME.in_(["AC/DC", "Queen"]))),
            r#"t."AlbumId" IN (SELECT a."AlbumId" FROM "Album" a JOIN "Artist" r ON r."ArtistId" = a."ArtistId"
               WHERE r."Name" IN ('AC/DC', 'Queen'))"#,
            50,
        ),
        (
            Track::PLAYLISTS.any(Playlist::NAME.starts_with("Grunge")),
            r#"EXISTS (SELECT 1 FROM "PlaylistTrack" p JOIN "Playlist" l ON l."PlaylistId" = p."PlaylistId"
               WHERE p."TrackId" = t."TrackId" AND l."Name" LIKE 'Grunge%')"#,
            10,
        ),
        (
            !Track::PLAYLISTS.contains(8) | Track::GENRE.is(Key::new(25)),
            r#"NOT EXISTS (SELECT 1 FROM "PlaylistTrack" p WHERE p."TrackId" = t."TrackId" AND p."PlaylistId" = 8)
               OR t."GenreId" = 25"#,
            200,
        ),
        (
            Track::INVOICE_LINES.any_at_all() & Track::MEDIA_TYPE.is(Key::new(3)),
            r#"EXISTS (SELECT 1 FROM "InvoiceLine" i WHERE i."TrackId" = t."TrackId") AND t."MediaTypeId" = 3"#,
            50,
        ),
        (
            !Track::INVOICE_LINES.any(InvoiceLine::INVOICE.has(Invoice::CUSTOMER.has(Customer::COUNTRY.eq("Brazil")))),
            r#"NOT EXISTS (SELECT 1 FROM "InvoiceLine" i JOIN "Invoice" v ON v."InvoiceId" = i."InvoiceId"
               JOIN "Customer" c ON c."CustomerId" = v."CustomerId"
               WHERE i."TrackId" = t."TrackId" AND c."Country" = 'Brazil')"#,
            3000,
        ),
    ];
    for (predicate, sql, least) in searches {
        let query = Track::select().filter(predicate).order_by(Track::TRACK_ID.asc());
        let found: Vec<Row> = session.all(&query).await?.iter().map(|track| row![track.track_id()]).collect();
        let expected =
            chinook.plain(&format!(r#"SELECT t."TrackId" FROM "Track" t WHERE {sql} ORDER BY t."TrackId""#)).await?;
        assert_eq!(found, expected, "{sql}");
        assert_eq!(session.count(&query).await?, expected.len() as u64, "counted: {sql}");
        assert_eq!(session.exists(&query).await?, !expected.is_empty(), "exists: {sql}");
        assert!(expected.len() as u64 >= least, "{} rows: {sql}", expected.len());
    }
    Ok(())
}

async fn pages_are_parts_of_one_order(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    let session = chinook.db.session();
    let all = Track::select()
        .filter(Track::GENRE.is(Key::new(7)))
        .order_by(Track::COMPOSER.asc().nulls_last())
        .order_by(Track::MILLISECONDS.desc())
        .order_by(Track::TRACK_ID.asc());
    let mut rows: Vec<Row> = Vec::new();
    for page in 0.. {
        let tracks = session.all(&all.clone().limit(100).offset(page * 100)).await?;
        rows.extend(tracks.iter().map(|track| row![track.track_id()]));
        if tracks.len() < 100 {
            break;
        }
    }
    let expected = chinook
        .plain(
            r#"SELECT "TrackId" FROM "Track" WHERE "GenreId" = 7
               ORDER BY "Composer" IS NULL, "Composer", "Milliseconds" DESC, "TrackId""#,
        )
        .await?;
    assert_eq!(rows, expected);
    // 579 tracks are six pages.
    chinook.assert_sent(&log, &["SELECT Track"; 6]);
    Ok(())
}

async fn orders_by_decimals_dates_and_text(chinook: Chinook) -> Outcome {
    let session = chinook.db.session();
    let query = Invoice::select()
        .order_by(Invoice::TOTAL.desc())
        .order_by(Invoice::INVOICE_DATE.asc())
        .order_by(Invoice::INVOICE_ID.desc());
    let rows: Vec<Row> =
        session.all(&query).await?.iter().map(|invoice| row![invoice.invoice_id(), invoice.total()]).collect();
    let sql = r#"SELECT "InvoiceId", "Total" FROM "Invoice" ORDER BY "Total" DESC, "InvoiceDate", "InvoiceId" DESC"#;
    assert_eq!(rows, chinook.plain(sql).await?);
    assert_eq!(session.count(&Invoice::select()).await?, 412);
    Ok(())
}
