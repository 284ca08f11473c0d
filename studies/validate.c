#include "studies/validate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"
#include "studies/validate_checkpoints.h"
#include "studies/validate_error.h"
#include "studies/validate_rules.h"
#include "studies/validate_runs.h"
#include "studies/validate_tracks.h"

#define NO_VERTEX UINT32_MAX

/* Everything while a validation is made. */
struct work {
    const struct study_validate_params *params;
    struct study_validation result;
    struct net_spec spec; /* with the recorded trigger times of checkpoints */
    struct study_rules rules;
    struct study_seed *seeds;
    size_t check_capacity;
};

static uint32_t vertex_of(const struct net_spec *spec, const char *name)
{
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        if (strcmp(spec->vertices[v].name, name) == 0) {
            return v;
        }
    }
    return NO_VERTEX;
}

/* "tm0", "tm1", ... */
static bool is_taskmanager(const char *name)
{
    return strncmp(name, "tm", 2) == 0 && name[2] != '\0' &&
           strspn(name + 2, "0123456789") == strlen(name + 2);
}

static struct study_check *add_check(struct work *work, const char *vertex, const char *metric,
                                     double recorded)
{
    struct study_validation *result = &work->result;

    if (result->check_count == work->check_capacity) {
        size_t capacity = work->check_capacity == 0 ? 64 : 2 * work->check_capacity;
        struct study_check *checks = sim_arena_alloc(result->arena, capacity, sizeof *checks);

        if (result->check_count > 0) {
            memcpy(checks, result->checks, result->check_count * sizeof *checks);
        }
        result->checks = checks;
        work->check_capacity = capacity;
    }
    result->checks[result->check_count] =
        (struct study_check){.vertex = sim_arena_strdup(result->arena, vertex),
                             .metric = sim_arena_strdup(result->arena, metric),
                             .recorded = recorded};
    return &result->checks[result->check_count++];
}

static bool has_rows(const struct study_recording *recording, const char *vertex)
{
    for (size_t i = 0; i < recording->row_count; i++) {
        if (recording->rows[i].is_all && strcmp(recording->rows[i].vertex, vertex) == 0) {
            return true;
        }
    }
    return false;
}

/* Recording and scenario must be of the same job. */
static bool check_vertices(const struct study_validate_params *params, struct sim_err *err)
{
    const struct net_spec *spec = params->spec;
    const struct study_recording *recording = params->recording;

    for (size_t i = 0; i < recording->row_count; i++) {
        const char *name = recording->rows[i].vertex;

        if (vertex_of(spec, name) == NO_VERTEX && !is_taskmanager(name)) {
            return sim_err_set(err, SIM_ERR_INPUT,
                               "summary.csv has a vertex '%s' that the scenario does not have",
                               name);
        }
    }
    for (uint32_t v = 0; recording->row_count > 0 && v < spec->vertex_count; v++) {
        if (!has_rows(recording, spec->vertices[v].name)) {
            return sim_err_set(err, SIM_ERR_INPUT,
                               "summary.csv has no row '%s,all,...', a vertex of the scenario",
                               spec->vertices[v].name);
        }
    }
    return true;
}

/* A check for each row `all` that a rule knows. */
static void add_rows(struct work *work)
{
    const struct study_recording *recording = work->params->recording;

    for (size_t i = 0; i < recording->row_count; i++) {
        const struct study_recorded_row *row = &recording->rows[i];
        const struct study_recorded_spread *spread;
        struct study_check *check;

        if (!row->is_all || !study_rules_knows(row->metric)) {
            continue;
        }
        check = add_check(work, row->vertex, row->metric, row->mean);
        spread = study_recording_spread(recording, row->vertex, row->metric);
        if (spread != NULL) {
            check->has_spread = true;
            check->spread = spread->sd;
        }
    }
}

static void add_checkpoints(struct work *work)
{
    struct study_checkpoint_mean *means;
    size_t count = study_validate_checkpoints(&work->spec, work->params->recording,
                                              work->result.arena, &means);

    for (size_t i = 0; i < count; i++) {
        add_check(work, means[i].vertex, means[i].metric, means[i].mean);
    }
}

/* Mean, range and error of a check from the values of the seeds. */
static void measure(const struct work *work, size_t index, struct study_check *check)
{
    double sum = 0;

    check->is_simulated = true;
    check->least = HUGE_VAL;
    check->most = -HUGE_VAL;
    for (uint32_t s = 0; s < work->result.seeds; s++) {
        double value = work->seeds[s].values[index];

        if (!work->seeds[s].has[index]) {
            check->is_simulated = false;
            check->least = 0;
            check->most = 0;
            return;
        }
        sum += value;
        check->least = fmin(check->least, value);
        check->most = fmax(check->most, value);
    }
    check->mean = sum / work->result.seeds;
    check->error = fmax(0, fmax(check->least - check->recorded, check->recorded - check->most));
}

static void judge(const struct work *work, struct study_check *check)
{
    struct study_tolerance tolerance = study_rules_tolerance(
        &work->rules, vertex_of(work->params->spec, check->vertex), check->metric, check->recorded);

    check->rule = tolerance.rule;
    check->tolerance = tolerance.value;
    if (!tolerance.is_compared) {
        check->verdict = STUDY_VERDICT_SKIPPED;
    } else if (!check->is_simulated) {
        check->verdict = STUDY_VERDICT_OUTSIDE;
        check->rule = "the runs have no such metric";
    } else {
        /* The last bit of a sum must not decide. */
        check->verdict = check->error <= check->tolerance * (1 + 1e-9) ? STUDY_VERDICT_WITHIN
                                                                       : STUDY_VERDICT_OUTSIDE;
    }
}

static void init_work(struct work *work)
{
    const struct study_validate_params *params = work->params;
    struct study_validation *result = &work->result;
    uint32_t vertices = params->spec->vertex_count;

    result->arena = sim_arena_create();
    result->name = sim_arena_strdup(result->arena, params->spec->name);
    result->seeds = params->seeds;
    result->first_seed = params->spec->run.seed;
    work->rules.spec = params->spec;
    work->rules.recording = params->recording;
    work->rules.changes_per_s =
        sim_arena_alloc(result->arena, vertices, sizeof *work->rules.changes_per_s);
    work->rules.latency_p50 =
        sim_arena_alloc(result->arena, vertices, sizeof *work->rules.latency_p50);
    work->rules.has_split_latency =
        sim_arena_alloc(result->arena, vertices, sizeof *work->rules.has_split_latency);
    study_rules_init(&work->rules);
    work->seeds = sim_arena_alloc(result->arena, params->seeds, sizeof *work->seeds);
    work->spec = *params->spec;
    work->spec.run.checkpoint_times =
        study_validate_triggers(params->recording, result->arena, &work->spec.run.checkpoint_count);
}

/* Room for what each seed gives, once all checks are known. */
static void init_seeds(struct work *work)
{
    struct sim_arena *arena = work->result.arena;

    for (uint32_t s = 0; s < work->result.seeds; s++) {
        struct study_seed *seed = &work->seeds[s];

        seed->seed = work->result.first_seed + s;
        seed->values = sim_arena_alloc(arena, work->result.check_count, sizeof *seed->values);
        seed->has = sim_arena_alloc(arena, work->result.check_count, sizeof *seed->has);
        seed->changes =
            sim_arena_alloc(arena, work->params->spec->vertex_count, sizeof *seed->changes);
    }
}

static void take_changes(struct work *work)
{
    for (uint32_t v = 0; v < work->params->spec->vertex_count; v++) {
        for (uint32_t s = 0; s < work->result.seeds; s++) {
            work->rules.changes_per_s[v] += work->seeds[s].changes[v] / work->result.seeds;
        }
    }
}

/* Whether the load of the job changes over time, so that its course matters and not the means
 * alone. */
static bool has_phases(const struct net_spec *spec)
{
    for (uint32_t v = 0; v < spec->vertex_count; v++) {
        if (spec->vertices[v].is_source && spec->vertices[v].source.phase_count > 1) {
            return true;
        }
    }
    return false;
}

static void add_trajectories(struct work *work)
{
    for (size_t i = 0; i < work->result.track_count; i++) {
        const struct study_track *track = &work->result.tracks[i];
        struct study_check *check;
        char metric[64];
        double share;

        if (strcmp(track->metric, "outPoolUsage") != 0 &&
            strcmp(track->metric, "inPoolUsage") != 0) {
            continue;
        }
        share =
            study_track_share_within(track, STUDY_TRAJECTORY_TOLERANCE, STUDY_TRAJECTORY_SHIFT_S);
        snprintf(metric, sizeof metric, "%s.trajectory", track->metric);
        check = add_check(work, track->vertex, metric, 1);
        check->is_simulated = true;
        check->mean = share;
        check->least = share;
        check->most = share;
        check->error = 1 - share;
        check->tolerance = 1 - STUDY_TRAJECTORY_SHARE;
        check->rule = "95 % of the samples within 0.1 of the median";
        check->verdict =
            check->error <= check->tolerance ? STUDY_VERDICT_WITHIN : STUDY_VERDICT_OUTSIDE;
    }
}

static void add_error(struct work *work)
{
    struct study_error_check checks[STUDY_ERROR_CHECKS];
    size_t count = study_error_compare(work->params->spec, work->params->recording->error,
                                       work->seeds, work->result.seeds, checks);

    for (size_t i = 0; i < count; i++) {
        struct study_check *check = add_check(work, "job", checks[i].metric, checks[i].recorded);

        check->rule = checks[i].rule;
        check->is_simulated = true;
        check->mean = checks[i].mean;
        check->least = checks[i].least;
        check->most = checks[i].most;
        check->error = fmax(0, fmax(check->least - check->recorded, check->recorded - check->most));
        check->tolerance = checks[i].is_good ? check->error : 0;
        check->verdict = checks[i].is_good ? STUDY_VERDICT_WITHIN : STUDY_VERDICT_OUTSIDE;
    }
}

static void conclude(struct work *work)
{
    struct study_validation *result = &work->result;

    take_changes(work);
    for (size_t i = 0; i < result->check_count; i++) {
        measure(work, i, &result->checks[i]);
        judge(work, &result->checks[i]);
    }
    study_tracks_take_medians(result);
    if (has_phases(work->params->spec)) {
        add_trajectories(work);
    }
    if (work->params->recording->error != NULL) {
        add_error(work);
    }
    for (size_t i = 0; i < result->check_count; i++) {
        result->compared += result->checks[i].verdict != STUDY_VERDICT_SKIPPED;
        result->within += result->checks[i].verdict == STUDY_VERDICT_WITHIN;
    }
}

bool study_validate(struct study_validation *validation, const struct study_validate_params *params,
                    struct sim_err *err)
{
    struct work work = {.params = params};

    if (!check_vertices(params, err)) {
        return false;
    }
    init_work(&work);
    add_rows(&work);
    add_checkpoints(&work);
    if (!study_tracks_init(&work.result, params, err)) {
        study_validation_finish(&work.result);
        return false;
    }
    init_seeds(&work);
    if (!study_validate_run(&work.result, params, &work.spec, work.seeds, err)) {
        study_validation_finish(&work.result);
        return false;
    }
    conclude(&work);
    *validation = work.result;
    return true;
}

void study_validation_finish(struct study_validation *validation)
{
    sim_arena_destroy(validation->arena);
    *validation = (struct study_validation){0};
}

bool study_validation_holds(const struct study_validation *validation)
{
    return validation->compared > 0 &&
           (double)validation->within >=
               STUDY_VALIDATE_ENOUGH * (double)validation->compared - 1e-9;
}

const char *study_verdict_name(enum study_verdict verdict)
{
    switch (verdict) {
    case STUDY_VERDICT_WITHIN:
        return "within";
    case STUDY_VERDICT_OUTSIDE:
        return "outside";
    case STUDY_VERDICT_SKIPPED:
        return "not compared";
    }
    return "unknown";
}
