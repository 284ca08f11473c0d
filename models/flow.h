#ifndef MODELS_FLOW_H
#define MODELS_FLOW_H
/*
 * The records on their way through one channel, in order, from the writer to the deserialiser.
 *
 * Buffers only count bytes; which records the bytes belong to is known here, because bytes never
 * overtake each other. The writer appends a record before its first byte, the deserialiser takes it
 * out with its last (rules DES-1 to DES-3).
 *
 * A record takes one word of 8 bytes, the time of its emission. Key and size stand in a word of
 * their own before it where they differ from those of the record before. The words lie in small
 * chunks that all flows of a run share; the chunk that was given back last is taken first, because
 * it is still in the processor's cache. A chunk full of times at even distances becomes a run:
 * three words, and many runs go into one chunk.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sim/arena.h"
#include "sim/time.h"

struct net_record {
    sim_time emitted; /* at the source, for the latency; below 2^63 ns */
    int32_t key;      /* 0 or greater */
    uint32_t bytes;   /* on the wire, length prefix included */
};

#define NET_FLOW_WORDS 29u /* with what is before them, four cache lines */
#define NET_FLOW_RUNS (NET_FLOW_WORDS / 3)

/* Times from `first` on, `gap` apart. */
struct net_flow_run {
    uint64_t first;
    uint64_t gap;
    uint64_t count;
};

struct net_flow_chunk {
    struct net_flow_chunk *next;
    struct net_flow_chunk *runs_before; /* of the last chunk: the one before it, if that has runs */
    uint64_t run_count;                 /* 0: the chunk has words */
    union {
        uint64_t words[NET_FLOW_WORDS];
        struct net_flow_run runs[NET_FLOW_RUNS];
    };
};

_Static_assert(sizeof(struct net_flow_chunk) == 256, "a chunk is four cache lines");

/* Chunks that are free; shared by the flows of a run. {.arena = ...} is an empty one. */
struct net_flow_store {
    struct net_flow_chunk *free;
    struct sim_arena *arena;
};

/* {.store = ...} is an empty one. Fields are private, but for the last three. */
struct net_flow {
    struct net_flow_store *store;
    struct net_flow_chunk *head;
    struct net_flow_chunk *tail;
    uint64_t shape_written; /* key and size of the last record that was appended */
    uint64_t shape_read;    /* and of the last one that was looked at to be taken out */
    uint32_t shapes;        /* words with them that are not read yet */
    uint8_t head_at;        /* next word to be read */
    uint8_t tail_left;      /* free words of the last chunk */
    uint32_t gathered;      /* bytes of the first record that were read already: spanning storage
                               (DES-1) */
    uint32_t count;         /* records that are not completely read */
    uint64_t bytes;         /* of them, without what was read already */
};

_Static_assert(sizeof(struct net_flow) == 64, "a flow is a cache line");

#define NET_FLOW_SHAPE (UINT64_C(1) << 63) /* tells such a word from a time */

/* A new last chunk. */
void net_flow_extend(struct net_flow *flow);

/* The first chunk is used up, and there are more words. */
void net_flow_shrink(struct net_flow *flow);

/* No record is left: give all chunks back. */
void net_flow_clear(struct net_flow *flow);

static inline void net_flow_push_word(struct net_flow *flow, uint64_t word)
{
    if (flow->tail_left == 0) {
        net_flow_extend(flow);
    }
    flow->tail->words[NET_FLOW_WORDS - flow->tail_left--] = word;
}

static inline void net_flow_push_shape(struct net_flow *flow, const struct net_record *record)
{
    uint64_t shape = NET_FLOW_SHAPE | (uint64_t)(uint32_t)record->key << 32 | record->bytes;
    if (shape != flow->shape_written) {
        net_flow_push_word(flow, shape);
        flow->shape_written = shape;
        flow->shapes++;
    }
}

static inline void net_flow_push(struct net_flow *flow, const struct net_record *record)
{
    net_flow_push_shape(flow, record);
    net_flow_push_word(flow, (uint64_t)record->emitted);
    flow->count++;
    flow->bytes += record->bytes;
}

/* `count` records of the same size and key, emitted at every `step`-th of these times. */
static inline void net_flow_push_all(struct net_flow *flow, const struct net_record *record,
                                     const sim_time *emitted, uint32_t step, uint32_t count)
{
    net_flow_push_shape(flow, record);
    flow->count += count;
    flow->bytes += (uint64_t)count * record->bytes;
    while (count > 0) {
        if (flow->tail_left == 0) {
            net_flow_extend(flow);
        }
        uint32_t words = count < flow->tail_left ? count : flow->tail_left;
        uint64_t *word = flow->tail->words + NET_FLOW_WORDS - flow->tail_left;
        for (uint32_t i = 0; i < words; i++, emitted += step) {
            word[i] = (uint64_t)*emitted;
        }
        flow->tail_left = (uint8_t)(flow->tail_left - words);
        count -= words;
    }
}

/* The word at the head, which there must be. */
static inline uint64_t net_flow_head(struct net_flow *flow)
{
    if (flow->head_at == NET_FLOW_WORDS) {
        net_flow_shrink(flow);
    }
    return flow->head->words[flow->head_at];
}

/* The size of the first record, which there must be. */
static inline uint32_t net_flow_size(struct net_flow *flow)
{
    uint64_t word = net_flow_head(flow);
    if ((word & NET_FLOW_SHAPE) != 0) {
        flow->shape_read = word;
        flow->shapes--;
        flow->head_at++;
    }
    return (uint32_t)flow->shape_read;
}

/*
 * The next record from a buffer with *left unread bytes (DES-2). True with the record when it is
 * complete; false when the buffer is used up first. A buffer whose last byte ends the record leaves
 * *left 0 (DES-4).
 */
static inline bool net_flow_read(struct net_flow *flow, uint32_t *left, struct net_record *record)
{
    uint32_t bytes = net_flow_size(flow);
    uint32_t need = bytes - flow->gathered;
    if (*left < need) {
        flow->gathered += *left;
        flow->bytes -= *left;
        *left = 0;
        return false;
    }
    *left -= need;
    flow->bytes -= need;
    flow->gathered = 0;
    record->emitted = (sim_time)net_flow_head(flow);
    record->key = (int32_t)(flow->shape_read >> 32 & INT32_MAX);
    record->bytes = bytes;
    flow->head_at++;
    if (--flow->count == 0) {
        net_flow_clear(flow);
    }
    return true;
}

/* Whether all records are of the size and key that the last one had which was read. */
static inline bool net_flow_is_even(const struct net_flow *flow)
{
    return flow->shapes == 0 && flow->count > 0;
}

static inline int32_t net_flow_even_key(const struct net_flow *flow)
{
    return (int32_t)(flow->shape_read >> 32 & INT32_MAX);
}

/* How many records of an even flow a buffer with `left` unread bytes has, but the one that uses it
 * up or does not end in it. */
static inline uint32_t net_flow_even_count(const struct net_flow *flow, uint32_t left)
{
    uint32_t bytes = (uint32_t)flow->shape_read;
    uint32_t first = bytes - flow->gathered;
    return first >= left ? 0 : 1 + (left - 1 - first) / bytes;
}

/* Take out `count` of them; emitted[] gets their times. Returns how many bytes of the buffer. */
static inline uint32_t net_flow_read_all(struct net_flow *flow, sim_time *emitted, uint32_t count)
{
    uint32_t used = count * (uint32_t)flow->shape_read - flow->gathered;
    flow->gathered = 0;
    flow->bytes -= used;
    flow->count -= count;
    while (count > 0) {
        if (flow->head_at == NET_FLOW_WORDS) {
            net_flow_shrink(flow);
        }
        uint32_t words = NET_FLOW_WORDS - flow->head_at;
        words = count < words ? count : words;
        memcpy(emitted, flow->head->words + flow->head_at, words * sizeof *emitted);
        flow->head_at = (uint8_t)(flow->head_at + words);
        emitted += words;
        count -= words;
    }
    if (flow->count == 0) {
        net_flow_clear(flow);
    }
    return used;
}

/* Looks at the records that come next, without reading them. There must be some, and bytes that
 * were not read must have been written. */
struct net_flow_cursor {
    const struct net_flow_chunk *chunk;
    uint64_t shape;
    uint32_t at;       /* in a chunk of runs: NET_FLOW_WORDS and how many of its times were seen */
    uint32_t gathered; /* bytes of the next record */
    uint32_t left;     /* unread bytes of the buffer */
};

static inline void net_flow_look(struct net_flow_cursor *cursor, const struct net_flow *flow,
                                 uint32_t left)
{
    *cursor = (struct net_flow_cursor){.chunk = flow->head,
                                       .shape = flow->shape_read,
                                       .at = flow->head_at,
                                       .gathered = flow->gathered,
                                       .left = left};
}

/* Behind the words of a chunk. */
uint64_t net_flow_look_behind(struct net_flow_cursor *cursor);

static inline uint64_t net_flow_look_at(struct net_flow_cursor *cursor)
{
    return cursor->at < NET_FLOW_WORDS ? cursor->chunk->words[cursor->at]
                                       : net_flow_look_behind(cursor);
}

/* The next record, when the buffer has all of it and more; else false. */
static inline bool net_flow_look_on(struct net_flow_cursor *cursor, struct net_record *record)
{
    uint64_t word = net_flow_look_at(cursor);
    if ((word & NET_FLOW_SHAPE) != 0) {
        cursor->shape = word;
        cursor->at++;
        word = net_flow_look_at(cursor);
    }
    uint32_t need = (uint32_t)cursor->shape - cursor->gathered;
    if (need >= cursor->left) {
        return false;
    }
    cursor->left -= need;
    cursor->gathered = 0;
    cursor->at++;
    record->emitted = (sim_time)word;
    record->key = (int32_t)(cursor->shape >> 32 & INT32_MAX);
    record->bytes = (uint32_t)cursor->shape;
    return true;
}

#endif
