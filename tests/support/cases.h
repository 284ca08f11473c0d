#ifndef TESTS_CASES_H
#define TESTS_CASES_H
/*
 * The recorded jobs: folders of tests/reference/jobs, each with a case.yaml.
 */
#include <stddef.h>

static const char *const case_names[] = {
    "b0-checkpoint-aligned",
    "b0-f8",
    "b1-f1-overdraft0",
    "b8-f8",
    "broadcast-1x4",
    "burst-drain",
    "burst-floating",
    "checkpoint-aligned",
    "checkpoint-unaligned",
    "debloat-1s",
    "exact-fit",
    "exp-service-p2",
    "fan-out-slow-branch",
    "hash-2x4-zipf",
    "insufficient-buffers",
    "linear-p1",
    "linear-p2-three-stages",
    "linear-p4-b32-f64",
    "local-p2",
    "log-analytics",
    "max-per-channel-4",
    "overdraft-0",
    "overdraft-5",
    "rate-105",
    "rate-50",
    "rate-95-poisson",
    "rebalance-4x4-slow-subtask",
    "record-100b",
    "record-100kb",
    "scarce-buffers-b6",
    "segment-4kb",
    "timeout-0",
    "timeout-100ms",
    "union-two-rates",
    "weights-1x4-hot",
    NULL,
};

#endif
