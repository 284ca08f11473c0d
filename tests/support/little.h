#ifndef TESTS_SUPPORT_LITTLE_H
#define TESTS_SUPPORT_LITTLE_H
/*
 * Little's law, exactly: over any time, the integral of how many are there equals the sum of how
 * long each of them was there. It holds, whatever the load, when what counts the occupants and what
 * moves them agree: for the segments of every global pool, output pool, subpartition (those that
 * the pool counts for it, and those in its queue), floating pool and gate, and of every channel,
 * remote or local; for the records of every channel, from the writer to the deserialiser.
 *
 * The integrals are those that the model keeps for its results, or of the number that it counts;
 * the times are measured from outside, by looking after every event where each single segment and
 * record is. A local channel's number is that of its producer's pool, so the one end is held
 * against the other. Records also tell their own times: those that arrived at a task must be as
 * many as it says it served, and as old as in its latencies, however many hops away their source
 * is.
 */
#include "tests/support/net_job.h"

struct little;

/* Watch a job that has been started, from now on; audits its invariants after every event too. */
struct little *little_create(struct net_job *job);
void little_destroy(struct little *little);

/* Look now; done after every event. Without the audit of the invariants. */
void little_look(struct little *little);

/* Compare up to now: false, with the first place that differs in *err. *compared is how many places
 * had anybody in them. */
bool little_holds(const struct little *little, uint32_t *compared, struct sim_err *err);

/* The same; fails the test. Returns how many were compared. */
uint32_t little_check(const struct little *little);

#endif
