"""What a name asks for, as tables of phrases: the longest end of a name that stands here decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def _table(rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {phrase.strip(): kind for kind, phrases in rows for phrase in phrases.split(",")}


TEXT_KINDS: Mapping[str, str] = _table(
    (
        ("uuid", "uuid, guid, unique id, correlation id, trace id, request id"),
        (
            "opaque",
            "id, ids, key, pk, reference, ref, identifier, external id, resource id, gid, sid, handle id, etag, hash,"
            "token, access token, refresh token, api key, secret, client secret, client id, digest, checksum,"
            " signature,"
            "nonce, cursor, fingerprint, serial, serial number, sku, barcode, ean, upc, isbn, imei,"
            " account number, iban,"
            "bic, swift, order number, invoice number, tracking number, transaction id, session id, sha, md5,"
            " sha 256,"
            "bucket, arn, public key, private key, certificate, tax id, vat, vat number, vat id, license,"
            " license plate,"
            "next page token, page token, continuation token, next token, routing number, card number, last 4, last4",
        ),
        (
            "code",
            "code, error code, promo code, coupon, coupon code, discount code, voucher, abbreviation, symbol,"
            " short code",
        ),
        (
            "number_text",
            "number, no, num, count, total, quantity, size, length, limit, offset, page, index, position, order",
        ),
        (
            "title",
            "title, headline, heading, subject, label, caption, display name, short name, nickname, alias, summary",
        ),
        ("name", "name, names"),
        ("first_name", "first name, given name, forename, fname, firstname, givenname, middle name, preferred name"),
        ("last_name", "last name, family name, surname, lname, lastname, familyname"),
        (
            "full_name",
            "full name, fullname, customer name, contact name, contact, user full name, owner name, author name,"
            " author,"
            "created by, updated by, modified by, assignee, reporter, creator, customer, recipient,"
            " recipient name, sender,"
            "sender name, cardholder, cardholder name, card holder name, account holder, holder, holder name,"
            " manager,"
            "driver, employee, patient, doctor, teacher, student, artist, artist name, director, from name, to name",
        ),
        (
            "username",
            "username, user name, login, user, nick, screen name, handle, twitter, account name, userid, actor",
        ),
        (
            "email",
            "email, e mail, mail, email address, emailaddress, mail address, emails, reply to, to email, from email",
        ),
        (
            "phone",
            "phone, phone number, telephone, tel, mobile, mobile number, cell, cell phone, fax, fax number, msisdn,"
            "contact number, phones, mobile phone, phonenumber, caller id, whatsapp",
        ),
        (
            "url",
            "url, uri, link, href, website, web site, homepage, home page, site, self, next, previous, prev, first,"
            "last, endpoint, callback, webhook, redirect, redirect uri, location url, web url, html url, permalink,"
            "urls, links, web, target url, base url, alternate, callback url, resource url, src, source url",
        ),
        (
            "image_url",
            "image, image url, avatar, avatar url, logo, logo url, picture, photo, photo url, thumbnail, icon,"
            "thumbnail url, icon url, cover, banner, poster, img, background image, images, photos, picture url",
        ),
        (
            "date",
            "date, day, birthday, birth date, date of birth, dob, birthdate, due date, start date, end date,"
            "from date, to date, expiry date, expiration date, issue date, release date, hire date, effective date",
        ),
        (
            "date_time",
            "created at, updated at, modified at, deleted at, timestamp, datetime, date time, created, updated,"
            " modified,"
            "created on, updated on, date created, date updated, date modified, last modified, last updated,"
            " published at,"
            "creation date, modification date, last login, last seen, expires, expires at, expiration, start time,"
            "end time, starts at, ends at, created time, updated time, published, completed at, started at,"
            " finished at,"
            "create time, update time, createdat, updatedat, at, last update, creation time, valid from, valid until,"
            "valid to, since, until, received at, sent at, closed at, opened at, scheduled at, scheduled for,"
            " creation,"
            "created date, updated date, modified date, last modified date, last used, last activity, archived at,"
            "cancelled at, canceled at, processed at, paid at, start, end, begin, published date,"
            " last modified on, due",
        ),
        ("time", "time, opening time, closing time, departure time, arrival time, time of day"),
        ("duration", "duration, interval, elapsed, period, uptime"),
        ("timezone", "timezone, time zone, tz, zone info, iana timezone"),
        ("status", "status, state, stage, phase, condition, outcome, result status, payment status, lifecycle state"),
        (
            "type",
            "type, kind, category, class, object, resource type, types, group type, sub type, subtype, object type,"
            "entity type, event, event type, event name, action, method, mode, variant, classification",
        ),
        (
            "text",
            "description, text, comment, comments, note, notes, body, message, content, details, detail, bio, about,"
            "remark, remarks, memo, reason, explanation, instructions, excerpt, abstract, overview, help, tooltip,"
            "statement descriptor, info, feedback, review, question, answer, error description, error message,"
            "messages, descriptions, long description, short description, tagline, paragraph, synopsis, purpose",
        ),
        ("html", "html, body html, content html, html body, description html, rendered"),
        (
            "amount_text",
            "amount, price, cost, fee, balance, subtotal, tax, net, gross, discount, value amount, unit price,"
            "total amount, total price, rate, salary, revenue, budget, tax amount, amount due, fees, charge",
        ),
        (
            "currency",
            "currency, currency code, currency iso, currencies, ccy, base currency, quote currency, iso currency",
        ),
        ("country", "country, country name, nation, nationality, origin country, countries"),
        (
            "country_code",
            "country code, country iso, iso country, country iso code, countrycode, iso 2, iso2, region code",
        ),
        ("country_code_3", "country code 3, iso 3, iso3, alpha 3, country iso 3"),
        ("city", "city, town, locality, municipality, cities, suburb, district, place, venue, origin, destination"),
        ("region", "region, province, county, state name, administrative area, state province, prefecture"),
        ("region_code", "state code, province code, state abbreviation"),
        (
            "street",
            "street, street address, address line 1, address 1, line 1, line1, address1, street 1, road, street name,"
            "street line 1, addressline1, street1",
        ),
        (
            "address_2",
            "address line 2, address 2, line 2, line2, address2, street 2, apartment, suite, unit, floor, room",
        ),
        ("address", "address, addresses, formatted address, full address, location, billing address, shipping address"),
        ("postal_code", "postal code, postcode, zip, zip code, zipcode, post code, postalcode, plz"),
        ("language", "language, lang, languages, language code, content language, iso 639 1"),
        ("language_name", "language name"),
        ("locale", "locale, locales, language tag, culture, language locale"),
        ("colour", "color, colour, background color, text color, hex, hex color, colors, primary color, foreground"),
        (
            "company",
            "company, company name, organization, organisation, organization name, business name, employer,"
            "merchant, merchant name, vendor, vendor name, supplier, legal name, brand, manufacturer, publisher,"
            "bank, bank name, provider, provider name, org, agency, institution, business, carrier, operator",
        ),
        ("job", "job, job title, position title, occupation, profession, role title, designation"),
        ("department", "department, team, division, team name, group, group name"),
        ("role", "role, roles, permission, permissions, scope, scopes, privilege, access level"),
        ("gender", "gender, sex"),
        ("honorific", "honorific, salutation, prefix, name prefix"),
        ("password", "password, passphrase, passwd, pwd, new password, old password, current password"),
        ("ip", "ip, ip address, ipaddress, remote addr, client ip, ipv4, ip addresses, source ip"),
        ("mac", "mac, mac address"),
        ("hostname", "host, hostname, domain, domain name, server, fqdn, subdomain, dns name, domains, server name"),
        ("version", "version, api version, app version, release, version number, revision, build, firmware version"),
        ("file_name", "file name, filename, file, attachment, document name, original name, files, original filename"),
        ("path", "path, file path, folder, directory, route, key path, full path, pathname, filepath"),
        ("mime", "mime type, mime, content type, media type, mimetype, contenttype, file type"),
        ("slug", "slug, permalink slug, url key, seo name, tag name, handle, shortname, machine name, identifier name"),
        ("tag", "tag, tags, keyword, keywords, topic, topics, labels, genre, genres, hashtag, skill, interest"),
        ("user_agent", "user agent, useragent, browser"),
        ("http_method", "http method, request method, verb"),
        ("latitude", "lat, latitude"),
        ("longitude", "lon, lng, long, longitude"),
        ("percentage", "percentage, percent, ratio, share, progress"),
        ("year", "year, fiscal year, years, model year"),
        ("month", "month, month name"),
        ("weekday", "weekday, day of week, week day, days"),
        ("brand_card", "card brand, card type, brand name, network"),
        ("unit", "unit of measure, uom, units, measurement unit, unit name, unit type"),
        ("base64", "base 64, base64, encoded, data base 64, binary, thumbnail data"),
    ),
)
"""What text a name asks for; the longest end of a name that stands here decides."""


NUMBER_KINDS: Mapping[str, str] = _table(
    (
        ("id", "id, identifier, key, pk, gid, number, no, reference, ref, account number, code"),
        (
            "amount",
            "amount, price, cost, fee, balance, subtotal, net, gross, total amount, unit price, salary, revenue,"
            "budget, charge, payment, total price, credit, debit, total cost, sum, amount due, amount paid, fees,"
            "value, tax, tax amount, discount, shipping, discount amount, refund, deposit, income, fare, wage",
        ),
        (
            "count",
            "count, total, quantity, qty, size, num, total count, items, results, likes, views, followers, comments,"
            "votes, points, stock, inventory, seats, members, downloads, shares, replies, forks, stars, watchers,"
            "hits, entries, records, users, total results, total items, total records, orders, visits, clicks",
        ),
        ("page", "page, page number, current page, page no, pages, total pages, page count, last page"),
        ("page_size", "per page, page size, limit, results per page, pagesize, perpage, max results"),
        (
            "index",
            "index, offset, position, order, rank, sort order, sequence, priority, level, depth, row, column, step,"
            "ordinal, sort, display order, line, line number, weight order, skip, start index, from, attempt",
        ),
        ("latitude", "lat, latitude"),
        ("longitude", "lon, lng, long, longitude"),
        ("percentage", "percentage, percent, pct, progress, completion, tax rate, discount percentage, tax percentage"),
        ("ratio", "ratio, share, probability, confidence, fraction, rate, weight ratio, relevance, similarity"),
        ("rating", "rating, stars rating, average rating, rate average"),
        ("score", "score, grade"),
        ("year", "year, fiscal year, model year, birth year, exp year, expiration year, expiry year"),
        ("month", "month, exp month, expiration month, expiry month, birth month"),
        ("day", "day, day of month, birth day"),
        ("hour", "hour, hours"),
        ("minute", "minute, minutes, second, seconds, mins, secs"),
        ("age", "age"),
        (
            "timestamp",
            "timestamp, created, updated, modified, created at, updated at, time, expires, expires at, epoch,"
            "created time, updated time, date, start time, end time, last modified, ts, deleted at, published at,"
            "unix time, date created, date updated, last updated, create time, update time, start date, end date,"
            "expiration, started at, ended at, completed at, last login, last seen, deleted, datetime, start, end",
        ),
        (
            "timestamp_ms",
            "timestamp ms, created ms, updated ms, time ms, millis, epoch millis, time millis, created millis",
        ),
        (
            "duration",
            "duration, ttl, timeout, elapsed, expires in, interval, delay, retry after, length seconds, uptime,"
            "duration seconds, period, max age",
        ),
        ("duration_ms", "duration ms, latency, response time, elapsed ms, latency ms, took, time taken"),
        ("bytes", "bytes, file size, size bytes, content length, total bytes, size in bytes, filesize, disk size"),
        ("pixels", "width, height, x, y, image width, image height, top, left"),
        ("weight", "weight, mass, length, distance, depth cm, volume, area, radius, altitude, elevation, speed"),
        ("temperature", "temperature, temp, humidity"),
        ("port", "port"),
        ("status_code", "status code, http status, statuscode, response code, http code"),
        ("version", "version, revision, schema version, api version"),
    ),
)
"""What number a name asks for."""
