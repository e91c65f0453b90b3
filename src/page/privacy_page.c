/*
 * privacy_page - what is promised of each released metric, in plain words, from the registry
 * that is in force.
 */
#include <inttypes.h>

#include "page.h"

/* A number of so many places behind the point, without needless zeros. */
static void write_decimal(struct buf *out, uint64_t number, int places)
{
	uint64_t one = 1;

	for (int i = 0; i < places; i++)
		one *= 10;
	buf_addf(out, "%" PRIu64, number / one);
	number %= one;
	if (!number)
		return;
	for (; number % 10 == 0; places--)
		number /= 10;
	buf_addf(out, ".%0*" PRIu64, places, number);
}

static void write_micro(struct buf *out, uint64_t micro)
{
	write_decimal(out, micro, 6);
}

static void write_bound(struct buf *out, const struct measure *m)
{
	if (m->mechanism == MECHANISM_KRR)
		buf_addf(out, "No more than %" PRIu64 " of one client's answers a day are counted.",
			 m->cells_per_client);
	else
		buf_addf(out,
			 "Of one client a day at most %" PRIu64
			 " cells are counted, each at most %" PRIu64
			 " times; what is beyond is not counted.",
			 m->cells_per_client, m->per_cell);
}

static void write_client(struct buf *out, const struct measure *m)
{
	if (m->mechanism != MECHANISM_KRR)
		return;
	buf_adds(out,
		 " Before an answer leaves the device it is replaced at random (k-ary randomised "
		 "response), so that no single report tells the truth for sure: epsilon ");
	write_micro(out, m->client_epsilon);
	buf_adds(out, m->domain == DOMAIN_SPLIT ? " a report, shared among its dimensions."
						: " a report.");
}

static void write_metric(struct buf *out, const struct measure *m)
{
	const char *law = m->noise == NOISE_GAUSSIAN ? "Gaussian" : "Laplace";

	buf_addf(out, "<h2 id=\"%s\"><code>%s</code></h2>\n<p>", m->name, m->name);
	page_text(out, m->question);
	buf_adds(out, "</p>\n<p>");
	write_bound(out, m);
	write_client(out, m);
	buf_addf(out,
		 " The day's counts, those of nothing included, get noise from the discrete "
		 "%s law once, and are then published; the true ones are removed.</p>\n"
		 "<table>\n<tr><th>Unit</th><td>client-day</td></tr>\n"
		 "<tr><th>Epsilon</th><td>",
		 law);
	write_micro(out, m->epsilon);
	buf_adds(out, " a day</td></tr>\n<tr><th>Delta</th><td>");
	write_decimal(out, m->delta, 12);
	buf_addf(out, "</td></tr>\n<tr><th>Mechanism</th><td>%sdiscrete %s at the server",
		 m->mechanism == MECHANISM_KRR ? "randomised response at the client, " : "", law);
	buf_addf(out, "</td></tr>\n<tr><th>Owner</th><td>");
	page_text(out, m->owner);
	buf_adds(out, "</td></tr>\n</table>\n");
}

void page_privacy(struct buf *out, const struct registry *registry)
{
	size_t n = 0;

	page_begin(out, "What is published, and what it tells of you");
	buf_adds(
	    out,
	    "<p>Counts are published with noise. Whether you were counted on a day changes the "
	    "probability of any published table by at most the factor e<sup>epsilon</sup> for "
	    "each metric; where there is a delta, more than that with at most that probability. "
	    "Values below 5 are not shown. Tables that are published without noise say so "
	    "themselves: small numbers are hidden in them, and none of this is promised.</p>\n"
	    "<p class=\"quiet\">Not promised: the metrics' epsilons and deltas add up, and so do "
	    "days. The "
	    "unit is a client (an address, or an IPv6 /64) on a day, not a person: who uses two "
	    "networks is two clients, a household behind one address is one. Your address is "
	    "used to keep the bound, as a hash under a key that lives one day in memory, and "
	    "is stored nowhere.</p>\n");
	for (size_t i = 0; i < registry_size(registry); i++) {
		const struct measure *m = registry_at(registry, i);
		if (m->mechanism == MECHANISM_NONE)
			continue;
		write_metric(out, m);
		n++;
	}
	if (!n)
		buf_adds(out, "<p>Nothing is published with noise here.</p>\n");
	page_end(out);
}
