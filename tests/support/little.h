#ifndef TESTS_SUPPORT_LITTLE_H
#define TESTS_SUPPORT_LITTLE_H
/*
 * Little's law, exactly: over any time, the integral of how many are there equals the sum of how
 * long each of them was there. It holds for every pool, gate and channel of a world, whatever the
 * load, when what counts the occupants and what moves them agree.
 *
 * The integrals are those that the model keeps for its results (or, for the records of a channel,
 * of their number); the times are measured from outside, by looking after every event where each
 * single segment and record is. Records also tell their own times: those that a task has counted in
 * its latencies.
 */
#include "tests/support/net_job.h"

struct little;

/* Watch a job that has been started, from now on; audits its invariants after every event too. */
struct little *little_create(struct net_job *job);
void little_destroy(struct little *little);

/* Compare up to now; fails the test at the first pool, gate or channel that differs. Returns how
 * many were compared and had anybody in them. */
uint32_t little_check(const struct little *little);

#endif
