#include "models/flow.h"

#include <string.h>

/* The upper part of a time in two words has 30 bits. */
#define LONG_END (INT64_C(1) << 62)

_Static_assert(offsetof(struct net_flow_large_chunk, chunk) + sizeof(struct net_flow_chunk) ==
                   sizeof(struct net_flow_large_chunk),
               "words come before a chunk, of either size");
_Static_assert(offsetof(struct net_flow_small_chunk, chunk) + sizeof(struct net_flow_chunk) ==
                   sizeof(struct net_flow_small_chunk),
               "words come before a chunk, of either size");

/* A chunk that takes `bytes` with its words: of those that are free, or a new one. */
static struct net_flow_chunk *take(struct net_flow_store *store, struct net_flow_chunk **free,
                                   size_t bytes)
{
    struct net_flow_chunk *chunk = *free;
    if (chunk == NULL) {
        char *block = sim_arena_alloc_aligned(store->arena, 1, bytes);
        return (void *)(block + bytes - sizeof *chunk);
    }
    *free = chunk->next;
    return chunk;
}

static struct net_flow_chunk *take_chunk(struct net_flow_store *store)
{
    return take(store, &store->free, sizeof(struct net_flow_large_chunk));
}

static struct net_flow_chunk *take_small(struct net_flow_store *store)
{
    return take(store, &store->free_small, sizeof(struct net_flow_small_chunk));
}

static void give_back(struct net_flow_chunk **free, struct net_flow_chunk *chunk)
{
    chunk->next = *free;
    *free = chunk;
}

static void give_head_back(struct net_flow *flow)
{
    struct net_flow_store *store = flow->store;
    give_back(flow->has_small_head ? &store->free_small : &store->free, flow->head);
    flow->has_small_head = false;
}

static bool has_runs(const struct net_flow_chunk *chunk)
{
    return (chunk->origin & NET_FLOW_HAS_RUNS) != 0;
}

/* Of a chunk that has runs. */
static uint32_t run_count(const struct net_flow_chunk *chunk)
{
    return (uint32_t)chunk->origin;
}

static void set_run_count(struct net_flow_chunk *chunk, uint32_t count)
{
    chunk->origin = NET_FLOW_HAS_RUNS | count;
}

/* Of a chunk that is not small. */
static struct net_flow_run *runs_of(struct net_flow_chunk *chunk)
{
    uintptr_t address = (uintptr_t)chunk - offsetof(struct net_flow_large_chunk, chunk);
    return ((struct net_flow_large_chunk *)address)->runs;
}

/* ---- words ---- */

/* Whether a full chunk is a run. */
static bool is_run(struct net_flow_chunk *chunk, struct net_flow_run *run)
{
    const uint32_t *words = net_flow_words(chunk, 0);
    uint32_t gap = words[1] - words[0];
    if (words[0] >= NET_FLOW_PAD || gap > INT32_MAX || words[2] - words[1] != gap) {
        return false;
    }
    uint32_t other = 0;
    for (uint32_t i = 1; i < NET_FLOW_WORDS; i++) {
        other |= (words[i] - words[i - 1]) ^ gap;
        other |= (words[i] + 1) & NET_FLOW_SHAPE; /* the first special one of them */
    }
    *run = (struct net_flow_run){
        .first = (uint64_t)net_flow_time(chunk, words[0]), .gap = gap, .count = NET_FLOW_WORDS};
    return other == 0;
}

/* Put a run behind others: into the last one, where it goes on evenly, or beside it. */
static bool add_run(struct net_flow_chunk *runs, const struct net_flow_run *run)
{
    uint32_t count = run_count(runs);
    struct net_flow_run *last = &runs_of(runs)[count - 1];
    if (last->gap == run->gap && last->first + (uint64_t)last->count * last->gap == run->first &&
        last->count <= UINT32_MAX - run->count) {
        last->count += run->count;
        return true;
    }
    if (count == NET_FLOW_RUNS) {
        return false;
    }
    runs_of(runs)[count] = *run;
    set_run_count(runs, count + 1);
    return true;
}

/* The last chunk is full. True when its words went into a chunk of runs and it is empty again. The
 * chunk that is being read stays as it is. */
static bool pack(struct net_flow *flow)
{
    struct net_flow_chunk *chunk = flow->tail;
    struct net_flow_run run;
    if (chunk == flow->head || !is_run(chunk, &run)) {
        return false;
    }
    if (chunk->runs_before != NULL && add_run(chunk->runs_before, &run)) {
        return true;
    }
    *runs_of(chunk) = run;
    set_run_count(chunk, 1);
    return false;
}

/* The first chunk of a flow that has none. */
static void begin_head(struct net_flow *flow, sim_time origin)
{
    flow->head = flow->tail = take_small(flow->store);
    flow->has_small_head = true;
    flow->head_at = NET_FLOW_WORDS - NET_FLOW_SMALL_WORDS;
    flow->tail_left = NET_FLOW_SMALL_WORDS;
    flow->tail->runs_before = NULL;
    flow->tail->origin = (uint64_t)origin;
}

/* What is alone moves to a chunk. */
static void settle_alone(struct net_flow *flow)
{
    flow->is_alone = false;
    begin_head(flow, flow->alone);
    *net_flow_words(flow->tail, NET_FLOW_WORDS - flow->tail_left--) = NET_FLOW_BIAS;
}

void net_flow_extend(struct net_flow *flow, sim_time origin)
{
    if (flow->head == NULL) {
        if (flow->is_alone) {
            settle_alone(flow);
        } else {
            begin_head(flow, origin);
        }
        return;
    }
    if (!pack(flow)) {
        struct net_flow_chunk *chunk = take_chunk(flow->store);
        chunk->runs_before = has_runs(flow->tail) ? flow->tail : NULL;
        flow->tail->next = chunk;
        flow->tail = chunk;
    }
    flow->tail_left = NET_FLOW_WORDS;
    flow->tail->origin = (uint64_t)origin;
}

/* A new last chunk, whatever room the present one has. */
static void begin_chunk(struct net_flow *flow, sim_time origin)
{
    while (flow->tail_left > 0) {
        *net_flow_words(flow->tail, NET_FLOW_WORDS - flow->tail_left--) = NET_FLOW_PAD;
        flow->specials++;
    }
    net_flow_extend(flow, origin);
}

static void push_pair(struct net_flow *flow, uint32_t first, uint32_t second)
{
    uint32_t *words = net_flow_words(flow->tail, NET_FLOW_WORDS - flow->tail_left);
    words[0] = first;
    words[1] = second;
    flow->tail_left = (uint8_t)(flow->tail_left - 2);
    flow->specials++;
}

/* What an empty flow begins with need not be written down. */
void net_flow_change_shape(struct net_flow *flow, uint64_t shape, sim_time emitted)
{
    flow->shape_written = shape;
    if (flow->count == 0) {
        flow->shape_read = shape;
        return;
    }
    if (flow->tail_left < 2) {
        begin_chunk(flow, emitted);
    }
    uint32_t bytes = (uint32_t)shape;
    uint32_t key = (uint32_t)(shape >> 32);
    push_pair(flow, NET_FLOW_SHAPE | (bytes & ~NET_FLOW_LONG), key | (bytes >> 30) << 31);
}

void net_flow_push_long(struct net_flow *flow, sim_time emitted)
{
    if (flow->tail_left >= 2 && emitted < LONG_END) {
        push_pair(flow, NET_FLOW_LONG | (uint32_t)(emitted >> 32), (uint32_t)emitted);
        return;
    }
    begin_chunk(flow, emitted);
    *net_flow_words(flow->tail, NET_FLOW_WORDS - flow->tail_left--) = NET_FLOW_BIAS;
}

static bool is_shape(uint32_t word)
{
    return (word & NET_FLOW_LONG) == NET_FLOW_SHAPE;
}

static uint64_t shape_of(const uint32_t *words)
{
    uint32_t bytes = (words[0] & ~NET_FLOW_LONG) | (words[1] >> 31) << 30;
    return (uint64_t)(words[1] & INT32_MAX) << 32 | bytes;
}

static sim_time long_of(const uint32_t *words)
{
    return (sim_time)((uint64_t)(words[0] & ~NET_FLOW_LONG) << 32 | words[1]);
}

void net_flow_skip(struct net_flow *flow)
{
    for (;;) {
        uint32_t word = net_flow_head(flow);
        if (word == NET_FLOW_PAD) {
            flow->head_at++;
        } else if (is_shape(word)) {
            flow->shape_read = shape_of(net_flow_words(flow->head, flow->head_at));
            flow->head_at = (uint8_t)(flow->head_at + 2);
        } else {
            return;
        }
        flow->specials--;
    }
}

sim_time net_flow_take_long(struct net_flow *flow)
{
    sim_time emitted = long_of(net_flow_words(flow->head, flow->head_at));
    flow->head_at = (uint8_t)(flow->head_at + 2);
    flow->specials--;
    return emitted;
}

/* ---- chunks ---- */

/* The last chunk has no chunk of runs before it any more. */
static void forget_runs_before(const struct net_flow *flow, struct net_flow_chunk *chunk)
{
    if (chunk == flow->tail) {
        chunk->runs_before = NULL;
    }
}

/* Let the first chunk, which is not a small one, have the first times of the first run that
 * follows; what is left of the runs stays behind it. */
static void unpack(struct net_flow *flow, struct net_flow_chunk *runs)
{
    struct net_flow_run *run = runs_of(runs);
    uint32_t count = run->count < NET_FLOW_WORDS ? run->count : NET_FLOW_WORDS;
    flow->head->origin = run->first;
    flow->head_at = (uint8_t)(NET_FLOW_WORDS - count);
    uint32_t *words = net_flow_words(flow->head, flow->head_at);
    for (uint32_t i = 0; i < count; i++) {
        words[i] = NET_FLOW_BIAS + i * run->gap;
    }
    run->first += (uint64_t)count * run->gap;
    run->count -= count;
    if (run->count > 0) {
        return;
    }
    uint32_t left = run_count(runs) - 1;
    memmove(run, run + 1, left * sizeof *run);
    set_run_count(runs, left);
    if (left == 0) {
        flow->head->next = runs->next;
        forget_runs_before(flow, runs->next);
        give_back(&flow->store->free, runs);
    }
}

void net_flow_shrink(struct net_flow *flow)
{
    if (flow->is_alone) {
        settle_alone(flow);
        return;
    }
    struct net_flow_chunk *next = flow->head->next;
    if (has_runs(next)) {
        if (flow->has_small_head) {
            give_head_back(flow);
            flow->head = take_chunk(flow->store);
            flow->head->next = next;
        }
        unpack(flow, next);
        return;
    }
    give_head_back(flow);
    flow->head = next;
    flow->head_at = 0;
}

void net_flow_clear(struct net_flow *flow)
{
    while (flow->head != flow->tail) {
        struct net_flow_chunk *next = flow->head->next;
        give_head_back(flow);
        flow->head = next;
    }
    if (flow->head != NULL) {
        give_head_back(flow);
    }
    flow->head = NULL;
    flow->tail = NULL;
    flow->tail_left = 0;
}

/* ---- looking ahead ---- */

/* The time that comes `skipped` times after the first of a chunk of runs. */
static bool find_in_runs(struct net_flow_chunk *chunk, uint64_t skipped, sim_time *emitted)
{
    if (!has_runs(chunk)) {
        return false;
    }
    const struct net_flow_run *runs = runs_of(chunk);
    for (uint32_t i = 0; i < run_count(chunk); i++) {
        const struct net_flow_run *run = &runs[i];
        if (skipped < run->count) {
            *emitted = (sim_time)(run->first + skipped * run->gap);
            return true;
        }
        skipped -= run->count;
    }
    return false;
}

uint32_t net_flow_look_further(struct net_flow_cursor *cursor, sim_time *emitted)
{
    if (cursor->chunk == NULL) {
        *emitted = cursor->alone;
        return 1;
    }
    for (;;) {
        struct net_flow_chunk *chunk = cursor->chunk;
        if (cursor->at >= NET_FLOW_WORDS) {
            if (find_in_runs(chunk, cursor->at - NET_FLOW_WORDS, emitted)) {
                return 1;
            }
            cursor->chunk = chunk->next;
            cursor->at = has_runs(cursor->chunk) ? NET_FLOW_WORDS : 0;
            continue;
        }
        const uint32_t *words = net_flow_words(chunk, cursor->at);
        if (words[0] < NET_FLOW_PAD) {
            *emitted = net_flow_time(chunk, words[0]);
            return 1;
        }
        if (words[0] == NET_FLOW_PAD) {
            cursor->at++;
        } else if (is_shape(words[0])) {
            cursor->shape = shape_of(words);
            cursor->at += 2;
        } else {
            *emitted = long_of(words);
            return 2;
        }
    }
}
