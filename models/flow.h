#ifndef MODELS_FLOW_H
#define MODELS_FLOW_H
/*
 * The records on their way through one channel, in order, from the writer to the deserialiser.
 *
 * Buffers only count bytes; which records the bytes belong to is known here, because bytes never
 * overtake each other. The writer appends a record before its first byte, the deserialiser takes it
 * out with its last (rules DES-1 to DES-3).
 *
 * A record takes one word of 4 bytes, the time of its emission from the origin of its chunk. Where
 * that does not fit the time takes two words; where key and size differ from those of the record
 * before, two words before it say so. The words lie in chunks that all flows of a run share; the
 * chunk that was given back last is taken first, because it is still in the processor's cache. A
 * chunk full of times at even distances becomes a run: four words, and several runs, of any length,
 * go into one chunk.
 *
 * A record alone lies in the flow itself, which is a cache line: most flows of a large job hold a
 * record or none. It moves to a chunk when another one comes, or somebody reads it. The first chunk
 * of a flow is a small one.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/arena.h"
#include "sim/compiler.h"
#include "sim/time.h"

struct net_record {
    sim_time emitted; /* at the source, for the latency; below 2^63 ns */
    int32_t key;      /* 0 or greater */
    uint32_t bytes;   /* on the wire, length prefix included; below 2^31 */
};

#define NET_FLOW_WORDS 28u       /* of a chunk: with what is behind them, two cache lines */
#define NET_FLOW_SMALL_WORDS 12u /* of a small one: one */
#define NET_FLOW_RUNS (NET_FLOW_WORDS / 4)

/*
 * What a word is. Below NET_FLOW_PAD: the time origin + word - NET_FLOW_BIAS. NET_FLOW_PAD:
 * nothing, as the words that follow would not fit into the chunk. With NET_FLOW_SHAPE: the lower 30
 * bits of a size, and the next word is a key below the last bit of it; with NET_FLOW_LONG: the
 * upper 30 of 62 bits of a time, and the next word are the others. All but the first are special
 * ones.
 */
#define NET_FLOW_BIAS (UINT32_C(1) << 30)
#define NET_FLOW_PAD UINT32_C(0x7fffffff)
#define NET_FLOW_SHAPE (UINT32_C(2) << 30)
#define NET_FLOW_LONG (UINT32_C(3) << 30)

/* Times from `first` on, `gap` apart. */
struct net_flow_run {
    uint64_t first;
    uint32_t gap;
    uint32_t count;
};

/* Words end where it begins, and are numbered so that the last one is NET_FLOW_WORDS - 1: a small
 * chunk has those from NET_FLOW_WORDS - NET_FLOW_SMALL_WORDS on. */
struct net_flow_chunk {
    union {
        struct net_flow_chunk *next;
        struct net_flow_chunk *runs_before; /* of the last chunk: the one before it, or NULL if that
                                               has no runs */
    };
    uint64_t origin; /* of its times; or NET_FLOW_HAS_RUNS and how many, instead of words */
};

struct net_flow_large_chunk {
    union {
        uint32_t words[NET_FLOW_WORDS];
        struct net_flow_run runs[NET_FLOW_RUNS];
    };
    struct net_flow_chunk chunk;
};

struct net_flow_small_chunk {
    uint32_t words[NET_FLOW_SMALL_WORDS];
    struct net_flow_chunk chunk;
};

_Static_assert(sizeof(struct net_flow_large_chunk) == 128, "a chunk is two cache lines");
_Static_assert(sizeof(struct net_flow_small_chunk) == 64, "a small chunk is a cache line");

#define NET_FLOW_HAS_RUNS (UINT64_C(1) << 63)

/* Chunks that are free; shared by the flows of a run. {.arena = ...} is an empty one. */
struct net_flow_store {
    struct net_flow_chunk *free;
    struct net_flow_chunk *free_small;
    struct sim_arena *arena;
};

/* {.store = ...} is an empty one. Fields are private, but for the last three. */
struct net_flow {
    struct net_flow_store *store;
    struct net_flow_chunk *head; /* NULL: there is none */
    union {
        struct net_flow_chunk *tail;
        sim_time alone; /* of the only record, which is in no chunk */
    };
    uint64_t shape_written;  /* key (upper half) and size of the last record that was appended */
    uint64_t shape_read;     /* and of the last one that was looked at to be taken out */
    uint32_t specials;       /* special words, or pairs, that are not read yet */
    uint8_t head_at;         /* next word to be read */
    uint8_t tail_left;       /* free words of the last chunk */
    bool is_alone : 1;       /* there is a record, and no chunk */
    bool has_small_head : 1; /* the first chunk is a small one */
    uint32_t gathered;       /* bytes of the first record that were read already: spanning storage
                                (DES-1) */
    uint32_t count;          /* records that are not completely read */
    uint64_t bytes;          /* of them, without what was read already */
};

_Static_assert(sizeof(struct net_flow) == 64, "a flow is a cache line");

/* The record that comes is the only one: true when it needs no chunk. */
static inline bool net_flow_keep_alone(struct net_flow *flow, sim_time emitted)
{
    if (flow->head != NULL || flow->is_alone) {
        return false;
    }
    flow->alone = emitted;
    flow->is_alone = true;
    flow->head_at = NET_FLOW_WORDS; /* who reads it comes by net_flow_shrink() */
    return true;
}

/* Room for a time: what is alone moves to a chunk, or there is a new last chunk, whose origin is
 * that time. */
void net_flow_extend(struct net_flow *flow, sim_time origin);

/* The first chunk is used up, and there are more words; or there is a record alone. */
void net_flow_shrink(struct net_flow *flow);

/* No record is left: give all chunks back. */
void net_flow_clear(struct net_flow *flow);

/* The record that comes next has another key or size than the last one. */
void net_flow_change_shape(struct net_flow *flow, uint64_t shape, sim_time emitted);

/* Append a time that is no word of the last chunk. */
void net_flow_push_long(struct net_flow *flow, sim_time emitted);

/* Read what is before the next time, of which there must be one. */
void net_flow_skip(struct net_flow *flow);

/* Read the time at the head, a special one. */
sim_time net_flow_take_long(struct net_flow *flow);

static inline uint32_t *net_flow_words(struct net_flow_chunk *chunk, uint32_t at)
{
    return (uint32_t *)chunk - (NET_FLOW_WORDS - at);
}

static inline uint32_t net_flow_word(const struct net_flow_chunk *chunk, uint32_t at)
{
    return *((const uint32_t *)chunk - (NET_FLOW_WORDS - at));
}

static inline sim_time net_flow_time(const struct net_flow_chunk *chunk, uint32_t word)
{
    return (sim_time)(chunk->origin + word - NET_FLOW_BIAS);
}

static inline void net_flow_push_time(struct net_flow *flow, sim_time emitted)
{
    if (flow->tail_left == 0) {
        if (net_flow_keep_alone(flow, emitted)) {
            return;
        }
        net_flow_extend(flow, emitted);
    }
    uint64_t word = (uint64_t)emitted - flow->tail->origin + NET_FLOW_BIAS;
    if (word >= NET_FLOW_PAD) {
        net_flow_push_long(flow, emitted);
        return;
    }
    *net_flow_words(flow->tail, NET_FLOW_WORDS - flow->tail_left--) = (uint32_t)word;
}

static inline void net_flow_push_shape(struct net_flow *flow, const struct net_record *record,
                                       sim_time emitted)
{
    uint64_t shape = (uint64_t)(uint32_t)record->key << 32 | record->bytes;
    if (shape != flow->shape_written) {
        net_flow_change_shape(flow, shape, emitted);
    }
}

static inline void net_flow_push(struct net_flow *flow, const struct net_record *record)
{
    net_flow_push_shape(flow, record, record->emitted);
    net_flow_push_time(flow, record->emitted);
    flow->count++;
    flow->bytes += record->bytes;
}

/* `count` records of the same size and key, emitted at every `step`-th of these times; at least
 * one. */
static inline void net_flow_push_all(struct net_flow *flow, const struct net_record *record,
                                     const sim_time *emitted, uint32_t step, uint32_t count)
{
    net_flow_push_shape(flow, record, *emitted);
    flow->count += count;
    flow->bytes += (uint64_t)count * record->bytes;
    while (count > 0) {
        if (flow->tail_left == 0) {
            if (count == 1 && net_flow_keep_alone(flow, *emitted)) {
                return;
            }
            net_flow_extend(flow, *emitted);
        }
        uint32_t words = count < flow->tail_left ? count : flow->tail_left;
        uint32_t *word = net_flow_words(flow->tail, NET_FLOW_WORDS - flow->tail_left);
        uint64_t origin = flow->tail->origin - NET_FLOW_BIAS;
        uint32_t done = 0;
        for (; done < words && (uint64_t)*emitted - origin < NET_FLOW_PAD; done++) {
            word[done] = (uint32_t)((uint64_t)*emitted - origin);
            emitted += step;
        }
        flow->tail_left = (uint8_t)(flow->tail_left - done);
        count -= done;
        if (done < words) {
            net_flow_push_long(flow, *emitted);
            emitted += step;
            count--;
        }
    }
}

/* The word at the head, which there must be. */
static inline uint32_t net_flow_head(struct net_flow *flow)
{
    if (flow->head_at == NET_FLOW_WORDS) {
        net_flow_shrink(flow);
    }
    return net_flow_word(flow->head, flow->head_at);
}

/* The size of the first record, which there must be. */
static inline uint32_t net_flow_size(struct net_flow *flow)
{
    if (net_flow_head(flow) >= NET_FLOW_PAD) {
        net_flow_skip(flow);
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
    uint32_t word = net_flow_word(flow->head, flow->head_at);
    if (word < NET_FLOW_PAD) {
        record->emitted = net_flow_time(flow->head, word);
        flow->head_at++;
    } else {
        record->emitted = net_flow_take_long(flow);
    }
    record->key = (int32_t)(flow->shape_read >> 32);
    record->bytes = bytes;
    if (--flow->count == 0) {
        net_flow_clear(flow);
    }
    return true;
}

/* Whether all records are of the size and key that the last one had which was read, and the times
 * of all are words. */
static inline bool net_flow_is_even(const struct net_flow *flow)
{
    return flow->specials == 0 && flow->count > 0;
}

static inline int32_t net_flow_even_key(const struct net_flow *flow)
{
    return (int32_t)(flow->shape_read >> 32);
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
        const uint32_t *word = net_flow_words(flow->head, flow->head_at);
        uint64_t origin = flow->head->origin - NET_FLOW_BIAS;
        if (words == NET_FLOW_WORDS) { /* a loop of known length is unrolled */
            for (uint32_t i = 0; i < NET_FLOW_WORDS; i++) {
                emitted[i] = (sim_time)(origin + word[i]);
            }
        } else {
            for (uint32_t i = 0; i < words; i++) {
                emitted[i] = (sim_time)(origin + word[i]);
            }
        }
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
    struct net_flow_chunk *chunk; /* NULL: the record is alone */
    sim_time alone;
    uint64_t shape;
    uint32_t at;       /* in a chunk of runs: NET_FLOW_WORDS and how many of its times were seen */
    uint32_t gathered; /* bytes of the next record */
    uint32_t left;     /* unread bytes of the buffer */
};

static inline void net_flow_look(struct net_flow_cursor *cursor, const struct net_flow *flow,
                                 uint32_t left)
{
    *cursor = (struct net_flow_cursor){.chunk = flow->head,
                                       .alone = flow->alone,
                                       .shape = flow->shape_read,
                                       .at = flow->head_at,
                                       .gathered = flow->gathered,
                                       .left = left};
}

/* Go to the next time, which is not just a word; returns how many words it takes. */
uint32_t net_flow_look_further(struct net_flow_cursor *cursor, sim_time *emitted);

/* The next record, when the buffer has all of it and more; else false. */
static inline bool net_flow_look_on(struct net_flow_cursor *cursor, struct net_record *record)
{
    sim_time emitted;
    uint32_t words = 1;
    if (cursor->at < NET_FLOW_WORDS && net_flow_word(cursor->chunk, cursor->at) < NET_FLOW_PAD) {
        emitted = net_flow_time(cursor->chunk, net_flow_word(cursor->chunk, cursor->at));
    } else {
        words = net_flow_look_further(cursor, &emitted);
    }
    uint32_t need = (uint32_t)cursor->shape - cursor->gathered;
    if (need >= cursor->left) {
        return false;
    }
    cursor->left -= need;
    cursor->gathered = 0;
    cursor->at += words;
    record->emitted = emitted;
    record->key = (int32_t)(cursor->shape >> 32);
    record->bytes = (uint32_t)cursor->shape;
    return true;
}

#endif
