//! The eleven tables, once for each spelling of their names.

/// The entities of Chinook; the arguments are the names that the two scripts disagree on.
macro_rules! entities {
    (
        rename_all: $case:literal,
        artist: $artist:literal,
        album: $album:literal,
        track: $track:literal,
        genre: $genre:literal,
        media_type: $media_type:literal,
        playlist: $playlist:literal,
        playlist_track: $playlist_track:literal ($playlist_id:literal, $track_id:literal),
        customer: $customer:literal,
        employee: $employee:literal,
        invoice: $invoice:literal,
        invoice_line: $invoice_line:literal $(,)?
    ) => {
        #[derive(Entity)]
        #[orm(table = $artist, rename_all = $case)]
        pub(crate) struct Artist {
            #[orm(primary_key)]
            artist_id: i32,
            name: Option<String>,
            #[orm(foreign_key = artist_id, back_populates = artist, order_by = album_id)]
            albums: HasMany<Album>,
        }

        #[derive(Entity)]
        #[orm(table = $album, rename_all = $case)]
        pub(crate) struct Album {
            #[orm(primary_key)]
            album_id: i32,
            title: String,
            artist_id: i32,
            #[orm(foreign_key = artist_id, back_populates = albums)]
            artist: BelongsTo<Artist>,
            #[orm(foreign_key = album_id, back_populates = album, order_by = track_id)]
            tracks: HasMany<Track>,
        }

        #[derive(Entity)]
        #[orm(table = $track, rename_all = $case)]
        pub(crate) struct Track {
            #[orm(primary_key)]
            track_id: i32,
            name: String,
            album_id: Option<i32>,
            media_type_id: i32,
            genre_id: Option<i32>,
            composer: Option<String>,
            milliseconds: i32,
            bytes: Option<i32>,
            unit_price: Decimal,
            #[orm(foreign_key = album_id, back_populates = tracks)]
            album: BelongsTo<Album>,
            #[orm(foreign_key = media_type_id)]
            media_type: BelongsTo<MediaType>,
            #[orm(foreign_key = genre_id, back_populates = tracks)]
            genre: BelongsTo<Genre>,
            #[orm(
                                        secondary(table = $playlist_track, owner = $track_id, target = $playlist_id),
                                        back_populates = tracks,
                                        order_by = playlist_id
                                    )]
            playlists: ManyToMany<Playlist>,
            #[orm(foreign_key = track_id, back_populates = track, order_by = invoice_line_id)]
            invoice_lines: HasMany<InvoiceLine>,
        }

        #[derive(Entity)]
        #[orm(table = $genre, rename_all = $case)]
        pub(crate) struct Genre {
            #[orm(primary_key)]
            genre_id: i32,
            name: Option<String>,
            #[orm(foreign_key = genre_id, back_populates = genre, order_by = track_id)]
            tracks: HasMany<Track>,
        }

        #[derive(Entity)]
        #[orm(table = $media_type, rename_all = $case)]
        pub(crate) struct MediaType {
            #[orm(primary_key)]
            media_type_id: i32,
            name: Option<String>,
        }

        #[derive(Entity)]
        #[orm(table = $playlist, rename_all = $case)]
        pub(crate) struct Playlist {
            #[orm(primary_key)]
            playlist_id: i32,
            name: Option<String>,
            #[orm(
                                        secondary(table = $playlist_track, owner = $playlist_id, target = $track_id),
                                        back_populates = playlists,
                                        order_by = track_id
                                    )]
            tracks: ManyToMany<Track>,
        }

        #[derive(Entity)]
        #[orm(table = $customer, rename_all = $case)]
        pub(crate) struct Customer {
            #[orm(primary_key)]
            customer_id: i32,
            first_name: String,
            last_name: String,
            company: Option<String>,
            address: Option<String>,
            city: Option<String>,
            state: Option<String>,
            country: Option<String>,
            postal_code: Option<String>,
            phone: Option<String>,
            fax: Option<String>,
            email: String,
            support_rep_id: Option<i32>,
            #[orm(foreign_key = support_rep_id, back_populates = customers)]
            support_rep: BelongsTo<Employee>,
            #[orm(foreign_key = customer_id, back_populates = customer, order_by = (invoice_date desc, invoice_id))]
            invoices: HasMany<Invoice>,
        }

        #[derive(Entity)]
        #[orm(table = $employee, rename_all = $case)]
        pub(crate) struct Employee {
            #[orm(primary_key)]
            employee_id: i32,
            last_name: String,
            first_name: String,
            title: Option<String>,
            reports_to: Option<i32>,
            birth_date: Option<NaiveDateTime>,
            hire_date: Option<NaiveDateTime>,
            address: Option<String>,
            city: Option<String>,
            state: Option<String>,
            country: Option<String>,
            postal_code: Option<String>,
            phone: Option<String>,
            fax: Option<String>,
            email: Option<String>,
            #[orm(foreign_key = reports_to, back_populates = subordinates)]
            manager: BelongsTo<Employee>,
            #[orm(foreign_key = reports_to, back_populates = manager, order_by = employee_id)]
            subordinates: HasMany<Employee>,
            #[orm(foreign_key = support_rep_id, back_populates = support_rep, order_by = customer_id)]
            customers: HasMany<Customer>,
        }

        #[derive(Entity)]
        #[orm(table = $invoice, rename_all = $case)]
        pub(crate) struct Invoice {
            #[orm(primary_key)]
            invoice_id: i32,
            customer_id: i32,
            invoice_date: NaiveDateTime,
            billing_address: Option<String>,
            billing_city: Option<String>,
            billing_state: Option<String>,
            billing_country: Option<String>,
            billing_postal_code: Option<String>,
            total: Decimal,
            #[orm(foreign_key = customer_id, back_populates = invoices)]
            customer: BelongsTo<Customer>,
            #[orm(
                                        foreign_key = invoice_id,
                                        back_populates = invoice,
                                        cascade = "all, delete-orphan",
                                        order_by = invoice_line_id
                                    )]
            lines: HasMany<InvoiceLine>,
        }

        #[derive(Entity)]
        #[orm(table = $invoice_line, rename_all = $case)]
        pub(crate) struct InvoiceLine {
            #[orm(primary_key)]
            invoice_line_id: i32,
            invoice_id: i32,
            track_id: i32,
            unit_price: Decimal,
            quantity: i32,
            #[orm(foreign_key = invoice_id, back_populates = lines)]
            invoice: BelongsTo<Invoice>,
            #[orm(foreign_key = track_id, back_populates = invoice_lines)]
            track: BelongsTo<Track>,
        }

        impl Customer {
            /// A method of the user's own, for handles and detached values.
            pub(crate) fn full_name(&self) -> String {
                format!("{} {}", self.first_name, self.last_name)
            }
        }
    };
}
