/*
 * lanes - see lanes.h and layout.h.
 *
 * An event goes: stamp given, event on the spool, event counted. A kill between the last
 * two leaves a seq given and not counted: who claims the lane next puts it among the
 * lane's unresolved ones and goes on after it, and counters_recount(), when the event turns
 * up on the spool, counts it in lane 0 together with the note that it is resolved. At most
 * UNRESOLVED_MAX such seqs of a lane are remembered, the oldest is forgotten.
 */
#include "lanes.h"

#include <assert.h>
#include <string.h>

#include "bucket.h"
#include "clock.h"
#include "pages.h"

#define LOOKS 16

struct counter_lane {
	struct counters *counters;
	struct book *book; /* in which the lane lies */
	int64_t again_us;  /* not to be moved before */
	unsigned calls;
	uint64_t base; /* first word */
	uint32_t number;
	uint64_t allocated[SERIES_MAX / 64]; /* series whose page is on the disk */
	struct route_cache cache;
};

/* A redo record being written; see lane_publish(). */
struct redo {
	const struct map *map;
	uint64_t base;
	unsigned n;
};

static void redo_put(struct redo *redo, uint64_t word, uint64_t value)
{
	uint64_t at = redo->base + LANE_ENTRIES + 2 * redo->n++;

	assert(redo->n <= REDO_MAX);
	map_set(redo->map, at, word);
	map_set(redo->map, at + 1, value);
}

static void redo_add(struct redo *redo, uint64_t cell, uint64_t n)
{
	redo_put(redo, redo->base + cell, map_get(redo->map, redo->base + cell) + n);
}

static void redo_apply(const struct map *map, uint64_t base)
{
	uint64_t state = atomic_load_explicit(&map->words[base + LANE_REDO], memory_order_acquire);
	uint64_t end = layout_lane(&map->layout, map_lanes(map));

	for (uint64_t i = 0; i < (state & 0xff) && i < REDO_MAX; i++) {
		uint64_t word = map_get(map, base + LANE_ENTRIES + 2 * i);

		if (word < end) /* else the file is damaged */
			map_set(map, word, map_get(map, base + LANE_ENTRIES + 2 * i + 1));
	}
	atomic_store_explicit(&map->words[base + LANE_REDO], (state | 0xff) + 1,
			      memory_order_release);
}

/* From here on the record counts, whatever happens; the fence keeps the order for a kill. */
static void redo_commit(const struct redo *redo)
{
	_Atomic uint64_t *state = &redo->map->words[redo->base + LANE_REDO];

	atomic_store_explicit(state, atomic_load_explicit(state, memory_order_relaxed) | redo->n,
			      memory_order_release);
	atomic_thread_fence(memory_order_release);
	redo_apply(redo->map, redo->base);
}

/* Everything that one event adds, without its seq. */
static void redo_event(struct redo *redo, const struct clean *clean, const struct routes *routes,
		       struct route_cache *cache)
{
	static const char nothing[CLEAN_CLASSES * sizeof(uint16_t)];
	const uint16_t *redactions = clean_redactions(clean);
	const uint8_t *repairs = clean_repairs(clean);

	redo_add(redo, LANE_METRICS + METRIC_ACCEPTED, 1);
	redo_add(redo, LANE_TYPES + (uint64_t)clean_type(clean), 1);
	if (clean_is_view(clean))
		redo_add(redo, LANE_VIEWS + route_find(routes, cache, clean_route(clean)), 1);
	if (memcmp(redactions, nothing, CLEAN_CLASSES * sizeof(*redactions)) != 0)
		for (unsigned i = 0; i < CLEAN_CLASSES; i++)
			if (redactions[i])
				redo_add(redo, LANE_CLASSES + i, redactions[i]);
	if (memcmp(repairs, nothing, REPAIRS) != 0)
		for (unsigned i = 0; i < REPAIRS; i++)
			if (repairs[i])
				redo_add(redo, LANE_REPAIRS + i, repairs[i]);
}

static bool is_unresolved(const struct map *map, uint32_t lane, uint64_t seq, uint64_t *resolved)
{
	uint64_t base = layout_lane(&map->layout, lane);

	for (unsigned i = 0; i < UNRESOLVED_MAX; i++) {
		*resolved = map->layout.resolved + (uint64_t)lane * UNRESOLVED_MAX + i;
		if (map_get(map, base + LANE_UNRESOLVED + i) == seq)
			return map_get(map, *resolved) != seq;
	}
	return false;
}

/* Note seq as given and not counted, and go on after it. Safe to be killed in and begun again. */
static void lane_leave_out(const struct map *map, uint32_t lane, uint64_t seq)
{
	uint64_t base = layout_lane(&map->layout, lane);
	uint64_t deaths = map_get(map, base + LANE_DEATHS);
	uint64_t last = base + LANE_UNRESOLVED + (deaths + UNRESOLVED_MAX - 1) % UNRESOLVED_MAX;

	if (map_get(map, last) != seq) {
		map_set(map, base + LANE_UNRESOLVED + deaths % UNRESOLVED_MAX, seq);
		atomic_thread_fence(memory_order_release);
		map_set(map, base + LANE_DEATHS, deaths + 1);
	}
	atomic_thread_fence(memory_order_release);
	map_set(map, base + LANE_SEQ, seq);
	if (map_get(map, base + LANE_GIVEN) < seq)
		map_set(map, base + LANE_GIVEN, seq);
}

/* With the lane locked: finish what a dead owner began. */
static void lane_settle(const struct map *map, uint32_t lane)
{
	uint64_t base = layout_lane(&map->layout, lane);

	redo_apply(map, base);
	if (map_get(map, base + LANE_GIVEN) > map_get(map, base + LANE_SEQ))
		lane_leave_out(map, lane, map_get(map, base + LANE_GIVEN));
}

static enum status lane_claim(struct map *map, uint32_t *number)
{
	uint32_t n = (uint32_t)map_lanes(map);
	enum status st = ST_BUSY;

	for (uint32_t lane = 1; lane < n && st == ST_BUSY; lane++) {
		st = map_lock_lane(map, lane);
		*number = lane;
	}
	if (st != ST_BUSY)
		return st;
	st = map_grow(map, number);
	return st == ST_OK ? map_lock_lane(map, *number) : st;
}

static enum status lane_begin(struct map *map, uint32_t *number)
{
	enum status st = map->writable ? map_lock(map) : ST_DENIED;

	if (st != ST_OK)
		return st;
	st = lane_claim(map, number);
	if (st == ST_OK)
		lane_settle(map, *number);
	map_unlock(map);
	return st;
}

static void lane_enter(struct counter_lane *lane, struct book *book, uint32_t number)
{
	lane->book = book;
	lane->number = number;
	lane->base = layout_lane(&book->map.layout, number);
}

static void lane_leave(const struct counter_lane *lane)
{
	struct map *map = &lane->book->map;

	if (map_lock(map) != ST_OK)
		return;
	map_unlock_lane(map, lane->number);
	map_unlock(map);
}

enum status counters_lane(struct counter_lane **out, struct counters *counters)
{
	struct book *book = counters_book(counters);
	struct counter_lane *lane = pages_new(sizeof *lane);
	uint32_t number;
	enum status st;

	if (!lane)
		return ST_NO_MEMORY;
	st = lane_begin(&book->map, &number);
	if (st != ST_OK) {
		pages_free(lane, sizeof *lane);
		return st;
	}
	lane->counters = counters;
	lane_enter(lane, book, number);
	*out = lane;
	return ST_OK;
}

void counters_lane_end(struct counter_lane *lane)
{
	if (!lane)
		return;
	lane_leave(lane);
	pages_free(lane, sizeof *lane);
}

/* Where the new file has no place for it the lane stays in the old one for another while. */
static void lane_move(struct counter_lane *lane, struct book *book)
{
	int64_t now_us = clock_coarse_us();
	uint32_t number;

	if (now_us < lane->again_us)
		return;
	lane->again_us = now_us + US_PER_S;
	if (lane_begin(&book->map, &number) != ST_OK)
		return;
	lane_leave(lane);
	lane_enter(lane, book, number);
	memset(lane->allocated, 0, sizeof lane->allocated);
	memset(&lane->cache, 0, sizeof lane->cache);
}

/* To the file that is used now. What an owner does first; what it does follows in one file. */
static inline void lane_follow(struct counter_lane *lane)
{
	struct book *book = counters_book(lane->counters);

	if (book != lane->book)
		lane_move(lane, book);
}

/* The same, and one in LOOKS asks whether it is still that: the clock costs more than to count. */
static inline void lane_follow_and_look(struct counter_lane *lane)
{
	if (lane->calls++ % LOOKS == 0)
		counters_look(lane->counters);
	lane_follow(lane);
}

struct stamp counters_stamp(struct counter_lane *lane)
{
	const struct map *map;
	uint64_t seq;

	lane_follow(lane);
	map = &lane->book->map;
	seq = map_get(map, lane->base + LANE_SEQ) + 1;
	map_set(map, lane->base + LANE_GIVEN, seq);
	return (struct stamp){map_get(map, AT_EPOCH), seq, lane->number};
}

void counters_accept(struct counter_lane *lane, const struct clean *clean)
{
	const struct map *map = &lane->book->map;
	struct redo redo = {map, lane->base, 0};

	redo_put(&redo, lane->base + LANE_SEQ, map_get(map, lane->base + LANE_GIVEN));
	redo_event(&redo, clean, &lane->book->routes, &lane->cache);
	redo_commit(&redo);
}

/* With LOCK_TABLE held: is the event one that nobody counted or ever will? */
static bool is_missing(struct map *map, const struct stamp *stamp, uint64_t *resolved)
{
	uint64_t base = layout_lane(&map->layout, stamp->lane);

	if (stamp->seq > map_get(map, base + LANE_SEQ)) {
		if (map_lock_lane(map, stamp->lane) != ST_OK)
			return false; /* under way: its owner lives and counts it */
		lane_settle(map, stamp->lane);
		if (stamp->seq > map_get(map, base + LANE_SEQ))
			lane_leave_out(map, stamp->lane, stamp->seq);
		map_unlock_lane(map, stamp->lane);
	}
	return is_unresolved(map, stamp->lane, stamp->seq, resolved);
}

int counters_recount(struct counters *counters, const struct stamp *stamp,
		     const struct clean *clean)
{
	struct book *book = counters_book(counters);
	struct map *map = &book->map;
	struct redo redo = {map, layout_lane(&map->layout, 0), 0};
	uint64_t resolved;
	bool missing;

	if (!map->writable || stamp->epoch != map_get(map, AT_EPOCH) || stamp->lane == 0 ||
	    stamp->lane >= map_lanes(map))
		return 0;
	/* Nearly every record of a segment was counted: no lock for those. */
	if (stamp->seq <= map_get(map, layout_lane(&map->layout, stamp->lane) + LANE_SEQ) &&
	    !is_unresolved(map, stamp->lane, stamp->seq, &resolved))
		return 0;
	if (map_lock(map) != ST_OK)
		return 0;
	redo_apply(map, redo.base);
	missing = is_missing(map, stamp, &resolved);
	if (missing) {
		redo_put(&redo, resolved, stamp->seq);
		redo_event(&redo, clean, &book->routes, &book->recount_cache);
		redo_commit(&redo);
	}
	map_unlock(map);
	return missing;
}

/* A cell as it is, or will be once its lane's redo is applied. */
static uint64_t lane_read(const struct map *map, uint32_t lane, uint64_t cell)
{
	uint64_t base = layout_lane(&map->layout, lane);
	_Atomic uint64_t *at = &map->words[base + LANE_REDO];
	uint64_t state = atomic_load_explicit(at, memory_order_acquire);
	uint64_t value = map_get(map, base + cell), redone = value;

	for (uint64_t i = 0; i < (state & 0xff) && i < REDO_MAX; i++)
		if (map_get(map, base + LANE_ENTRIES + 2 * i) == base + cell)
			redone = map_get(map, base + LANE_ENTRIES + 2 * i + 1);
	atomic_thread_fence(memory_order_acquire);
	if (atomic_load_explicit(at, memory_order_relaxed) != state)
		return map_get(map, base + cell); /* its owner lives and has applied it */
	return redone > value ? redone : value;
}

bool counters_counted(const struct counters *counters, const struct stamp *stamp)
{
	const struct map *map = counters_map(counters);
	uint64_t resolved;

	return stamp->epoch == map_get(map, AT_EPOCH) && stamp->lane > 0 &&
	       stamp->lane < map_lanes(map) &&
	       stamp->seq <= lane_read(map, stamp->lane, LANE_SEQ) &&
	       !is_unresolved(map, stamp->lane, stamp->seq, &resolved);
}

void counters_add(struct counter_lane *lane, enum metric metric, uint64_t n)
{
	const struct map *map;
	uint64_t at;

	/* Each event begins with it, and takes longer than to ask the clock. */
	if (metric == METRIC_RECEIVED)
		counters_look(lane->counters);
	lane_follow(lane);
	map = &lane->book->map;
	at = lane->base + LANE_METRICS + (uint64_t)metric;
	map_set(map, at, map_get(map, at) + n);
}

/* Upper bounds of OpenTelemetry's buckets for durations, in microseconds. */
static unsigned bucket_of(uint64_t duration_us)
{
	static const uint64_t bounds[] = {
#define BUCKET(us, text) us,
#include "bucket.def"
#undef BUCKET
	};
	unsigned i = 0;

	while (i < sizeof bounds / sizeof *bounds && duration_us > bounds[i])
		i++;
	return i;
}

/* First word of the series in the lane. False: full disk; not counted rather than killed by SIGBUS.
 */
static bool series_cell(struct counter_lane *lane, struct series series, uint64_t *cell)
{
	struct map *map = &lane->book->map;
	uint32_t place = series_find(map, &lane->cache, series);
	uint64_t bit = UINT64_C(1) << (place % 64);

	*cell = layout_lane_series(&map->layout, place);
	if (lane->allocated[place / 64] & bit)
		return true;
	if (map_allocate(map, lane->base + *cell, SERIES_WORDS) != ST_OK)
		return false;
	lane->allocated[place / 64] |= bit;
	return true;
}

static void series_add(struct counter_lane *lane, struct series series, uint64_t duration_us)
{
	struct redo redo = {&lane->book->map, lane->base, 0};
	uint64_t cell;

	if (!series_cell(lane, series, &cell))
		return;
	redo_add(&redo, cell + bucket_of(duration_us), 1);
	redo_add(&redo, cell + SERIES_SUM, duration_us);
	redo_commit(&redo);
}

static struct series series_of_route(struct counter_lane *lane, const char *method,
				     const char *route, int status)
{
	return (struct series){
	    .kind = SERIES_SERVER,
	    .slot = route_find(&lane->book->routes, &lane->cache, route),
	    .method = method_find(method),
	    .status = status >= 100 && status <= 999 ? (unsigned)status : 0,
	};
}

void counters_route(struct counter_lane *lane, const char *method, const char *route, int status,
		    uint64_t duration_us)
{
	lane_follow_and_look(lane);
	series_add(lane, series_of_route(lane, method, route, status), duration_us);
}

bool counters_add_route(struct counter_lane *lane, const struct route_count *count)
{
	struct redo redo;
	uint64_t cell;

	lane_follow_and_look(lane);
	redo = (struct redo){&lane->book->map, lane->base, 0};
	_Static_assert(BUCKETS == SERIES_SUM && SERIES_WORDS <= REDO_MAX, "one record holds all");
	if (!series_cell(lane, series_of_route(lane, count->method, count->route, count->status),
			 &cell))
		return false;
	for (unsigned i = 0; i < BUCKETS; i++)
		if (count->buckets[i])
			redo_add(&redo, cell + i, count->buckets[i]);
	redo_add(&redo, cell + SERIES_SUM, count->duration_us);
	redo_commit(&redo);
	return true;
}

void counters_upstream(struct counter_lane *lane, int status, uint64_t duration_us)
{
	struct series series = {
	    .kind = SERIES_CLIENT,
	    .method = method_find("POST"),
	    .status = status >= 100 && status <= 999 ? (unsigned)status : 0,
	};

	lane_follow_and_look(lane);
	series_add(lane, series, duration_us);
}

uint64_t lanes_sum(const struct map *map, uint64_t cell)
{
	uint32_t n = (uint32_t)map_lanes(map);
	uint64_t sum = 0;

	for (uint32_t lane = 0; lane < n; lane++)
		sum += lane_read(map, lane, cell);
	return sum;
}

void lanes_sum_series(const struct map *map, uint32_t place, uint64_t sums[SERIES_WORDS])
{
	uint64_t cell = layout_lane_series(&map->layout, place);
	uint32_t n = (uint32_t)map_lanes(map);

	memset(sums, 0, SERIES_WORDS * sizeof *sums);
	for (uint32_t lane = 0; lane < n; lane++) {
		if (!map_holds(map, layout_lane(&map->layout, lane) + cell))
			continue;
		for (unsigned i = 0; i < SERIES_WORDS; i++)
			sums[i] += lane_read(map, lane, cell + i);
	}
}
