/*
 * text - the counters in Prometheus' text format, version 0.0.4.
 *
 * Names and labels after OpenTelemetry's conventions as its Prometheus exporter writes
 * them: dots become underscores, units and _total are suffixes, seconds.
 */
#include <string.h>

#include "lanes.h"
#include "sanitizer.h"

#define BUCKETS SERIES_SUM

static void add_label_value(struct buf *out, const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (value[i] == '\\' || value[i] == '"')
			buf_addc(out, '\\');
		if (value[i] == '\n')
			buf_adds(out, "\\n");
		else
			buf_addc(out, value[i]);
	}
}

static void add_head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void add_labelled(struct buf *out, const char *name, const char *label, const char *value,
			 size_t len, uint64_t number)
{
	buf_addf(out, "%s{%s=\"", name, label);
	add_label_value(out, value, len);
	buf_adds(out, "\"} ");
	buf_addu(out, number);
	buf_addc(out, '\n');
}

static void add_metrics(const struct counters *counters, struct buf *out)
{
	static const struct {
		const char *kind, *name, *label, *value, *help;
	} rows[] = {
#define METRIC(id, kind, name, label, value, help) {#kind, name, label, value, help},
#include "metric.def"
#undef METRIC
	};

	for (unsigned i = 0; i < METRICS; i++) {
		uint64_t number = counters_get(counters, (enum metric)i);

		if (i == 0 || strcmp(rows[i - 1].name, rows[i].name) != 0)
			add_head(out, rows[i].name, rows[i].kind[0] == 'G' ? "gauge" : "counter",
				 rows[i].help);
		if (*rows[i].label)
			add_labelled(out, rows[i].name, rows[i].label, rows[i].value,
				     strlen(rows[i].value), number);
		else
			buf_addf(out, "%s %llu\n", rows[i].name, (unsigned long long)number);
	}
}

static void add_types(const struct map *map, struct buf *out)
{
	static const char name[] = "tamis_events_by_type_total";
	static const char *const types[CLEAN_TYPES] = {
	    [CLEAN_EVENT] = "event",
	    [CLEAN_IDENTIFY] = "identify",
	    [CLEAN_PERFORMANCE] = "performance",
	};

	add_head(out, name, "counter", "Accepted events by type.");
	for (unsigned i = 0; i < CLEAN_TYPES; i++)
		add_labelled(out, name, "type", types[i], strlen(types[i]),
			     lanes_sum(map, LANE_TYPES + i));
}

static void add_repairs(const struct map *map, struct buf *out)
{
	static const char name[] = "tamis_events_repaired_total";
	static const char *const kinds[] = {
#define REPAIR(id, label, help) label,
#include "repair.def"
#undef REPAIR
	};

	add_head(out, name, "counter",
		 "What was mended in events so that the upstream takes them, by kind.");
	for (unsigned i = 0; i < REPAIRS; i++)
		add_labelled(out, name, "kind", kinds[i], strlen(kinds[i]),
			     lanes_sum(map, LANE_REPAIRS + i));
}

static void add_redactions(const struct map *map, struct buf *out)
{
	static const char name[] = "tamis_redactions_total";

	add_head(out, name, "counter", "Pieces of personal data taken out, by class.");
	for (int i = 0; i < SAN_CLASSES && i < CLEAN_CLASSES; i++)
		add_labelled(out, name, "class", san_class_name(i), strlen(san_class_name(i)),
			     lanes_sum(map, LANE_CLASSES + (uint64_t)i));
}

static void add_views(const struct map *map, struct buf *out)
{
	static const char name[] = "tamis_page_views_total";

	add_head(out, name, "counter", "Page views by path template.");
	for (uint32_t slot = 0; slot < map->layout.route_slots; slot++) {
		size_t len;
		const char *text = route_text(map, slot, &len);
		uint64_t views = text ? lanes_sum(map, LANE_VIEWS + slot) : 0;

		if (views)
			add_labelled(out, name, "http_route", text, len, views);
	}
}

static void add_series_labels(const struct map *map, const struct series *series, struct buf *out)
{
	size_t len;
	const char *text;

	buf_addf(out, "http_request_method=\"%s\"", method_name(series->method));
	if (series->kind == SERIES_SERVER) {
		text = route_text(map, series->slot, &len);
		buf_adds(out, ",http_route=\"");
		add_label_value(out, text ? text : "", text ? len : 0);
		buf_addc(out, '"');
	}
	if (series->status)
		buf_addf(out, ",http_response_status_code=\"%u\"", series->status);
	else if (series->kind == SERIES_CLIENT)
		buf_adds(out, ",error_type=\"no_answer\"");
}

static void add_line(struct buf *out, const char *name, const char *suffix,
		     const struct buf *labels, const char *bound)
{
	buf_addf(out, "%s%s{", name, suffix);
	buf_add(out, labels->data, labels->len);
	if (bound)
		buf_addf(out, ",le=\"%s\"", bound);
	buf_adds(out, "} ");
}

static void add_one_series(const struct map *map, const char *name, uint32_t place,
			   const struct buf *labels, struct buf *out)
{
	static const char *const bounds[BUCKETS] = {
#define BUCKET(us, text) text,
#include "bucket.def"
#undef BUCKET
	    "+Inf",
	};
	uint64_t numbers[SERIES_WORDS], count = 0, sum;

	lanes_sum_series(map, place, numbers);
	sum = numbers[SERIES_SUM];
	for (unsigned i = 0; i < BUCKETS; i++)
		count += numbers[i];
	if (!count)
		return;
	count = 0;
	for (unsigned i = 0; i < BUCKETS; i++) {
		count += numbers[i];
		add_line(out, name, "_bucket", labels, bounds[i]);
		buf_addf(out, "%llu\n", (unsigned long long)count);
	}
	add_line(out, name, "_sum", labels, NULL);
	buf_addf(out, "%llu.%06llu\n", (unsigned long long)(sum / 1000000),
		 (unsigned long long)(sum % 1000000));
	add_line(out, name, "_count", labels, NULL);
	buf_addf(out, "%llu\n", (unsigned long long)count);
}

static void add_histogram(const struct map *map, enum series_kind kind, const char *name,
			  const char *help, struct buf *out)
{
	struct buf labels;

	buf_init(&labels, 8 * TEXT_MAX);
	add_head(out, name, "histogram", help);
	for (uint32_t place = 0; place < SERIES_MAX; place++) {
		struct series series;

		if (!series_read(map, place, &series) || series.kind != kind)
			continue;
		buf_reset(&labels);
		add_series_labels(map, &series, &labels);
		add_one_series(map, name, place, &labels, out);
	}
	buf_free(&labels);
}

void counters_text(const struct counters *counters, struct buf *out)
{
	const struct map *map = counters_map(counters);

	add_metrics(counters, out);
	add_types(map, out);
	add_repairs(map, out);
	add_redactions(map, out);
	add_views(map, out);
	add_histogram(map, SERIES_SERVER, "http_server_request_duration_seconds",
		      "Duration of requests served by the application's routes.", out);
	add_histogram(map, SERIES_CLIENT, "http_client_request_duration_seconds",
		      "Duration of requests to the upstream.", out);
}
