/*
 * number - numbers as JavaScript reads and prints them, whatever the locale.
 */
#ifndef TAMIS_EVENT_NUMBER_H
#define TAMIS_EVENT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#define NUMBER_TEXT_MAX 32

/* A JSON number's text. */
double number_read(const char *text, size_t len);
/* What Number(string) gives: blanks around it, "", 0x, 0o, 0b and Infinity too; else NaN. */
double number_coerce(const char *text, size_t len);
/* The shortest text that reads as the same number, without NUL; returns its length. */
size_t number_write(char out[NUMBER_TEXT_MAX], double number);
/* True where number_write(number_read(text)) is sure to give text back. */
bool number_is_canonical(const char *text, size_t len);

#endif
