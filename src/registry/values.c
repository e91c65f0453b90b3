/*
 * values - the built-in lists.
 */
#include "values.h"

#include <string.h>

static const char *const us_states[] = {
#define STATE(code) #code,
#include "states.def"
#undef STATE
};

static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

/* "us-ca", "CA-12" (a district), "CA, Los Angeles": whatever is finer than the state goes. */
static size_t coarsen_state(char *out, size_t size, const char *text, size_t len)
{
	if (len > 3 && upper(text[0]) == 'U' && upper(text[1]) == 'S' && text[2] == '-') {
		text += 3;
		len -= 3;
	}
	if (size < 3 || len < 2 || (len > 2 && !strchr("-,/ _", text[2])))
		return 0;
	out[0] = upper(text[0]);
	out[1] = upper(text[1]);
	out[2] = '\0';
	return 2;
}

#define LIST(name)                                                                                 \
	{                                                                                          \
		sizeof(name) / sizeof(*(name)), name                                               \
	}

static const struct builtin builtins[] = {
    {"us_states", LIST(us_states), coarsen_state},
    {"weekdays", LIST(weekdays), NULL},
};

const struct builtin *builtin_find(const char *name)
{
	for (size_t i = 0; i < sizeof(builtins) / sizeof(*builtins); i++)
		if (!strcmp(builtins[i].name, name))
			return &builtins[i];
	return NULL;
}

const char *builtin_names(void)
{
	return "us_states, weekdays";
}

const char *dimension_coarsened(const struct dimension *dimension)
{
	for (size_t i = 0; i < sizeof(builtins) / sizeof(*builtins); i++)
		if (dimension->coarsen && builtins[i].coarsen == dimension->coarsen)
			return builtins[i].name;
	return NULL;
}

size_t dimension_index(const struct dimension *dimension, const char *text, size_t len)
{
	size_t last = dimension->values.n - 1;
	char coarse[64];

	if (dimension->coarsen) {
		len = dimension->coarsen(coarse, sizeof(coarse), text, len);
		text = coarse;
	}
	for (size_t i = 0; i < last; i++)
		if (strlen(dimension->values.items[i]) == len &&
		    !memcmp(dimension->values.items[i], text, len))
			return i;
	return last;
}
