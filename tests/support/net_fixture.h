#ifndef TESTS_SUPPORT_NET_FIXTURE_H
#define TESTS_SUPPORT_NET_FIXTURE_H
/*
 * Parts of the network stack for tests, without a world around them: a result partition, a gate of
 * remote channels, and both with a sender between them whose wire the test moves by hand.
 *
 * Fields of params that are 0 take the defaults of Flink 2.2: 32 KiB segments, 2 exclusive buffers,
 * 10 buffers a subpartition, 20 of overdraft, no flush after a record.
 */
#include "models/gate.h"
#include "models/partition.h"
#include "models/sender.h"

#define NET_FIXTURE_CHANNELS 4
#define NET_FIXTURE_NOTHING UINT32_MAX /* where 0 has another meaning: none at all */

/* Let the clock of a simulation with nothing pending go on to `at`. */
void net_fixture_advance(struct sim *sim, sim_time at);

/* A reader of a subpartition that counts what it is told. */
struct net_told {
    struct net_subpartition_reader reader; /* first */
    int data;
    int priority;
    uint32_t priority_sequence;
};

void net_told_init(struct net_told *told);

struct net_producer_params {
    struct sim *sim; /* NULL: one of its own, whose clock stands at 0 */
    uint32_t subpartitions;
    uint32_t exclusive; /* NET_FIXTURE_NOTHING: 0 */
    uint32_t segments;  /* of the global pool: 100 */
    uint32_t segment_bytes;
    int64_t required; /* subpartitions + 1 */
    int64_t max;      /* 100 */
    int64_t max_per_subpartition;
    int64_t max_overdraft; /* -1: 0 */
    uint32_t size_hint;
    bool flushes_always;
};

struct net_producer {
    struct sim *sim;
    struct sim *own_sim; /* or NULL */
    struct net_segments segments;
    struct net_local_pool *pool;
    struct net_partition partition;
    struct net_told told[NET_FIXTURE_CHANNELS];
};

void net_producer_init(struct net_producer *producer, const struct net_producer_params *params);
void net_producer_finish(struct net_producer *producer);

/* Let producer->told read all subpartitions. */
void net_producer_attach(struct net_producer *producer);

/* Poll and give the slice back at once; fails the test when there is nothing. */
struct net_slice net_producer_poll(struct net_producer *producer, uint32_t subpartition);

/* The poll finds nothing. */
void net_producer_poll_nothing(struct net_producer *producer, uint32_t subpartition);

/* Emit; fails the test when the writer blocks. */
void net_producer_emit(struct net_producer *producer, uint32_t subpartition, uint32_t bytes,
                       uint32_t times);

/* INV-1 to INV-5 of the pools, INV-10 and INV-11 of the partition. */
void net_producer_check(const struct net_producer *producer);

struct net_receiver_params {
    struct sim *sim;    /* likewise */
    uint32_t channels;  /* 1 */
    uint32_t exclusive; /* NET_FIXTURE_NOTHING: 0 */
    int64_t floating;   /* at most: 8; 1 is guaranteed */
    uint32_t segments;  /* as many as channels and pool can have */
};

/* A gate of remote channels; counts what it and its client are told. */
struct net_receiver {
    struct sim *sim;
    struct sim *own_sim; /* or NULL */
    struct net_segments segments;
    struct net_local_pool *pool;
    struct net_gate gate;
    struct net_client client;
    int credits[NET_FIXTURE_CHANNELS];
    int resumes[NET_FIXTURE_CHANNELS];
    int closes[NET_FIXTURE_CHANNELS];
    int available;
    int priority;
};

void net_receiver_init(struct net_receiver *receiver, const struct net_receiver_params *params);
void net_receiver_finish(struct net_receiver *receiver);
struct net_channel *net_receiver_channel(struct net_receiver *receiver, uint32_t channel);

/* A message of data or an event arrives; fails the test when there is no buffer for it. */
struct net_received net_receiver_data(struct net_receiver *receiver, uint32_t channel,
                                      uint32_t bytes, uint32_t backlog);
void net_receiver_event(struct net_receiver *receiver, uint32_t channel,
                        enum net_element_type type);

/* Take the next element of a channel, whatever the gate says; fails the test when there is none. */
struct net_element net_receiver_take(struct net_receiver *receiver, uint32_t channel);

/* Take it and give it back at once. */
void net_receiver_consume(struct net_receiver *receiver, uint32_t channel);

/* required, exclusive and floating buffers that are free, unannounced credit. */
void net_receiver_expect(struct net_receiver *receiver, uint32_t channel, int32_t required,
                         uint32_t exclusive, uint32_t floating, uint32_t unannounced);

/* Segments that its channels have beside those of the pool. */
int64_t net_receiver_exclusive(const struct net_receiver *receiver);

/* INV-1 to INV-5 of the pools, INV-7, INV-8, INV-13 and INV-14 of the gate. */
void net_receiver_check(const struct net_receiver *receiver);

/* Producer, sender, receiver. Subpartition i feeds channel i. */
struct net_loop {
    struct net_producer producer;
    struct net_receiver receiver;
    struct net_sender sender;
    struct net_reader readers[NET_FIXTURE_CHANNELS];
    struct net_reader *posts[64]; /* notifications that wait for the sender's event loop */
    uint32_t post_count;
    struct net_message writes[64]; /* not complete */
    uint32_t write_count;
    struct net_message messages[64]; /* complete, not arrived */
    uint32_t message_count;
    bool is_unwritable;
};

/* The receiver gets as many channels as there are subpartitions, with the same exclusive buffers.
 */
void net_loop_init(struct net_loop *loop, const struct net_producer_params *producer,
                   const struct net_receiver_params *receiver);
void net_loop_finish(struct net_loop *loop);

/* Run what was posted to the sender's event loop (PRQ-2). */
void net_loop_run_posts(struct net_loop *loop);

/* The oldest write is complete; the message is returned. What was posted is run. */
struct net_message net_loop_sent(struct net_loop *loop);

/* The oldest message arrives. */
void net_loop_deliver(struct net_loop *loop);

/* The client announces the credit of a channel, and it arrives at once; returns it. */
uint32_t net_loop_announce(struct net_loop *loop, uint32_t channel);

/* All writes complete, all messages arrive, all credit is announced, until nothing moves. */
void net_loop_settle(struct net_loop *loop);

/* The audits of both ends, and INV-6, INV-9, INV-11 and INV-13 between them. */
void net_loop_check(struct net_loop *loop);

#endif
