/*
 * chars - the classes of each byte.
 */
#include "chars.h"

#define ALNUM (CHAR_ALNUM | CHAR_NAME | CHAR_WORD | CHAR_PATH | CHAR_TOKEN)
#define ALPHA (ALNUM | CHAR_ALPHA)

const unsigned char char_kinds[256] = {
    ['0' ... '9'] = ALNUM,
    ['A' ... 'Z'] = ALPHA,
    ['a' ... 'z'] = ALPHA,
    ['_'] = CHAR_NAME | CHAR_WORD | CHAR_PATH | CHAR_TOKEN,
    ['.'] = CHAR_NAME | CHAR_WORD | CHAR_PATH | CHAR_TOKEN,
    ['-'] = CHAR_NAME | CHAR_WORD,
    ['['] = CHAR_NAME,
    [']'] = CHAR_NAME,
    [':'] = CHAR_PATH,
    ['+'] = CHAR_TOKEN,
    ['/'] = CHAR_TOKEN,
    ['='] = CHAR_TOKEN,
    ['"'] = CHAR_QUOTE,
    ['\''] = CHAR_QUOTE,
    ['`'] = CHAR_QUOTE,
    ['\t' ... '\r'] = CHAR_SPACE,
    [' '] = CHAR_SPACE,
};

#define LETTER(upper, number) [upper] = number, [upper | 32] = number

const unsigned char char_letters[256] = {
    LETTER('A', 1), LETTER('B', 2), LETTER('C', 3), LETTER('D', 4), LETTER('E', 5),
    LETTER('F', 6), LETTER('G', 7), LETTER('H', 8), LETTER('I', 9), LETTER('J', 10),
    LETTER('K', 11), LETTER('L', 12), LETTER('M', 13), LETTER('N', 14), LETTER('O', 15),
    LETTER('P', 16), LETTER('Q', 17), LETTER('R', 18), LETTER('S', 19), LETTER('T', 20),
    LETTER('U', 21), LETTER('V', 22), LETTER('W', 23), LETTER('X', 24), LETTER('Y', 25),
    LETTER('Z', 26)
};
