#ifndef BENCH_CREF_LADDER_H
#define BENCH_CREF_LADDER_H
/*
 * A ladder queue (after Tang, Goh and Thng 2005). What is far away lies unsorted in the top; when
 * it becomes near it is spread over the buckets of a rung, a bucket with much in it over those of a
 * further rung; a bucket with little in it is sorted into the bottom, where entries are taken from.
 * Buckets are lists of blocks; the bottom is an array, the next entry at its end.
 */
#include "bench/cref/common.h"

#define BLOCK_ENTRIES 15
#define BOTTOM_WANTED 48
#define RUNGS 10

struct block {
    uint32_t next; /* 0: none */
    uint32_t count;
    uint32_t unused[2];
    union entry entries[BLOCK_ENTRIES];
};

struct rung {
    double start;
    double width; /* of a bucket */
    double per_width;
    size_t buckets;
    size_t at;
    size_t capacity;
    size_t count;
    uint32_t *heads;
};

static struct block *blocks; /* from 1 on */
static uint32_t blocks_free;
static uint32_t blocks_used = 1;
static uint32_t top;
static size_t top_count;
static double top_least = INFINITY;
static double top_most = -1;
static double top_start; /* what is later goes into the top */
static struct rung rungs[RUNGS];
static int rung_count;
static union entry *bottom;
static size_t bottom_count;
static size_t bottom_capacity = 4096;

static void queue_start(size_t capacity)
{
    blocks = take_memory((capacity / 2 + 69632) * sizeof *blocks);
    bottom = malloc(bottom_capacity * sizeof *bottom);
}

static inline void put_in_list(uint32_t *head, union entry entry)
{
    uint32_t index = *head;
    if (index == 0 || blocks[index].count == BLOCK_ENTRIES) {
        uint32_t fresh = blocks_free;
        if (fresh != 0) {
            blocks_free = blocks[fresh].next;
        } else {
            fresh = blocks_used++;
        }
        blocks[fresh].count = 0;
        blocks[fresh].next = index;
        *head = index = fresh;
    }
    blocks[index].entries[blocks[index].count++] = entry;
}

/* Free a block; returns the one behind it. */
static inline uint32_t drop_block(uint32_t index)
{
    uint32_t next = blocks[index].next;
    blocks[index].next = blocks_free;
    blocks_free = index;
    return next;
}

static inline void append_to_bottom(union entry entry)
{
    if (bottom_count == bottom_capacity) {
        bottom_capacity *= 2;
        bottom = realloc(bottom, bottom_capacity * sizeof *bottom);
    }
    bottom[bottom_count++] = entry;
}

static void insert_in_bottom(union entry entry)
{
    append_to_bottom(entry);
    size_t at = bottom_count - 1;
    while (at > 0 && bottom[at - 1].key < entry.key) {
        bottom[at] = bottom[at - 1];
        at--;
    }
    bottom[at] = entry;
}

static inline void put_in_rung(struct rung *rung, union entry entry)
{
    double offset = (time_of(entry) - rung->start) * rung->per_width;
    size_t bucket = offset < 0 ? 0 : (size_t)offset;
    bucket = bucket >= rung->buckets ? rung->buckets - 1 : bucket;
    bucket = bucket < rung->at ? rung->at : bucket;
    put_in_list(&rung->heads[bucket], entry);
    rung->count++;
}

/* Spread a list over the buckets of a new rung. */
static void add_rung(uint32_t list, size_t count, double from, double to)
{
    struct rung *rung = &rungs[rung_count++];
    size_t buckets = count < 2 ? 2 : count;
    rung->start = from;
    rung->width = (to - from) / (double)buckets;
    rung->per_width = 1 / rung->width;
    rung->buckets = buckets + 1;
    rung->at = 0;
    rung->count = 0;
    if (rung->capacity < rung->buckets) {
        free(rung->heads);
        rung->capacity = 2 * rung->buckets;
        rung->heads = calloc(rung->capacity, sizeof *rung->heads);
    }
    for (; list != 0; list = drop_block(list)) {
        for (uint32_t i = 0; i < blocks[list].count; i++) {
            put_in_rung(rung, blocks[list].entries[i]);
        }
    }
}

static int compare_downwards(const void *a, const void *b)
{
    entry_key x = ((const union entry *)a)->key;
    entry_key y = ((const union entry *)b)->key;
    return (x < y) - (x > y);
}

/* The whole list, sorted, into the empty bottom. */
static void sort_into_bottom(uint32_t list, size_t count)
{
    bool is_small = count <= BOTTOM_WANTED;
    for (; list != 0; list = drop_block(list)) {
        for (uint32_t i = 0; i < blocks[list].count; i++) {
            if (is_small) {
                insert_in_bottom(blocks[list].entries[i]);
            } else {
                append_to_bottom(blocks[list].entries[i]);
            }
        }
    }
    if (!is_small) {
        qsort(bottom, bottom_count, sizeof *bottom, compare_downwards);
    }
}

/* The top becomes the first rung, or the bottom when there is little in it. True: a rung. */
static bool take_top(void)
{
    uint32_t list = top;
    size_t count = top_count;
    double least = top_least;
    double most = top_most;
    top = 0;
    top_count = 0;
    top_least = INFINITY;
    top_most = -1;
    top_start = most;
    if (most > least && count > BOTTOM_WANTED) {
        add_rung(list, count, least, most);
        double end = nextafter(rungs[0].start + rungs[0].width * (double)rungs[0].buckets, 0);
        top_start = end < most ? most : end;
        return true;
    }
    sort_into_bottom(list, count);
    return false;
}

/* Spread a bucket over a rung of its own where that makes sense. */
static bool can_spread(uint32_t list, size_t count, double from, double width)
{
    double least = INFINITY;
    double most = -1;
    if (count <= BOTTOM_WANTED || rung_count == RUNGS || width <= 1e-12 * (1 + from)) {
        return false;
    }
    for (uint32_t index = list; index != 0; index = blocks[index].next) {
        for (uint32_t i = 0; i < blocks[index].count; i++) {
            double time = time_of(blocks[index].entries[i]);
            least = time < least ? time : least;
            most = time > most ? time : most;
        }
    }
    if (most > least) {
        add_rung(list, count, from < least ? from : least,
                 from + width > most ? from + width : most);
    }
    return most > least;
}

static void refill_bottom(void)
{
    while (true) {
        while (rung_count > 0 && rungs[rung_count - 1].count == 0) {
            struct rung *empty = &rungs[--rung_count];
            memset(empty->heads, 0, empty->buckets * sizeof *empty->heads);
        }
        if (rung_count == 0) {
            if (top_count == 0 || !take_top()) {
                return;
            }
            continue;
        }
        struct rung *rung = &rungs[rung_count - 1];
        while (rung->heads[rung->at] == 0) {
            rung->at++;
        }
        uint32_t list = rung->heads[rung->at];
        size_t count = 0;
        for (uint32_t index = list; index != 0; index = blocks[index].next) {
            count += blocks[index].count;
        }
        double from = rung->start + rung->width * (double)rung->at;
        rung->heads[rung->at++] = 0;
        rung->count -= count;
        if (!can_spread(list, count, from, rung->width)) {
            sort_into_bottom(list, count);
            return;
        }
    }
}

static inline void queue_push(union entry entry)
{
    double time = time_of(entry);
    if (time > top_start || (rung_count == 0 && bottom_count == 0)) {
        put_in_list(&top, entry);
        top_count++;
        top_least = time < top_least ? time : top_least;
        top_most = time > top_most ? time : top_most;
        top_start = time <= top_start ? 0 : top_start;
        return;
    }
    for (int i = 0; i < rung_count; i++) {
        if (time >= rungs[i].start + rungs[i].width * (double)rungs[i].at) {
            put_in_rung(&rungs[i], entry);
            return;
        }
    }
    insert_in_bottom(entry);
}

static inline union entry queue_pop(void)
{
    if (bottom_count == 0) {
        refill_bottom();
    }
    return bottom[--bottom_count];
}

#endif
