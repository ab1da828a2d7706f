//! Artists, albums, tracks, genres, media types, playlists.

use orm_tests::Outcome;

use super::*;
use crate::chinook::{
    plain::{Row, row},
    tests,
};

tests!(
    the_whole_catalogue_in_one_statement_for_each_level,
    ten_artists_by_joins_are_ten_artists,
    one_genre_is_one_object_whichever_way_it_came,
    playlists_and_their_tracks_from_both_sides,
    joins_below_every_kind_of_selectin,
    the_three_longest_tracks_of_each_album,
    a_detached_catalogue_needs_no_session,
);

/// Every artist with every album and track, and of each track its genre and media type, as plain SQL gives it.
const CATALOGUE: &str = r#"
    SELECT r."ArtistId", r."Name", a."AlbumId", a."Title", t."TrackId", t."Name", t."Composer", t."Milliseconds",
           t."Bytes", t."UnitPrice", g."Name", m."Name"
    FROM "Artist" r
    JOIN "Album" a ON a."ArtistId" = r."ArtistId"
    JOIN "Track" t ON t."AlbumId" = a."AlbumId"
    JOIN "MediaType" m ON m."MediaTypeId" = t."MediaTypeId"
    LEFT JOIN "Genre" g ON g."GenreId" = t."GenreId"
    ORDER BY r."ArtistId", a."AlbumId", t."TrackId""#;

async fn the_whole_catalogue_in_one_statement_for_each_level(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    let session = chinook.db.session();
    let query = Artist::select()
        .order_by(Artist::ARTIST_ID.asc())
        .selectin(Artist::ALBUMS.selectin(Album::TRACKS.selectin(Track::GENRE).joined(Track::MEDIA_TYPE)));
    let artists = session.all(&query).await?;
    chinook.assert_sent(&log, &["SELECT Artist", "SELECT Album", "SELECT Track JOIN MediaType", "SELECT Genre"]);

    let mut rows: Vec<Row> = Vec::new();
    for artist in &artists {
        for album in artist.albums() {
            for track in album.tracks() {
                rows.push(row![
                    artist.artist_id(),
                    artist.name(),
                    album.album_id(),
                    album.title(),
                    track.track_id(),
                    track.name(),
                    track.composer(),
                    track.milliseconds(),
                    track.bytes(),
                    track.unit_price(),
                    track.genre().and_then(|genre| genre.name()),
                    track.media_type().name(),
                ]);
            }
        }
    }
    assert_eq!(rows.len(), 3503);
    assert_eq!(rows, chinook.plain(CATALOGUE).await?);
    assert_eq!(
        artists.iter().filter(|artist| artist.albums().is_empty()).count(),
        71,
        "artists without albums are there"
    );
    Ok(())
}

async fn ten_artists_by_joins_are_ten_artists(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    let session = chinook.db.session();
    let query = Artist::select()
        .order_by(Artist::NAME.desc())
        .order_by(Artist::ARTIST_ID.asc())
        .limit(10)
        .joined(Artist::ALBUMS.joined(Album::TRACKS.joined(Track::GENRE)));
    let artists = session.all(&query).await?;
    chinook.assert_sent(&log, &["SELECT Artist JOIN Album JOIN Track JOIN Genre"]);

    let mut rows: Vec<Row> = Vec::new();
    for artist in &artists {
        for album in artist.albums() {
            for track in album.tracks() {
                rows.push(row![
                    artist.artist_id(),
                    album.album_id(),
                    track.track_id(),
                    track.genre().map(|genre| genre.genre_id()),
                ]);
            }
        }
    }
    let expected = chinook
        .plain(
            r#"SELECT r."ArtistId", a."AlbumId", t."TrackId", t."GenreId"
               FROM (SELECT * FROM "Artist" ORDER BY "Name" DESC, "ArtistId" LIMIT 10) r
               JOIN "Album" a ON a."ArtistId" = r."ArtistId"
               JOIN "Track" t ON t."AlbumId" = a."AlbumId"
               ORDER BY r."Name" DESC, r."ArtistId", a."AlbumId", t."TrackId""#,
        )
        .await?;
    assert_eq!((artists.len(), &rows), (10, &expected));
    assert!(rows.len() > 10, "some of the ten have several tracks");
    Ok(())
}

async fn one_genre_is_one_object_whichever_way_it_came(chinook: Chinook) -> Outcome {
    let session = chinook.db.session();
    let by_selectin = session
        .all(&Track::select().filter(Track::TRACK_ID.le(20)).order_by(Track::TRACK_ID.asc()).selectin(Track::GENRE))
        .await?;
    let by_join = session
        .all(
            &Track::select()
                .filter(Track::TRACK_ID.between(15, 40))
                .order_by(Track::TRACK_ID.asc())
                .joined(Track::GENRE),
        )
        .await?;
    let rock = session.get_one::<Genre>(1).await?;
    let genres: Vec<_> = by_selectin.iter().chain(&by_join).filter_map(|track| track.genre()).collect();
    assert_eq!(genres.len(), 46);
    assert!(genres.iter().filter(|genre| genre.genre_id() == 1).all(|genre| *genre == rock));
    assert_eq!(by_selectin[14], by_join[0], "one track, of both queries");
    Ok(())
}

async fn playlists_and_their_tracks_from_both_sides(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    let session = chinook.db.session();
    let query = Playlist::select().order_by(Playlist::PLAYLIST_ID.asc()).selectin(Playlist::TRACKS);
    let playlists = session.all(&query).await?;
    chinook.assert_sent(&log, &["SELECT Playlist", "SELECT Track JOIN PlaylistTrack"]);
    let rows: Vec<Row> = playlists
        .iter()
        .flat_map(|playlist| {
            playlist.tracks().iter().map(|track| row![playlist.playlist_id(), track.track_id()]).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(rows.len(), 8715);
    let pairs = r#"SELECT "PlaylistId", "TrackId" FROM "PlaylistTrack" ORDER BY "PlaylistId", "TrackId""#;
    assert_eq!(rows, chinook.plain(pairs).await?);
    assert_eq!(playlists.iter().filter(|playlist| playlist.tracks().is_empty()).count(), 4, "empty ones are there");
    session.close().await?;

    let session = chinook.db.session();
    let query = Track::select().order_by(Track::TRACK_ID.asc()).selectin(Track::PLAYLISTS);
    let tracks = session.all(&query).await?;
    chinook.assert_sent(&log, &["SELECT Track", "SELECT Playlist JOIN PlaylistTrack"]);
    let rows: Vec<Row> = tracks
        .iter()
        .flat_map(|track| {
            track.playlists().iter().map(|list| row![list.playlist_id(), track.track_id()]).collect::<Vec<_>>()
        })
        .collect();
    let pairs = r#"SELECT "PlaylistId", "TrackId" FROM "PlaylistTrack" ORDER BY "TrackId", "PlaylistId""#;
    assert_eq!(rows, chinook.plain(pairs).await?);
    Ok(())
}

async fn the_three_longest_tracks_of_each_album(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    let session = chinook.db.session();
    let longest = Album::TRACKS.order_by(Track::MILLISECONDS.desc()).order_by(Track::TRACK_ID.asc()).limit(3);
    let albums = session.all(&Album::select().order_by(Album::ALBUM_ID.asc()).selectin(longest)).await?;
    chinook.assert_sent(&log, &["SELECT Album", "SELECT Track"]);
    let rows: Vec<Row> = albums
        .iter()
        .flat_map(|album| {
            album.tracks_subset().iter().map(|track| row![album.album_id(), track.track_id()]).collect::<Vec<_>>()
        })
        .collect();
    let expected = chinook
        .plain(
            r#"SELECT "AlbumId", "TrackId" FROM (
                   SELECT "AlbumId", "TrackId", "Milliseconds", row_number() OVER (
                       PARTITION BY "AlbumId" ORDER BY "Milliseconds" DESC, "TrackId") AS place
                   FROM "Track") ranked
               WHERE place <= 3 ORDER BY "AlbumId", "Milliseconds" DESC, "TrackId""#,
        )
        .await?;
    assert_eq!(rows, expected);
    assert!(albums.iter().all(|album| album.try_tracks().is_err()), "three tracks are not taken for all of them");
    Ok(())
}

async fn a_detached_catalogue_needs_no_session(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    let query = Album::select()
        .filter(Album::ARTIST.has(Artist::NAME.eq("AC/DC")))
        .order_by(Album::TITLE.asc())
        .joined(Album::ARTIST)
        .selectin(Album::TRACKS);
    let albums: Vec<Detached<Album, loaded!(Album { artist, tracks })>> = chinook.db.all(&query).await?;
    chinook.assert_sent(&log, &["SELECT Album JOIN Artist", "SELECT Track"]);
    let json = serde_json::to_value(&albums)?;
    let expected = chinook
        .plain(
            r#"SELECT a."Title", r."Name", t."Name" FROM "Album" a
               JOIN "Artist" r ON r."ArtistId" = a."ArtistId" JOIN "Track" t ON t."AlbumId" = a."AlbumId"
               WHERE r."Name" = 'AC/DC' ORDER BY a."Title", t."TrackId""#,
        )
        .await?;
    let mut rows: Vec<Row> = Vec::new();
    for album in json.as_array().expect("a list") {
        assert!(album["artist"].get("albums").is_none(), "what was not loaded is not there");
        for track in album["tracks"].as_array().expect("a list") {
            rows.push(row![
                album["title"].as_str().expect("text"),
                album["artist"]["name"].as_str().expect("text"),
                track["name"].as_str().expect("text"),
            ]);
        }
    }
    assert_eq!(rows, expected);
    assert_eq!(rows.len(), 18);
    Ok(())
}

async fn joins_below_every_kind_of_selectin(chinook: Chinook) -> Outcome {
    let log = chinook.db.statement_log();
    // Many-to-many, and a subset of it, each with what is joined to its members: to one, and to many.
    let query = Playlist::select()
        .filter(Playlist::PLAYLIST_ID.in_([14, 15, 16]))
        .order_by(Playlist::PLAYLIST_ID.asc())
        .selectin(Playlist::TRACKS.joined(Track::ALBUM.joined(Album::ARTIST)).joined(Track::INVOICE_LINES));
    let playlists = chinook.db.all(&query).await?;
    chinook.assert_sent(
        &log,
        &["SELECT Playlist", "SELECT Track JOIN PlaylistTrack JOIN Album JOIN Artist JOIN InvoiceLine"],
    );
    let mut rows: Vec<Row> = Vec::new();
    for playlist in &playlists {
        for track in playlist.tracks() {
            let artist = track.album().and_then(|album| album.artist().name());
            rows.push(row![playlist.playlist_id(), track.track_id(), artist, count(track.invoice_lines().len())]);
        }
    }
    let sql = r#"
        SELECT p."PlaylistId", t."TrackId", r."Name",
               (SELECT count(*) FROM "InvoiceLine" l WHERE l."TrackId" = t."TrackId")
        FROM "PlaylistTrack" p JOIN "Track" t ON t."TrackId" = p."TrackId"
        LEFT JOIN "Album" a ON a."AlbumId" = t."AlbumId" LEFT JOIN "Artist" r ON r."ArtistId" = a."ArtistId"
        WHERE p."PlaylistId" IN (14, 15, 16) ORDER BY p."PlaylistId", t."TrackId""#;
    assert_eq!(rows, chinook.plain(sql).await?);
    assert!(rows.iter().any(|row| row[3] == "2"), "a track that was sold twice is there once");

    let query = Album::select()
        .filter(Album::ARTIST_ID.eq(90))
        .order_by(Album::ALBUM_ID.asc())
        .selectin(Album::TRACKS.order_by(Track::TRACK_ID.desc()).limit(2).joined(Track::INVOICE_LINES));
    let albums = chinook.db.all(&query).await?;
    chinook.assert_sent(&log, &["SELECT Album", "SELECT Track JOIN InvoiceLine"]);
    let lasts = albums.iter().flat_map(|album| album.tracks_subset());
    let rows: Vec<Row> = lasts.map(|track| row![track.track_id(), count(track.invoice_lines().len())]).collect();
    let sql = r#"
        SELECT t."TrackId", (SELECT count(*) FROM "InvoiceLine" l WHERE l."TrackId" = t."TrackId")
        FROM "Track" t JOIN "Album" a ON a."AlbumId" = t."AlbumId"
        WHERE a."ArtistId" = 90 AND t."TrackId" >= (
            SELECT max("TrackId") FROM "Track" o WHERE o."AlbumId" = t."AlbumId"
                AND o."TrackId" < (SELECT max("TrackId") FROM "Track" p WHERE p."AlbumId" = t."AlbumId"))
        ORDER BY a."AlbumId", t."TrackId" DESC"#;
    assert_eq!(rows, chinook.plain(sql).await?);

    // Many-to-one: the tracks of an invoice with their albums.
    let query = Invoice::select()
        .filter(Invoice::INVOICE_ID.eq(5))
        .selectin(Invoice::LINES.selectin(InvoiceLine::TRACK.joined(Track::ALBUM)));
    let invoice = chinook.db.one(&query).await?;
    chinook.assert_sent(&log, &["SELECT Invoice", "SELECT InvoiceLine", "SELECT Track JOIN Album"]);
    assert!(invoice.lines().iter().all(|line| line.track().album().is_some()));
    Ok(())
}

fn count(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}
