#include "models/flow.h"

static struct net_flow_chunk *take_chunk(struct net_flow_store *store)
{
    struct net_flow_chunk *chunk = store->free;
    if (chunk == NULL) {
        return sim_arena_alloc_aligned(store->arena, 1, sizeof *chunk);
    }
    store->free = chunk->next;
    return chunk;
}

static void give_back(struct net_flow_store *store, struct net_flow_chunk *chunk)
{
    chunk->next = store->free;
    store->free = chunk;
}

/* Whether a full chunk is a run; a shape is too great to be a time at the same distance. */
static bool is_run(const struct net_flow_chunk *chunk, struct net_flow_run *run)
{
    uint64_t gap = chunk->words[1] - chunk->words[0];
    for (uint32_t i = 1; i < NET_FLOW_WORDS; i++) {
        if (chunk->words[i] - chunk->words[i - 1] != gap ||
            (chunk->words[i] & NET_FLOW_SHAPE) != 0) {
            return false;
        }
    }
    *run = (struct net_flow_run){.first = chunk->words[0], .gap = gap, .count = NET_FLOW_WORDS};
    return (run->first & NET_FLOW_SHAPE) == 0;
}

/* Put a run behind others: into the last one, where it goes on evenly, or beside it. */
static bool add_run(struct net_flow_chunk *runs, const struct net_flow_run *run)
{
    struct net_flow_run *last = &runs->runs[runs->run_count - 1];
    if (last->gap == run->gap && last->first + last->count * last->gap == run->first) {
        last->count += run->count;
        return true;
    }
    if (runs->run_count == NET_FLOW_RUNS) {
        return false;
    }
    runs->runs[runs->run_count++] = *run;
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
        flow->tail_left = NET_FLOW_WORDS;
        return true;
    }
    chunk->run_count = 1;
    chunk->runs[0] = run;
    return false;
}

void net_flow_extend(struct net_flow *flow)
{
    if (flow->tail != NULL && pack(flow)) {
        return;
    }
    struct net_flow_chunk *chunk = take_chunk(flow->store);
    chunk->next = NULL;
    chunk->runs_before = NULL;
    chunk->run_count = 0;
    if (flow->tail == NULL) {
        flow->head = chunk;
        flow->head_at = 0;
    } else {
        chunk->runs_before = flow->tail->run_count > 0 ? flow->tail : NULL;
        flow->tail->next = chunk;
    }
    flow->tail = chunk;
    flow->tail_left = NET_FLOW_WORDS;
}

/* Let a chunk of words have the first times of the first run that follows; what is left of the runs
 * stays behind it. */
static struct net_flow_chunk *unpack(struct net_flow *flow, struct net_flow_chunk *chunk,
                                     struct net_flow_chunk *runs)
{
    struct net_flow_run *run = &runs->runs[0];
    uint32_t count = run->count < NET_FLOW_WORDS ? (uint32_t)run->count : NET_FLOW_WORDS;
    flow->head_at = (uint8_t)(NET_FLOW_WORDS - count);
    for (uint32_t i = 0; i < count; i++) {
        chunk->words[flow->head_at + i] = run->first + i * run->gap;
    }
    run->first += count * run->gap;
    run->count -= count;
    chunk->run_count = 0;
    chunk->next = runs;
    if (run->count == 0) {
        runs->run_count--;
        memmove(&runs->runs[0], &runs->runs[1], runs->run_count * sizeof runs->runs[0]);
    }
    if (runs->run_count == 0) {
        chunk->next = runs->next;
        runs->next->runs_before = NULL;
        give_back(flow->store, runs);
    }
    return chunk;
}

void net_flow_shrink(struct net_flow *flow)
{
    struct net_flow_chunk *chunk = flow->head;
    struct net_flow_chunk *next = chunk->next;
    if (next->run_count > 0) {
        flow->head = unpack(flow, chunk, next);
        return;
    }
    flow->head = next;
    flow->head_at = 0;
    next->runs_before = NULL;
    give_back(flow->store, chunk);
}

void net_flow_clear(struct net_flow *flow)
{
    while (flow->head != NULL) {
        struct net_flow_chunk *chunk = flow->head;
        flow->head = chunk->next;
        give_back(flow->store, chunk);
    }
    flow->tail = NULL;
    flow->tail_left = 0;
}

/* The time that comes `skipped` times after the first of a chunk of runs. */
static bool find_in_runs(const struct net_flow_chunk *chunk, uint64_t skipped, uint64_t *word)
{
    for (uint64_t i = 0; i < chunk->run_count; i++) {
        const struct net_flow_run *run = &chunk->runs[i];
        if (skipped < run->count) {
            *word = run->first + skipped * run->gap;
            return true;
        }
        skipped -= run->count;
    }
    return false;
}

uint64_t net_flow_look_behind(struct net_flow_cursor *cursor)
{
    uint64_t word;
    if (cursor->chunk->run_count > 0 &&
        find_in_runs(cursor->chunk, cursor->at - NET_FLOW_WORDS, &word)) {
        return word;
    }
    cursor->chunk = cursor->chunk->next;
    cursor->at = cursor->chunk->run_count > 0 ? NET_FLOW_WORDS : 0;
    return cursor->chunk->run_count > 0 ? cursor->chunk->runs[0].first : cursor->chunk->words[0];
}
