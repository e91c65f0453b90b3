/*
 * validate - what a pattern cannot say: checksums, ranges, headers that decode.
 *
 * Pure functions of a matched text. They never read outside [s, s + n).
 */
#ifndef SANITIZER_VALIDATE_H
#define SANITIZER_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>

typedef bool check_fn(const unsigned char *s, size_t n);

/* A known issuer's prefix with a length that it uses (ISO/IEC 7812), and Luhn. */
bool card_valid(const unsigned char *s, size_t n);
/* The header of a JWS or JWE in compact form decodes to a JSON object. */
bool jwt_valid(const unsigned char *s, size_t n);
/* At most 15 digits after the prefix (E.164), at least as many as the plan of the country has. */
bool phone_valid(const unsigned char *s, size_t n);
/* Country's length and ISO 7064 mod 97-10. */
bool iban_valid(const unsigned char *s, size_t n);
/* Dotted form of three groups: has a digit, is no version. */
bool mac_valid(const unsigned char *s, size_t n);
/* Area, group and serial that were ever given out. */
bool ssn_valid(const unsigned char *s, size_t n);

/*
 * Length of the dotted quad at s, 0 if none: four octets 0..255 without leading
 * zeros. dots (may be NULL) receives where its dots are.
 */
size_t ip4_parse(const unsigned char *s, size_t n, unsigned dots[3]);

/* The length of the one at s[at] in a text of n bytes. */
size_t ip4_length_at(const unsigned char *s, size_t at, size_t n);

/* Length of the IPv6 address at s (RFC 4291 2.2, mixed forms too), without zone; 0 if none. */
size_t ip6_length(const unsigned char *s, size_t n);
/* Shannon entropy in hundredths of a bit per byte. */
unsigned entropy_centibits(const unsigned char *s, size_t n);

/* A credential, no words or path: letters and digits unbroken for as long as a key is. */
bool credential_like(const unsigned char *s, size_t n);

#endif
