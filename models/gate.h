#ifndef MODELS_GATE_H
#define MODELS_GATE_H
/*
 * An input gate: the channels through which one subtask reads one upstream vertex.
 *
 * Channels with data queue up, each at most once, and are served round robin, one buffer a turn; a
 * channel whose next element has priority goes to the front section. Mirrors SingleInputGate (rules
 * SIG).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/channel.h"
#include "models/debloat.h"
#include "sim/compiler.h"
#include "sim/sim.h"
#include "sim/stats.h"

/* What every buffer needs is in the first two cache lines, and in `used_level` and `pins`. */
struct net_gate {
    struct sim *sim;
    struct net_buffer *buffers;  /* of the task manager's segments */
    struct net_local_pool *pool; /* floating buffers */
    struct net_channel *channels;
    uint32_t ready_head;      /* first channel of the queue, NET_CHANNEL_NONE when it is empty */
    uint32_t ready_tail;      /* last one */
    uint32_t priority_tail;   /* last of the front section, NET_CHANNEL_NONE when that is empty */
    uint32_t queued;          /* channels in the queue */
    uint32_t exclusive;       /* E of each remote channel */
    uint32_t exclusive_total; /* sum of E over remote channels */
    uint32_t exclusive_free;
    uint32_t floating_held; /* free floating buffers in channels */

    void (*on_available)(void *owner,
                         struct net_gate *gate); /* the queue was empty and is not (SIG-3) */
    void (*on_received)(void *owner, struct net_channel *channel,
                        const struct net_received *received); /* data (CHK-10); may be NULL */
    void *owner;
    struct net_debloater *debloater; /* NULL: buffers keep their size; owned by the caller */
    uint64_t queued_elements;        /* received by remote channels, not yet polled */
    uint64_t queued_bytes;           /* of those elements (MET-6) */
    uint64_t buffers_in_remote;      /* polled, events included (MET-7) */
    uint64_t bytes_in_remote;

    struct sim_level used_level; /* buffers that hold data */
    uint32_t pins;               /* of receive buffers (CHK-12) */
    struct net_segments *segments;

    uint64_t buffers_in_local;
    uint64_t bytes_in_local;
    uint32_t count;
    uint32_t local_from; /* its local channels lie from here */
    uint32_t local_to;   /* to before here; the same: there is none */
    void (*on_priority)(
        void *owner,
        struct net_gate *gate);       /* the first priority channel came in (SIG-4); may be NULL */
    struct net_throughput throughput; /* DBL-2, with a debloater */
    struct net_ring_store rings;      /* of what its channels have received */
};

_Static_assert(offsetof(struct net_gate, on_available) == 64, "a cache line");
_Static_assert(offsetof(struct net_gate, used_level) == 128, "two cache lines");

/* Bring a gate for which a buffer comes soon into the processor's cache. */
static inline void net_gate_prefetch(const struct net_gate *gate)
{
    sim_prefetch(gate);
    sim_prefetch(&gate->on_available);
    sim_prefetch(&gate->used_level);
}

struct net_gate_params {
    struct net_segments *segments;
    struct net_local_pool *pool;
    uint32_t channels;
    void (*on_available)(void *owner, struct net_gate *gate);
    void (*on_priority)(void *owner, struct net_gate *gate);
    void *owner;
};

/* The channels are zeroed; the caller initialises each as remote or local. */
void net_gate_init(struct net_gate *gate, struct sim *sim, const struct net_gate_params *params);
void net_gate_finish(struct net_gate *gate);

/* SIG-1 */
static inline bool net_gate_is_available(const struct net_gate *gate)
{
    return gate->ready_head != NET_CHANNEL_NONE;
}

/* SIG-2; false when there is nothing. The end of a partition releases its channel (SIG-5). */
bool net_gate_poll(struct net_gate *gate, struct net_element *element);

/* Whether a channel with a priority element is waiting (SIG-4). */
static inline bool net_gate_has_priority(const struct net_gate *gate)
{
    return gate->priority_tail != NET_CHANNEL_NONE;
}

/* The gate has nothing for its task: its throughput is not measured until it has (DBL-2). */
void net_gate_pause(struct net_gate *gate);

/* DBL-3 to DBL-6: renew the buffer size, and announce it to every channel where it changed enough.
 */
void net_gate_debloat(struct net_gate *gate);

/* SIG-3, SIG-4: a channel has data. */
void net_gate_notify(struct net_gate *gate, struct net_channel *channel, bool has_priority);

/* Buffers that hold data: floating and exclusive (MET-1 and MET-2, numerators). */
int64_t net_gate_floating_used(const struct net_gate *gate);
int64_t net_gate_exclusive_used(const struct net_gate *gate);

/* After a change of what the two above count. */
void net_gate_note_used(struct net_gate *gate);

/* Buffers in use of all channels, as debloating counts them (RIC-8). */
uint64_t net_gate_buffers_in_use(const struct net_gate *gate);

/* inputQueueLength (MET-4). */
uint64_t net_gate_queue_length(const struct net_gate *gate);

/* INV-7, INV-8, INV-13, INV-14; true, or false with the broken rule in *err. */
bool net_gate_audit(const struct net_gate *gate, struct sim_err *err);

#endif
