#ifndef MODELS_CHANNEL_H
#define MODELS_CHANNEL_H
/*
 * One input channel of a gate: remote, with credits and receive buffers of its own, or local.
 *
 * A remote channel owns E exclusive buffers and borrows floating ones from its gate's pool; every
 * buffer it gains is announced to the sender as credit. It tries to hold as many free buffers as
 * the sender's backlog, plus E. A local channel reads the producer's subpartition in place: no
 * credit, no buffer of its own. Mirrors RemoteInputChannel, BufferManager (rules RIC and BM) and
 * LocalInputChannel (rules LIC).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/buffer.h"
#include "models/item_queue.h"
#include "models/local_pool.h"
#include "models/subpartition.h"
#include "sim/compiler.h"
#include "sim/sim.h"

struct net_gate;
struct net_channel;
struct net_flow;
struct net_reader;

/* Something that a gate hands to its task. */
struct net_element {
    struct net_channel *channel;
    struct net_buffer *buffer; /* local data: referenced until net_channel_recycle() */
    net_segment segment;       /* remote data: the receive buffer */
    uint32_t bytes;
    uint32_t sequence;
    uint8_t type;      /* enum net_element_type */
    uint8_t next_type; /* NONE, or the type of the channel's next element */
    bool next_has_priority;
    bool is_exclusive; /* remote data: the segment is one of the channel's own */
};

/* What a remote channel asks of its connection's client side. */
struct net_client {
    void (*on_credit)(void *owner,
                      struct net_channel *channel); /* unannounced credit turned positive (RIC-4) */
    void (*resume)(void *owner, struct net_channel *channel); /* ResumeConsumption */
    void (*close)(void *owner, struct net_channel *channel);  /* released (BM-10); may be NULL */
    void (*on_size)(void *owner, struct net_channel *channel,
                    uint32_t bytes); /* NewBufferSize (DBL-6); may be NULL */
    void *owner;
};

/* A message that arrived, and waits for its task. */
struct net_received {
    net_segment segment; /* the receive buffer of data */
    uint32_t bytes;
    uint32_t sequence;
    uint8_t type;
    bool is_exclusive;
};

/* A job may have a million: no gaps, what every buffer needs first. */
struct net_channel {
    struct net_gate *gate;
    struct net_item_queue received;      /* of struct net_received */
    struct net_buffer_listener listener; /* of the gate's pool */
    struct net_segment_queue free_exclusive;
    struct net_segment_queue free_floating;
    int32_t required;      /* target number of free buffers (BM-1); may fall below 0 */
    uint32_t unannounced;  /* credit (RIC-4) */
    struct net_flow *flow; /* the records in it; NULL where only buffers are looked at */
    union {
        const struct net_client *client;            /* remote */
        struct net_subpartition_reader told_by_sub; /* local */
    };
    union {
        struct net_reader *reader;    /* remote: the sender's side, for the simulated connection */
        struct net_subpartition *sub; /* local: what it reads */
    };
    uint32_t next_ready; /* in the gate's queue (SIG-1): its index, or NET_CHANNEL_NONE */
    uint32_t previous_ready;
    uint32_t priority_count; /* priority elements at the head of `received` */
    uint32_t expected_sequence;
    uint32_t barrier_sequence; /* of the barrier that arrived */
    uint32_t received_bytes;   /* of data and events so far, modulo 2^32 */
    uint32_t exclusive_read;   /* receive buffers that the task has */
    uint32_t floating_read;
    uint32_t index; /* in the gate */
    bool is_remote : 1;
    bool is_queued : 1;
    bool is_queued_with_priority : 1;
    bool is_released : 1;
    bool has_no_credit : 1; /* buffers are taken from the gate's pool on arrival (LEG-3) */
    bool has_ended : 1;     /* its end of partition was polled (SIG-5) */
    bool has_barrier : 1;   /* the pending checkpoint's barrier has arrived (remote) */
    bool is_barrier_processed : 1;
    bool is_blocked : 1; /* its barrier blocked the subpartition, until it is resumed */
    bool is_waiting : 1; /* registered as listener (BM-1) */
};

#define NET_CHANNEL_NONE UINT32_MAX

_Static_assert(sizeof(struct net_channel) == 128, "a channel is two cache lines");

/* A remote channel with `exclusive` buffers to come (net_channel_assign_exclusive()), as many as
 * every other of the gate. */
void net_channel_init_remote(struct net_channel *channel, struct net_gate *gate, uint32_t index,
                             uint32_t exclusive, const struct net_client *client);

/* A local channel that reads `sub`; open it with net_channel_open_local(). */
void net_channel_init_local(struct net_channel *channel, struct net_gate *gate, uint32_t index,
                            struct net_subpartition *sub);
void net_channel_finish(struct net_channel *channel);

/* Take the E exclusive segments from the global pool (RIC-2). */
bool net_channel_assign_exclusive(struct net_channel *channel, struct sim_err *err);

/* Subscribe, and queue at the gate unconditionally (LIC-9). */
void net_channel_open_local(struct net_channel *channel);

/*
 * A message of data or an event arrives (RIC-3), with type, bytes and sequence filled in; data
 * takes a receive buffer, which is written to message->segment. False, with nothing else done, when
 * there is none, which a sender that keeps to its credit never sees (INV-9). What arrives at a
 * released channel is dropped.
 */
bool net_channel_receive(struct net_channel *channel, struct net_received *message,
                         uint32_t backlog);

/* RIC-3 step 7, and BacklogAnnouncement (RIC-6). */
void net_channel_on_backlog(struct net_channel *channel, uint32_t backlog);

/* The credits to announce now; they count as announced (RIC-4). */
uint32_t net_channel_take_credit(struct net_channel *channel);

/* RIC-7 or LIC-3: the channel's next element; false when there is none. */
bool net_channel_take(struct net_channel *channel, struct net_element *element);

/* Give a data element's buffer back (BM-6, BM-8, LIC-4). */
void net_channel_recycle(struct net_channel *channel, const struct net_element *element);

/* RIC-6, LIC-8: consumption goes on after a barrier. */
void net_channel_resume(struct net_channel *channel);

/* BM-10. */
void net_channel_release(struct net_channel *channel);

/* Visit the data that was received before the channel's barrier, all of it if none has arrived; the
 * channel is remote or nothing happens (CHK-10). */
void net_channel_visit_received(struct net_channel *channel,
                                void (*visit)(void *arg, struct net_channel *channel,
                                              const struct net_received *received),
                                void *arg);

/* Move a queued barrier to the front of a remote channel's queue, with priority (CHK-7). */
void net_channel_prioritise_barrier(struct net_channel *channel);

/* Keep a receive buffer from being recycled until net_channel_unpin() (CHK-12). */
void net_channel_pin(struct net_channel *channel, net_segment segment);
void net_channel_unpin(struct net_channel *channel, net_segment segment, bool is_exclusive);

/* DBL-6: ask the producer for buffers of `bytes` bytes from now on. */
void net_channel_announce_size(struct net_channel *channel, uint32_t bytes);

/* RIC-8: buffers in use; local: elements queued at the producer. */
uint32_t net_channel_buffers_in_use(const struct net_channel *channel);

/* Bytes of data that a remote channel has received and its task has not taken. */
uint64_t net_channel_queued_bytes(const struct net_channel *channel);

/* A message as the queue has it. */
static inline struct net_item net_received_item(const struct net_received *received)
{
    uint64_t type = received->type;
    uint64_t is_exclusive = received->is_exclusive;
    return (struct net_item){{
        received->segment | (uint64_t)received->bytes << 32,
        received->sequence | type << 32 | is_exclusive << 40,
    }};
}

/* A message that net_received_item() made an item of. */
static inline struct net_received net_received_of(struct net_item item)
{
    return (struct net_received){
        .segment = (net_segment)item.words[0],
        .bytes = (uint32_t)(item.words[0] >> 32),
        .sequence = (uint32_t)item.words[1],
        .type = (uint8_t)(item.words[1] >> 32),
        .is_exclusive = (item.words[1] >> 40 & 1) != 0,
    };
}

/* The message `index` places behind the head, which there must be. */
static inline struct net_received net_channel_received_at(const struct net_channel *channel,
                                                          uint32_t index)
{
    return net_received_of(net_items_at(&channel->received, index));
}

/* Elements queued (MET-4). */
uint32_t net_channel_queued(const struct net_channel *channel);

/* INV-8; true, or false with the broken rule in *err. */
bool net_channel_audit(const struct net_channel *channel, struct sim_err *err);

/* Bring a channel that will be used soon into the processor's cache. */
static inline void net_channel_prefetch(const struct net_channel *channel)
{
    sim_prefetch(channel);
    sim_prefetch((const char *)channel + 64);
}

/* How a channel hears of buffers of its gate's pool (BM-7). */
extern const struct net_listener_calls net_channel_listener_calls;

/* And what its next message will need, when the channel itself is there. */
void net_channel_prefetch_next(const struct net_channel *channel);

/* The channel that a listener of its gate's pool belongs to. */
static inline struct net_channel *
net_channel_of_listener(const struct net_buffer_listener *listener)
{
    uintptr_t address = (uintptr_t)listener - offsetof(struct net_channel, listener);
    return (struct net_channel *)address;
}

/* Free receive buffers (BM-1). */
static inline uint32_t net_channel_free(const struct net_channel *channel)
{
    return channel->free_exclusive.count + channel->free_floating.count;
}

#endif
