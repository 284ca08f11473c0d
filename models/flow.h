#ifndef MODELS_FLOW_H
#define MODELS_FLOW_H
/*
 * The records on their way through one channel, in order, from the writer to the deserialiser.
 *
 * Buffers only count bytes; which records the bytes belong to is known here, because bytes never
 * overtake each other. The writer appends a record before its first byte, the deserialiser takes it
 * out with its last (rules DES-1 to DES-3).
 */
#include <stdbool.h>
#include <stdint.h>

#include "models/ring.h"
#include "sim/time.h"

struct net_record {
    sim_time emitted; /* at the source, for the latency */
    int32_t key;
    uint32_t bytes; /* on the wire, length prefix included */
};

struct net_flow {
    struct net_ring records; /* of struct net_record: not yet completely read */
    uint64_t bytes;          /* of them, without what was read already */
    uint32_t gathered; /* bytes of the first one that were read already: spanning storage (DES-1) */
};

static inline void net_flow_push(struct net_flow *flow, const struct net_record *record)
{
    *(struct net_record *)net_ring_push(&flow->records, sizeof *record) = *record;
    flow->bytes += record->bytes;
}

/*
 * The next record from a buffer with *left unread bytes (DES-2). True with the record when it is
 * complete; false when the buffer is used up first. A buffer whose last byte ends the record leaves
 * *left 0 (DES-4).
 */
static inline bool net_flow_read(struct net_flow *flow, uint32_t *left, struct net_record *record)
{
    const struct net_record *head = net_ring_at(&flow->records, 0, sizeof *head);
    uint32_t need = head->bytes - flow->gathered;
    if (*left < need) {
        flow->gathered += *left;
        flow->bytes -= *left;
        *left = 0;
        return false;
    }
    *left -= need;
    flow->bytes -= need;
    flow->gathered = 0;
    *record = *head;
    net_ring_pop(&flow->records, sizeof *head);
    return true;
}

/* Looks at the records that come next, without reading them. */
struct net_flow_cursor {
    const struct net_flow *flow;
    uint32_t next;
    uint32_t gathered; /* bytes of it */
    uint32_t left;     /* unread bytes of the buffer */
};

static inline void net_flow_look(struct net_flow_cursor *cursor, const struct net_flow *flow,
                                 uint32_t left)
{
    *cursor = (struct net_flow_cursor){.flow = flow, .gathered = flow->gathered, .left = left};
}

/* The next record, when the buffer has all of it and more; else false. */
static inline bool net_flow_look_on(struct net_flow_cursor *cursor, struct net_record *record)
{
    const struct net_record *next = net_ring_at(&cursor->flow->records, cursor->next, sizeof *next);
    uint32_t need = next->bytes - cursor->gathered;
    if (need >= cursor->left) {
        return false;
    }
    cursor->left -= need;
    cursor->gathered = 0;
    cursor->next++;
    *record = *next;
    return true;
}

#endif
