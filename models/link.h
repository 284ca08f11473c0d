#ifndef MODELS_LINK_H
#define MODELS_LINK_H
/*
 * One direction of a connection's way through the network: a link, and the network interfaces at
 * its ends.
 *
 * Bytes leave one after the other at the link's bandwidth, of which only a part is left in its slow
 * phases and nothing in its stalls; they arrive after its latency and a random jitter, never before
 * what was sent earlier. What all connections of a task manager send, or receive, goes through its
 * interface in the order in which it was written; a message is sent when the link and both
 * interfaces have sent it. (SIM-3: no loss, no congestion control.)
 */
#include <stdint.h>

#include "models/spec.h"
#include "sim/random.h"
#include "sim/time.h"

/* One direction of a task manager's network interface. */
struct net_nic {
    double bytes_per_second; /* 0: without limit */
    sim_time free_at;
};

/* What a message needs is 64 bytes from `spec` on. */
struct net_link {
    sim_time horizon; /* what is not through by then is NET_LINK_NEVER: the end of the run */
    const struct net_link_spec *spec; /* borrowed */
    struct net_nic *from;             /* that the bytes leave through; NULL: without limit */
    struct net_nic *to;
    sim_time free_at; /* when everything so far is sent */
    sim_time last_arrival;
    int64_t busy_bytes;  /* sent without a gap, up to free_at */
    sim_time passed_at;  /* when the phase began in which the sockets' bytes were last through */
    double passed_bytes; /* of busy_bytes, through by then */
    struct sim_stream jitter;
};

/* When a message is where. */
struct net_passage {
    sim_time sent;     /* its last byte is on the link */
    sim_time absorbed; /* no more than the sockets' bytes of it and its predecessors are unsent */
    sim_time arrival;
};

/* Stalls may leave a link no time at all: its messages are sent then. */
#define NET_LINK_NEVER (SIM_TIME_MAX / 2)

/* Links point into themselves (stream): they must not be moved afterwards. `name` is that of the
 * random stream, in a run of `seed` and `replication`. */
void net_link_init(struct net_link *link, const struct net_link_spec *spec);
void net_link_seed(struct net_link *link, uint64_t seed, uint64_t replication, const char *name);

/* Send `bytes` behind what was sent before; `socket_bytes` is what the sockets absorb (NET-7). */
struct net_passage net_link_send(struct net_link *link, sim_time now, int64_t bytes,
                                 int64_t socket_bytes);

/* LEG-2: bytes of a plain TCP connection that are sent and not read at most: what fills the link
 * there and back, what the sender's sockets absorb, and what the receiver's hold by default. */
int64_t net_link_window(const struct net_link_spec *data, const struct net_link_spec *control,
                        int64_t socket_bytes);

#endif
