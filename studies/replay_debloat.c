/*
 * Replay of buffer debloating: ThroughputCalculator, BufferSizeEMA and BufferDebloater.
 *
 * The recorder kept an average of its own next to that of the debloater, and so does this: the
 * results must show both that the sizes are right and that the right ones are announced.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "models/debloat.h"
#include "sim/arena.h"
#include "studies/replay_kind.h"

#define MAX_BYTES INT64_C(1000000000000)    /* of one operation */
#define MAX_CLOCK_MS INT64_C(1000000000000) /* some thirty years */
#define MAX_SAMPLES 1000000

struct debloat_replay {
    struct net_debloater debloater;
    struct net_debloater average;
    struct net_throughput throughput;
    sim_time now;
    bool has_debloater;
    bool has_clock;
};

static void *create_replay(void)
{
    return sim_alloc(1, sizeof(struct debloat_replay));
}

/* Fail unless the operation's only value lies within the range. */
static bool check_range(const struct study_replay_step *step, int64_t high, struct sim_err *err)
{
    int64_t value = step->call->values[0];
    if (value < 0 || value > high) {
        return study_trace_fail(step->trace, step->call->line, err,
                                "%s: %" PRId64 "; expected 0 to %" PRId64, step->call->name, value,
                                high);
    }
    return true;
}

static bool read_debloater(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct debloat_replay *replay = model;
    const int64_t *values = step->call->values;
    if (values[0] < 1 || values[3] < 1 || values[1] < values[3] || values[2] < values[1] ||
        values[4] < 0 || values[4] > 100 || values[5] < 1 || values[5] > MAX_SAMPLES) {
        return study_trace_fail(step->trace, step->call->line, err,
                                "debloater: expected a target, sizes with min <= start <= max, 0 "
                                "to 100 percent and 1 to %d samples",
                                MAX_SAMPLES);
    }
    struct net_debloater_params params = {.version = step->version,
                                          .target_ms = values[0],
                                          .starting_size = (int32_t)values[1],
                                          .max_size = (int32_t)values[2],
                                          .min_size = (int32_t)values[3],
                                          .threshold_percent = (int32_t)values[4],
                                          .samples = values[5]};
    net_debloater_init(&replay->debloater, &params);
    net_debloater_init(&replay->average, &params);
    replay->has_debloater = true;
    return true;
}

static bool read_clock(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct debloat_replay *replay = model;
    replay->has_clock = true;
    replay->now = step->call->values[0] * SIM_MS;
    return check_range(step, INT32_MAX, err);
}

static bool begin_replay(void *model, struct sim_err *err)
{
    const struct debloat_replay *replay = model;
    if (!replay->has_debloater || !replay->has_clock) {
        return sim_err_set(
            err, SIM_ERR_INPUT,
            "expected the lines 'debloater ...' and 'clock ...' before the first operation");
    }
    return true;
}

static bool conclude_ok(struct study_replay_step *step)
{
    sim_text_add(&step->result, "ok");
    return true;
}

static bool run_data(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct debloat_replay *replay = model;
    if (!check_range(step, MAX_BYTES, err)) {
        return false;
    }
    net_throughput_add(&replay->throughput, step->call->values[0], replay->now);
    return conclude_ok(step);
}

static bool run_advance(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct debloat_replay *replay = model;
    if (!check_range(step, MAX_CLOCK_MS - replay->now / SIM_MS, err)) {
        return false;
    }
    replay->now += step->call->values[0] * SIM_MS;
    return conclude_ok(step);
}

static bool run_pause(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct debloat_replay *replay = model;
    net_throughput_pause(&replay->throughput, replay->now);
    return conclude_ok(step);
}

static bool run_resume(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct debloat_replay *replay = model;
    net_throughput_resume(&replay->throughput, replay->now);
    return conclude_ok(step);
}

static bool run_debloat(void *model, struct study_replay_step *step, struct sim_err *err)
{
    struct debloat_replay *replay = model;
    int64_t buffers = step->call->values[0];
    if (!check_range(step, INT32_MAX, err)) {
        return false;
    }
    int64_t throughput = net_throughput_calculate(&replay->throughput, replay->now);
    int64_t desired = net_debloater_desired_bytes(&replay->debloater, throughput);
    int32_t size =
        net_debloater_next_size(&replay->average, desired, buffers > 0 ? (int32_t)buffers : 1);
    int32_t announced = net_debloater_recalculate(&replay->debloater, throughput, buffers);
    sim_text_add(&step->result,
                 "%" PRId64 " %" PRId64 " %" PRId32 " %" PRId32 " %" PRId32 " %" PRId64, throughput,
                 desired, size, announced > 0 ? announced : -1, replay->debloater.announced_size,
                 replay->debloater.estimated_ms);
    return true;
}

static const struct study_replay_operation parameters[] = {
    {"debloater", "iiiiii", read_debloater}, {"clock", "i", read_clock}, {0}};

static const struct study_replay_operation operations[] = {
    {"data", "l", run_data},    {"advance", "i", run_advance}, {"pause", "", run_pause},
    {"resume", "", run_resume}, {"debloat", "i", run_debloat}, {0},
};

const struct study_replay_kind study_replay_debloat = {
    .name = "debloattrace",
    .parameters = parameters,
    .operations = operations,
    .create = create_replay,
    .destroy = free,
    .begin = begin_replay,
};
