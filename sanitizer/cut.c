/*
 * cut - bytes told by a table: long records are searched from their middle on.
 */
#include "cut.h"

#include "chars.h"
#include "piece.h"

#define CUT_RANKS 4

#define CUT_BLANK 1
#define CUT_DELIMITER 2
#define CUT_PAIRS 4  /* stands between pairs */
#define CUT_CLOSES 8 /* a blank behind it parts sentences, pairs, values of a list */
#define CUT_LEADS 16 /* a value may follow behind a blank */

static const unsigned char cuts[256] = {
    [' '] = CUT_BLANK,
    ['\t' ... '\r'] = CUT_BLANK,
    [','] = CUT_DELIMITER | CUT_PAIRS | CUT_CLOSES,
    [';'] = CUT_DELIMITER | CUT_PAIRS | CUT_CLOSES,
    ['}'] = CUT_DELIMITER | CUT_PAIRS | CUT_CLOSES,
    ['&'] = CUT_DELIMITER | CUT_PAIRS,
    ['|'] = CUT_DELIMITER | CUT_PAIRS,
    [')'] = CUT_DELIMITER | CUT_CLOSES,
    [']'] = CUT_CLOSES,
    ['.'] = CUT_CLOSES,
    ['"'] = CUT_DELIMITER | CUT_LEADS,
    ['>'] = CUT_DELIMITER | CUT_LEADS,
    [':'] = CUT_LEADS,
    ['='] = CUT_LEADS,
    ['\''] = CUT_LEADS,
    ['{'] = CUT_DELIMITER,
    ['<'] = CUT_DELIMITER,
    ['('] = CUT_DELIMITER,
    ['/'] = CUT_DELIMITER,
};

static bool delimits(unsigned char c)
{
	return cuts[c] & CUT_DELIMITER;
}

/*
 * How good a place for a cut is before s[i], 0 the best: no name may be parted from its
 * value. CUT_RANKS: none.
 */
static unsigned cut_rank(const unsigned char *s, size_t i)
{
	unsigned char last = cuts[s[i - 1]], before = cuts[s[i - 2]];

	if (last & CUT_BLANK)
		return before & CUT_CLOSES ? 0 : before & (CUT_BLANK | CUT_LEADS) ? CUT_RANKS : 2;
	return last & CUT_PAIRS ? 1 : last & CUT_DELIMITER ? 3 : CUT_RANKS;
}

size_t segment_cut(const unsigned char *s, bool *run)
{
	/* What a better place than the best one so far is behind, by the rank of that. */
	static const unsigned char better[CUT_RANKS + 1] = {
	    0, CUT_BLANK, CUT_BLANK | CUT_PAIRS, CUT_BLANK | CUT_PAIRS,
	    CUT_BLANK | CUT_PAIRS | CUT_DELIMITER};
	size_t place = SEGMENT_MAX, i = SEGMENT_MAX;
	unsigned best = CUT_RANKS, rank;

	while (best) {
		unsigned wanted = better[best];
		while (i > SEGMENT_MAX / 2 && !(cuts[s[i - 1]] & wanted))
			i--;
		if (i == SEGMENT_MAX / 2)
			break;
		rank = cut_rank(s, i);
		if (rank < best) {
			best = rank;
			place = i;
		}
		i--;
	}
	*run = best == CUT_RANKS;
	return place;
}

size_t run_rest(const unsigned char *s, size_t n)
{
	size_t i = 0;

	while (i < n && !is_space(s[i]) && !delimits(s[i]))
		i++;
	return i;
}
