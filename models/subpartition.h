#ifndef MODELS_SUBPARTITION_H
#define MODELS_SUBPARTITION_H
/*
 * One queue of a result partition: what is on its way to one consumer subtask.
 *
 * The writer adds buffers while it still fills them; the one reader polls slices of what is there.
 * Readers are told only when the first finished buffer comes into being, by a flush, or by an
 * event; a lone full buffer waits for the next one. The backlog it reports counts data buffers,
 * without the open one unless a flush is pending. Mirrors PipelinedSubpartition and its view (rules
 * SUB).
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/buffer.h"
#include "models/item_queue.h"
#include "sim/time.h"

/* A queued consumer (BB-5). */
struct net_consumer {
    struct net_buffer *buffer; /* NULL for an event, whose bytes live on the heap */
    uint32_t read;             /* bytes polled so far; for an event: its size */
    uint8_t type;              /* enum net_element_type */
    bool is_finished;          /* as seen by the last build (BB-7) */
};

/* What a poll gives. The slice holds a reference to the buffer; the taker releases it with
 * net_buffer_release() to the recycler of the group. */
struct net_slice {
    struct net_buffer *buffer; /* NULL for an event */
    uint32_t bytes;
    enum net_element_type type;
    enum net_element_type next; /* NONE, or what can be taken without asking again (SUB-9) */
    uint32_t backlog;
    uint32_t sequence;
};

struct net_subpartition;

/* Gets a buffer of a subpartition, with its bytes that were not polled yet. */
typedef void (*net_buffer_visit_fn)(void *arg, const struct net_subpartition *sub,
                                    struct net_buffer *buffer, uint32_t bytes);

struct net_subpartition_reader;

/* How a reader is told (SUB-5, SUB-6, SUB-11): one table for all readers of a kind. */
struct net_reader_calls {
    void (*on_data)(struct net_subpartition_reader *reader);
    void (*on_priority)(struct net_subpartition_reader *reader, uint32_t sequence);
    /* It may be told soon: bring what that takes into the processor's cache. May be NULL. */
    void (*expect)(const struct net_subpartition_reader *reader);
};

/* Who is told, as a part of whatever reads. */
struct net_subpartition_reader {
    const struct net_reader_calls *calls;
};

/* What several readers spend waiting, summed up. Starts as {0}; sums may wrap on their way. */
struct net_waiting {
    uint64_t total; /* of those that are over, less when the others began */
    uint32_t count; /* that go on */
};

static inline void net_waiting_begin(struct net_waiting *waiting, sim_time now)
{
    waiting->total -= (uint64_t)now;
    waiting->count++;
}

static inline void net_waiting_end(struct net_waiting *waiting, sim_time now)
{
    waiting->total += (uint64_t)now;
    waiting->count--;
}

/* Up to now, those that go on included. */
static inline sim_time net_waiting_sum(const struct net_waiting *waiting, sim_time now)
{
    return (sim_time)(waiting->total + waiting->count * (uint64_t)now);
}

/* Told when a timeoutable barrier was polled, which blocks the subpartition (CHK-2, CHK-8). */
struct net_block_listener {
    void (*on_blocked)(void *owner);
    void *owner;
};

/* What the subpartitions of one partition have in common, and their sums. */
struct net_subpartition_group {
    uint64_t *stirred; /* a bit for each that a flush may concern: all others stay as they are */
    const struct net_recycler *recycler; /* of the buffers in them */
    uint64_t queued;                     /* elements in all of them */
    uint64_t polled_bytes;               /* of all of them */
    struct net_waiting for_credit; /* its remote readers: data is queued, and there is no credit */
    struct net_waiting for_link;   /* they could send */
    uint32_t count;
    bool has_no_exclusive;                           /* configured B = 0: SUB-8 */
    const struct net_block_listener *block_listener; /* or NULL */
    uint64_t total_buffers;                          /* added to all of them so far */
    struct net_ring_store *rings; /* of their queues; apart, since few need one */
};

struct net_subpartition {
    struct net_item_queue queue; /* of struct net_consumer, priority elements first */
    struct net_subpartition_group *group;
    struct net_subpartition_reader *reader; /* NULL until one attaches */
    uint64_t total_bytes;                   /* polled */
    uint32_t index;                         /* in the group */
    uint32_t data_count;                    /* n_data */
    uint32_t priority_count;
    uint32_t sequence;
    uint32_t size_hint; /* SUB-14 */
    bool is_flush_requested : 1;
    bool is_blocked : 1;
    bool is_finished : 1;
    bool is_released : 1;
    bool ends_finished : 1; /* the last element's `is_finished`, as it was queued */
};

_Static_assert(sizeof(struct net_subpartition) == 64, "a subpartition is a cache line");

/* The group of `count` subpartitions; storage is the caller's, the recycler is borrowed. */
void net_subpartition_group_init(struct net_subpartition_group *group, uint32_t count,
                                 uint32_t exclusive_per_channel,
                                 const struct net_recycler *recycler);
void net_subpartition_group_finish(struct net_subpartition_group *group);

/* Number `index` of a group, which must outlive it. `size_hint` 0 stands for none (2^31 - 1). */
void net_subpartition_init(struct net_subpartition *sub, struct net_subpartition_group *group,
                           uint32_t index, uint32_t size_hint);
void net_subpartition_finish(struct net_subpartition *sub);

/* Attach the reader, which is borrowed. It is not told of what is queued already: it looks for
 * itself (PRQ-8, LIC-9). */
void net_subpartition_attach(struct net_subpartition *sub, struct net_subpartition_reader *reader);

/* Bytes were written to a buffer that is queued in that subpartition: a flush may concern it. */
static inline void net_subpartition_group_stir(struct net_subpartition_group *group, uint32_t index)
{
    group->stirred[index / 64] |= UINT64_C(1) << index % 64;
}

/*
 * Queue a buffer that the writer fills (SUB-5); takes a reference of its own. Returns the desired
 * size of buffers (WR-6), or -1 when the subpartition is finished or released.
 */
int64_t net_subpartition_add(struct net_subpartition *sub, struct net_buffer *buffer);

/* Queue an event of `bytes` bytes (SUB-5, SUB-11). Returns as net_subpartition_add(). */
int64_t net_subpartition_add_event(struct net_subpartition *sub, enum net_element_type type,
                                   uint32_t bytes);

/* The reader asks for buffers of this size from now on (SUB-14). */
void net_subpartition_set_size_hint(struct net_subpartition *sub, uint32_t bytes);

/* SUB-6: whether an element is alone in the queue and has bytes that were not polled. */
bool net_subpartition_has_part(const struct net_subpartition *sub);

/* SUB-6. */
void net_subpartition_flush(struct net_subpartition *sub);

/* SUB-6 on all of a group, in index order, at the cost of those that were stirred since the last
 * time. `subs` is the first of them. */
void net_subpartition_flush_group(struct net_subpartition *subs);

/* Take what is next (SUB-7); false when there is nothing. */
bool net_subpartition_poll(struct net_subpartition *sub, struct net_slice *slice);

/* Add the end of partition (WR-12). Returns the event's bytes, 0 when it was finished before. */
uint32_t net_subpartition_end(struct net_subpartition *sub);

/* Release all that is queued. */
void net_subpartition_release(struct net_subpartition *sub);

/* Visit the data buffers, with their bytes that were not polled yet (perhaps none): what a barrier
 * that is put in front overtakes (CHK-9). */
void net_subpartition_visit(const struct net_subpartition *sub, net_buffer_visit_fn visit,
                            void *arg);

/*
 * Turn a timeoutable barrier that was not polled yet into an unaligned one, of `bytes` bytes, in
 * front of all data, visiting the data that it overtakes (CHK-8). False when there is none.
 */
bool net_subpartition_overtake(struct net_subpartition *sub, uint32_t bytes,
                               net_buffer_visit_fn visit, void *arg);

/* SUB-15. */
void net_subpartition_resume(struct net_subpartition *sub);

/* SUB-2 to SUB-4, SUB-12. */
uint32_t net_subpartition_finished_buffers(const struct net_subpartition *sub);
bool net_subpartition_has_data(const struct net_subpartition *sub);
uint32_t net_subpartition_backlog(const struct net_subpartition *sub);
bool net_subpartition_is_available(const struct net_subpartition *sub, bool has_credit);

/* Bytes of queued data that nobody has polled. */
uint64_t net_subpartition_unread_bytes(const struct net_subpartition *sub);

/* Elements queued: |q|. */
static inline uint32_t net_subpartition_length(const struct net_subpartition *sub)
{
    return net_items_count(&sub->queue);
}

/* An element that net_consumer_item() made an item of. */
static inline struct net_consumer net_consumer_of(struct net_item item)
{
    return (struct net_consumer){
        .buffer = (struct net_buffer *)(uintptr_t)item.words[0],
        .read = (uint32_t)item.words[1],
        .type = (uint8_t)(item.words[1] >> 32),
        .is_finished = (item.words[1] >> 40 & 1) != 0,
    };
}

/* An element as the queue has it. */
static inline struct net_item net_consumer_item(const struct net_consumer *consumer)
{
    uint64_t type = consumer->type;
    uint64_t is_finished = consumer->is_finished;
    return (struct net_item){{
        (uintptr_t)consumer->buffer,
        consumer->read | type << 32 | is_finished << 40,
    }};
}

/* The element `index` places behind the head, which there must be. */
static inline struct net_consumer net_subpartition_at(const struct net_subpartition *sub,
                                                      uint32_t index)
{
    return net_consumer_of(net_items_at(&sub->queue, index));
}

/* Bytes that are queued and were not polled, events included. */
uint64_t net_subpartition_queued_bytes(const struct net_subpartition *sub);

/* Whether net_subpartition_flush_group() would leave out what net_subpartition_flush() changes: a
 * mistake, for the audit. */
bool net_subpartition_is_passed_by(const struct net_subpartition *sub);

/* INV-10, INV-11 for this subpartition; `error` gets the broken rule. */
bool net_subpartition_audit(const struct net_subpartition *sub, struct sim_err *error);

#endif
