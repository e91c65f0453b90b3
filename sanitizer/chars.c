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
