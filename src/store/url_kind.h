/*
 * url_kind - which database a URL means.
 */
#ifndef TAMIS_STORE_URL_KIND_H
#define TAMIS_STORE_URL_KIND_H

enum url_kind { URL_NONE, URL_SQLITE, URL_POSTGRESQL };

/* sqlite:/path, where *where is the path; postgresql:// or postgres://, where it is the URL. */
enum url_kind url_kind(const char *url, const char **where);

#endif
